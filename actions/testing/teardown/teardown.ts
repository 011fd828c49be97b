import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../scripts/rehearsal/aws/emulator/emulator.ts";
import type { DayKind } from "../../../scripts/rehearsal/aws/fidelity/day.ts";
import type { DrainNodes } from "../../../scripts/rehearsal/aws/node-drain.ts";
import { type Proxy, startProxy } from "../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { record, roleKey } from "../../../scripts/rehearsal/permissions/record.ts";
import { terraformEnvironment } from "../../../scripts/rehearsal/tools/terraform.ts";
import { awsCredentials } from "../../lib/aws/credentials.ts";
import { type Config, parseConfig } from "../../lib/config/config.ts";
import { git } from "../../lib/git/git.ts";
import { applyInfra } from "../../infra/infra.ts";
import type { Receipt } from "../../lib/receipt/receipt.ts";
import { destroyEnvironment, type TeardownRun } from "../../teardown/run.ts";
import type { ApplyRequest } from "../../lib/terraform/apply.ts";
import { ensureTerraform } from "../../lib/terraform/run/install.ts";
import type { Reporter } from "../../lib/terraform/report.ts";
import { stateLocation } from "../../lib/terraform/root.ts";

const source = join(import.meta.dirname, "../../..");

/** Two environments, so that one can be seen to outlive the other. */
const settings = `
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: owner/demo }
environments:
  dev: { cluster: { publicAccessCidrs: [192.0.2.0/24] } }
  prod: { cluster: { publicAccessCidrs: [192.0.2.0/24] }, network: { cidr: 10.1.0.0/16 } }
`;

/** The project's own Terraform on an emulated AWS, whose clusters are only records. */
export interface TeardownWorld extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly proxy: Proxy;
  readonly config: Config;
  readonly repository: string;
  /** Settings of an AWS client with the emulator's own credentials, past the proxy. */
  readonly aws: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Everything that was told, line by line. */
  readonly told: string[];
  readonly summaries: string[];
  /** Applies a root, as the action `infra` does, without Argo CD. */
  up(root: ApplyRequest["root"], environment: string): Promise<void>;
  /** @returns how it ended, also of a teardown that failed, with its error */
  down(more?: Partial<TeardownRun>): Promise<{ receipt?: Receipt; error?: unknown }>;
  /** What a teardown is asked for, where `down` is told nothing else. */
  request(more?: Partial<TeardownRun>): TeardownRun;
}

/**
 * Starts the emulator, and points this process's AWS clients at it.
 *
 * @param drain empties the nodes of node groups that go; they are taken for empty when left out
 * @param day whether AWS has a bad day; a usual one when left out
 */
export async function openTeardownWorld(drain?: DrainNodes, day?: DayKind): Promise<TeardownWorld> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "slipway-teardown-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = undo.use(await startEmulator({ log: join(folder, "emulator.log") }));
  const proxy = undo.use(
    await startProxy({ upstream: emulator.endpoint, drain, day, sessions: roleKey.of("demo-apply-dev") }),
  );
  const changes: NodeJS.ProcessEnv = {
    ...(await terraformEnvironment()),
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_ACCESS_KEY_ID: roleKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: roleKey.secretAccessKey,
  };
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  const config = parseConfig(settings);
  const { region } = config.aws;
  const repository = await makeRepository(folder);
  const aws = { region, endpoint: emulator.endpoint, credentials: emulator.credentials };
  await makeBucket(aws, stateLocation(config, "registry", "dev").bucket);

  const told: string[] = [];
  const summaries: string[] = [];
  const report: Reporter = {
    line: (text) => void told.push(text),
    phase: (name, work) => {
      told.push(name);
      return work();
    },
    summary: (markdown) => Promise.resolve(void summaries.push(markdown)),
  };
  const credentials = awsCredentials({ region, sessionName: "test" });
  const common = { repository, config, credentials, terraform: () => ensureTerraform(), report, minutes: 10 };
  const request = (more: Partial<TeardownRun> = {}): TeardownRun => {
    const environment = more.environment ?? "dev";
    return {
      ...common,
      environment,
      confirm: environment,
      images: "keep",
      discovered: ["guests-api", "guests-nginx"],
      // No cluster of the emulator's has an API here.
      cluster: () => Promise.resolve(undefined),
      pauses: { shortest: 50, longest: 500 },
      dryRun: false,
      settle: 200,
      receiptFolder: folder,
      ...more,
    };
  };
  const { account } = config.aws;
  const environment = "dev|prod"; // each is applied by the role that stands for its own
  undo.defer(() => record("teardown", proxy.calls, { project: "demo", environment, account, region }));
  const release = undo.move();
  return {
    emulator,
    proxy,
    config,
    repository,
    aws,
    told,
    summaries,
    async up(root, environment) {
      const images = ["guests-api", "guests-nginx"];
      await applyInfra({ ...common, root, environment, images }, () => Promise.resolve({ version: "v0", objects: 0 }));
    },
    request,
    async down(more = {}) {
      try {
        const outcome = await destroyEnvironment(request(more));
        return "receipt" in outcome ? { receipt: outcome.receipt } : {};
      } catch (error) {
        return { error };
      }
    },
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

async function makeRepository(folder: string): Promise<string> {
  const repository = join(folder, "repository");
  const unwanted = /\.terraform$|\.tfstate|_override\.tf$|\.tfvars|\.test\.ts$/;
  for (const part of ["terraform", "gitops/bootstrap"])
    await cp(join(source, part), join(repository, part), { recursive: true, filter: (path) => !unwanted.test(path) });
  await writeFile(join(repository, "slipway.yaml"), settings);
  await git(repository, ["init", "--quiet", "--initial-branch=main"]);
  await git(repository, ["add", "--all"]);
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  await git(repository, [...author, "commit", "--quiet", "--message=All"]);
  return repository;
}

async function makeBucket(aws: TeardownWorld["aws"], bucket: string): Promise<void> {
  const { S3 } = await import("@aws-sdk/client-s3");
  const s3 = new S3({ ...aws, forcePathStyle: true });
  await s3.createBucket({ Bucket: bucket });
  await s3.putBucketVersioning({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } });
  s3.destroy();
}
