import { afterAll, beforeAll, expect, it } from "vitest";
import { type Proxy, startProxy } from "../../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { commitFiles } from "../../../testing/repository.ts";
import { applyRoot } from "../apply.ts";
import { type ApplyWorld, openApplyWorld, root } from "../../../testing/terraform/world.ts";

const template = `
  terraform {
    required_providers {
      aws = { source = "hashicorp/aws", version = "5.100.0" }
    }
  }
  resource "aws_launch_template" "nodes" {
    name = "nodes"
  }`;

let world: ApplyWorld;
let proxy: Proxy;
beforeAll(async () => {
  world = await openApplyWorld();
  await world.reset();
  proxy = await startProxy({ upstream: world.endpoint, day: "bad" });
  process.env.AWS_ENDPOINT_URL = proxy.endpoint;
});
afterAll(async () => {
  await proxy.stop();
  await world[Symbol.asyncDispose]();
});

it("makes again what AWS did not find right after it was made, in the same apply", async () => {
  await commitFiles(world.repository, root(template));
  const outcome = await applyRoot(world.request());
  expect(outcome).toMatchObject({ kind: "applied", counts: { add: 3, change: 0, remove: 1 } });
  expect(await world.stateResources()).toEqual(["nodes", "image api", "image web"]);
  expect(proxy.day.hits["fresh-resource"]).toEqual({ Terraform: expect.any(Number) as number });
  expect(world.told.lines.join("\n")).toContain("AWS did not find yet what it had just made");
});
