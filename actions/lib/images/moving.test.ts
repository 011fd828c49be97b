import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { git } from "../git/git.ts";
import { discoverImages } from "./image.ts";
import { checkContexts } from "../context/materialize.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";
import { describeMoving, findMovingImages, refreshPeriod } from "./moving.ts";

const digest = `sha256:${"a".repeat(64)}`;
const imageOf = (component: string, dockerfile: string) => ({
  [`apps/demo/${component}/Dockerfile`]: dockerfile,
  [`apps/demo/${component}/Dockerfile.dockerignore`]: "*\n",
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
  expect(await findMovingImages(partial, images, "HEAD")).toEqual(["demo-copy", "demo-web"]);
});

it("makes the month a part of the keys of images that build on a moving tag, and of no others", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, {
    ...imageOf("api", `FROM node:24@${digest}\n`),
    ...imageOf("web", "FROM nginx:1\n"),
  });
  const at = (period?: string) => discoverImages(repository.path, "HEAD", process.env, { period });
  const [never, november, december] = await Promise.all([at(), at("2026-11"), at("2026-12")]);
  expect(november[0]).toEqual(never[0]);
  expect(december[0]).toEqual(never[0]);
  expect(new Set([never, november, december].map((images) => images[1]?.key)).size).toBe(3);
  expect(await at("2026-11")).toEqual(november);
  await expect(checkContexts(repository.path, november, "HEAD")).resolves.toBeUndefined();
  const wrong = november.map((image) => ({ ...image, period: "2026-12" }));
  await expect(checkContexts(repository.path, wrong, "HEAD")).rejects.toThrow("is not the same at HEAD");
});

it("begins a month in UTC, and only where it is asked for", () => {
  expect(refreshPeriod("monthly", new Date("2026-11-30T23:59:59.999Z"))).toBe("2026-11");
  expect(refreshPeriod("monthly", new Date("2026-12-01T00:00:00Z"))).toBe("2026-12");
  expect(refreshPeriod("never", new Date())).toBeUndefined();
});

it("gives every job that computes keys the period of the run's plan", async () => {
  const text = await readFile(join(import.meta.dirname, "../../../.github/workflows/deliver.yml"), "utf8");
  const { jobs } = parse(text) as {
    jobs: Record<string, { steps: { uses?: string; with?: Record<string, string> }[] }>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  for (const action of ["build", "release", "report"]) {
    const step = steps.find(({ uses }) => uses === `./actions/${action}`);
    expect(step?.with?.period, action).toBe("${{ needs.plan.outputs.period }}");
  }
});

it("names every Dockerfile whose base image is not fixed", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, {
    ...imageOf("api", "ARG TAG\nFROM node:$TAG\n"),
    ...imageOf("web", "FROM nginx:$TAG\n"),
  });
  const images = await discoverImages(repository.path);
  await expect(findMovingImages(repository.path, images, "HEAD")).rejects.toThrow(
    /^apps\/demo\/api\/Dockerfile:2: .*\napps\/demo\/web\/Dockerfile:1: /,
  );
});

it("says it in one line for all", () => {
  expect(describeMoving([])).toBeUndefined();
  expect(describeMoving(["a"])).toMatch(/^1 image builds on a tag that can move/);
  expect(describeMoving(["a", "b"])).toMatch(/^2 images build on a tag/);
  expect(describeMoving(["a", "b"], "2026-11")).toContain("built once a month (2026-11)");
});
