import { marked } from "marked";
import { describe, expect, it } from "vitest";
import { nastyTexts } from "../../testing/nasty-texts.ts";
import { printable } from "./printable.ts";
import {
  code,
  codeBlock,
  cutMarkdown,
  folded,
  joined,
  link,
  markdownTable,
  safe,
  paragraphs,
  text,
} from "./markdown.ts";

/** What a browser shows of HTML without attributes, and the names of its elements. */
function shown(html: string): { text: string; elements: string[] } {
  const elements = [...html.matchAll(/<([a-z0-9]+)[^>]*>/g)].map(([, name = ""]) => name);
  const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', nbsp: "\u00a0" };
  const plain = html
    .replaceAll("<br>", "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:#(\d+)|([a-z]+));/g, (_, number?: string, name = "") =>
      number ? String.fromCodePoint(Number(number)) : (entities[name] ?? `&${name};`),
    );
  return { text: plain.replaceAll("\u200b", ""), elements: [...new Set(elements)].sort() };
}
const render = (markdown: string) => shown(marked.parse(markdown, { async: false }));
const squeezed = (whole: string) => whole.replace(/\s+/g, " ").trim();

describe.each(nastyTexts)("%j", (nasty) => {
  const seen = squeezed(printable(nasty));

  it("is plain text in a paragraph", () => {
    const shown = text(nasty);
    for (const markdown of [shown, safe`before **${shown}** after`, safe`- ${shown}`, safe`# ${shown}`]) {
      const { text: plain, elements } = render(markdown);
      expect(squeezed(plain)).toContain(seen);
      expect(elements.filter((name) => !["br", "h1", "li", "p", "strong", "ul"].includes(name))).toEqual([]);
    }
  });

  it("is plain text in a cell, and leaves the table as it is", () => {
    const { text: plain, elements } = render(
      markdownTable(
        ["One", nasty],
        [
          [text(nasty), 3],
          [safe`a`, text(nasty)],
        ],
      ),
    );
    expect(elements).toEqual(expect.arrayContaining(["table", "tbody", "td", "th", "thead", "tr"]));
    expect(elements.filter((name) => name !== "br")).toHaveLength(6);
    expect(squeezed(plain).split(seen).length - 1).toBeGreaterThanOrEqual(3);
  });

  it("is code as it stands", () => {
    for (const markdown of [code(nasty), safe`a ${code(nasty)} b`]) {
      const { text: plain, elements } = render(markdown);
      expect(squeezed(plain)).toContain(seen);
      expect(elements).toEqual(["code", "p"]);
    }
    const block = render(codeBlock(nasty));
    expect(block.text.trimEnd()).toBe(printable(nasty).trimEnd());
    expect(block.elements).toEqual(["code", "pre"]);
  });

  it("leads nowhere as an address", () => {
    expect(render(link(nasty)).elements.filter((name) => name !== "br")).toEqual(["p"]);
  });
});

it("makes links to addresses of the web only, whatever is in them", () => {
  expect(link("https://example.test/a_b?c=(d)|e")).toBe("<https://example.test/a_b?c=%28d%29%7ce>");
  expect(link("https://example.test/", code("dev"))).toBe("[`dev`](https://example.test/)");
  for (const address of ["javascript:alert(1)", "data:text/html,x", "ftp://example.test", "//example.test", "x y"])
    expect(link(address)).not.toContain("](");
});

it("puts pieces together", () => {
  expect(paragraphs(safe`a`, safe``, joined([safe`b`, safe`c`], ", "), safe``)).toBe("a\n\nb, c");
  expect(code("")).toBe("");
  const rows = [
    [text("a|b\nc"), 3],
    [code("d|e"), 4],
  ];
  expect(markdownTable(["Image", "Size"], rows)).toBe(
    "| Image | Size |\n| --- | --- |\n| a\\|b<br>c | 3 |\n| `d\\|e` | 4 |",
  );
  expect(folded(safe`More`, safe`b`)).toBe("<details><summary>More</summary>\n\nb\n\n</details>");
  expect(text("abcdef", 4)).toBe("abc…");
});

it("cuts at a line's end, within its limit, and closes a block", () => {
  const note = safe`*Cut.*`;
  expect(cutMarkdown(safe`short`, 5, "characters", note)).toBe("short");
  const block = codeBlock(`\`\`\`\`\`\n${"ñ line\n".repeat(50)}`);
  for (const size of ["bytes", "characters"] as const) {
    const cut = cutMarkdown(block, 100, size, note);
    expect(size === "bytes" ? Buffer.byteLength(cut) : cut.length).toBeLessThanOrEqual(100);
    expect(cut).toMatch(/^``````text\n`````\n(ñ line\n)+``````\n\n\*Cut\.\*\n$/);
  }
});
