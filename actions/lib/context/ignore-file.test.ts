import { describe, expect, it } from "vitest";
import { readIgnoreFile } from "./ignore-file.ts";

const read = (...lines: string[]) => readIgnoreFile(lines.join("\n"), "apps/a/b/Dockerfile.dockerignore");

describe("what an ignore file lets in", () => {
  it("is whole folders where no later line keeps something out of them", () => {
    const { whole, narrowed } = read(
      "# comment",
      "*",
      "",
      "!apps/a/b/",
      "!/package.json",
      "! libs/x ",
      "docs",
      "libs/y",
    );
    expect(narrowed).toEqual([]);
    expect(whole).toEqual([
      { path: "libs/x", below: false },
      { path: "package.json", below: false },
      { path: "apps/a/b", below: false },
    ]);
  });

  it("is whole too when everything below a folder is named", () => {
    expect(read("**", "!apps/a/b/**", "!libs/*").whole).toEqual([
      { path: "libs", below: true },
      { path: "apps/a/b", below: true },
    ]);
  });

  it.each(["**/*.test.ts", "apps", "apps/a/b/test", "apps/*/b/test", "apps/a/b", "*.md", "apps/a/b/../b"])(
    "is narrowed where %s comes later",
    (pattern) => {
      expect(read("*", "!apps/a/b", pattern)).toMatchObject({ whole: [], narrowed: [{ path: "apps/a/b" }] });
    },
  );

  it.each(["apps/a/bc", "apps/a/c/test", "libs/**/*.md", "package.json"])("is not touched by %s", (pattern) => {
    expect(read("*", "!apps/a/b", pattern)).toMatchObject({ whole: [{ path: "apps/a/b" }], narrowed: [] });
  });

  it("is told by names and paths where later lines say no more than that", () => {
    const [part] = read("*", "!apps/a", "**/*.test.ts", "**/dist", "apps/a/b/docs", "other/**/x.y").narrowed;
    const keeps = (path: string) => part?.keeps(path, path.split("/").at(-1) ?? "", false);
    const paths = ["apps/a/x.ts", "apps/a/x.test.ts", "apps/a/b/dist", "apps/a/b/docs", "apps/a/docs", "apps/a/x.y"];
    expect(paths.filter(keeps)).toEqual(["apps/a/x.ts", "apps/a/docs", "apps/a/x.y"]);
  });

  it.each([
    ["**/dist", "!apps/dist/a", "apps/dist/a/x"],
    ["apps", "!apps/a/b", "apps/a/b/x"],
    ["apps/a", "!apps/a/*", "apps/a/x"],
    ["*/a", "!apps/a/b/**", "apps/a/b/x"],
  ])("is refused where %s comes after %s: BuildKit gives the build an empty file", (later, include, file) => {
    const [part] = read("*", include, later).narrowed;
    expect(() => part?.keeps(file, "x", false)).toThrow(
      `apps/a/b/Dockerfile.dockerignore:3: "${later}" keeps out a folder of ${file}, which an earlier line lets in`,
    );
  });

  it("is what an earlier line lets in, and not what a line between the two keeps out", () => {
    const { whole, narrowed } = read("*", "!apps", "apps/a/b", "!apps/a");
    expect(whole).toEqual([]);
    const sees = (path: string) => narrowed.some(({ keeps }) => keeps(path, path.split("/").at(-1) ?? "", false));
    expect(["apps/a/b", "apps/a/c", "apps/d"].filter(sees)).toEqual(["apps/a/c", "apps/d"]);
  });

  it.each([
    ["!apps/[a-z", /:2: the pattern "apps\/\[a-z" has a "\[" without its "\]"/],
    ["!apps/[]", /:2: the pattern .* has "]" where "\[" needs a character; write "\\]"/],
    ["!apps/[z-a]", /:2: the pattern .* a range between brackets that ends before it begins/],
    ["!apps/x\\", /:2: the pattern .* ends with a backslash/],
    ["!apps/\\d*", /:2: the pattern .* has "\\d", which BuildKit does not take for "d"/],
    ["!apps/*x{2}", /:2: the pattern .* has "\{2\}", which BuildKit takes for a repetition/],
    ["!apps/[[:alpha:]]", /:2: the pattern .* has "\[" between brackets/],
    ["!/", /:2: "!" names nothing\. *$/],
    [`!${"x".repeat(65_535)}`, /:2 is too long/],
  ])("is not told by %.20s", (line, message) => {
    expect(() => read("*", line)).toThrow(message);
  });

  it("is the same for two images that narrow a shared folder alike", () => {
    const [one] = read("*", "!apps/a", "!libs", "**/*.md", "apps/a/docs").narrowed;
    const [other] = read("*", "!apps/b", "!libs", "**/*.md", "apps/b/docs").narrowed;
    expect(one?.path).toBe("libs");
    expect(one?.id).toBe(other?.id);
    expect(read("*", "!libs", "**/*.ts").narrowed[0]?.id).not.toBe(one?.id);
  });

  it("does not mind what an earlier line kept out", () => {
    expect(read("*", "**/*.md", "!apps/a/b").whole).toHaveLength(1);
  });

  it("is asked from the deepest folder without a wildcard", () => {
    expect(
      read("*", "!apps/*/src/**", "!**/package.json", "!libs/a?c", "!tools/x/*.ts").narrowed.map(({ path }) => path),
    ).toEqual(["tools/x", "libs", "", "apps"]);
  });

  it("tells upper from lower case, and takes signs of regular expressions as they are", () => {
    const [part] = read("*", "!apps/a/C++ (new)", "!apps/a/*.TS").narrowed;
    const keeps = (path: string) => part?.keeps(path, "", false);
    expect(keeps("apps/a/C++ (new)/main.cc")).toBe(true);
    expect(keeps("apps/a/x.TS")).toBe(true);
    expect(keeps("apps/a/x.ts")).toBe(false);
  });
});
