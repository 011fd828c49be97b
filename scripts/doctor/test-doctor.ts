import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { awsCredentials } from "../../actions/lib/aws/credentials.ts";
import { parseConfig } from "../../actions/lib/config/config.ts";
import { openAccount } from "../../actions/lib/doctor/account.ts";
import type { Finding, FindingLevel, Subject } from "../../actions/lib/doctor/finding.ts";
import { git } from "../../actions/lib/git/git.ts";
import { run } from "../../actions/lib/core/process.ts";
import { administrator, openTerraform, project, stateBucket, trusted } from "../../terraform/test-world.ts";
import { startEmulator } from "../rehearsal/aws/emulator/emulator.ts";
import { usualAccount } from "../rehearsal/aws/facts/account-facts.ts";
import { type Proxy, startProxy } from "../rehearsal/aws/proxy/proxy.ts";
import { type GitHubServer, startGitHub } from "../rehearsal/github/github.ts";
import { usualRepository } from "../rehearsal/github/github-state.ts";
import { renderAnywhere } from "../rehearsal/tools/kustomize.ts";
import { examineAll } from "./doctor.ts";
import { openSettings } from "./github-settings.ts";
import { tokenFacts } from "./run.ts";

/** slipway.yaml of a project that is prepared for AWS and GitHub. */
const configuration = `
project: ${project.project}
aws: { account: "${project.account}", region: ${project.region} }
git:
  repository: ${trusted.repository}
  ids: { owner: 7, repository: 8 }
  branch: ${trusted.branch}
deliver: dev
environments:
  dev:
    cluster: { version: "1.35", publicAccessCidrs: [203.0.113.0/24] }
    budget: { monthlyUsd: 400, email: costs@example.com }
`;

/** The files of the checkout that are looked at. */
const files = {
  "gitops/bootstrap/settings/repository.yaml": `data:\n  url: https://github.com/${trusted.repository}.git\n  branch: main\n`,
  "gitops/bootstrap/dev/kustomization.yaml": "resources: []\n",
  "gitops/apps/demo/base/kustomization.yaml": "resources: [service.yaml]\n",
  "gitops/apps/demo/base/service.yaml":
    "apiVersion: v1\nkind: Service\nmetadata: { name: demo }\nspec:\n  type: LoadBalancer\n",
  "gitops/apps/demo/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
};

/** What the tools print, by the command line's beginning; undefined where one is missing. */
type ToolOutputs = Record<string, string | undefined>;

const tools: ToolOutputs = {
  "git --version": "git version 2.47.3",
  "git lfs": undefined,
  "terraform version": '{"terraform_version": "1.11.4"}',
  "kubectl version": "Client Version: v1.35.4",
  "docker --version": "Docker version 29.0.0",
  "npm config list --json": '{"registry":"https://npm.example.com/","omit":[],"strict-ssl":true,"offline":false}',
  "npm config list": "",
};

/** A healthy machine, repository, account: a test breaks one thing of them. */
export interface DoctorWorld {
  proxy: Proxy;
  github: GitHubServer;
  iam: IAM;
  /** The checkout, with git. */
  directory: string;
  tools: ToolOutputs;
  /** The environment of the machine's programs, and its Node.js. */
  env: NodeJS.ProcessEnv;
  node: string;
  platform: string;
  /** slipway.yaml's text. */
  config: string;
  subject: Partial<Pick<Subject, "before" | "run">>;
  /** Git in the checkout, as that machine's person. */
  git: (...args: string[]) => Promise<unknown>;
  write: (path: string, text: string) => Promise<void>;
}

/** Something that is wrong, how it comes about, and the one finding that there must be. */
export interface DoctorFault {
  what: string;
  finds: [check: string, level: FindingLevel, says: RegExp];
  /** Breaks it. @returns what puts right what outlives the test */
  breaks: (world: DoctorWorld) => unknown;
}

/** Changes slipway.yaml. */
export function configured(change: (text: string) => string): DoctorFault["breaks"] {
  return (world) => {
    const changed = change(world.config);
    if (changed === world.config) throw new Error("Nothing was changed.");
    world.config = changed;
  };
}

/** Replaces a text in slipway.yaml. */
export const replaced = (from: string, to: string) => configured((text) => text.replace(from, to));

