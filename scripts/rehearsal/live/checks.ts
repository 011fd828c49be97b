import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { clusterName } from "../../../actions/lib/kubernetes/cluster.ts";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { type Checks, insist, insistSame } from "../checks/checks.ts";
import type { RunningCluster } from "../cluster/clusters.ts";
import { createInspector, type ClusterInspector } from "../cluster/inspector.ts";
import type { World } from "../world/parts.ts";

/** The cluster of the environment that pushes are delivered to. @throws Error when none runs */
export async function clusterOf(world: World): Promise<RunningCluster> {
  const config = await readConfig(`${world.person.directory}/slipway.yaml`);
  const name = clusterName(config, config.deliver);
  const cluster = world.clusters?.find(name);
  insist(cluster !== undefined, [`no cluster ${name} runs`, ...(world.clusters?.problems ?? [])].join("\n"));
  return cluster;
}

/** That cluster, as an inspector sees it. @throws Error when none runs */
export async function inspectorOf(world: World): Promise<ClusterInspector> {
  return createInspector(await clusterOf(world));
}

/**
 * What is true when a release is live, looked at from outside: the pods run the released digests and no others.
 *
 * @param released by image name, such as `notes-api`
 */
export async function checkPods(world: World, checks: Checks, released: ReadonlyMap<string, string>): Promise<void> {
  await checks.check("The pods run exactly the released images", async () => {
    const inspector = await inspectorOf(world);
    const known = await readdir(join(world.person.directory, "gitops/apps"));
    // An app's name may have hyphens, too.
    const apps = new Set(known.filter((app) => [...released.keys()].some((name) => name.startsWith(`${app}-`))));
    const running = new Map<string, Set<string>>();
    for (const app of apps)
      for (const [name, digests] of await inspector.runningDigests(app)) running.set(name, digests);
    const lines = (map: ReadonlyMap<string, Iterable<string>>) =>
      [...map].map(([name, digests]) => `${name} ${[...digests].sort().join(" and ")}`).sort();
    insistSame("running", lines(running), lines(new Map([...released].map(([name, digest]) => [name, [digest]]))));
    const pods = (await Promise.all([...apps].map((app) => inspector.readyPods(app)))).flat();
    return `${pods.length} pods of ${running.size} images`;
  });
}

/**
 * The body of a page, asked for over a connection of its own: a kept one would meet the same pod again.
 *
 * @throws Error when the answer is not a success
 */
export async function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, timeout: 10_000 }, (response) => {
      text(response).then((body) => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answered ${response.statusCode}: ${body.slice(0, 200)}`));
      }, reject);
    });
    call.on("timeout", () => call.destroy(new Error(`${url} did not answer within 10 s`)));
    call.on("error", reject);
    call.end();
  });
}
