import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { marked, type Token, type Tokens } from "marked";
import { gitText } from "../../actions/lib/git/git.ts";

/** What the checks of documents read of a Markdown page. */
export interface MarkdownPage {
  headings: { depth: number; anchor: string }[];
  /** Targets of links and images, as written. */
  links: string[];
  blocks: { language: string; text: string }[];
  /** The texts between backticks, in the order of the page. */
  spans: string[];
}

/** Reads a Markdown page. */
export function readPage(markdown: string): MarkdownPage {
  const page: MarkdownPage = { headings: [], links: [], blocks: [], spans: [] };
  const anchors = new Map<string, number>();
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === "heading") {
      const anchor = anchorOf(plainText(token.tokens ?? []));
      const earlier = anchors.get(anchor) ?? 0;
      anchors.set(anchor, earlier + 1);
      page.headings.push({ depth: (token as Tokens.Heading).depth, anchor: earlier ? `${anchor}-${earlier}` : anchor });
    } else if (token.type === "link" || token.type === "image") page.links.push((token as Tokens.Link).href);
    else if (token.type === "code") page.blocks.push({ language: (token as Tokens.Code).lang ?? "", text: token.raw });
    else if (token.type === "codespan") page.spans.push((token as Tokens.Codespan).text);
  });
  return page;
}

const plainText = (tokens: readonly Token[]): string =>
  tokens
    .map((token) => ("tokens" in token ? plainText(token.tokens ?? []) : "text" in token ? String(token.text) : ""))
    .join("");

/** A heading's anchor, as GitHub makes it: https://docs.github.com/en/get-started/writing-on-github (section links). */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .replaceAll(" ", "-");

/** The repository's files that git has or would take, but those of `actions/dist`; paths from the root. */
export async function repositoryFiles(root: string): Promise<string[]> {
  const listed = await gitText(root, ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
  const files = listed.split("\0").filter((file) => file !== "" && !file.startsWith("actions/dist/"));
  return files.filter((file) => existsSync(join(root, file)));
}

/** A file's path from the repository's root, and its text. */
export interface RepositoryText {
  path: string;
  text: string;
}

/** Those of the repository's files, by their paths, that are wanted. */
export async function repositoryTexts(root: string, isWanted: (path: string) => boolean): Promise<RepositoryText[]> {
  const paths = (await repositoryFiles(root)).filter(isWanted);
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })));
}

/**
 * The links of a page that lead to no file, folder or heading of the repository. Links into an app that was deleted are
 * left out: whoever deletes an app need not look for pages that mention it.
 *
 * @param path the page's, from `root`
 */
export async function brokenLinks(root: string, path: string, markdown: string): Promise<string[]> {
  const broken: string[] = [];
  for (const link of readPage(markdown).links) {
    if (/^[a-z]+:/i.test(link)) continue;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : normalize(join(dirname(path), file));
    const [, app] = /^(?:gitops\/)?(apps\/[^/]+)\//.exec(target) ?? [];
    if (app !== undefined && !existsSync(join(root, app))) continue;
    if (!(await leadsTo(root, target, anchor))) broken.push(`${path}: ${link}`);
  }
  return broken;
}

async function leadsTo(root: string, target: string, anchor: string | undefined): Promise<boolean> {
  if (target.startsWith("..") || !existsSync(join(root, target))) return false;
  if (anchor === undefined || !target.endsWith(".md")) return anchor === undefined;
  const { headings } = readPage(await readFile(join(root, target), "utf8"));
  return headings.some((heading) => heading.anchor === anchor);
}

/** The folders of the repository with the number of files directly in each. */
export function foldersOf(files: readonly string[]): Map<string, number> {
  const folders = new Map<string, number>();
  for (const file of files) {
    folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1);
    for (let above = dirname(dirname(file)); above !== "."; above = dirname(above))
      folders.set(above, folders.get(above) ?? 0);
  }
  return folders;
}

/** Folders that a README names between backticks, with a slash at the end, and that are not there. */
export async function goneFolders(root: string, readme: string): Promise<string[]> {
  const { spans } = readPage(await readFile(join(root, readme), "utf8"));
  const gone: string[] = [];
  for (const span of spans.filter((each) => /^[\w./-]+\/$/.test(each))) {
    const places = [join(root, dirname(readme), span), join(root, span)];
    const found = await Promise.all(places.map((place) => stat(place).catch(() => undefined)));
    if (!found.some((each) => each?.isDirectory())) gone.push(`${readme}: ${span}`);
  }
  return gone;
}
