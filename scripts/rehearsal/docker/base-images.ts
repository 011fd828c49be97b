import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { baseImages } from "../../../actions/lib/images/base-images.ts";
import { ProcessError, run } from "../../../actions/lib/process.ts";
import type { Docker } from "./docker.ts";
import { makeStandIns, standInFor, standInHash, standInLabel } from "./stand-ins.ts";

/** Where each base image of the apps comes from on this machine. */
export interface BaseImages {
  /** Images that were there before, or were pulled. */
  real: string[];
  /** Images that Slipway made from Debian packages and npm, because nothing can be pulled. */
  standIns: string[];
}

/**
 * Makes sure that every image that an app's Dockerfile starts from is in the Docker daemon: there already, pulled, or
 * made here as a stand-in where no registry answers.
 *
 * @param repository the folder that holds `apps/`
 * @param log the file that gets what the tools print
 * @throws SlipwayError when an image can neither be pulled nor has a stand-in
 */
export async function ensureBaseImages(docker: Docker, repository: string, log: string): Promise<BaseImages> {
  const result: BaseImages = { real: [], standIns: [] };
  const missing: string[] = [];
  const hash = await standInHash();
  for (const image of await baseImageNames(repository)) {
    const label = await labelOf(docker, image);
    if (label === undefined) missing.push(image);
    else if (label === "") result.real.push(image);
    else if (label === hash) result.standIns.push(image);
    else missing.push(image);
  }
  const unpulled: string[] = [];
  for (const image of missing) {
    // One registry that does not answer is not asked again for every image.
    const pulled = unpulled.length === 0 && (await pull(docker, image));
    (pulled ? result.real : unpulled).push(image);
  }
  if (unpulled.length > 0) await makeStandIns(docker, unpulled.map(standInFor), log);
  result.standIns.push(...unpulled);
  return result;
}

/**
 * The images that the Dockerfiles of `apps/<app>/<component>/` start from or copy from, sorted, each once.
 *
 * @throws SlipwayError as `baseImages` does
 */
export async function baseImageNames(repository: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const file of glob("apps/*/*/Dockerfile", { cwd: repository }))
    for (const { image } of baseImages(await readFile(join(repository, file), "utf8"), file)) names.add(image);
  return [...names].sort();
}

/** The stand-in label of a local image: "" for a real image, undefined when the daemon does not have the image. */
export async function labelOf(docker: Docker, image: string): Promise<string | undefined> {
  const format = `{{index .Config.Labels "${standInLabel}"}}`;
  const found = await run(docker.command, ["image", "inspect", "--format", format, image], {
    env: docker.environment,
    okCodes: [0, 1],
  });
  return found.code === 0 ? found.stdout.trim() : undefined;
}

/** Pulls an image; false when its registry does not answer within 20 seconds or does not have it. */
export async function pull(docker: Docker, image: string): Promise<boolean> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), 20_000);
  try {
    await run(docker.command, ["pull", image], {
      env: docker.environment,
      signal: silence.signal,
      // The first line comes from the registry; from then on it may take its time.
      onLine: (_line, stream) => stream === "stdout" && clearTimeout(timer),
    });
    return true;
  } catch (error) {
    if (error instanceof ProcessError) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
