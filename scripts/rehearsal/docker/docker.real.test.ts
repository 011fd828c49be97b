import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureDocker } from "./docker.ts";
import { findProgram } from "../tools/system.ts";

const name = `slipt${process.pid}`.slice(0, 15);
let dataRoot = "";
beforeAll(async () => {
  dataRoot = await mkdtemp(join(tmpdir(), "slipway-test-"));
});
afterAll(() => rm(dataRoot, { recursive: true, force: true }));

/** What a daemon that we start could leave in the kernel, by the names that it would have. */
async function leftovers(): Promise<string[]> {
  const output = async (program: string, ...args: string[]) =>
    (await run((await findProgram(program)) as string, args)).stdout.split("\n");
  const mounts = (await output("cat", "/proc/self/mounts")).filter(
    (line) => line.includes(dataRoot) || line.includes(`/run/${name}`),
  );
  const rules = [
    ...(await output("iptables", "--wait", "-S")),
    ...(await output("iptables", "--wait", "-t", "nat", "-S")),
  ];
  const links = (await output("ip", "-brief", "link")).map((line) => line.split(" ")[0] ?? "");
  const processes = (await output("ps", "-eo", "args")).filter((line) => line.includes(`/run/${name}`));
  return [
    ...mounts,
    ...rules.filter((rule) => rule.includes(name)),
    ...links.filter((link) => link === name),
    ...processes,
  ];
}

/** The bridges of other daemons, which must stay. */
async function otherBridges(): Promise<string> {
  const { stdout } = await run((await findProgram("ip")) as string, ["-brief", "link", "show", "type", "bridge"]);
  return stdout
    .split("\n")
    .map((line) => line.split(" ")[0])
    .filter((link) => link !== name)
    .sort()
    .join(" ");
}

it("starts next to another daemon, twice on the same data, and leaves nothing in the kernel", async () => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    await expect(ensureDocker({ own: true, name, dataRoot })).rejects.toThrow("Docker does not answer");
    return;
  }
  const before = await otherBridges();
  for (const _ of [1, 2]) {
    {
      await using docker = await ensureDocker({ own: true, name, dataRoot });
      expect(docker.started).toBe(true);
      const inDocker = (...args: string[]) => run(docker.command, args, { env: docker.environment });
      await inDocker("network", "create", "left-over");
      expect((await inDocker("network", "inspect", "bridge")).stdout).toContain(name);
      expect((await leftovers()).length).toBeGreaterThan(0);
      const second = ensureDocker({ own: true, name, dataRoot });
      await expect(second).rejects.toThrow(`Another Slipway runs Docker on this machine (process ${process.pid}).`);
    }
    expect(await leftovers()).toEqual([]);
    expect(await otherBridges()).toBe(before);
  }
});
