import { posix } from "node:path";
import { SlipwayError } from "../../core/errors.ts";
import type { TerraformRoot } from "../root.ts";
import { type RootFile, rootFolders } from "./files.ts";
import { templateOf, type TextPart, type Token, tokensOf } from "./hcl.ts";

/** Functions whose first argument is a path: https://developer.hashicorp.com/terraform/language/functions/file */
const pathFunction = /^(file(base64|exists|set|md5|sha1|sha256|sha512|base64sha256|base64sha512)?|templatefile)$/;

/** Functions that give something else on each machine or in each run, and one whose text is not looked through. */
const unsteady = /^(abspath|pathexpand|timestamp|plantimestamp|uuid|bcrypt|templatestring)$/;

/** Providers whose functions compute from their arguments alone. */
const pureProvider = /^provider::(aws|terraform)::/;

/**
 * Refuses what Terraform would read from elsewhere than from a root's own files: a change of it would never be applied.
 * What AWS answers is not an input: a difference there is drift.
 *
 * @param files what `rootFiles` found
 * @param read gives the text of one of them
 * @throws SlipwayError with reason `unseen-input` naming file and line of everything that was found
 */
export async function refuseUnseen(
  root: TerraformRoot,
  files: readonly RootFile[],
  read: (path: string) => Promise<string>,
): Promise<void> {
  const problems: string[] = [];
  const templates: RegExp[] = [];
  const texts = new Map<string, string>();
  for (const { mode, path } of files) {
    const text = mode.startsWith("100") ? await read(path) : "";
    texts.set(path, text);
    const problem = fileProblem(mode, path, text);
    if (problem) problems.push(problem);
    else if (path.endsWith(".tf")) problems.push(...problemsIn(tokensOf(text), { root, files, path, templates }));
  }
  for (const [path, text] of [...texts].filter(([name]) => templates.some((template) => template.test(name)))) {
    const inside = expressions(templateOf(text));
    problems.push(...inside.flatMap((tokens) => problemsIn(tokens, { root, files, path, templates: [] })));
  }
  if (problems.length === 0) return;
  const [own, modules] = rootFolders(root);
  throw new SlipwayError(`Terraform would read what no record covers:\n${problems.join("\n")}\n`, {
    next: `An apply reads only committed files of ${own} and ${modules}, so that every change of them is applied: move or copy there what it needs.`,
    reason: "unseen-input",
  });
}

function fileProblem(mode: string, path: string, text: string): string | undefined {
  if (mode === "120000") return `${path}: it is a link. Make it a file.`;
  if (mode === "160000")
    return `${path}: it is a submodule, whose files are not in this repository. Commit the files themselves.`;
  if (path.endsWith(".tf.json")) return `${path}:1: JSON is not looked through. Write it as a .tf file.`;
  // https://github.com/git-lfs/git-lfs/blob/v3.7.0/docs/spec.md
  if (text.startsWith("version https://git-lfs.github.com/spec/"))
    return `${path}:1: it is a pointer of Git LFS, not the file. Install git-lfs here, or commit the file itself.`;
  return undefined;
}

/** Where words are looked through. */
interface Reader {
  root: TerraformRoot;
  files: readonly RootFile[];
  /** The file that they are in. */
  path: string;
  /** Gets the paths that are read as templates. */
  templates: RegExp[];
}

/** The expressions inside of a text. */
const expressions = (parts: readonly TextPart[]) => parts.filter((part) => typeof part !== "string");

function problemsIn(tokens: readonly Token[], reader: Reader): string[] {
  return tokens.flatMap((token, index) => {
    if (token.kind === "text") return expressions(token.parts).flatMap((part) => problemsIn(part, reader));
    if (token.kind !== "word") return [];
    const rest = tokens.slice(index + 1, index + 4);
    const problem =
      rest[0]?.kind === "sign" && rest[0].text === "("
        ? callProblem(token.text.replace(/^core::/, ""), argumentsAt(tokens, index + 2), reader)
        : blockProblem(token.text, rest, tokens.slice(index + 1), reader);
    return problem ? [`${reader.path}:${token.line}: ${problem}`] : [];
  });
}

function callProblem(name: string, values: readonly (readonly Token[])[], reader: Reader): string | undefined {
  if (unsteady.test(name)) return `${name}() gives another value elsewhere or later, which nothing records.`;
  if (name.includes("::") && !pureProvider.test(name)) return `${name}() may read what is in no commit.`;
  if (!pathFunction.test(name)) return undefined;
  const parts = textOf(values[0] ?? []);
  const path = parts && pathOf(parts, reader);
  if (path === undefined)
    return `the path of ${name}() is not written there. Begin it with "\${path.module}/" and a name.`;
  const shown = `${name}(${JSON.stringify(written(parts ?? []))})`;
  if (!isInside(path, reader.root)) return `${shown} leaves the files of this root.`;
  const pattern = name === "fileset" ? written(textOf(values[1] ?? []) ?? []) : "";
  if (/(^|\/)\.\.(\/|$)/.test(pattern)) return `${shown} leaves its folder by ${JSON.stringify(pattern)}.`;
  const isThere = new RegExp(`^${path.split(anything).map(escaped).join("[^]*")}(/|$)`);
  if (name === "templatefile") reader.templates.push(isThere);
  if (name === "fileexists" || reader.files.some((file) => isThere.test(file.path))) return undefined;
  return path === `terraform/${reader.root}` ? undefined : `${shown} finds no committed file that an apply reads.`;
}

