import { cp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { clusterName } from "../../../actions/lib/kubernetes/cluster.ts";
import { readConfig } from "../../../actions/lib/config/config.ts";
import type { Environment, Page, ReceiptSummary } from "../../../apps/contract/index.ts";
import { bootstrapAccount } from "../aws/account.ts";
import { createOnlooker } from "../cluster/onlooker.ts";
import { newLink, openConsole } from "../console/client.ts";
import { get } from "./checks.ts";
import type { LiveWorld } from "./world.ts";

const other = "staging";

/** What a second environment in the same account shows. @param of gives the world */
export function describeEnvironments(of: () => LiveWorld): void {
  const dispatch = (workflow: string, inputs: Record<string, string>) =>
    of().world.runner.dispatch(workflow, inputs, (line) => process.stderr.write(`${line}\n`));
  const clusterOfOther = async () => {
    const { clusters, person } = of().world;
    return clusters?.find(clusterName(await readConfig(join(person.directory, "slipway.yaml")), other));
  };

  describe("a second environment", () => {
    it("is delivered to by hand", { timeout: 900_000 }, async () => {
      const { world, push } = of();
      const inClone = (path: string) => join(world.person.directory, path);
      await world.person.pull();
      for (const folder of ["gitops/bootstrap", "gitops/apps/visits/overlays"])
        await cp(inClone(`${folder}/dev`), inClone(`${folder}/${other}`), { recursive: true });
      const run = await push(`Add the environment ${other}`, {
        "slipway.yaml": withEnvironment,
        [`gitops/bootstrap/${other}/environment.yaml`]: (text) => text.replace("name: dev", `name: ${other}`),
        [`gitops/apps/visits/overlays/${other}/kustomization.yaml`]: (text) =>
          text.replace("environment: dev", `environment: ${other}`),
        [`gitops/apps/visits/overlays/${other}/images/kustomization.yaml`]: (text) =>
          text.replace(/^images:[^]*/m, "images: []\n"),
      });
      expect(run?.conclusion).toBe("success");
      await bootstrapAccount(world.owner, world.person.directory, join(world.folder, "bootstrap-again.log"));
      const delivered = await dispatch("deliver.yml", { environment: other });
      expect(delivered.conclusion).toBe("success");
      const cluster = await clusterOfOther();
      expect(cluster).toBeDefined();
      if (cluster) expect(await get(await createOnlooker(cluster).publicUrl("visits"))).toContain("funcionando");
    });

    it("goes, leaves its receipt in the console, and the first one alone", { timeout: 900_000 }, async () => {
      const { world, onlooker } = of();
      const run = await dispatch("destroy.yml", { environment: other, confirm: other, volumes: "delete" });
      expect(run.conclusion).toBe("success");
      expect(await clusterOfOther()).toBeUndefined();
      const client = await openConsole(world, await newLink(world));
      const { items } = (await client.ask(`/api/receipts?environment=${other}`)) as Page<ReceiptSummary>;
      expect(items).toEqual([expect.objectContaining({ environment: other, clean: true, billable: 0, unknown: 0 })]);
      expect((await client.delivery(items[0]?.id ?? "")).receipt?.items.length).toBeGreaterThan(0);
      const { items: environments } = (await client.ask("/api/environments")) as { items: Environment[] };
      const states = Object.fromEntries(environments.map(({ name, state }) => [name, state]));
      expect(states).toMatchObject({ dev: "live", [other]: "away" });
      expect(await get(`${await onlooker.publicUrl("visits")}/`)).toContain("funcionando");
    });
  });
}

/** The text of `slipway.yaml` with an environment like `dev` next to it, in a network of its own. */
function withEnvironment(text: string): string {
  const document = parseDocument(text);
  const like = document.getIn(["environments", "dev"]) as { toJSON(): object };
  document.setIn(["environments", other], { ...like.toJSON(), network: { cidr: "10.1.0.0/16", nat: "single" } });
  return document.toString({ lineWidth: 0 });
}
