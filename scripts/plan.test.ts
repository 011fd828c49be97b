import { expect, it } from "vitest";
import { commitFiles, temporaryRepository } from "../actions/lib/test-repository.ts";
import { describePlan } from "./plan.ts";

it("prints images and keys without asking AWS", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, {
    "apps/shop/api/Dockerfile": "FROM scratch",
    "apps/shop/api/Dockerfile.dockerignore": "*\n",
  });
  const options = { revision: "HEAD", offline: true };
  const { images } = JSON.parse(await describePlan(repository.path, { ...options, json: true }));
  expect(images).toMatchObject([{ name: "shop-api", folder: "apps/shop/api" }]);
  expect((await describePlan(repository.path, options)).split("\n")).toEqual([
    "Image     Folder         Content key",
    `shop-api  apps/shop/api  ${images[0].key.slice(0, 12)}`,
  ]);
  await expect(describePlan(repository.path, { revision: "HEAD" })).rejects.toThrow(/slipway\.yaml cannot be read/);
});
