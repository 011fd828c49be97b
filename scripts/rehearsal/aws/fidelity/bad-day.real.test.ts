import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type AwsCredentials, awsCredentials, roleArn } from "../../../../actions/lib/aws.ts";
import { openTerraform, project, type TerraformWorld, trusted } from "../../../../terraform/test-world.ts";
import { startIdentity } from "../../github/identity.ts";
import { type Emulator, startEmulator } from "../emulator.ts";
import { type Proxy, startProxy } from "../proxy.ts";
import { differences } from "./day.ts";

const parts = new AsyncDisposableStack();
let emulator: Emulator;
let proxy: Proxy;
let world: TerraformWorld;

beforeAll(async () => {
  const log = join(tmpdir(), `slipway-bad-day-${String(process.pid)}.log`);
  parts.defer(() => rm(log, { force: true }));
  emulator = parts.use(await startEmulator({ log }));
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint, day: "bad" }));
  world = parts.use(await openTerraform(proxy.endpoint));
  await world.bootstrap();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await parts.disposeAsync();
});

/** Credentials of the role that applies, as an action gets them. */
async function takeOn(): Promise<AwsCredentials> {
  const { repository, branch } = trusted;
  await using identity = await startIdentity({ repository, branch });
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", identity.requestUrl({ environment: "dev" }));
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", identity.requestToken);
  using _quiet = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const role = roleArn(project.account, `${project.project}-apply-dev`);
  return await awsCredentials({ role, region: project.region, sessionName: "test" })();
}

test("Terraform makes an environment on a bad day and takes it away", async () => {
  const as = await takeOn();
  await world.init("registry", [], { as });
  await world.apply("registry", [], { as });
  await world.init("environment", [], { as });
  // Of a fresh launch template Terraform says that it is not there: what the actions apply once more for.
  await expect(world.apply("environment", [], { as })).rejects.toThrow(/Launch Template .*couldn't find resource/s);
  await expect(world.apply("environment", [], { as })).rejects.toThrow(/AsgInstanceLaunchFailures.*VcpuLimitExceeded/s);
  await world.apply("environment", [], { as });
  expect(await world.isClean("environment", [], { as })).toBe(true);
  await world.destroy("environment", [], { as });
  const missed = differences.filter((each) => proxy.day.hits[each] === undefined);
  expect(missed).toEqual([]);
});