/** Everything that outlives one test: the emulator with the roles of terraform/bootstrap, and GitHub. */
export async function startParts(parts: AsyncDisposableStack): Promise<Pick<DoctorWorld, "proxy" | "github" | "iam">> {
  const log = join(tmpdir(), `slipway-doctor-${String(process.pid)}.log`);
  parts.defer(() => rm(log, { force: true }));
  const emulator = parts.use(await startEmulator({ log, auth: true }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  process.env.AWS_ENDPOINT_URL = proxy.endpoint;
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
  });
  const github = parts.use(await startGitHub({ repository: trusted.repository, token: "good" }));
  process.env.GITHUB_API_URL = github.endpoint;
  const world = parts.use(await openTerraform(proxy.endpoint));
  const ids = { repository_ids: { owner_id: "7", repository_id: "8" } };
  await writeFile(join(world.folder, "bootstrap", "ids.auto.tfvars.json"), JSON.stringify(ids));
  await copyFile(
    join(import.meta.dirname, "../../terraform/emulator.tf.txt"),
    join(world.folder, "bootstrap", "emulator.tf"),
  );
  await world.bootstrap();
  // Nothing here is encrypted on its way, which the bucket demands.
  const s3 = new S3({ region: project.region, credentials: administrator, forcePathStyle: true });
  parts.defer(() => s3.destroy());
  await s3.deleteBucketPolicy({ Bucket: stateBucket });
  const iam = new IAM({ region: project.region, credentials: administrator });
  parts.defer(() => iam.destroy());
  return { proxy, github, iam };
}

/** A healthy world, whatever a test before made of the parts. */
export async function healthyWorld(
  parts: Pick<DoctorWorld, "proxy" | "github" | "iam">,
): Promise<DoctorWorld & AsyncDisposable> {
  const { proxy, github } = parts;
  Object.assign(proxy.facts, usualAccount());
  proxy.faults.clear();
  github.state.repository = { ...usualRepository(trusted.repository), id: 8, ownerId: 7 };
  const allowed = [{ name: "main", type: "branch" as const }];
  github.state.environments = new Map([["dev", { allowed, reviewed: true }]]);
  github.state.branches = new Map([["main", { protected: false, rules: ["non_fast_forward"] }]]);
  const folder = await mkdtemp(join(tmpdir(), "slipway-doctor-"));
  const directory = join(folder, "clone");
  await mkdir(directory);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GIT_CONFIG_GLOBAL: join(folder, "gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const workflow = ".github/workflows/deliver.yml";
  await write(workflow, await readFile(join(import.meta.dirname, "..", "..", workflow), "utf8"));
  const inClone = (...args: string[]) => git(directory, args, { env });
  await inClone("init", "--quiet", "--initial-branch=main");
  await inClone("add", ".");
  await inClone(
    "-c",
    "user.name=A person",
    "-c",
    "user.email=person@example.com",
    "commit",
    "--quiet",
    "-m",
    "All of it",
  );
  await inClone("remote", "add", "origin", `https://github.com/${trusted.repository}.git`);
  return {
    ...parts,
    directory,
    tools: { ...tools },
    env,
    node: "24.21.0",
    platform: "linux_amd64",
    config: configuration,
    subject: {},
    git: inClone,
    write,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What the doctor finds in a world. */
export async function examineWorld(world: DoctorWorld): Promise<Finding[]> {
  const config = parseConfig(world.config);
  const credentials = awsCredentials({ region: config.aws.region, sessionName: "doctor" });
  const github = openSettings(config.git.repository, "good");
  let opened: ReturnType<typeof openAccount> | undefined;
  const findings = await examineAll({
    config,
    environment: config.deliver,
    directory: world.directory,
    before: "delivery",
    github,
    render: renderAnywhere,
    ...world.subject,
    tokens: () => tokenFacts(github),
    account: () => (opened ??= openAccount(config, config.deliver, credentials)),
    machine: {
      env: world.env,
      node: world.node,
      platform: world.platform,
      async ask(command, args) {
        const line = [command, ...args].join(" ");
        const played = Object.keys(world.tools).find((beginning) => line.startsWith(beginning));
        if (played !== undefined) return world.tools[played];
        const asked = run(command, args, { cwd: world.directory, env: world.env });
        return (await asked.catch(() => undefined))?.stdout;
      },
    },
  });
  (await opened?.catch(() => undefined))?.[Symbol.dispose]();
  return findings;
}
