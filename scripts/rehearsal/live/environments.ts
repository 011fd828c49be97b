import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clusterName } from "../../../actions/lib/kubernetes/cluster.ts";
import { readConfig } from "../../../actions/lib/config/config.ts";
import type { EnvironmentSummary, Page, ReceiptSummary } from "../../../apps/contract/index.ts";
import { bootstrapAccount } from "../aws/account.ts";
import { createInspector } from "../cluster/inspector.ts";
import { writeEnvironment } from "../../new/environment.ts";
import { newLink, openConsole } from "../console/client.ts";
import type { LiveReleases } from "./apps.ts";
import type { LiveWorld } from "./world.ts";

const other = "staging";

/**
 * What a second environment in the same account shows.
 *
 * @param of gives the world
 * @param releases the app that is asked whether it serves
 */
export function describeEnvironments(of: () => LiveWorld, { app, serves }: LiveReleases): void {
  const dispatch = (workflow: string, inputs: Record<string, string>) =>
    of().world.runner.dispatch(workflow, inputs, (line) => process.stderr.write(`${line}\n`));
  const clusterOfOther = async () => {
    const { clusters, person } = of().world;
    return clusters?.find(clusterName(await readConfig(join(person.directory, "slipway.yaml")), other));
  };

  describe("a second environment", () => {
    it("is delivered to by hand", { timeout: 900_000 }, async () => {
      const { world, push } = of();
      await world.person.pull();
      await writeEnvironment({ root: world.person.directory, name: other, like: "dev" });
      const run = await push(`Add the environment ${other}`, {});
      expect(run?.conclusion).toBe("success");
      await bootstrapAccount(world.owner, world.person.directory, join(world.folder, "bootstrap-again.log"));
      const delivered = await dispatch("deliver.yml", { environment: other });
      expect(delivered.conclusion).toBe("success");
      const cluster = await clusterOfOther();
      expect(cluster).toBeDefined();
      if (cluster) await serves(await createInspector(cluster).publicUrl(app));
    });

    it("goes, leaves its receipt in the console, and the first one alone", { timeout: 900_000 }, async () => {
      const { world, inspector } = of();
      const run = await dispatch("destroy.yml", { environment: other, confirm: other, volumes: "delete" });
      expect(run.conclusion).toBe("success");
      expect(await clusterOfOther()).toBeUndefined();
      const client = await openConsole(world, await newLink(world));
      const { items } = (await client.ask(`/api/receipts?environment=${other}`)) as Page<ReceiptSummary>;
      expect(items).toEqual([expect.objectContaining({ environment: other, clean: true, billable: 0, unknown: 0 })]);
      expect((await client.delivery(items[0]?.id ?? "")).receipt?.items.length).toBeGreaterThan(0);
      const { items: environments } = (await client.ask("/api/environments")) as { items: EnvironmentSummary[] };
      const states = Object.fromEntries(environments.map(({ name, state }) => [name, state]));
      expect(states).toMatchObject({ dev: "live", [other]: "away" });
      await serves(await inspector.publicUrl(app));
    });
  });
}
