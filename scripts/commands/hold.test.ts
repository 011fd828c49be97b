import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parseHold } from "../../actions/lib/gitops/hold.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { run } from "../../actions/lib/core/process.ts";
import { type TestRepository, temporaryRepository } from "../../actions/testing/repository.ts";

const { overlay, hold } = overlayPaths("visits", "dev");
const command = resolve(import.meta.dirname, "..", "slipway.ts");
let folder: TestRepository;

beforeEach(async () => {
  folder = await temporaryRepository();
  const config = await readFile(resolve(import.meta.dirname, "../../slipway.yaml"), "utf8");
  await writeFile(join(folder.path, "slipway.yaml"), config);
  await mkdir(join(folder.path, dirname(overlay)), { recursive: true });
  await writeFile(join(folder.path, overlay), "components: [images]\n");
  return () => folder[Symbol.asyncDispose]();
});

const slipway = (...args: string[]) => run(process.execPath, [command, "hold", ...args], { cwd: folder.path });

describe("slipway hold", () => {
  it("writes what a release reads, and lifts it again", async () => {
    const written = await slipway("visits", "dev", "--reason", "v1: is proven", "--image", "visits-api", "--json");
    const change = JSON.parse(written.stdout);
    expect(change).toMatchObject({ path: hold, held: true });
    expect(parseHold(await readFile(join(folder.path, hold), "utf8"), hold)).toEqual({
      reason: "v1: is proven",
      since: new Date().toISOString().slice(0, 10),
      images: ["visits-api"],
    });
    expect((await slipway("visits", "dev", "--off")).stdout).toContain(`Removed: ${hold}`);
    await expect(readFile(join(folder.path, hold))).rejects.toThrow(/ENOENT/);
  });

  it.each([
    [["visits", "dev"], /needs a reason/],
    [["visits", "nowhere", "--reason", "x"], /"nowhere" is not in slipway.yaml/],
    [["shop", "dev", "--reason", "x"], /shop has no overlay for dev.*visits/],
    [["visits", "dev", "--off"], /not held/],
    [["visits", "dev", "--off", "--reason", "x"], /--off takes neither/],
    [["visits", "dev", "--reason", "x", "--image", "shop-api"], /shop-api: not an image of visits/],
  ])("refuses %j", async (args, complaint) => {
    await expect(slipway(...args)).rejects.toThrow(complaint);
  });
});
