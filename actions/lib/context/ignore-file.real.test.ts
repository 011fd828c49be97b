import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../../scripts/rehearsal/tools/go.ts";
import { type BuildContextRules, readIgnoreFile } from "./ignore-file.ts";
import { run } from "../core/process.ts";
import { ignoreCases, type IgnoreCase } from "../../testing/images/ignore-cases.ts";
import { readIgnoreLines } from "./ignore-lines.ts";
import { IgnoreWalk } from "./ignore-walk.ts";

/** What BuildKit makes of a case: which files it sends, and which of them without content. */
interface BuildKitAnswer {
  error?: string;
  listed: string[];
  empty: string[];
}

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-ignore-"));
  const made = await compile(
    "ignore",
    [{ versionOf: "github.com/moby/patternmatcher", file: "ignore" }],
    join(folder, "go.log"),
  );
  program = join(made, "ignore");
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function askBuildKit(cases: readonly IgnoreCase[]): Promise<BuildKitAnswer[]> {
  const { stdout } = await run(program, [], { input: cases.map((each) => JSON.stringify(each)).join("\n") });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildKitAnswer);
}

/** The files that rules let in, found as they are found in git: a folder is opened when it may hold something. */
function visible({ whole, narrowed }: BuildContextRules, paths: readonly string[]): string[] {
  const isIn = (file: string, path: string) => path === "" || file.startsWith(`${path}/`);
  const reached = (file: string, path: string, keeps: BuildContextRules["narrowed"][number]["keeps"]) => {
    const names = file.split("/");
    return names
      .map((name, index) => ({ name, at: names.slice(0, index + 1).join("/"), isFolder: index < names.length - 1 }))
      .filter(({ at }) => at === path || isIn(at, path))
      .every(({ name, at, isFolder }) => keeps(at, name, isFolder));
  };
  return paths.filter(
    (file) =>
      whole.some(({ path, below }) => isIn(file, path) || (file === path && !below)) ||
      narrowed.some(
        ({ path, below, keeps }) => (isIn(file, path) || (file === path && !below)) && reached(file, path, keeps),
      ),
  );
}

/** What is made of a case here, in the same form. */
function ours({ text, paths }: IgnoreCase): BuildKitAnswer {
  let walk: IgnoreWalk;
  try {
    walk = new IgnoreWalk(readIgnoreLines(text, "file").map(({ rule }) => rule));
  } catch (error) {
    return { error: String(error), listed: [], empty: [] };
  }
  const sights = paths.map((path) => ({ path, ...walk.look(path) }));
  return {
    listed: sights.filter(({ sent }) => sent).map(({ path }) => path),
    empty: sights.filter(({ sent }) => sent === "empty").map(({ path }) => path),
  };
}

describe("ignore files", () => {
  it.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    "are read as BuildKit reads them, in 2,000 generated cases (seed %i)",
    async (seed) => {
      const cases = ignoreCases(seed, 2_000);
      const answers = await askBuildKit(cases);
      expect(answers).toHaveLength(cases.length);
      const tally = { refused: 0, odd: 0, empty: 0, some: 0 };
      for (const [index, each] of cases.entries()) {
        const theirs = answers[index] as BuildKitAnswer;
        const mine = ours(each);
        const about = { case: index, ...each };
        if (mine.error && !theirs.error) {
          // Refused although BuildKit takes it: what it reads in a way that nobody means.
          expect(each.text).toMatch(/[[\\{\ufeff\ufffd]/);
          tally.odd += 1;
          continue;
        }
        expect({ ...about, refused: mine.error !== undefined }).toEqual({
          ...about,
          refused: theirs.error !== undefined,
        });
        if (mine.error) {
          tally.refused += 1;
          expect(() => readIgnoreFile(each.text, "file")).toThrow();
          continue;
        }
        expect({ ...about, ...mine }).toEqual({ ...about, listed: theirs.listed, empty: theirs.empty });
        const look = () => visible(readIgnoreFile(each.text, "file"), each.paths);
        if (theirs.empty.length > 0) {
          tally.empty += 1;
          expect(look, JSON.stringify(about)).toThrow("without its content");
        } else {
          if (theirs.listed.length > 0) tally.some += 1;
          expect({ ...about, listed: look() }).toEqual({ ...about, listed: theirs.listed });
        }
      }
      expect(tally.some).toBeGreaterThan(500);
      expect(tally.refused).toBeGreaterThan(10);
      expect(tally.empty).toBeGreaterThan(5);
      expect(tally.odd).toBeLessThan(200);
    },
  );
});
