import { describe, expect, it } from "vitest";
import { readIgnoreFile } from "./ignore-file.ts";

const read = (...lines: string[]) => readIgnoreFile(lines.join("\n"), "apps/a/b/Dockerfile.dockerignore");

describe("what an ignore file lets in", () => {
  it("is whole folders where no later line keeps something out of them", () => {
    const { whole, asked } = read("# comment", "*", "", "!apps/a/b/", "!/package.json", "! libs/x ", "docs", "libs/y");
    expect(asked).toEqual([]);
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
    "is asked file by file when %s comes later",
    (pattern) => {
      expect(read("*", "!apps/a/b", pattern)).toMatchObject({ whole: [], asked: ["apps/a/b"] });
    },
  );

  it.each(["apps/a/bc", "apps/a/c/test", "libs/**/*.md", "package.json"])("is not touched by %s", (pattern) => {
    expect(read("*", "!apps/a/b", pattern)).toMatchObject({ whole: [{ path: "apps/a/b" }], asked: [] });
  });

  it("does not mind what an earlier line kept out", () => {
    expect(read("*", "**/*.md", "!apps/a/b").whole).toHaveLength(1);
  });

  it("is asked from the deepest folder without a wildcard", () => {
    expect(read("*", "!apps/*/src/**", "!**/package.json", "!libs/a?c", "!tools/x/*.ts").asked).toEqual([
      "tools/x",
      "libs",
      "",
      "apps",
    ]);
  });

  it("tells upper from lower case, and takes signs of regular expressions as they are", () => {
    const { sees } = read("*", "!apps/a/C++ (new)", "!apps/a/*.TS");
    expect(sees("apps/a/C++ (new)/main.cc")).toBe(true);
    expect(sees("apps/a/x.TS")).toBe(true);
    expect(sees("apps/a/x.ts")).toBe(false);
  });
});
