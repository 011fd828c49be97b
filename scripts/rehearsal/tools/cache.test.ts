import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { expect, test } from "vitest";
import { cached } from "./cache.ts";

/** Writes files into a folder, one after the other, until a third of a second has passed or the folder is gone. */
const writer = `
  const { writeFileSync } = require("node:fs");
  const end = Date.now() + 300;
  for (let count = 0; Date.now() < end; count += 1) {
    writeFileSync(process.argv[1] + "/" + count, "");
    if (count === 0) process.stdout.write("begun");
  }`;

test("what failed is told of, and leaves nothing, also while what it has started still writes", async () => {
  await using folder = await temporaryFolder("cache");
  const entry = join(folder.path, "tool", "v1");
  let ended: Promise<unknown> = Promise.resolve();
  const failing = cached(entry, async (draft) => {
    const scratch = join(draft, "scratch");
    await mkdir(scratch, { recursive: true });
    const child = spawn(process.execPath, ["--eval", writer, scratch], { stdio: ["ignore", "pipe", "ignore"] });
    ended = once(child, "exit");
    await once(child.stdout, "data");
    throw new Error("the compiler was ended");
  });
  await expect(failing).rejects.toThrow("the compiler was ended");
  await ended;
  expect(await readdir(join(folder.path, "tool"))).toEqual([]);
});
