import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tryNodeImage } from "./node-image.ts";

const image = { name: "slipway/node:1", kubernetes: "v1.36.3", standIn: true };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-node-image-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A daemon that does with every container what a line of shell says. */
async function daemon(line: string, started = false) {
  const command = join(folder, "docker");
  await writeFile(command, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return { command, environment: process.env, host: "unix:///var/run/docker.sock", started };
}

it("refuses a daemon that starts no privileged container, with its words", async () => {
  const refusing = await daemon(
    "echo 'runc create failed: unable to apply caps: operation not permitted' >&2; exit 125",
  );
  await expect(tryNodeImage(refusing, image)).rejects.toMatchObject({
    message: expect.stringMatching(
      /unix:.*docker\.sock starts no privileged container[^]*unable to apply caps/,
    ) as string,
    next: expect.stringContaining("stop it") as string,
  });
});

it("takes one that does, and its own without asking", async () => {
  await tryNodeImage(await daemon('test "$3" = --privileged && test "$6" = slipway/node:1'), image);
  await tryNodeImage(await daemon("exit 1", true), image);
});
