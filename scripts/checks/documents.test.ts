import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { brokenLinks, foldersOf, goneFolders, readPage, repositoryFiles } from "./documents.ts";

const root = join(import.meta.dirname, "../..");
const files = await repositoryFiles(root);
const pages = files.filter((file) => file.endsWith(".md"));
const read = (path: string) => readFile(join(root, path), "utf8");

test("every link in a Markdown page leads to a file or a heading that is there", async () => {
  expect(pages).toContain("README.md");
  const broken = await Promise.all(pages.map(async (path) => brokenLinks(root, path, await read(path))));
  expect(broken.flat()).toEqual([]);
});

test.each([
  ["[a](b.md)", ["README.md: b.md"]],
  ["[a](README.md#none-such)", ["README.md: README.md#none-such"]],
  ["[a](apps/kit/none.md) [a](apps/deleted/README.md)", ["README.md: apps/kit/none.md"]],
  ["[a](../outside)", ["README.md: ../outside"]],
  ["| a |\n| --- |\n| - [a](actions/none/README.md) |", ["README.md: actions/none/README.md"]],
  ["`[a](b.md)` [a](https://example.com/b.md) [a](LICENSE) ![a](actions)", []],
])("in %j the broken links are %j", async (markdown, broken) => {
  expect(await brokenLinks(root, "README.md", markdown)).toEqual(broken);
});

test("a heading has the anchor that GitHub gives it", () => {
  const { headings } = readPage("# `add` an App, once!\n\n## Qué hay\n\n## Qué hay\n");
  expect(headings).toEqual([
    { depth: 1, anchor: "add-an-app-once" },
    { depth: 2, anchor: "qué-hay" },
    { depth: 2, anchor: "qué-hay-1" },
  ]);
});

test("code and messages name no Markdown page that is not there", async () => {
  const named = await Promise.all(
    files
      .filter((file) => /\.(ts|ya?ml|tf|sh)$/.test(file) && !file.endsWith(".test.ts"))
      .map(async (file) => {
        const paths = (await read(file)).match(
          /(?<![\w./-])(actions|apps|gitops|scripts|terraform|\.github)\/[\w./-]+\.md\b/g,
        );
        return (paths ?? []).map((path) => ({ file, path }));
      }),
  );
  const mentions = named.flat();
  expect(mentions).toContainEqual(expect.objectContaining({ path: "gitops/README.md" }));
  expect(mentions.filter(({ path }) => !pages.includes(path))).toEqual([]);
});

test("README has at most 900 words", async () => {
  expect((await read("README.md")).trim().split(/\s+/).length).toBeLessThanOrEqual(900);
});

test("README.es.md has the headings, the commands and the links of README.md", async () => {
  const [english, spanish] = await Promise.all([read("README.md"), read("README.es.md")]);
  // The labels of the picture, and the link from each language to the other, are all that may differ.
  const shapeOf = (markdown: string, other: string) => {
    const { headings, blocks, links, spans } = readPage(markdown);
    return {
      headings: headings.map(({ depth }) => depth),
      blocks: blocks.map(({ text }) => text.replaceAll(/"[^"\n]*"/g, '""')),
      links: links.map((link) => (link === other ? "the other language" : link)),
      spans: spans.toSorted(),
    };
  };
  expect(shapeOf(spanish, "README.md")).toEqual(shapeOf(english, "README.es.md"));
});

/** Folders whose rooms the README above them lists, and that README. */
const houses = {
  actions: "actions/README.md",
  "actions/lib": "actions/README.md",
  scripts: "scripts/README.md",
  "scripts/rehearsal": "scripts/rehearsal/README.md",
};
const folders = foldersOf(files);

test.each(Object.entries(houses))("%s/ has a line about each of its rooms in %s", async (house, readme) => {
  const { spans } = readPage(await read(readme));
  const rooms = [...folders.keys()].filter((folder) => dirname(folder) === house);
  expect(rooms.length).toBeGreaterThan(2);
  expect(rooms.filter((room) => !spans.includes(`${relative(dirname(readme), room)}/`))).toEqual([]);
});

test("a folder of more than 8 files has a line in the README above it", async () => {
  const large = [...folders].filter(([folder, count]) => count > 8 && /^(actions|scripts)\/./.test(folder));
  const nameless: string[] = [];
  for (const [folder] of large) {
    const above = pages.filter((page) => page.endsWith("/README.md") && folder.startsWith(`${dirname(page)}/`));
    const nearest = above.toSorted((one, other) => other.length - one.length)[0] ?? "README.md";
    const { spans } = readPage(await read(nearest));
    if (!spans.includes(`${relative(dirname(nearest), folder)}/`)) nameless.push(`${folder} in ${nearest}`);
  }
  expect(large.length).toBeGreaterThan(10);
  expect(nameless).toEqual([]);
});

test.each([...new Set(Object.values(houses))])("%s names no folder that is not there", async (readme) => {
  expect(await goneFolders(root, readme)).toEqual([]);
});
