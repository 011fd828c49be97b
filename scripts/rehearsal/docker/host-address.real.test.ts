import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureSystemPackages } from "../tools/system.ts";
import { assertLocal } from "../world/local.ts";
import { hostAddress } from "./host-address.ts";

const device = `slipt${process.pid}`.slice(0, 15);
let folder: string;
let ip: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  ({ ip } = await ensureSystemPackages(["ip"]));
  await run(ip, ["link", "add", device, "type", "bridge"]);
  await run(ip, ["address", "add", "192.0.2.1/24", "dev", device]);
  await run(ip, ["link", "set", device, "up"]);
});
afterAll(async () => {
  await run(ip, ["link", "delete", device]);
  await rm(folder, { recursive: true, force: true });
});

/** Asks a program that answers as a daemon does whose bridge is called `name`. */
async function ask(name: string, config: object): Promise<string> {
  const command = join(folder, "docker");
  const network = { IPAM: { Config: [config] }, Options: { "com.docker.network.bridge.name": name } };
  await writeFile(command, `#!/bin/sh\ncat <<'END'\n${JSON.stringify([network])}\nEND\n`);
  await chmod(command, 0o755);
  return hostAddress({ command, environment: process.env, host: "unix:///a.sock" });
}

it("is the bridge's as the daemon knows it", async () => {
  expect(await ask(device, { Subnet: "198.51.100.0/24", Gateway: "198.51.100.1" })).toBe("198.51.100.1");
});

it("is that of the device where the daemon found its bridge there and knows the network alone", async () => {
  expect(await ask(device, { Subnet: "192.0.2.0/24" })).toBe("192.0.2.1");
  await assertLocal("git", "http://192.0.2.1");
});

it("is missing without a bridge", async () => {
  await expect(ask("slipt-gone", { Subnet: "192.0.2.0/24" })).rejects.toThrow("has no bridge with an address");
});
