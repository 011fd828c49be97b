import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { discoverImages, type Image } from "./image.ts";
import { planImages } from "../../plan/plan.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";

const root = join(import.meta.dirname, "../../..");
const emptyRegistry = { find: () => Promise.resolve(new Map()) };
const plan = async (repository: string, images?: Image[]) =>
  planImages(repository, "HEAD", images ?? (await discoverImages(repository)), emptyRegistry);

it("refuses an image that sees npm's lock file but not the settings next to it", async () => {
  await using repository = await temporaryRepository();
  const dockerfile = { "apps/demo/web/Dockerfile": "FROM scratch\n" };
  await commitFiles(repository.path, {
    ...dockerfile,
    "apps/demo/web/Dockerfile.dockerignore": "*\n!package-lock.json\n!apps/demo/web\n",
    "package-lock.json": "{}",
    "apps/demo/web/npm-shrinkwrap.json": "{}",
    "apps/demo/web/.npmrc": "fetch-retries=6\n",
  });
  await expect(plan(repository.path)).resolves.toMatchObject({ build: [{ name: "demo-web" }] });
  await commitFiles(repository.path, { ".npmrc": "fetch-retries=6\n" });
  await expect(plan(repository.path)).rejects.toThrow(
    'apps/demo/web/Dockerfile.dockerignore lets in package-lock.json but not .npmrc, so npm would install without its settings. Add the line "!.npmrc"',
  );
  const before = await commitFiles(repository.path, {
    "apps/demo/web/Dockerfile.dockerignore": "*\n!.npmrc\n!package-lock.json\n!apps/demo/web\n",
  });
  await expect(plan(repository.path)).resolves.toMatchObject({ build: [{ name: "demo-web" }] });
  await commitFiles(repository.path, { ".npmrc": "fetch-retries=7\n" });
  const keys = await Promise.all(
    [before, "HEAD"].map(async (at) => (await discoverImages(repository.path, at))[0]?.key),
  );
  expect(keys[0]).not.toBe(keys[1]);
});

it("lets every image that installs copy the settings before it does", async () => {
  const images = await discoverImages(root);
  await plan(root, images);
  for (const { folder } of images) {
    const text = await readFile(join(root, folder, "Dockerfile"), "utf8");
    for (const [line] of text.matchAll(/^\s*COPY\b.*\bpackage-lock\.json\b.*$/gim))
      expect(line, `${folder}/Dockerfile`).toMatch(/\s\.npmrc\s/);
  }
});

it("holds no address, token or proxy, since it is committed and seen by images", async () => {
  const settings = (await readFile(join(root, ".npmrc"), "utf8"))
    .split("\n")
    .filter((line) => !/^\s*([#;]|$)/.test(line));
  for (const line of settings) expect(line).toMatch(/^fetch-[a-z-]+=\d+$/);
});
