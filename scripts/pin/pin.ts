import { glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mapConcurrently } from "../../actions/lib/core/concurrency.ts";
import { explain, SlipwayError } from "../../actions/lib/core/errors.ts";
import { type BaseImage, baseImages } from "../../actions/lib/images/base-images.ts";
import { textTable } from "../terminal/text-table.ts";

/** A base image that a Dockerfile names, and what is to be done about it. */
export interface Pin {
  /** The Dockerfile's path. */
  file: string;
  line: number;
  /** The name without a digest. */
  image: string;
  /** The digest that the file had. */
  from?: string;
  /** The digest that the tag means now; it is left out where that is not known. */
  to?: string;
  /** Why it is not known, in one line. */
  problem?: string;
}

/** What `pinImages` is asked for. */
export interface PinRequest {
  /** The folder that holds `apps/`. */
  repository: string;
  /** Changes no file. */
  check: boolean;
  /** The digest that an image's tag means; throws a SlipwayError where that cannot be known. */
  lookUp: (image: string) => Promise<string>;
}

/**
 * Writes into each Dockerfile of `apps/<app>/<component>/` the digests that its base images' tags mean now. Nothing else
 * in a file changes. What cannot be looked up stays as it is.
 *
 * @returns every base image that has a tag, by file and line
 * @throws SlipwayError as `baseImages` does, before any file is written
 */
export async function pinImages({ repository, check, lookUp }: PinRequest): Promise<Pin[]> {
  const paths: string[] = [];
  for await (const path of glob("apps/*/*/Dockerfile", { cwd: repository })) paths.push(path);
  // One character for each byte, so that every byte is written as it was.
  const read = async (file: string) => ({ file, text: (await readFile(join(repository, file))).toString("latin1") });
  const files = (await Promise.all(paths.sort().map(read))).map((each) => ({ ...each, found: named(each) }));
  const images = new Set(files.flatMap(({ found }) => found.map(({ image }) => image)));
  const known = new Map<string, Pick<Pin, "to" | "problem">>();
  await mapConcurrently([...images], 4, async (image) => {
    const digest = await lookUp(image).then(
      (to) => ({ to }),
      (error: unknown) => {
        if (!(error instanceof SlipwayError)) throw error;
        return { problem: explain(error) };
      },
    );
    known.set(image, digest);
  });
  const pins: Pin[] = [];
  for (const { file, text, found } of files) {
    let changed = text;
    for (const { offset, written, image, line, from } of found.toReversed()) {
      const pin: Pin = { file, line, image, ...(from && { from }), ...known.get(image) };
      if (offset === undefined && pin.to !== pin.from)
        Object.assign(pin, {
          to: undefined,
          problem: `An ARG names it: write ${pin.to ?? "its digest"} in its default.`,
        });
      else if (offset !== undefined && pin.to)
        changed = `${changed.slice(0, offset)}${image}@${pin.to}${changed.slice(offset + written.length)}`;
      pins.push(pin);
    }
    if (changed !== text && !check) await writeFile(join(repository, file), changed, "latin1");
  }
  return pins.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/** A Dockerfile's base images that have a tag, or no digest. */
function named({ file, text }: { file: string; text: string }) {
  const withoutMark = text.replace(/^\xEF\xBB\xBF/, "   ");
  return baseImages(withoutMark, file).flatMap(({ image: written, line, offset }: BaseImage) => {
    const [image = "", from] = written.split("@");
    const hasTag = /:[\w.-]+$/.test(image);
    return from && !hasTag ? [] : [{ image, from, line, offset, written }];
  });
}

/** Whether a file differs, or would, from what its tag means. */
export const differs = ({ from, to }: Pin) => to !== undefined && to !== from;

/**
 * Whether the command failed: nothing could be looked up, or with `check` a file differs.
 * One image that cannot be looked up does not fail the others.
 */
export function hasFailed(pins: readonly Pin[], check: boolean): boolean {
  return (pins.length > 0 && pins.every(({ to }) => to === undefined)) || (check && pins.some(differs));
}

/** The result as a table, with a line for each image that could not be looked up. */
export function describePins(pins: readonly Pin[], check: boolean): string {
  if (pins.length === 0) return "No Dockerfile below apps/ names a base image with a tag.";
  const known = pins.filter(({ to }) => to !== undefined);
  const verb = check ? "differs" : "written";
  const table = textTable(
    ["Where", "Image", "Digest", ""],
    known.map((pin) => [
      `${pin.file}:${pin.line}`,
      pin.image,
      pin.to?.slice(0, 19) ?? "",
      differs(pin) ? verb : "as it is",
    ]),
  );
  const problems = pins.flatMap(({ file, line, image, problem }) =>
    problem ? [`${file}:${line}: ${image} stays as it is: ${problem}`] : [],
  );
  return [...(known.length > 0 ? [table] : []), ...problems].join("\n");
}
