import { describe, expect, it } from "vitest";
import { get } from "../../scripts/rehearsal/live/checks.ts";
import { atOnce, gently, underLoad } from "../../scripts/rehearsal/live/load.ts";
import * as pods from "../../scripts/rehearsal/live/pods.ts";
import type { LiveWorld } from "../../scripts/rehearsal/live/world.ts";

export { releases } from "./releases.ts";

const deployments = "/apis/apps/v1/namespaces/visits/deployments";
const { until } = pods;

interface Hits {
  hits: number;
  source: string;
}
/** What visits shows when it runs for real. @param of gives the world */
export default function describeVisits(of: () => LiveWorld): void {
  const url = () => of().inspector.publicUrl("visits");
  const hits = async () => JSON.parse(await get(`${await url()}/hits`)) as Hits;
  const total = async () => (JSON.parse(await get(`${await url()}/statistics`)) as { total: number }).total;
  const ready = async (component: string) => (await of().inspector.readyPods("visits", component)).length;

  const deletePod = (component: string) => pods.deletePod(of().inspector, "visits", component);
  const replaced = (component: string, name: string, count: number) =>
    pods.replaced(of().inspector, "visits", component, { name, count });

  describe("visits, live", () => {
    it("counts exactly, also 500 requests at once", async () => {
      const before = (await hits()).hits;
      const seen = await atOnce(500, hits);
      const numbers = seen.map(({ hits: number }) => number).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => before + 1 + index));
      expect((await hits()).hits).toBe(before + 501);
    });

    it("scales from 3 to 5 and back without a failed request", async () => {
      // The autoscaler has an opinion, too: a person insists until it is so.
      const scaledTo = async (replicas: number) => {
        await of().inspector.kubernetes.patch(`${deployments}/visits-api/scale`, { spec: { replicas } });
        return ready("api");
      };
      const load = await gently(`${await url()}/`, async () => {
        await expect.poll(() => scaledTo(3), until).toBe(3);
        await expect.poll(() => scaledTo(5), until).toBe(5);
        await expect.poll(() => scaledTo(3), until).toBe(3);
      });
      expect(load.requests).toBeGreaterThan(20);
      expect(load.failures).toEqual([]);
    });

    it.each(["api", "nginx"])("answers every request while a pod of %s is deleted", async (component) => {
      const count = await ready(component);
      let name = "";
      const load = await underLoad(`${await url()}/`, 20, async () => {
        name = await deletePod(component);
      });
      expect(load.failed).toBe(0);
      await replaced(component, name, count);
    });

    it("keeps its history when the database's pod is deleted", async () => {
      const before = await total();
      expect(before).toBeGreaterThan(500);
      await deletePod("database");
      await expect.poll(() => total().catch(() => -1), until).toBeGreaterThanOrEqual(before);
      expect((await hits()).hits).toBeGreaterThan(before);
    });

    it("goes on counting without Redis, and with a new one", async () => {
      const before = (await hits()).hits;
      const name = await deletePod("cache");
      // Every count on the way is one more than the one before, wherever it comes from.
      let last = before;
      for (let count = 0; count < 20; count += 1) {
        const { hits: number } = await hits();
        expect(number).toBe(last + 1);
        last = number;
      }
      await replaced("cache", name, 1);
      await expect.poll(async () => (await hits()).source, until).toBe("redis");
    });

    it("is healed by Argo CD when a person changes it by hand", async () => {
      await of().inspector.kubernetes.patch(`${deployments}/visits-nginx`, { spec: { replicas: 1 } });
      await expect.poll(() => ready("nginx"), until).toBe(2);
      const budget = "/apis/policy/v1/namespaces/visits/poddisruptionbudgets/visits-api";
      await of().inspector.kubernetes.delete(budget);
      await expect.poll(() => of().inspector.kubernetes.get(budget), until).toBeDefined();
    });
  });
}
