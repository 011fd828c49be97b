import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const folder = new URL("../../../.github/workflows/", import.meta.url);

// Inputs and `env` are environment variables, of 128 KiB each: the outputs of other jobs may be longer.
it("hands no job all the outputs of others, nor a matrix, by an environment variable", async () => {
  for (const name of await readdir(folder)) {
    const text = await readFile(new URL(name, folder), "utf8");
    expect(text, name).not.toMatch(/toJSON\(\s*(needs|steps|github|matrix)\s*\)/i);
    const uses = text.split("\n").filter((line) => /needs\.plan\.outputs\.build\b(?!-)/.test(line));
    for (const line of uses) expect(line, name).toMatch(/^\s+include: /);
  }
});
