import { afterAll, describe, expect, it, vi } from "vitest";
import { consoleAt, consoleAudience } from "../../actions/lib/report/console.ts";
import { messageOf } from "../../actions/lib/core/errors.ts";
import { readConfig } from "../../actions/lib/config/config.ts";
import { sendReports, type Sent } from "../../actions/lib/report/outbox.ts";
import { stateLocation } from "../../actions/lib/terraform/root.ts";
import { openStateStore } from "../../actions/lib/terraform/state/store.ts";
import type { DeliverySummary, Page, RunReport } from "../contract/index.ts";
import { type ConsoleClient, inConsole, newLink, openConsole } from "../../scripts/rehearsal/console/client.ts";
import { underLoad } from "../../scripts/rehearsal/live/load.ts";
import { deletePod, replaced, until } from "../../scripts/rehearsal/live/pods.ts";
import type { LiveWorld } from "../../scripts/rehearsal/live/world.ts";

const app = "proyecto06";
const timeout = 600_000;
const settings = `gitops/apps/${app}/overlays/dev/settings.env`;

/** What asks the database on every request. */
const list = "/api/deliveries?limit=50";

/** What the delivery console shows when it runs for real. @param of gives the world */
export default function describeConsole(of: () => LiveWorld): void {
  const kubectl = (command: string) => inConsole(of().world, command);
  const ready = async (component: string) => (await of().inspector.readyPods(app, component)).length;

  describe("the console, live", () => {
    let client: ConsoleClient;
    afterAll(() => {
      vi.unstubAllEnvs();
    });
    const load = (seconds: number, work: () => Promise<unknown>) =>
      underLoad(client.url + list, seconds, work, { Cookie: client.cookie });

    it("lets one in by a new link, and a person ask as often as they like where that is set", { timeout }, async () => {
      const more = "REQUESTS_PER_MINUTE=1000000\nREPORTS_PER_MINUTE=1000000\n";
      const run = await of().push("Let people ask more often", { [settings]: (text) => text + more });
      expect(run?.conclusion).toBe("success");
      expect(run?.jobs.find(({ id }) => id === "build")?.conclusion).toBe("skipped");
      client = await openConsole(of().world, await newLink(of().world));
      expect(await client.ask(list)).toHaveProperty("items");
    });

    it("answers every request while a pod of its API is deleted", async () => {
      const count = await ready("backend");
      let name = "";
      const { requests, failed } = await load(20, async () => {
        name = await deletePod(of().inspector, app, "backend");
      });
      expect(failed).toBe(0);
      expect(requests).toBeGreaterThan(1_000);
      await replaced(of().inspector, app, "backend", { name, count: Math.min(count, 2) });
    });

    it("is scaled up under load, and back to two", { timeout }, async () => {
      const { failed } = await load(60, () => expect.poll(() => ready("backend"), until).toBeGreaterThan(2));
      expect(failed).toBe(0);
      await expect.poll(() => ready("backend"), { timeout: 400_000, interval: 1_000 }).toBe(2);
    });

    it("loses no report while its database's pod is deleted under load", { timeout }, async () => {
      const pipeline = await pipelineOf(of(), client.url);
      const ids = Array.from({ length: 40 }, (_, index) => 1_000_000 + index);
      const waited: number[] = [];
      let name = "";
      await load(30, async () => {
        for (const [index, id] of ids.entries()) {
          if (index === 5) name = await deletePod(of().inspector, app, "database");
          waited.push((await pipeline.report(id)).waiting);
        }
      });
      // It was away for some of them, or this would show nothing.
      expect(Math.max(...waited)).toBeGreaterThan(0);
      await replaced(of().inspector, app, "database", { name, count: 1 });
      await expect.poll(async () => (await pipeline.report(ids.at(-1) ?? 0)).waiting, until).toBe(0);
      for (const id of ids) expect(await client.delivery(`${id}-1`)).toMatchObject({ title: titleOf(id) });
    });

    it("has the same rows after backup, loss of the volume and restore", { timeout }, async () => {
      const before = await everything(client);
      expect(before.length).toBeGreaterThan(40);
      await kubectl("create job backup-now --from=cronjob/backup");
      await kubectl("wait --for=condition=complete --timeout=3m job/backup-now");
      await kubectl("delete pvc data-database-0 --wait=false");
      await kubectl("delete pod database-0");
      await expect.poll(() => ready("database"), until).toBe(1);
      // The new volume is empty: this is what was lost.
      await expect.poll(() => client.ask(list).catch(messageOf), until).toMatch("answered with 500");
      await kubectl("create job restore-1 --from=cronjob/restore");
      await kubectl("wait --for=condition=complete --timeout=3m job/restore-1");
      await expect.poll(() => everything(client).catch(() => []), until).toEqual(before);
      await kubectl("delete job backup-now restore-1");
      // One that was started meanwhile has found nothing, and is tried again by and by.
      await expect.poll(() => ready("backend"), until).toBe(2);
    });
  });
}

const titleOf = (id: number) => `Change ${id}`;

/** The pipeline's end of the wire: its outbox in the state bucket, and tokens that its own identity signs. */
async function pipelineOf({ world }: LiveWorld, url: string): Promise<{ report(id: number): Promise<Sent> }> {
  const { identity, emulator, person, repository, branch } = world;
  const config = await readConfig(`${person.directory}/slipway.yaml`);
  vi.stubEnv("AWS_ENDPOINT_URL", emulator.endpoint);
  const place = stateLocation(config, "environment", config.deliver);
  const store = openStateStore({ ...place, credentials: emulator.credentials });
  const token = async () => {
    const address = `${identity.requestUrl({ run: "2000000" })}&audience=${consoleAudience}`;
    const answer = await fetch(address, { headers: { authorization: `Bearer ${identity.requestToken}` } });
    return ((await answer.json()) as { value: string }).value;
  };
  const console = consoleAt(new URL(url), token);
  return {
    report(id) {
      const at = new Date(Date.UTC(2026, 0, 1) + (id % 1_000) * 60_000).toISOString();
      const report: RunReport = {
        version: 1,
        identity: { repository, run: String(id), attempt: 1, commit: "c".repeat(40), branch, actor: "a-user" },
        kind: "delivery",
        environment: "elsewhere",
        title: titleOf(id),
        author: "A user",
        committedAt: at,
        startedAt: at,
        finishedAt: at,
        outcome: "succeeded",
        stages: [],
        images: [],
        release: null,
        proof: null,
        receipt: null,
      };
      return sendReports(store, console, report);
    },
  };
}

/** Every row that the console shows, whole. */
async function everything(client: ConsoleClient): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (let cursor = ""; ;) {
    const page = (await client.ask(`${list}${cursor}`)) as Page<DeliverySummary>;
    for (const { id } of page.items) rows.push(await client.delivery(id));
    if (page.next === null) break;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
  for (const path of ["/api/environments", "/api/receipts"]) rows.push(await client.ask(path));
  return rows;
}
