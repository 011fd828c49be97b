import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { processesOf } from "../world/cleanup.ts";

const repository = join(import.meta.dirname, "../../..");

/** What a rehearsal says when it comes to a stage, in their order: in each something else runs, and has to end. */
const moments: readonly [string, RegExp][] = [
  ["Docker was started", /✓ docker/],
  ["Terraform makes the account", /✓ AWS/],
  ["Terraform makes registry and environment", /✓ Plan/],
  ["Argo CD is installed in the cluster", /Argo CD: apply/],
  ["images are built", /✓ Infra/],
  ["the release is waited for", /✓ Release/],
  ["the next push is delivered", /✓ push: README/],
  ["Argo CD takes the apps away", /destroy, run \d/],
  ["Terraform destroys the cluster", /Teardown, .*: terraform destroy/],
];

/** Lines of a program's output. */
async function lines(command: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(command, args);
  return stdout.split("\n").filter(Boolean);
}

/** Everything of this machine that a rehearsal adds to: mounts, interfaces, the firewall's rules, folders. */
async function machine() {
  const rules = async (program: string) =>
    (await lines(program)).filter((line) => !line.startsWith("#")).map((line) => line.replace(/\[\d+:\d+\]/, ""));
  return {
    mounts: await lines("findmnt", "--list", "--noheadings", "--output=TARGET,FSTYPE"),
    interfaces: (await lines("ip", "-brief", "link")).map((line) => line.split(/[\s@]/)[0]),
    routes: await lines("ip", "route"),
    rules: [await rules("iptables-save"), await rules("iptables-legacy-save")],
    folders: [...(await readdir(tmpdir())), ...(await readdir("/run"))].filter((name) => name.startsWith("slipway")),
  };
}

/** Rehearses until it says something, and then as a terminal's Ctrl-C does to the one that it started. */
async function interruptAt(moment: RegExp): Promise<{ code: number | null; printed: string }> {
  const child = spawn(process.execPath, [join(repository, "scripts", "slipway.ts"), "rehearse"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      const before = moment.test(printed);
      printed += chunk.toString();
      if (!before && moment.test(printed)) child.kill("SIGINT");
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, printed };
}

it.runIf(process.platform === "linux").each(moments)(
  "leaves nothing of its own when it is interrupted while %s",
  { timeout: 15 * 60_000 },
  async (_, moment) => {
    // The first rehearsal of a machine leaves what Docker itself leaves: the firewall's empty chains.
    const before = await machine();
    const { code, printed } = await interruptAt(moment);
    expect(printed).toContain("slipway: Interrupted (SIGINT).");
    expect(code).toBe(1);
    const world = /on this machine alone \((\S+)\)/.exec(printed)?.[1] ?? "";
    expect(world).not.toBe("");
    expect(await processesOf(world)).toEqual([]);
    expect(await machine()).toEqual(before);
  },
);
