import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { buildImages } from "../../compose/images.ts";
import type { ComposeTools } from "../../compose/tools.ts";
import { ensureBaseImages, servePinned } from "./base-images.ts";
import { ensureBuildx } from "./buildx.ts";
import { ensureDocker } from "./docker.ts";

it("builds from a base image whose digest no registry has, for Compose and for a rehearsal", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await using docker = await ensureDocker({ log: join(folder, "dockerd.log") });
  // A digest that was made up: nothing can be pulled by it.
  const pinned = `redis:7.2.11-bookworm@sha256:${"a".repeat(64)}`;
  const own = "apps/demo/cache";
  for (const each of [own, "bin", "config"]) await mkdir(join(folder, each), { recursive: true });
  await writeFile(join(folder, own, "Dockerfile"), `FROM ${pinned}\nCOPY . /seen\n`);
  await writeFile(join(folder, own, "Dockerfile.dockerignore"), "*\n!one.txt\n");
  for (const each of ["one.txt", "two.txt"]) await writeFile(join(folder, each), each);
  const images = await ensureBaseImages(docker, folder, join(folder, "log"));
  expect(images.pinned).toEqual([pinned]);

  const buildx = await ensureBuildx(docker, join(folder, "buildx.log"));
  const plugins = { cliPluginsExtraDirs: buildx.folder ? [buildx.folder] : [] };
  await writeFile(join(folder, "config", "config.json"), JSON.stringify(plugins));
  const env = { ...docker.environment, DOCKER_CONFIG: join(folder, "config") };
  const call: ComposeTools["docker"] = (args, options) => run(docker.command, args, { ...options, env });
  const tools = { docker: call, buildx: (args, options) => call(["buildx", ...args], options) } as ComposeTools;
  const app = { images: new Map([["slipway-test", own]]) } as unknown as Parameters<typeof buildImages>[2][number];
  const built = await buildImages(tools, folder, [app], { pinned: images.pinned, folder });
  const reference = built.get("slipway-test")?.reference ?? "";
  onTestFinished(() => void call(["rmi", "--force", reference]).catch(() => undefined));
  const seen = await call(["run", "--rm", "--entrypoint=ls", reference, "/seen"]);
  expect(seen.stdout.trim()).toBe("one.txt");

  await servePinned(join(folder, "bin"), docker.command, images.pinned);
  const file = join(folder, own, "Dockerfile");
  const build = ["buildx", "build", "--builder=default", `--file=${file}`, folder];
  await expect(call(build)).rejects.toThrow();
  await run(join(folder, "bin", "docker"), build, { env });
});
