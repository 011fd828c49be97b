import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { appTable } from "./app-table.ts";
import { awsTables } from "./aws-table.ts";
import { githubTable } from "./github-table.ts";
import { replaceBetween } from "./sections.ts";

/** The document, from the repository's root. */
export const securityPath = ".github/SECURITY.md";

/** What is derived, by the name of its place in the document. */
const tables: Readonly<Record<string, () => Promise<string>>> = {
  "identities aws": awsTables,
  "identities console": appTable,
  "identities github": githubTable,
};

/** The document with every table that takes no cluster as it should be. @throws SlipwayError where a table has no place */
export async function securityDocument(): Promise<string> {
  let text = await readDocument();
  for (const [name, table] of Object.entries(tables)) text = withTable(text, name, await table());
  return text;
}

/**
 * The document with the table of the identities in Kubernetes. That one renders manifests and takes longer than the
 * rest, so the tests that try the table out also hold the document against it.
 */
export const withKubernetes = async (table: string): Promise<string> =>
  withTable(await readDocument(), "identities kubernetes", table);

const readDocument = () => readFile(join(import.meta.dirname, "..", "..", securityPath), "utf8");

const withTable = (text: string, name: string, table: string) =>
  replaceBetween(text, securityPath, [`<!-- generated: ${name} -->`, "<!-- end -->"], table);
