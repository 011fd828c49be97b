import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmulator } from "../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { terraformEnvironment } from "../../../scripts/rehearsal/tools/terraform.ts";
import { awsCredentials } from "../../lib/aws/credentials.ts";
import { parseConfig } from "../../lib/config/config.ts";
import { temporaryRepository } from "../repository.ts";
import type { ApplyRequest } from "../../lib/terraform/apply.ts";
import { appliedKey } from "../../lib/terraform/fingerprint.ts";
import { ensureTerraform } from "../../lib/terraform/run/install.ts";
import { stateLocation } from "../../lib/terraform/root.ts";
import { lockKey } from "../../lib/terraform/state/lock.ts";
import { openStateStore, type StateStore } from "../../lib/terraform/state/store.ts";

/** The text of the test project's slipway.yaml. */
const settings = `
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: owner/demo }
environments: { dev: { cluster: { publicAccessCidrs: [192.0.2.0/24] } } }
`;

/** A project with one small root, its state in an emulated S3, and a Terraform whose processes are counted. */
export interface ApplyWorld extends AsyncDisposable {
  /** A folder for the test's files. */
  readonly folder: string;
  readonly endpoint: string;
  readonly store: StateStore;
  readonly location: ReturnType<typeof stateLocation>;
  /** The counted Terraform's path. */
  readonly terraform: string;
  /** The path of the current test's repository. */
  readonly repository: string;
  /** What the current test's log and job summary were told. */
  readonly told: { lines: string[]; summaries: string[] };
  /** A new repository, an empty bucket, no processes counted. */
  reset(): Promise<void>;
  request(more?: Partial<ApplyRequest>): ApplyRequest;
  /** Every Terraform process since the last look, by its first argument. */
  started(): Promise<string[]>;
  /** A resource that has started when `slowStarted`, and takes `seconds`. */
  slow(seconds: number): string;
  slowStarted: () => Promise<boolean>;
  /** What the state holds: name, key and status of each. */
  stateResources(): Promise<string[]>;
  /**
   * Starts actions/infra as the runner does: a process of its own, the only one that is signalled.
   * `ended` gives its exit code, its log, and its output file as it is.
   */
  startAction(env: NodeJS.ProcessEnv): Promise<{
    child: ChildProcess;
    ended(): Promise<{ code: number | null; log: string; outputs: string }>;
  }>;
  /** Waits for `check`. @throws with the log when it takes longer than a minute */
  until(what: string, check: () => Promise<boolean>): Promise<void>;
}

/** Files of the root `registry`: a resource for each image, and `body`. */
export function root(body: string): Record<string, string> {
  const head = `
    terraform {
      backend "s3" { use_lockfile = true }
    }
    variable "project" { type = string }
    variable "account" { type = string }
    variable "region" { type = string }
    variable "images" { type = list(string) }
    resource "terraform_data" "image" {
      for_each = toset(var.images)
      input    = each.key
    }
    output "count" { value = length(var.images) }
    output "token" {
      value     = "hush-hush"
      sensitive = true
    }`;
  return { "slipway.yaml": settings, "terraform/registry/main.tf": `${head}\n${body}` };
}

/** Files of an image that `discoverImages` finds: stall-api. */
export const image = {
  "apps/stall/api/Dockerfile": "FROM scratch\nCOPY apps/stall/api/main /\n",
  "apps/stall/api/Dockerfile.dockerignore": "*\n!apps/stall/api/main\n",
  "apps/stall/api/main": "text",
};

