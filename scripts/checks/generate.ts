import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { actionNames, staleBundles, writeBundles } from "../../actions/bundle.ts";
import { failureReasons } from "../../actions/reasons.ts";
import { configSchema } from "../../actions/lib/config/config.ts";
import { code, markdownTable, ownMarkdown, safe } from "../../actions/lib/core/markdown.ts";
import { rules } from "../../actions/lib/rules/rules.ts";
import { costsParagraph, partsTable, regionsTable } from "../costs/documents.ts";
import { replaceBetween } from "../identities/sections.ts";
import { securityDocument, securityPath, withKubernetes } from "../identities/security.ts";

const root = join(import.meta.dirname, "../..");

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

/** The comments between which a README has a generated table. */
const markers = (section: string) => [`<!-- ${section}:begin -->`, `<!-- ${section}:end -->`] as const;

/** One action's `action.yml` with the reasons for which it may fail. */
async function actionFile(name: string): Promise<GeneratedFile> {
  const path = `actions/${name}/action.yml`;
  const reasons = (await failureReasons(name)).map((reason) => `\`${reason}\``).join(", ");
  const found = await readFile(join(root, path), "utf8");
  const line = `$1    description: Why the step failed, one of ${reasons}, or nothing.`;
  return { path, expected: found.replace(/^( {2}failure-reason:\n).*$/m, line) };
}

/** One action's `action.yml`, and its README with the tables of inputs and outputs made from that. */
async function actionFiles(name: string): Promise<GeneratedFile[]> {
  const path = `actions/${name}/README.md`;
  const file = await actionFile(name);
  const metadata = parse(file.expected) as ActionMetadata;
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
  const inputTable = markdownTable(["Input", "What it is", "Default"], inputs);
  const withInputs = replaceBetween(readme, path, markers("inputs"), inputTable);
  const outputTable = markdownTable(["Output", "What it is"], outputs);
  return [file, { path, expected: replaceBetween(withInputs, path, markers("outputs"), outputTable) }];
}

/** The rules that every app owes, as `gitops/README.md` lists them. */
async function rulesReadme(): Promise<GeneratedFile> {
  const path = "gitops/README.md";
  const rows = [...rules].map(({ id, owes }) => [code(id), ownMarkdown(owes)]);
  const table = markdownTable(["Rule", "What it asks for"], rows);
  const readme = await readFile(join(root, path), "utf8");
  return { path, expected: replaceBetween(readme, path, markers("rules"), table) };
}

/** terraform/README.md with what an environment costs: in a sentence, by parts, and in other regions. */
async function terraformReadme(): Promise<GeneratedFile> {
  const path = "terraform/README.md";
  const readme = await readFile(join(root, path), "utf8");
  const withCosts = replaceBetween(readme, path, markers("costs"), await costsParagraph());
  const withParts = replaceBetween(withCosts, path, markers("parts"), await partsTable());
  return { path, expected: replaceBetween(withParts, path, markers("regions"), await regionsTable()) };
}

async function generatedFiles(): Promise<GeneratedFile[]> {
  const actions = (await Promise.all((await actionNames()).map(actionFiles))).flat();
  const security = { path: securityPath, expected: await securityDocument() };
  return [configJsonSchema(), await rulesReadme(), await terraformReadme(), ...actions, security];
}

/** Writes every committed file that is made from another one: the bundles, tables, the JSON Schema. */
export async function generate(): Promise<void> {
  await Promise.all((await generatedFiles()).map((file) => writeFile(join(root, file.path), file.expected)));
  await writeBundles();
  const { kubernetesTable } = await import("../identities/kubernetes.ts");
  await writeFile(join(root, securityPath), await withKubernetes(await kubernetesTable()));
}

/**
 * Writes the documents and tables that are not as they should be, and none of the bundles.
 *
 * @returns their paths
 */
export async function refreshDocuments(): Promise<string[]> {
  const changed: string[] = [];
  for (const { path, expected } of await generatedFiles()) {
    if ((await readFile(join(root, path), "utf8").catch(() => undefined)) === expected) continue;
    await writeFile(join(root, path), expected);
    changed.push(path);
  }
  return changed;
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
