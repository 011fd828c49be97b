import { glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { baseImages, isPinned } from "../../../actions/lib/images/base-images.ts";
import { ProcessError, run } from "../../../actions/lib/core/process.ts";
import type { Docker } from "./docker.ts";
import { makeStandIns, standInFor, standInHash, standInLabel } from "./stand-ins.ts";

/** Where each base image of the apps comes from on this machine. */
export interface BaseImages {
  /** Images that were there before, or were pulled. */
  real: string[];
  /** Images that Slipway made from Debian packages and npm, because nothing can be pulled. */
  standIns: string[];
  /** Names with a digest of images that are here under the name without it only: `servePinned` lets builds find them. */
  pinned: string[];
}

/**
 * Makes sure that every image that an app's Dockerfile starts from is in the Docker daemon: there already, pulled, or
 * made here as a stand-in where no registry answers. A name with a digest that cannot be pulled is served by the image
 * under the same name and tag.
 *
 * @param repository the folder that holds `apps/`
 * @param log the file that gets what the tools print
 * @throws SlipwayError when an image can neither be pulled nor has a stand-in
 */
export async function ensureBaseImages(docker: Docker, repository: string, log: string): Promise<BaseImages> {
  const result: BaseImages = { real: [], standIns: [], pinned: [] };
  const missing: string[] = [];
  const hash = await standInHash();
  for (const image of await baseImageNames(repository)) {
    if (isPinned(image) && (await labelOf(docker, image)) !== undefined) {
      result.real.push(image);
      continue;
    }
    const plain = withoutDigest(image);
    const label = await labelOf(docker, plain);
    if (label === hash) keep(result, "standIns", image);
    else if (label === "" && plain === image) keep(result, "real", image);
    else missing.push(image);
  }
  const unpulled: string[] = [];
  for (const image of missing) {
    // One registry that does not answer is not asked again for every image.
    const pulled = unpulled.length === 0 && (await pull(docker, image));
    if (pulled) result.real.push(image);
    // A real image of this machine never gets another's name.
    else if (isPinned(image) && (await labelOf(docker, withoutDigest(image))) === "") keep(result, "real", image);
    else unpulled.push(image);
  }
  const made = new Set(unpulled.map(withoutDigest));
  if (made.size > 0) await makeStandIns(docker, [...made].map(standInFor), log);
  for (const image of unpulled) keep(result, "standIns", image);
  return result;
}

/** Notes an image that is there under its name without a digest. */
function keep(result: BaseImages, kind: "real" | "standIns", image: string): void {
  const plain = withoutDigest(image);
  if (!result[kind].includes(plain)) result[kind].push(plain);
  if (plain !== image) result.pinned.push(image);
}

const withoutDigest = (image: string) => image.replace(/@sha256:[0-9a-f]{64}$/, "");

/** A Dockerfile's text that names images of `pinned` without their digests, for a daemon that has them only so. */
export function withoutDigests(text: string, pinned: readonly string[]): string {
  return pinned.reduce((changed, image) => changed.replaceAll(image, withoutDigest(image)), text);
}

/**
 * Writes a `docker` into a folder of the PATH that takes the digests of `pinned` out of the Dockerfile that it is to
 * build, and then does what Docker does: the build action, and the key of the image, know nothing of it. BuildKit could
 * be told by a source policy, which Docker of Debian 12 is too old for.
 *
 * @param command Docker itself
 */
export async function servePinned(bin: string, command: string, pinned: readonly string[]): Promise<void> {
  if (pinned.length === 0) return;
  const literal = (text: string) => text.replaceAll(".", "\\.");
  const edits = pinned.map((image) => `-e 's|${literal(image)}|${withoutDigest(image)}|g'`).join(" ");
  const script = `#!/bin/sh
for each in "$@"; do
  case $each in
  --file=*)
    file=\${each#--file=}
    sed ${edits} "$file" >"$file.plain" && mv "$file.plain" "$file" || exit 1
    ;;
  esac
done
exec '${command}' "$@"
`;
  await writeFile(join(bin, "docker"), script, { mode: 0o755 });
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
