import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SlipwayError } from "../../actions/lib/core/errors.ts";
import { buildFailure } from "../../actions/build/builder.ts";
import { printable } from "../../actions/lib/core/printable.ts";
import { ProcessError } from "../../actions/lib/core/process.ts";
import { withoutDigests } from "../rehearsal/docker/base-images.ts";
import type { App } from "./apps.ts";
import type { LocalImage } from "./container-context.ts";
import type { ComposeTools } from "./tools.ts";

/** The name by which Docker knows an image of the working tree. */
const localReference = (name: string): string => `slipway/${name}:local`;

/**
 * Builds every image of the apps from the working tree, as it is, with the Dockerfiles that a delivery uses.
 *
 * @param repository the repository's root folder: the context of each build
 * @param names `pinned`: what `ensureBaseImages` found under their names without digests only; `folder`: a folder in
 * the repository, where copies of Dockerfiles that name them otherwise may be while they are used
 * @returns by image name
 * @throws SlipwayError with the failing step and its last lines
 */
export async function buildImages(
  tools: ComposeTools,
  repository: string,
  apps: readonly App[],
  names: { pinned: readonly string[]; folder: string },
): Promise<ReadonlyMap<string, LocalImage>> {
  const folders = new Map(apps.flatMap(({ images }) => [...images]));
  await using stack = new AsyncDisposableStack();
  const target: Record<string, object> = {};
  for (const [name, folder] of folders) {
    const dockerfile = await dockerfileOf(repository, folder, names, stack);
    target[name] = { context: ".", dockerfile, tags: [localReference(name)] };
  }
  const definition = { group: { default: { targets: [...folders.keys()] } }, target };
  // Docker's own builder, whatever another one is selected: it alone sees the images of this daemon.
  const args = ["bake", "--builder=default", "--load", "--progress=plain", "--file=-"];
  try {
    await tools.buildx(args, { cwd: repository, input: JSON.stringify(definition), timeout: 1_200_000 });
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    const why = buildFailure(error.stderr) || messageOf(error);
    throw new SlipwayError(`An image could not be built:\n${printable(why)}`, { cause: error });
  }
  const found = [...folders.keys()].map(async (name): Promise<[string, LocalImage]> => {
    const reference = localReference(name);
    return [name, { reference, bash: await hasBash(tools, reference) }];
  });
  return new Map(await Promise.all(found));
}

/** The Dockerfile to build from: the app's own, or a copy of it, with its ignore file, that names images without digests. */
async function dockerfileOf(
  repository: string,
  folder: string,
  names: { pinned: readonly string[]; folder: string },
  stack: AsyncDisposableStack,
): Promise<string> {
  const own = `${folder}/Dockerfile`;
  const text = await readFile(join(repository, own), "utf8");
  const changed = withoutDigests(text, names.pinned);
  if (changed === text) return own;
  // In the repository's folder: bake reads no file outside of it.
  const copy = await mkdtemp(join(names.folder, "dockerfile-"));
  stack.defer(() => rm(copy, { recursive: true, force: true }));
  await writeFile(join(copy, "Dockerfile"), changed);
  await copyFile(join(repository, `${own}.dockerignore`), join(copy, "Dockerfile.dockerignore"));
  return join(copy, "Dockerfile");
}

async function hasBash({ docker }: ComposeTools, reference: string): Promise<boolean> {
  const args = ["run", "--rm", "--network=none", "--read-only", "--entrypoint=bash", reference, "-c", ":"];
  // 127: there is no such program; 125 is how older Dockers say it.
  return (await docker(args, { okCodes: [0, 125, 126, 127], timeout: 60_000 })).code === 0;
}
