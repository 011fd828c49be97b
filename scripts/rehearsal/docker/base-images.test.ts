import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { baseImageNames, ensureBaseImages, servePinned, withoutDigests } from "./base-images.ts";
import type { Docker } from "./docker.ts";
import { standInFor } from "./stand-ins.ts";

describe("baseImageNames", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
    for (const [component, text] of [
      ["api", "FROM node:24.21.0-bookworm-slim\n"],
      ["job", "FROM node:24.21.0-bookworm-slim\n"],
      ["cache", "FROM redis:7.2.11-bookworm\n"],
    ] as const) {
      await mkdir(join(folder, "apps", "demo", component), { recursive: true });
      await writeFile(join(folder, "apps", "demo", component, "Dockerfile"), text);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("names each image once", async () => {
    expect(await baseImageNames(folder)).toEqual(["node:24.21.0-bookworm-slim", "redis:7.2.11-bookworm"]);
  });

  it("refuses a name that an argument decides", async () => {
    await mkdir(join(folder, "apps", "demo", "web"));
    await writeFile(join(folder, "apps", "demo", "web", "Dockerfile"), "ARG V\nFROM nginx:$" + "{V}\n");
    await expect(baseImageNames(folder)).rejects.toThrow("apps/demo/web/Dockerfile:2: FROM takes the image nginx:$");
  });
});

describe("a base image with a digest", () => {
  const pinned = `redis:7.2.11-bookworm@sha256:${"a".repeat(64)}`;

  it("is served by the image under the same name when no registry answers, and by the build's Dockerfile", async () => {
    const folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, "apps/demo/cache"), { recursive: true });
    const file = join(folder, "apps/demo/cache/Dockerfile");
    await writeFile(file, `FROM ${pinned} AS x\nCOPY --from=${pinned} / /\n`);
    // A Docker that has the image without a digest, and no registry; a build prints what it builds from.
    const command = join(folder, "real-docker");
    const cases = '*"image inspect"*@sha256*|pull*) exit 1 ;; build*) cat "${2#--file=}" ;;';
    await writeFile(command, `#!/bin/sh\ncase "$*" in ${cases} esac\n`, { mode: 0o755 });
    const docker = { command, environment: process.env } as Docker;

    const images = await ensureBaseImages(docker, folder, join(folder, "log"));
    expect(images).toEqual({ real: ["redis:7.2.11-bookworm"], standIns: [], pinned: [pinned] });
    const plain = "FROM redis:7.2.11-bookworm AS x\nCOPY --from=redis:7.2.11-bookworm / /\n";
    expect(withoutDigests(await readFile(file, "utf8"), images.pinned)).toBe(plain);
    await servePinned(folder, command, images.pinned);
    expect((await run(join(folder, "docker"), ["build", `--file=${file}`])).stdout).toBe(plain);
  });
});

describe("standInFor", () => {
  it("reads the version from the tag", () => {
    expect(standInFor("docker.io/library/postgres:15.18-bookworm")).toMatchObject({
      recipe: "postgres",
      version: "15.18",
    });
  });

  it("names the stand-ins there are", () => {
    expect(() => standInFor("mysql:8")).toThrow("mysql:8 cannot be pulled on this machine");
    expect(() => standInFor("node:24.1.0-alpine")).toThrow("no stand-in");
  });
});