function blockProblem(
  word: string,
  rest: readonly Token[],
  after: readonly Token[],
  reader: Reader,
): string | undefined {
  const [first, second, third] = rest;
  const opens = (token?: Token) => token?.kind === "sign" && token.text === "{";
  if (word === "path" && isSign(first, ".") && second?.kind === "word" && second.text === "cwd")
    return "path.cwd is another one on each machine. Use path.module or path.root.";
  if ((word === "data" || word === "ephemeral") && isLabel(first) && isLabel(second) && opens(third)) {
    const type = labelOf(first);
    return type.startsWith("aws_") ? undefined : `${word} "${type}" reads what is in no commit.`;
  }
  if (word !== "module" || !isLabel(first) || !opens(second)) return undefined;
  const source = sourceOf(after.slice(2));
  const text = source === undefined ? undefined : written(source);
  if (text === undefined || !/^\.\.?\//.test(text))
    return `the source ${JSON.stringify(text ?? "")} of module "${labelOf(first)}" is not in this repository.`;
  const folder = posix.join(posix.dirname(reader.path), text);
  return isInside(folder, reader.root)
    ? undefined
    : `the source ${JSON.stringify(text)} of module "${labelOf(first)}" leaves the files of this root.`;
}

const isSign = (token: Token | undefined, text: string) => token?.kind === "sign" && token.text === text;
const isLabel = (token: Token | undefined): token is Token => token?.kind === "text" || token?.kind === "word";
const labelOf = (token: Token) => (token.kind === "text" ? written(token.parts) : token.text);

/** The text of the attribute `source` of a block, whose words begin after its opening brace. */
function sourceOf(tokens: readonly Token[]): TextPart[] | undefined {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === "sign" && "{[(".includes(token.text)) depth += 1;
    if (token.kind === "sign" && "}])".includes(token.text)) depth -= 1;
    if (depth < 0) return undefined;
    const value = tokens[index + 2];
    if (depth === 0 && token.kind === "word" && token.text === "source" && isSign(tokens[index + 1], "="))
      return value && textOf([value]);
  }
  return undefined;
}

/** The words of each argument of a call; `from` is after its opening parenthesis. */
function argumentsAt(tokens: readonly Token[], from: number): Token[][] {
  const values: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(from)) {
    if (token.kind === "sign" && "([{".includes(token.text)) depth += 1;
    if (token.kind === "sign" && ")]}".includes(token.text)) depth -= 1;
    if (depth < 0) break;
    if (depth === 0 && isSign(token, ",")) values.push([]);
    else values.at(-1)?.push(token);
  }
  return values;
}

/** The text that an argument is, when it is one text, or a path of Terraform's such as `path.module`. */
function textOf(tokens: readonly Token[]): TextPart[] | undefined {
  const [first] = tokens;
  if (tokens.length === 1 && first?.kind === "text") return first.parts;
  return pathVariable(tokens) ? [[...tokens]] : undefined;
}

/** `module` or `root`, where the words are `path.module` or `path.root`. */
function pathVariable(tokens: readonly Token[]): string | undefined {
  const words = tokens.map((token) => (token.kind === "text" ? "" : token.text)).join("");
  return /^path\.(module|root)$/.exec(words)?.[1];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Stands for what an expression gives. */
const anything = "\0";

/** The text as it is written. */
function written(parts: readonly TextPart[]): string {
  return parts
    .map((part) => (typeof part === "string" ? part : `\${${pathVariable(part) ? `path.${pathVariable(part)}` : "…"}}`))
    .join("");
}

/** A path from the repository's root, with `anything` for expressions; undefined where its beginning is not written. */
function pathOf(parts: readonly TextPart[], { root, path }: Reader): string | undefined {
  const [first, ...others] = parts;
  if (first === undefined) return undefined;
  const rest = others.map((part) => (typeof part === "string" ? part : anything)).join("");
  const here = `terraform/${root}`;
  // Terraform reads a path that is not absolute from the root's folder, in a module, too.
  if (typeof first === "string")
    return /^[/~]/.test(first) ? first : posix.join(here, `${first}${rest}`).replace(/\/$/, "");
  const variable = pathVariable(first);
  if (variable === undefined || (rest !== "" && !rest.startsWith("/"))) return undefined;
  return posix.join(variable === "root" ? here : posix.dirname(path), rest).replace(/\/$/, "");
}

function isInside(path: string, root: TerraformRoot): boolean {
  return rootFolders(root).some((folder) => `${path}/`.startsWith(folder));
}
