import { messageOf, SlipwayError } from "../../actions/lib/errors.ts";
import { buildFailure } from "../../actions/lib/builder.ts";
import { printable } from "../../actions/lib/printable.ts";
import { ProcessError } from "../../actions/lib/process.ts";
import type { App } from "./apps.ts";
import type { LocalImage } from "./container-context.ts";
import type { Tools } from "./tools.ts";

/** The name by which Docker knows an image of the working tree. */
const localReference = (name: string): string => `slipway/${name}:local`;

/**
 * Builds every image of the apps from the working tree, as it is, with the Dockerfiles that a delivery uses.
 *
 * @param repository the repository's root folder: the context of each build
 * @returns by image name
 * @throws SlipwayError with the failing step and its last lines
 */
export async function buildImages(
  tools: Tools,
  repository: string,
  apps: readonly App[],
): Promise<ReadonlyMap<string, LocalImage>> {
  const folders = new Map(apps.flatMap(({ images }) => [...images]));
  const target = Object.fromEntries(
    [...folders].map(([name, folder]) => [
      name,
      { context: ".", dockerfile: `${folder}/Dockerfile`, tags: [localReference(name)] },
    ]),
  );
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

async function hasBash({ docker }: Tools, reference: string): Promise<boolean> {
  const args = ["run", "--rm", "--network=none", "--read-only", "--entrypoint=bash", reference, "-c", ":"];
  // 127: there is no such program; 125 is how older Dockers say it.
  return (await docker(args, { okCodes: [0, 125, 126, 127], timeout: 60_000 })).code === 0;
}
