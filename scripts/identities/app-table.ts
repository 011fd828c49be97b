import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { code, joined, markdownTable, ownMarkdown, text } from "../../actions/lib/core/markdown.ts";

const root = join(import.meta.dirname, "..", "..");

/**
 * What each caller of an app may ask for at most, as Markdown: from the `access.json` of each app that has one, which the
 * app's own test writes by trying every route as every caller.
 */
export async function appTable(): Promise<string> {
  const files = globSync("apps/*/access.json", { cwd: root }).sort();
  const rows = await Promise.all(
    files.map(async (file) => {
      const callers = JSON.parse(await readFile(join(root, file), "utf8")) as Record<string, string[]>;
      const everybody = callers.anonymous ?? [];
      return Object.entries(callers).map(([caller, routes]) => {
        const more = caller === "anonymous" ? routes : routes.filter((route) => !everybody.includes(route));
        const lines = joined(
          more.map((route) => code(route)),
          ", ",
        );
        const rest = caller === "anonymous" ? lines : lines || ownMarkdown("nothing more");
        return [code(dirname(file)), text(caller), rest];
      });
    }),
  );
  return markdownTable(["App", "Caller", "May ask for (all others: what anonymous may, and besides)"], rows.flat());
}
