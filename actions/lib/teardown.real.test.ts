import { afterAll, beforeAll, expect, it } from "vitest";
import { openTeardownWorld, type TeardownWorld } from "./test-teardown.ts";

let world: TeardownWorld;
beforeAll(async () => {
  world = await openTeardownWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

it("is green where there is nothing at all", async () => {
  const { record, error } = await world.down();
  expect(error).toBeUndefined();
  expect(record.stages.map(({ name, result }) => `${name}: ${result}`)).toEqual(
    ["delivery", "apps", "volumes", "argocd", "cluster", "logs", "network", "registry"].map((name) => `${name}: none`),
  );
  expect(record.milliseconds).toBeLessThan(30_000);
});

it("takes away what Terraform made", async () => {
  await world.up("environment", "dev");
  const { record, error } = await world.down();
  console.log(world.told.join("\n"));
  console.log(JSON.stringify(record, null, 1));
  expect(error).toBeUndefined();
}, 300_000);
