import { expect, it } from "vitest";
import { gitText } from "../lib/git/git.ts";
import { discoverImages } from "../lib/images/image.ts";
import { parseConfig } from "../lib/config/config.ts";
import { planDelivery, planImages, planSummary } from "./plan.ts";
import type { ImageKey, RegistryImage } from "../lib/images/registry.ts";
import { commitFiles, temporaryRepository } from "../testing/repository.ts";

const digest = `sha256:${"0".repeat(64)}`;
const pushedAt = new Date("2026-03-04T05:06:07Z");

/** A registry that holds these images; what ECR itself answers is tested with the registry. */
function registryOf(...held: ImageKey[]) {
  const asked: string[] = [];
  return {
    asked,
    find: async (images: readonly ImageKey[]) => {
      asked.push(...images.map((image) => image.name));
      const found = held.map((image): [string, RegistryImage] => [
        image.name,
        { ...image, digest, size: 48_200_000, pushedAt },
      ]);
      return new Map(found);
    },
  };
}

async function threeImages() {
  const repository = await temporaryRepository();
  for (const name of ["api", "database", "web"])
    await commitFiles(repository.path, {
      [`apps/demo/${name}/Dockerfile`]: `FROM ${name}`,
      [`apps/demo/${name}/Dockerfile.dockerignore`]: `*\n!apps/demo/${name}/src\n`,
      [`apps/demo/${name}/src/main.ts`]: name,
    });
  return { repository, images: await discoverImages(repository.path) };
}

it("builds what the registry lacks and adopts what it has", async () => {
  const { repository, images } = await threeImages();
  await using _ = repository;
  const registry = registryOf(...images.filter((image) => image.component === "database"));
  const plan = await planImages(repository.path, "HEAD", images, registry);
  expect(registry.asked).toEqual(["demo-api", "demo-database", "demo-web"]);
  expect(plan.build.map((image) => image.name)).toEqual(["demo-api", "demo-web"]);
  expect(plan.adopt).toEqual([{ ...images[1], digest, size: 48_200_000, pushedAt }]);
});

it("builds an image again that is only there under another key, and one whose build failed before", async () => {
  const { repository, images } = await threeImages();
  await using _ = repository;
  const registry = registryOf({ name: "demo-api", key: "an older key" }, ...images.slice(1));
  for (const attempt of [1, 2]) {
    const plan = await planImages(repository.path, "HEAD", images, registry);
    expect({ attempt, build: plan.build.map((image) => image.name) }).toEqual({ attempt, build: ["demo-api"] });
    await commitFiles(repository.path, { "README.md": "a later push that changes no image" });
  }
});

it("refuses to build an image with a submodule in its context, and adopts one all the same", async () => {
  const { repository } = await threeImages();
  await using _ = repository;
  const commit = await gitText(repository.path, ["rev-parse", "HEAD"]);
  const entry = `160000,${commit},apps/demo/api/src/vendor/nested`;
  await gitText(repository.path, ["update-index", "--add", "--cacheinfo", entry]);
  await gitText(repository.path, ["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "Nest"]);
  const images = await discoverImages(repository.path);
  await expect(planImages(repository.path, "HEAD", images, registryOf())).rejects.toThrow(
    /vendor\/nested is a submodule/,
  );
  const plan = await planImages(repository.path, "HEAD", images, registryOf(...images));
  expect(plan.build).toEqual([]);
});

it("delivers nothing to an environment whose lease has ended, without asking AWS", async () => {
  const { repository } = await threeImages();
  await using _ = repository;
  const config = parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: demo/platform }
environments: { dev: { cluster: { publicAccessCidrs: [0.0.0.0/0] }, lease: { until: 2026-01-01 } } }
`);
  const credentials = () => Promise.reject(new Error("AWS was asked."));
  const question = { repository: repository.path, revision: "HEAD", config, environment: "dev", credentials };
  await expect(planDelivery(question)).rejects.toMatchObject({ reason: "lease-ended" });
});

it("reads well", () => {
  const image = { name: "demo-api", app: "demo", component: "api", folder: "apps/demo/api", key: "a".repeat(64) };
  const other = { ...image, name: "a-first", digest, size: 48_200_000, pushedAt };
  const plan = {
    build: [image],
    adopt: [other],
    images: [image],
    environment: "dev",
    infra: false,
    registry: true,
    exceptions: [],
    moving: [image.name],
  };
  expect(planSummary(plan)).toBe(
    [
      "### Plan: 1 image to build, 1 adopted",
      "",
      "| Image | Plan | Content key | Why |",
      "| --- | --- | --- | --- |",
      "| a-first | adopt | `aaaaaaaaaaaa` | in the registry since 2026-03-04 05:06 UTC (48.2 MB) |",
      "| demo-api | **build** | `aaaaaaaaaaaa` | not in the registry |",
      "",
      "1 image builds on a tag that can move, and nothing is rebuilt when it does. ./slipway pin writes digests.",
      "",
      "| Infrastructure | Plan |",
      "| --- | --- |",
      "| registry | **apply** |",
      "| environment (dev) | nothing to do |",
    ].join("\n"),
  );
  expect(planSummary({ ...plan, build: [], adopt: [] })).toContain("There is no image: no `apps/<app>");
  const exceptions = [
    { app: "demo", rule: "node-port", reason: "Only <b>this</b> port.", faults: 2 },
    { app: "demo", rule: "image", reason: "Tried out.", faults: 0 },
  ];
  expect(
    planSummary({ ...plan, exceptions })
      .split("\n\n")
      .at(-1),
  ).toBe(
    [
      "| Exception of | Rule | Reason | Faults that it excuses |",
      "| --- | --- | --- | --- |",
      "| demo | `node-port` | Only &#60;b&#62;this&#60;/b&#62; port. | 2 |",
      "| demo | `image` | Tried out. | nothing: remove it |",
    ].join("\n"),
  );
});
