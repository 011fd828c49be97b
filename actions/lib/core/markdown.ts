import { printable } from "./printable.ts";

declare const kind: unique symbol;
/**
 * Markdown that is safe to show: each piece that is not ours went through `text`, `code` or `codeBlock`. Only the
 * functions here make it, so the compiler finds a summary or a comment that holds foreign text as it came.
 */
export type Markdown = string & { readonly [kind]: "markdown" };

/** Markdown that we wrote, with numbers and safe pieces in it. */
export function safe(pieces: TemplateStringsArray, ...values: readonly (Markdown | number)[]): Markdown {
  return String.raw({ raw: pieces.map((piece) => piece) }, ...values) as Markdown;
}

/**
 * Text of others, such as a name, a message or a reason, as Markdown shows it without obeying it: no links, mentions,
 * HTML, styles, lists or headings. Always one line; a line's end becomes `<br>`.
 *
 * A mention or an address cannot be escaped by a backslash, because GitHub looks for them in the finished text. A
 * zero-width space inside breaks them: https://github.github.com/gfm/#autolinks-extension-
 *
 * @param longest characters after which it is cut; not cut when left out
 */
export function text(foreign: string, longest = Infinity): Markdown {
  return cut(printable(foreign), longest)
    .trim()
    .replace(obeyed, plain)
    .replace(/^\d+(?=\.(?:\s|$))/, `$&${space}`)
    .replace(/^[-=]/, "\\$&")
    .replace(/\r?\n/g, "<br>") as Markdown;
}

const space = "&#8203;";
const obeyed = /[\\`*_{}[\]()+!~|$]|#\d?|[&<>]|@|:(?=\/\/)|www(?=\.)/gi;

function plain(found: string): string {
  if (/[&<>]/.test(found)) return `&#${found.charCodeAt(0)};`;
  if (/[@:w]/i.test(found)) return `${found}${space}`;
  // `#1` would be a link to an issue.
  return found.length > 1 ? `\\#${space}${found.slice(1)}` : `\\${found}`;
}

/**
 * Text of others as code. Nothing at all where it is empty.
 *
 * @param longest characters after which it is cut; not cut when left out
 */
export function code(foreign: string, longest = Infinity): Markdown {
  const content = cut(printable(foreign).replace(/\s+/g, " "), longest);
  if (content === "") return safe``;
  const fence = "`".repeat(longestRun(content) + 1);
  // Spaces keep backticks at an end apart from the fence; Markdown takes one away at each end.
  const space = /^`|`$|^ .* $/.test(content) ? " " : "";
  return `${fence}${space}${content}${space}${fence}` as Markdown;
}

/** Text of others as a block of code that its content cannot end. @param language for colours, such as `json` */
export function codeBlock(foreign: string, language: "text" | "json" | "sh" = "text"): Markdown {
  const content = printable(foreign);
  const fence = "`".repeat(Math.max(3, longestRun(content) + 1));
  return `${fence}${language}\n${content}\n${fence}` as Markdown;
}

function longestRun(content: string): number {
  return Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
}

function cut(whole: string, longest: number): string {
  return whole.length > longest ? `${whole.slice(0, longest - 1)}…` : whole;
}

/**
 * A link to an address that may be foreign. What is not an address of the web is shown as text.
 *
 * @param shown the address itself when left out
 */
export function link(address: string, shown?: Markdown): Markdown {
  const url = URL.canParse(address) && !/\s/.test(address) ? new URL(address) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return shown ?? text(address);
  // An address has no white space nor angle brackets, and these cannot end it.
  const target = url.href.replace(/[()|]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return (shown ? `[${shown}](${target})` : `<${target}>`) as Markdown;
}

/** Markdown that a file of this repository holds, such as a description in `action.yml`. Never text of others. */
export const ownMarkdown = (content: string): Markdown => content as Markdown;

/** Pieces one after another. @param between `" "`, `", "` and the like, or a line's end */
export function joined(pieces: readonly Markdown[], between: string): Markdown {
  return pieces.join(between) as Markdown;
}

/** Paragraphs, headings and tables, each with an empty line before the next; empty ones are left out. */
export function paragraphs(...pieces: readonly Markdown[]): Markdown {
  return joined(
    pieces.filter((piece) => piece.trim() !== ""),
    "\n\n",
  );
}

/**
 * A GitHub-flavoured Markdown table.
 *
 * @param rows each has as many cells as `header`
 */
export function markdownTable(header: readonly string[], rows: readonly (readonly (Markdown | number)[])[]): Markdown {
  const line = (cells: readonly (Markdown | number)[]) => `| ${cells.map(cell).join(" | ")} |`;
  const head = header.map((name) => text(name));
  return [line(head), line(head.map(() => safe`---`)), ...rows.map(line)].join("\n") as Markdown;
}

/** A pipe would end the cell, also inside of code: https://github.github.com/gfm/#tables-extension- */
function cell(value: Markdown | number): string {
  return String(value)
    .replace(/(?<!\\)\|/g, "\\|")
    .replace(/\r?\n/g, "<br>");
}

/** A part that is folded away under its title. */
export function folded(title: Markdown, content: Markdown): Markdown {
  return safe`<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

/**
 * Markdown that has no more than `limit` of what `size` counts: cut at a line's end, with an open code block closed and
 * a note at its end, when it is too long.
 *
 * @param size `characters`, or `bytes` of UTF-8
 * @param note says where the rest is
 */
export function cutMarkdown(markdown: Markdown, limit: number, size: "characters" | "bytes", note: Markdown): Markdown {
  const length = (part: string) => (size === "bytes" ? Buffer.byteLength(part) : part.length);
  if (length(markdown) <= limit) return markdown;
  const open = /^(`{3,})/gm;
  const widest = Math.max(3, ...[...markdown.matchAll(open)].map(([, fence = ""]) => fence.length));
  const end = `\n\n${note}\n`;
  const room = limit - length(end) - widest - 1;
  let kept = size === "bytes" ? Buffer.from(markdown).subarray(0, room).toString() : markdown.slice(0, room);
  kept = kept.slice(0, Math.max(kept.lastIndexOf("\n"), 0));
  return `${kept}${openFence(kept)}${end}` as Markdown;
}

/** What closes a code block that is open at the end of `markdown`; nothing when none is. */
function openFence(markdown: string): string {
  let fence = "";
  for (const line of markdown.split("\n")) {
    const [, ticks = "", rest = ""] = /^(`{3,})(.*)$/.exec(line) ?? [];
    if (fence === "") fence = ticks;
    else if (ticks.length >= fence.length && rest.trim() === "") fence = "";
  }
  return fence && `\n${fence}`;
}
