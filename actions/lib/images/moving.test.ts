import { join } from "node:path";
import { expect, it } from "vitest";
import { git } from "../git.ts";
import { discoverImages } from "../image.ts";
import { commitFiles, temporaryRepository } from "../test-repository.ts";
import { describeMoving, findMovingImages } from "./moving.ts";

const digest = `sha256:${"a".repeat(64)}`;
const imageOf = (component: string, dockerfile: string) => ({
  [`apps/shop/${component}/Dockerfile`]: dockerfile,
  [`apps/shop/${component}/Dockerfile.dockerignore`]: "*\n",
});

it("finds the images that build on a moving tag, also in a clone without files", async () => {
  await using repository = await temporaryRepository();
  await using clone = await temporaryRepository();
  await commitFiles(repository.path, {
    ...imageOf("api", `FROM node:24@${digest} AS build\nFROM build\n`),
    ...imageOf("copy", `FROM node:24@${digest}\nCOPY --from=busybox:1 / /\n`),
    ...imageOf("empty", "FROM scratch\n"),
    ...imageOf("web", "FROM nginx:1\n"),
  });
  await git(repository.path, ["config", "uploadpack.allowFilter", "true"]);
  await git(repository.path, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
  const partial = join(clone.path, "partial");
  const from = `file://${repository.path}`;
  await git(clone.path, ["clone", "-q", "--depth=1", "--filter=blob:none", "--no-checkout", from, partial]);
  const images = await discoverImages(partial);
  expect(await findMovingImages(partial, images, "HEAD")).toEqual(["shop-copy", "shop-web"]);
});

it("names every Dockerfile whose base image is not fixed", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, {
    ...imageOf("api", "ARG TAG\nFROM node:$TAG\n"),
    ...imageOf("web", "FROM nginx:$TAG\n"),
  });
  const images = await discoverImages(repository.path);
  await expect(findMovingImages(repository.path, images, "HEAD")).rejects.toThrow(
    /^apps\/shop\/api\/Dockerfile:2: .*\napps\/shop\/web\/Dockerfile:1: /,
  );
});

it("says it in one line for all", () => {
  expect(describeMoving([])).toBeUndefined();
  expect(describeMoving(["a"])).toMatch(/^1 image builds on a tag that can move/);
  expect(describeMoving(["a", "b"])).toMatch(/^2 images build on a tag/);
});
