import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../actions/lib/errors.ts";
import { appTable } from "./app-table.ts";
import { awsTables } from "./aws-table.ts";
import { githubTable } from "./github-table.ts";

/** The document, from the repository's root. */
export const securityPath = ".github/SECURITY.md";

/** What is derived, by the name of its place in the document. */
const tables: Readonly<Record<string, () => Promise<string>>> = {
  "identities aws": awsTables,
  "identities console": appTable,
  "identities github": githubTable,
};

/** The document with every table as it should be. @throws SlipwayError where a table has no place */
export async function securityDocument(): Promise<string> {
  let text = await readFile(join(import.meta.dirname, "..", "..", securityPath), "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const [begin, end] = [`<!-- generated: ${name} -->`, "<!-- end -->"];
    const from = text.indexOf(begin);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0)
      throw new SlipwayError(`${securityPath} has no "${begin}" followed by "${end}".`, {
        next: "Put both where the table goes.",
      });
    text = `${text.slice(0, from + begin.length)}\n\n${await table()}\n\n${text.slice(to)}`;
  }
  return text;
}
