import { readFile } from "node:fs/promises";
import { addCounts, type Counts, closingLine } from "./outcome.ts";

/** Prints the closing line for the JSON counts in the files named as arguments; a file without counts is a failure. */
const all = await Promise.all(
  process.argv.slice(2).map(async (file): Promise<Counts> => {
    try {
      const {
        passed,
        failed,
        skipped = 0,
      } = JSON.parse(await readFile(file, "utf8")) as Partial<Counts> & Omit<Counts, "skipped">;
      return { passed, failed, skipped };
    } catch {
      return { passed: 0, failed: 1, skipped: 0 };
    }
  }),
);
const sum = addCounts(...all);
process.stdout.write(`${closingLine(sum)}\n`);
if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;
