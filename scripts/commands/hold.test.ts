import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parseHold } from "../../actions/lib/gitops/hold.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { run } from "../../actions/lib/core/process.ts";
import { type TestRepository, temporaryRepository } from "../../actions/testing/repository.ts";

const { overlay, hold } = overlayPaths("guests", "dev");
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
    const written = await slipway("guests", "dev", "--reason", "v1: is proven", "--image", "guests-api", "--json");
    const change = JSON.parse(written.stdout);
    expect(change).toMatchObject({ path: hold, held: true });
    expect(parseHold(await readFile(join(folder.path, hold), "utf8"), hold)).toEqual({
      reason: "v1: is proven",
      since: new Date().toISOString().slice(0, 10),
      images: ["guests-api"],
    });
    expect((await slipway("guests", "dev", "--off")).stdout).toContain(`Removed: ${hold}`);
    await expect(readFile(join(folder.path, hold))).rejects.toThrow(/ENOENT/);
  });

  it.each([
    [["guests", "dev"], /needs a reason/],
    [["guests", "nowhere", "--reason", "x"], /"nowhere" is not in slipway.yaml/],
    [["demo", "dev", "--reason", "x"], /demo has no overlay for dev.*guests/],
    [["guests", "dev", "--off"], /not held/],
    [["guests", "dev", "--off", "--reason", "x"], /--off takes neither/],
    [["guests", "dev", "--reason", "x", "--image", "demo-api"], /demo-api: not an image of guests/],
  ])("refuses %j", async (args, complaint) => {
    await expect(slipway(...args)).rejects.toThrow(complaint);
  });
});
