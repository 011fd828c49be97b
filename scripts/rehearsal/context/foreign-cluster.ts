import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessError, run } from "../../../actions/lib/core/process.ts";
import { chooseNodeImage, makeNodeImage } from "../cluster/node-image.ts";
import type { Docker } from "../docker/docker.ts";

/** A cluster that no rehearsal has made, for tests. */
export interface ForeignCluster extends AsyncDisposable {
  /** Runs a program in its node. @returns what it printed */
  exec(command: readonly string[]): Promise<string>;
}

/**
 * Starts a container that is a cluster of one node, and writes a kubeconfig for its administrator.
 *
 * @param context the context's name in the kubeconfig
 * @param kubeconfig the file's path
 * @param log the file that gets what compiler and Docker print
 */
export async function startForeignCluster(
  docker: Docker,
  context: string,
  kubeconfig: string,
  log: string,
): Promise<ForeignCluster> {
  const image = await chooseNodeImage(docker);
  await makeNodeImage(docker, image, log, () => {});
  const command = async (args: readonly string[]) =>
    (await run(docker.command, args, { env: docker.environment, timeout: 120_000 })).stdout;
  const folders = ["/run", "/var/run", "/tmp"].map((path) => `--tmpfs=${path}`);
  const rights = ["--privileged", "--security-opt=seccomp=unconfined", "--volume=/lib/modules:/lib/modules:ro"];
  const server = [image.name, "server", "--disable=traefik,servicelb"];
  const made = await command(["run", "--detach", "--publish=127.0.0.1::6443", ...folders, ...rights, ...server]);
  const container = made.trim();
  const exec: ForeignCluster["exec"] = (words) => command(["exec", container, ...words]);
  const stop = async () => {
    await command(["rm", "--force", "--volumes", container]);
  };
  await using undo = new AsyncDisposableStack();
  undo.defer(stop);
  await until(async () => (await exec(["kubectl", "get", "nodes", "--output=name"])) !== "");
  await until(async () => (await exec(["kubectl", "top", "nodes"])) !== "");
  await exec(["kubectl", "wait", "--for=condition=Ready", "node", "--all", "--timeout=90s"]);
  const text = await exec(["kubectl", "config", "view", "--raw", "--flatten", "--minify", "--output=json"]);
  const config = JSON.parse(text) as {
    clusters: [{ name: string; cluster: { server: string } }];
    contexts: [{ name: string }];
    "current-context": string;
  };
  const port = (await command(["port", container, "6443/tcp"])).trim().split(":").at(-1);
  config.clusters[0].cluster.server = `https://127.0.0.1:${port}`;
  config.contexts[0].name = context;
  // Whoever means this cluster says so.
  config["current-context"] = "";
  await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  undo.move();
  return { exec, [Symbol.asyncDispose]: stop };
}

/** @throws ProcessError when it does not come true within three minutes */
async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 180_000;
  for (;;) {
    try {
      if (await look()) return;
    } catch (error) {
      if (!(error instanceof ProcessError) || Date.now() > deadline) throw error;
    }
    await sleep(500);
  }
}
