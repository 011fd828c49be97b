import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { actionNames, staleBundles, writeBundles } from "../actions/bundle.ts";
import { configSchema } from "../actions/lib/config.ts";
import { code, markdownTable, ownMarkdown, safe } from "../actions/lib/core/markdown.ts";
import { SlipwayError } from "../actions/lib/errors.ts";
import { rules } from "../actions/lib/rules/rules.ts";

const root = join(import.meta.dirname, "..");

/** A committed file that is made from another: its path from the repository's root, and what it should hold. */
interface GeneratedFile {
  path: string;
  expected: string;
}

/** The metadata of an action that its README repeats; see GitHub's "Metadata syntax" page. */
interface ActionMetadata {
  inputs?: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs?: Record<string, { description: string }>;
}

/** The JSON Schema of `slipway.yaml`, as editors read it. */
function configJsonSchema(): GeneratedFile {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  return { path: "scripts/slipway.schema.json", expected: `${JSON.stringify(schema, null, 2)}\n` };
}

/** One action's README with its tables of inputs and outputs made from `action.yml`. */
async function actionReadme(name: string): Promise<GeneratedFile> {
  const path = `actions/${name}/README.md`;
  const metadata = parse(await readFile(join(root, `actions/${name}/action.yml`), "utf8")) as ActionMetadata;
  const inputs = Object.entries(metadata.inputs ?? {}).map(([input, about]) => [
    code(input),
    ownMarkdown(about.description.trim()),
    about.required ? safe`required` : code(about.default ?? ""),
  ]);
  const outputs = Object.entries(metadata.outputs ?? {}).map(([output, about]) => [
    code(output),
    ownMarkdown(about.description.trim()),
  ]);
  const readme = await readFile(join(root, path), "utf8");
  const withInputs = replaceBetween(readme, path, "inputs", markdownTable(["Input", "What it is", "Default"], inputs));
  return {
    path,
    expected: replaceBetween(withInputs, path, "outputs", markdownTable(["Output", "What it is"], outputs)),
  };
}

/** The rules that every app owes, as `gitops/README.md` lists them. */
async function rulesReadme(): Promise<GeneratedFile> {
  const path = "gitops/README.md";
  const rows = [...rules].map(({ id, owes }) => [code(id), ownMarkdown(owes)]);
  const readme = await readFile(join(root, path), "utf8");
  return { path, expected: replaceBetween(readme, path, "rules", markdownTable(["Rule", "What it asks for"], rows)) };
}

function replaceBetween(text: string, path: string, section: string, table: string): string {
  const [begin, end] = [`<!-- ${section}:begin -->`, `<!-- ${section}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new SlipwayError(`${path} has no "${begin}" followed by "${end}".`, {
      next: "Put both where the table goes.",
    });
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}

async function generatedFiles(): Promise<GeneratedFile[]> {
  const actions = await actionNames();
  return [configJsonSchema(), await rulesReadme(), ...(await Promise.all(actions.map(actionReadme)))];
}

/** Writes every committed file that is made from another one: the bundles, the README tables, the JSON Schema. */
export async function generate(): Promise<void> {
  await Promise.all((await generatedFiles()).map((file) => writeFile(join(root, file.path), file.expected)));
  await writeBundles();
}

/** The paths of generated files that are not what they should be; empty when all are fresh. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = [];
  for (const file of await generatedFiles()) {
    const found = await readFile(join(root, file.path), "utf8").catch(() => undefined);
    if (found !== file.expected) stale.push(file.path);
  }
  return [...stale, ...(await staleBundles()).map((path) => `actions/dist/${path}`)];
}
