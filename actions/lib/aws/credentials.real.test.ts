import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Emulator, startEmulator } from "../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type TokenIssuer, startIdentity } from "../../../scripts/rehearsal/github/identity.ts";
import { awsCredentials, childEnvironment, roleArn } from "./credentials.ts";

const region = "us-east-1";
const role = roleArn("000000000000", "slipway-deploy");
const sessionName = "build-deliver-1-1";
const world = new AsyncDisposableStack();
let folder: string;
let identity: TokenIssuer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-aws-test-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  identity = world.use(await startIdentity({ repository: "owner/name", branch: "main" }));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await world.disposeAsync();
});

/** The environment of a job that may ask for tokens, before an emulator. */
function enterJob({ endpoint }: Pick<Emulator, "endpoint">): void {
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "");
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", identity.requestUrl({ event: "pull_request" }));
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", identity.requestToken);
}

it("exchanges the job's token for a session under the run's name, and again for a child", async () => {
  await using emulator = await startEmulator({ log: join(folder, "open.log") });
  enterJob(emulator);
  const credentials = awsCredentials({ role, region, sessionName });
  const found = await credentials();
  expect(found.expiration?.getTime()).toBeGreaterThan(Date.now() + 50 * 60_000);
  const { Arn } = await new STSClient({ region, credentials }).send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe(`arn:aws:sts::000000000000:assumed-role/slipway-deploy/${sessionName}`);
  expect(await credentials()).toBe(found);

  const env = await childEnvironment(credentials, region);
  expect(env.AWS_SESSION_TOKEN).toBeTruthy();
  expect(env.AWS_SESSION_TOKEN).not.toBe(found.sessionToken);
  expect(Object.keys(env).filter((name) => name.startsWith("ACTIONS_"))).toEqual([]);
});

it("asks for a session as long as the stage needs it", async () => {
  await using emulator = await startEmulator({ log: join(folder, "long.log") });
  enterJob(emulator);
  const { expiration } = await awsCredentials({ role, region, sessionName, seconds: 4500 })();
  const minutes = ((expiration?.getTime() ?? 0) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(74);
  expect(minutes).toBeLessThanOrEqual(75);
});

it("says which sub was refused", async () => {
  await using emulator = await startEmulator({ auth: true, log: join(folder, "closed.log") });
  enterJob(emulator);
  const credentials = awsCredentials({ role, region, sessionName, patience: 0 });
  await expect(credentials()).rejects.toMatchObject({
    reason: "role-refused",
    message: expect.stringContaining('sub is "repo:owner/name:pull_request", its aud "sts.amazonaws.com"') as string,
  });
});

it("says that the token endpoint refuses the job", async () => {
  enterJob({ endpoint: "http://127.0.0.1:1" });
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "wrong");
  await expect(awsCredentials({ role, region, sessionName })()).rejects.toMatchObject({
    reason: "no-oidc-token",
    message: expect.stringMatching(/^GitHub gave no OIDC token: .*40[13]/) as string,
  });
});
