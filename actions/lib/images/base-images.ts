import { DockerfileParser, type Flag, type Instruction, type ModifiableInstruction } from "dockerfile-ast";
import { SlipwayError } from "../core/errors.ts";
import { expandVariables } from "./dockerfile-variables.ts";

/** An image of another place that a Dockerfile names. */
export interface BaseImage {
  /** As a registry would be asked for it: arguments are replaced by their defaults, for example `node:24.1.0-bookworm`. */
  image: string;
  /** The line of the instruction, counted from 1. */
  line: number;
  /** Where the name begins in the text; `undefined` when it is not written there as it is, but by an argument. */
  offset?: number;
}

/** A name as the Dockerfile writes it, and the range of the text that it is in. */
interface Written {
  text: string;
  range: ReturnType<Instruction["getRange"]>;
}

/** https://docs.docker.com/reference/dockerfile/ */
const INSTRUCTIONS = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

/** Whether a name says by digest which image is meant, so that it means the same one for ever. */
export const isPinned = (image: string) => /@sha256:[0-9a-f]{64}$/.test(image);

/**
 * The images that a Dockerfile takes from other places, by `FROM`, `COPY --from` or `RUN --mount=from=`: not its own
 * stages, not `scratch`. Reads it as BuildKit does: https://github.com/moby/buildkit/tree/master/frontend/dockerfile
 *
 * @param text the Dockerfile
 * @param path its path, for errors
 * @returns in the order of the text; an image that is named twice is there twice
 * @throws SlipwayError naming the line where a name is not fixed, or that cannot be read
 */
export function baseImages(text: string, path: string): BaseImage[] {
  // A byte order mark is not a part of the first instruction; a blank keeps all places.
  const source = text.replace(/^\uFEFF/, " ");
  const dockerfile = DockerfileParser.parse(source);
  const escape = dockerfile.getEscapeCharacter();
  const stages = new Set<string>();
  const all: BaseImage[] = [];
  const variables = new Map<string, string | undefined>();
  const copied: [Written, Instruction][] = [];
  let stageCount = 0;

  const add = (written: Written, instruction: Instruction, expand: boolean) => {
    const where = `${path}:${instruction.getRange().start.line + 1}`;
    const image = expand ? expandVariables(written.text, variables, escape) : written.text;
    const isFixed = image !== undefined && /^[\w.-]+(:\d+)?(\/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/.test(image);
    if (!isFixed)
      throw new SlipwayError(
        `${where}: ${instruction.getKeyword()} takes the image ${written.text}, which is not a fixed name.`,
        {
          next: "Write a name with an exact tag there, or in the default of an ARG before the first FROM: it decides the image's content key.",
        },
      );
    const [start, end] = [offsetOf(source, written.range.start), offsetOf(source, written.range.end)];
    const before = expand ? /^["']?/ : /from=["']?/i;
    const found = before.exec(source.slice(start, end));
    const at = found ? start + found.index + found[0].length : -1;
    const isThere = source.startsWith(image, at) && (!expand || unquote(source.slice(start, end)) === image);
    all.push({ image, line: instruction.getRange().start.line + 1, ...(isThere && { offset: at }) });
  };

  for (const instruction of dockerfile.getInstructions()) {
    const keyword = instruction.getKeyword();
    if (!INSTRUCTIONS.has(keyword))
      throw new SlipwayError(
        `${path}:${instruction.getRange().start.line + 1}: ${keyword} is not an instruction of a Dockerfile.`,
        {
          next: 'A heredoc\'s word stands alone on the last line, without a number before "<<" and without blanks in it.',
        },
      );
    if (keyword === "ARG" && stageCount === 0) declare(instruction, variables, escape);
    if (keyword === "FROM") {
      stageCount += 1;
      const [image, as, stage] = instruction.getArguments();
      if (image) {
        const written = { text: image.getValue(), range: image.getRange() };
        const name = expandVariables(written.text, variables, escape) ?? written.text;
        if (name !== "scratch" && !stages.has(name.toLowerCase())) add(written, instruction, true);
      }
      if (stage && as?.getValue().toLowerCase() === "as") stages.add(stage.getValue().toLowerCase());
    }
    for (const written of sourcesOf(instruction)) copied.push([written, instruction]);
  }
  // A stage may also be one that comes later.
  for (const [written, instruction] of copied) {
    const isStage = stages.has(written.text.toLowerCase()) || Number(written.text) < stageCount;
    if (!isStage && written.text !== "scratch" && written.text !== "") add(written, instruction, false);
  }
  return all.sort((a, b) => a.line - b.line);
}

/** What the flags of `COPY --from=…` and `RUN --mount=…,from=…` name; no argument is replaced in them. */
function sourcesOf(instruction: Instruction): Written[] {
  const flags = "getFlags" in instruction ? (instruction as ModifiableInstruction).getFlags() : [];
  const keyword = instruction.getKeyword();
  return flags.flatMap((flag: Flag) => {
    const [name, value] = [flag.getName().toLowerCase(), unquote(flag.getValue() ?? "")];
    if (keyword === "COPY" && name === "from") return [{ text: value, range: flag.getRange() }];
    if (keyword !== "RUN" || name !== "mount") return [];
    const from = value
      .split(",")
      .map(unquote)
      .find((field) => /^from=/i.test(field));
    return from ? [{ text: unquote(from.slice("from=".length)), range: flag.getRange() }] : [];
  });
}

/** Adds the arguments that an `ARG` before the first `FROM` declares. */
function declare(instruction: Instruction, variables: Map<string, string | undefined>, escape: string): void {
  for (const argument of instruction.getArguments()) {
    const [name = "", ...rest] = argument.getValue().split("=");
    variables.set(name, rest.length > 0 ? expandVariables(rest.join("="), variables, escape) : undefined);
  }
}

const unquote = (text: string) => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;

function offsetOf(text: string, { line, character }: { line: number; character: number }): number {
  let start = 0;
  const ends = text.matchAll(/\r\n|\r|\n/g);
  for (let at = 0; at < line; at += 1) {
    const end = ends.next().value;
    start = end ? end.index + end[0].length : text.length;
  }
  return start + character;
}
