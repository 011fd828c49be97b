import { copyFile, cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf, SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { labelOf, pull } from "../docker/base-images.ts";
import type { Docker } from "../docker/docker.ts";
import { buildStandIn, importBase, makeStandIns, recipesHash } from "../docker/stand-ins.ts";
import { argocdModule, copyArgocdScripts } from "./argocd/module.ts";
import { pinnedVersion } from "../tools/go.ts";
import { ensureClusterPrograms } from "./programs.ts";

/** The image that an EKS cluster of the rehearsal runs in. */
export interface NodeImage {
  name: string;
  /** Kubernetes' version, for example `v1.36.3`. */
  kubernetes: string;
  /** Whether it is compiled and built here, with Argo CD's images in it, because nothing can be pulled. */
  standIn: boolean;
}

const recipes = ["node", "argocd"].map((name) => join(import.meta.dirname, "images", name));
const toolbox = ["kubernetes", "argocd", "coredns"].map((name) =>
  join(import.meta.dirname, "..", "..", "toolbox", name),
);
const pause = "slipway/pause:1";

/**
 * Which image it will be: k3s, of the version that the toolbox compiles, where it is at hand or can be pulled; else our own,
 * which `makeNodeImage` makes. Known at once, so that the emulator, which must be told, need not wait for a compiler.
 */
export async function chooseNodeImage(docker: Docker): Promise<NodeImage> {
  const kubernetes = await pinnedVersion("kubernetes", "k8s.io/kubernetes");
  const k3s = `rancher/k3s:${kubernetes}-k3s1`;
  const own = `slipway/node:${await recipesHash([...recipes, ...toolbox])}`;
  const present = async (image: string) => (await labelOf(docker, image)) !== undefined;
  if (await present(k3s)) return { name: k3s, kubernetes, standIn: false };
  if (!(await present(own)) && (await pull(docker, k3s))) return { name: k3s, kubernetes, standIn: false };
  return { name: own, kubernetes, standIn: true };
}

/**
 * Makes the image of `chooseNodeImage` where it is not there yet: compiles what runs in it, and puts Argo CD's images
 * into it.
 *
 * @param log the file that gets what compiler and Docker print
 * @param note told what is being done
 */
export async function makeNodeImage(
  docker: Docker,
  image: NodeImage,
  log: string,
  note: (text: string) => void,
): Promise<void> {
  if ((await labelOf(docker, image.name)) !== undefined) return;
  const programs = await ensureClusterPrograms(log, note);
  note("building images");
  await importBase(docker, log);
  const hash = image.name.split(":")[1] ?? "";
  const context = await mkdtemp(join(tmpdir(), "slipway-node-"));
  try {
    const [argocd, node] = [join(context, "argocd"), join(context, "node")];
    await Promise.all([
      cp(recipes[1] as string, argocd, { recursive: true }),
      cp(recipes[0] as string, node, { recursive: true }),
    ]);
    await copyArgocdScripts(argocd);
    for (const name of ["argocd", "kustomize"] as const) await copyFile(programs[name], join(argocd, name));
    const images = await argocdImages((await argocdModule()).folder);
    await Promise.all([
      buildStandIn(docker, images.argocd, argocd, { hash, log }),
      makeStandIns(docker, [{ recipe: "redis", image: images.redis, version: "" }], log),
      run(docker.command, ["build", `--tag=${pause}`, "-"], {
        env: { ...docker.environment, DOCKER_BUILDKIT: "0" },
        input: 'FROM slipway/stand-in-base\nCMD ["sleep", "infinity"]\n',
      }),
    ]);
    const saved = [images.argocd, images.redis, pause];
    await run(docker.command, ["save", `--output=${join(node, "images.tar")}`, ...saved], { env: docker.environment });
    for (const name of ["kubernetes", "etcd", "coredns"] as const) await copyFile(programs[name], join(node, name));
    await buildStandIn(docker, image.name, node, { hash, log });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/**
 * Makes sure that the machine's own Docker daemon starts what a cluster runs in, a privileged container: the emulator
 * would go on without a cluster. A daemon that we start has a runtime that suits the machine.
 *
 * @throws SlipwayError with Docker's words
 */
export async function tryNodeImage(
  { command, environment, host, started }: Pick<Docker, "command" | "environment" | "host" | "started">,
  image: NodeImage,
): Promise<void> {
  if (started) return;
  const args = ["run", "--rm", "--privileged", "--network=none", "--entrypoint=/bin/true", image.name];
  try {
    await run(command, args, { env: environment, timeout: 120_000 });
  } catch (cause) {
    throw new SlipwayError(
      `The Docker daemon at ${host} starts no privileged container, in which a cluster runs: ${messageOf(cause)}`,
      {
        next: "Give the daemon more rights, or stop it: as root on Linux, a rehearsal then starts one that suits the machine.",
        cause,
      },
    );
  }
}

/** The names of the images that Argo CD's own manifests use, for its program and for Redis. */
async function argocdImages(source: string): Promise<{ argocd: string; redis: string }> {
  const manifests = await readFile(join(source, "manifests", "install.yaml"), "utf8");
  const names = [...manifests.matchAll(/^\s*image: (\S+)$/gm)].map((match) => match[1] as string);
  const find = (part: RegExp) => names.find((name) => part.test(name));
  const [argocd, redis] = [find(/\/argocd:/), find(/\/redis:/)];
  if (!argocd || !redis)
    throw new SlipwayError(`${source}/manifests/install.yaml names no image of Argo CD or of Redis.`);
  return { argocd, redis };
}