/** Whether a file is there. */
export const present = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Starts the emulator, and points this process's AWS clients and PATH at it and at the counted Terraform. */
export async function openApplyWorld(): Promise<ApplyWorld> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-apply-"));
  const emulator = await startEmulator({ log: join(folder, "emulator.log") });
  const terraform = await countedTerraform(folder);
  const changes: NodeJS.ProcessEnv = {
    ...(await terraformEnvironment()),
    PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`,
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;

  const config = parseConfig(settings);
  const location = stateLocation(config, "registry", "dev");
  const credentials = awsCredentials({ region: location.region, sessionName: "test" });
  const store = openStateStore({ ...location, credentials });
  const told: ApplyWorld["told"] = { lines: [], summaries: [] };
  const slowFile = join(folder, "slow-started");
  let repository = await temporaryRepository();

  const world: ApplyWorld = {
    folder,
    endpoint: emulator.endpoint,
    store,
    location,
    terraform,
    told,
    get repository() {
      return repository.path;
    },
    async reset() {
      const { S3Client, CreateBucketCommand } = await import("@aws-sdk/client-s3");
      const s3 = new S3Client({ region: location.region, credentials });
      await s3.send(new CreateBucketCommand({ Bucket: location.bucket })).catch((error: unknown) => {
        if (!(error instanceof Error && error.name.startsWith("BucketAlready"))) throw error;
      });
      for (const key of [location.key, lockKey(location.key), appliedKey(location.key)]) await store.remove(key);
      await repository[Symbol.asyncDispose]();
      repository = await temporaryRepository();
      told.lines.length = 0;
      told.summaries.length = 0;
      await world.started();
      await rm(slowFile, { force: true });
    },
    request: (more = {}) => ({
      repository: repository.path,
      config,
      root: "registry",
      environment: "dev",
      images: ["api", "web"],
      credentials,
      terraform: () => Promise.resolve(terraform),
      minutes: 5,
      report: {
        line: (text) => told.lines.push(text),
        phase: (_, work) => work(),
        summary: (text) => {
          told.summaries.push(text);
          return Promise.resolve();
        },
      },
      ...more,
    }),
    async started() {
      const file = join(folder, "processes");
      const text = await readFile(file, "utf8").catch(() => "");
      await rm(file, { force: true });
      return text.split("\n").filter(Boolean);
    },
    slow: (seconds) => `
      resource "terraform_data" "slow" {
        depends_on = [terraform_data.image]
        provisioner "local-exec" {
          command = "touch ${slowFile}; sleep ${seconds}"
        }
      }`,
    slowStarted: () => present(slowFile),
    async stateResources() {
      const text = (await store.read(location.key))?.text ?? "{}";
      const { resources = [] } = JSON.parse(text) as {
        resources?: { name: string; instances: { index_key?: string; status?: string }[] }[];
      };
      return resources.flatMap(({ name, instances }) =>
        instances.map((one) => [name, one.index_key, one.status].filter(Boolean).join(" ")),
      );
    },
    async startAction(env) {
      const output = join(folder, "output");
      await writeFile(output, "");
      const child = spawn(process.execPath, [join(import.meta.dirname, "../../infra/main.ts")], {
        cwd: repository.path,
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, GITHUB_OUTPUT: output, ...env },
      });
      child.stdout.on("data", (chunk) => told.lines.push(String(chunk)));
      const closed = once(child, "close");
      return {
        child,
        async ended() {
          await closed;
          return { code: child.exitCode, log: told.lines.join(""), outputs: await readFile(output, "utf8") };
        },
      };
    },
    async until(what, check) {
      const end = Date.now() + 60_000;
      while (!(await check())) {
        if (Date.now() > end) throw new Error(`${what}: not within a minute. The log:\n${told.lines.join("\n")}`);
        await sleep(100);
      }
    },
    async [Symbol.asyncDispose]() {
      await emulator[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** A `terraform` that writes down each of its starts, then is the real one. */
async function countedTerraform(folder: string): Promise<string> {
  const real = await ensureTerraform();
  const counted = join(folder, "bin", "terraform");
  await mkdir(join(folder, "bin"));
  await writeFile(counted, `#!/bin/sh\necho "$1" >> "${join(folder, "processes")}"\nexec "${real}" "$@"\n`);
  await chmod(counted, 0o755);
  return counted;
}
