import { afterAll, beforeAll, expect, it } from "vitest";
import { listAccount } from "../../../scripts/rehearsal/aws/account-listing.ts";
import { openTeardownWorld, type TeardownWorld } from "../../testing/teardown/teardown.ts";

let world: TeardownWorld;
beforeAll(async () => {
  world = await openTeardownWorld(undefined, "bad");
});
afterAll(() => world[Symbol.asyncDispose]());

it("brings an environment up and takes it away on a bad day of AWS", { timeout: 600_000 }, async () => {
  const empty = await listAccount(world.aws);
  await world.up("registry", "dev");
  await expect(world.up("environment", "dev")).rejects.toThrow("VcpuLimitExceeded");
  await world.up("environment", "dev");
  expect((await listAccount(world.aws)).length).toBeGreaterThan(empty.length + 20);

  const { receipt, error } = await world.down({ images: "delete" });
  expect(error).toBeUndefined();
  expect(receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
  expect(await listAccount(world.aws)).toEqual(empty);
  // Of what a teardown meets: Terraform waits, and our own clients ask again.
  const { hits } = world.proxy.day;
  expect(hits.dependency).toMatchObject({ Terraform: expect.any(Number) as number });
  expect(hits["request-limit"]).toMatchObject({ "SDK for JavaScript": expect.any(Number) as number });
});
