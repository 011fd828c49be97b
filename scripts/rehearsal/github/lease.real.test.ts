import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundle } from "../../../actions/bundle.ts";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { receiptKey } from "../../../actions/lib/receipt/saved.ts";
import { ensureTerraform } from "../../../actions/lib/terraform/run/install.ts";
import { stateLocation } from "../../../actions/lib/terraform/root.ts";
import { withLease } from "../../environment/lease.ts";
import { bootstrapAccount } from "../aws/account.ts";
import { startEmulator } from "../aws/emulator/emulator.ts";
import { startProxy } from "../aws/proxy/proxy.ts";
import { newUser, type Person } from "../world/person.ts";
import { ensurePython } from "../tools/python.ts";
import { terraformEnvironment } from "../tools/terraform.ts";
import { worldEnvironment } from "../world/environment.ts";
import { type GitHubServer, startGitHub } from "./github.ts";
import { startGitServer } from "./git-server.ts";
import { startIdentity } from "./identity.ts";
import { createRunner, type RunRecord, type Runner } from "./runner.ts";

const settings = { account: "000000000000", repository: "slipway/rehearsal", branch: "main" };
const region = "us-east-1";
const tokens = { person: "person-token", bot: "bot-token-0123456789" };
const stack = new AsyncDisposableStack();
let person: Person;
let github: GitHubServer;
let runner: Runner;
let s3: S3;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-lease-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  // Policies are evaluated: the look needs no more than the role that plans may.
  const emulator = stack.use(await startEmulator({ auth: true, log: join(folder, "aws.log") }));
  const proxy = stack.use(await startProxy({ upstream: emulator.endpoint }));
  const { repository, branch } = settings;
  const server = stack.use(
    await startGitServer({ folder: join(folder, "git"), repository, branch, tokens, onPush: async () => {} }),
  );
  const environment = worldEnvironment(folder, {
    HOME: folder,
    AWS_ENDPOINT_URL: proxy.endpoint,
    ...(await terraformEnvironment()),
  });
  const source = join(import.meta.dirname, "../../..");
  person = await newUser(source, join(folder, "person"), server, tokens.person, settings, environment);
  await bundle(join(person.directory, "actions", "dist"));
  const { accessKeyId, secretAccessKey } = emulator.credentials;
  const owner = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region };
  await bootstrapAccount(
    {
      terraform: await ensureTerraform(),
      folder: join(folder, "owner"),
      environment: { ...environment, ...owner },
    },
    person.directory,
    join(folder, "bootstrap.log"),
  );
  s3 = new S3({ region, endpoint: emulator.endpoint, credentials: emulator.credentials, forcePathStyle: true });
  stack.defer(() => s3.destroy());
  // Nothing here is encrypted on its way, which the bucket demands.
  const { bucket: Bucket } = stateLocation(await ownConfig(), "environment", "dev");
  await s3.deleteBucketPolicy({ Bucket });
  // AWS knows the look at a budget as budgets:ViewBudget, which the role has; the emulator by the operation's name.
  const iam = new IAM({ region, endpoint: emulator.endpoint, credentials: emulator.credentials });
  stack.defer(() => iam.destroy());
  const Statement = [{ Effect: "Allow", Action: "budgets:DescribeBudget", Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.putRolePolicy({ RoleName: "slipway-apply-dev", PolicyName: "emulator", PolicyDocument });
  github = stack.use(await startGitHub({ repository, token: tokens.bot, gitDirectory: server.directory }));
  const identity = stack.use(await startIdentity({ repository, branch }));
  runner = createRunner({
    act: (await ensurePython()).act,
    folder: join(folder, "runs"),
    logs: join(folder, "logs"),
    directory: server.directory,
    repository,
    branch,
    token: tokens.bot,
    identity: { requestUrl: identity.requestUrl(), requestToken: identity.requestToken },
    environment: { ...environment, PATH: [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter) },
    endpoints: { api: github.endpoint, server: "https://github.com" },
    variables: { SETTLE_SECONDS: "1" },
  });
});
afterAll(() => stack.disposeAsync());

const ownConfig = () => readConfig(join(person.directory, "slipway.yaml"));

/** A day from now, as a lease says it. */
const day = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

/** Pushes a lease that ends then, and lets the workflow look. @returns its jobs and the issues after it */
async function look(until: string): Promise<{ run: RunRecord; jobs: string[]; issues: string[] }> {
  await person.edit("slipway.yaml", (text) => withLease(text, "dev", { until, volumes: "delete" }));
  await person.commit(`Lease dev until ${until}`);
  await person.push(() => {});
  const said: string[] = [];
  const run = await runner.dispatch("lease.yml", {}, (line) => void said.push(line));
  const logs = await Promise.all(run.jobs.map(({ log }) => readFile(log, "utf8").catch(() => "")));
  expect(run.conclusion, [...said, ...logs].join("\n")).toBe("success");
  expect(github.violations).toEqual([]);
  const jobs = run.jobs.map(({ name, conclusion }) => `${name} ${conclusion}`);
  return { run, jobs, issues: github.state.issues.map(({ state, title }) => `${state}: ${title}`) };
}

async function readReceipt(): Promise<unknown> {
  const { bucket: Bucket } = stateLocation(await ownConfig(), "environment", "dev");
  const { Body } = await s3.getObject({ Bucket, Key: receiptKey("dev") });
  return JSON.parse((await Body?.transformToString()) ?? "");
}

it("warns of an end, takes the environment away after it, and then leaves it alone", async () => {
  const warned = await look(day(1));
  expect(warned.jobs).toEqual(["Leases success", "Teardown skipped"]);
  expect(warned.issues).toEqual([`open: The environment dev ends on ${day(1)}, 24:00 UTC`]);
  await expect(readReceipt()).rejects.toThrow();

  const ended = await look(day(-1));
  expect(ended.jobs).toEqual(["Leases success", "Teardown dev success"]);
  expect(ended.issues).toEqual(["open: The environment dev has ended and is taken away"]);
  expect(await readReceipt()).toMatchObject({ environment: "dev", clean: true });

  const after = await look(day(-2));
  expect(after.jobs).toEqual(["Leases success", "Teardown skipped"]);
  expect(after.issues).toEqual(["closed: The environment dev has ended and is taken away"]);
  expect(after.run.jobs[0]?.summary).toContain("gone since");
});
