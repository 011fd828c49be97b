import { expect, it, onTestFinished, vi } from "vitest";
import { discoverImages } from "../../actions/lib/images/image.ts";
import { commitFiles, temporaryRepository } from "../../actions/testing/repository.ts";
import { describePlan } from "./plan.ts";

it("computes offline the keys that a delivery would, with this month in them where that is asked for", async () => {
  await using repository = await temporaryRepository();
  const config = `project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: demo/platform }
build: { refresh: monthly }
environments: { dev: { cluster: { publicAccessCidrs: [0.0.0.0/0] } } }
`;
  await commitFiles(repository.path, {
    "slipway.yaml": config,
    "apps/demo/api/Dockerfile": "FROM node:24",
    "apps/demo/api/Dockerfile.dockerignore": "*\n",
  });
  vi.useFakeTimers({ now: new Date("2026-11-30T12:00:00Z"), toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const [image] = await discoverImages(repository.path, "HEAD", process.env, { period: "2026-11" });
  const { images } = JSON.parse(await describePlan(repository.path, { revision: "HEAD", offline: true, json: true }));
  expect(images).toEqual([image]);
});

it("prints images and keys without asking AWS", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, {
    "apps/demo/api/Dockerfile": "FROM scratch",
    "apps/demo/api/Dockerfile.dockerignore": "*\n",
  });
  const options = { revision: "HEAD", offline: true };
  const { images } = JSON.parse(await describePlan(repository.path, { ...options, json: true }));
  expect(images).toMatchObject([{ name: "demo-api", folder: "apps/demo/api" }]);
  expect((await describePlan(repository.path, options)).split("\n")).toEqual([
    "Image     Folder         Content key",
    `demo-api  apps/demo/api  ${images[0].key.slice(0, 12)}`,
  ]);
  await expect(describePlan(repository.path, { revision: "HEAD" })).rejects.toThrow(/slipway\.yaml cannot be read/);
});
