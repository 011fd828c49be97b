import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImageNames } from "./base-images.ts";
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
      await mkdir(join(folder, "apps", "shop", component), { recursive: true });
      await writeFile(join(folder, "apps", "shop", component, "Dockerfile"), text);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("names each image once", async () => {
    expect(await baseImageNames(folder)).toEqual(["node:24.21.0-bookworm-slim", "redis:7.2.11-bookworm"]);
  });

  it("refuses a name that an argument decides", async () => {
    await mkdir(join(folder, "apps", "shop", "web"));
    await writeFile(join(folder, "apps", "shop", "web", "Dockerfile"), "ARG V\nFROM nginx:$" + "{V}\n");
    await expect(baseImageNames(folder)).rejects.toThrow("apps/shop/web/Dockerfile:2: FROM takes the image nginx:$");
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
