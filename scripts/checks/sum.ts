import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { addOutcomes, closingLines, failureOf, type CheckOutcome } from "./outcome.ts";

/** Prints the closing lines for the JSON outcomes in the files named as arguments; a file without one is a failure. */
const all = await Promise.all(
  process.argv.slice(2).map(async (file): Promise<CheckOutcome> => {
    try {
      return JSON.parse(await readFile(file, "utf8")) as CheckOutcome;
    } catch {
      const failures = [failureOf(basename(file, ".json"), "it ended without a result; its output above says why")];
      return { passed: 0, failed: 1, skipped: 0, failures };
    }
  }),
);
const sum = addOutcomes(...all);
process.stdout.write(`${closingLines(sum)}\n`);
if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;
