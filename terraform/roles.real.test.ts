import { copyFile, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteBucketPolicyCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeAccessEntryCommand,
  DescribeClusterCommand,
  EKSClient,
  ListClustersCommand,
} from "@aws-sdk/client-eks";
import { ECRClient, InitiateLayerUploadCommand } from "@aws-sdk/client-ecr";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { ECR } from "@aws-sdk/client-ecr";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { clusterName } from "../actions/lib/kubernetes/cluster.ts";
import { takeInventory } from "../actions/lib/inventory/inventory.ts";
import { otherEnvironments } from "../actions/lib/inventory/other-environments.ts";
import { type AwsCredentials, awsCredentials, roleArn } from "../actions/lib/aws/credentials.ts";
import { longestSession } from "../actions/lib/aws/role-sessions.ts";
import { openStateStore } from "../actions/lib/terraform/state/store.ts";
import { startEmulator } from "../scripts/rehearsal/aws/emulator/emulator.ts";
import { startProxy } from "../scripts/rehearsal/aws/proxy/proxy.ts";
import { readPolicies } from "../scripts/identities/policies.ts";
import { type TokenIssuer, type JobClaims, startIdentity } from "../scripts/rehearsal/github/identity.ts";
import {
  administrator,
  common,
  openTerraform,
  project,
  stateBucket,
  type TerraformWorld,
  trusted,
} from "./test-world.ts";

/** Jobs of the trusted repository. */
const push: JobClaims = { event: "push" };
const pullRequest: JobClaims = { event: "pull_request" };
const dev: JobClaims = { environment: "dev" };
const destroy: JobClaims = { workflow: "destroy", event: "workflow_dispatch" };
const ci: JobClaims = { workflow: "ci", event: "push" };

const parts = new AsyncDisposableStack();
let world: TerraformWorld;
const identities = new Map<string, TokenIssuer>();

/** Credentials of a role for a job of a repository, as an action in that job gets them. */
async function takeOn(role: string, job: JobClaims, from: { repository?: string; branch?: string } = {}) {
  const { repository, branch } = { ...trusted, ...from };
  const name = `${repository} ${branch}`;
  const identity = identities.get(name) ?? parts.use(await startIdentity({ repository, branch }));
  identities.set(name, identity);
  // What an action tells the runner about its token is not for a test's log.
  using _quiet = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  process.env.ACTIONS_ID_TOKEN_REQUEST_URL = identity.requestUrl(job);
  process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN = identity.requestToken;
  const arn = roleArn(project.account, `${project.project}-${role}`);
  return await awsCredentials({ role: arn, region: project.region, sessionName: "test", patience: 0 })();
}

/** Tries to make one thing of every kind; gives the permissions that were refused. */
async function refused(as: AwsCredentials, args: readonly string[] = []): Promise<string[]> {
  const apply = ["apply", "-auto-approve", "-no-color", ...args];
  const { stderr } = await world.terraform("attempts", apply, { as, okCodes: [1] });
  const { stdout } = await world.terraform("attempts", ["state", "list"], { okCodes: [0, 1] });
  expect(stdout, "what was made all the same").toBe("");
  const text = stderr.replaceAll(/\s*\n[│\s]*/g, " ");
  const permissions = [...text.matchAll(/not authorized to perform: (\S+)[^.]*? because no identity-based policy/g)];
  expect(permissions, stderr).not.toEqual([]);
  return permissions.map((match) => String(match[1])).sort();
}

/** What each permission makes, in attempts.tf.txt. */
const made: Readonly<Record<string, string>> = {
  "budgets:CreateBudget": "aws_budgets_budget",
  "ec2:CreateVpc": "aws_vpc",
  "ecr:CreateRepository": "aws_ecr_repository",
  "eks:CreateCluster": "aws_eks_cluster",
  "iam:CreateRole": "aws_iam_role",
  "kms:CreateKey": "aws_kms_key",
  "logs:CreateLogGroup": "aws_cloudwatch_log_group",
  "s3:PutObject": "aws_s3_object",
};
const everything = Object.keys(made);

beforeAll(async () => {
  const log = join(tmpdir(), `slipway-roles-${String(process.pid)}.log`);
  parts.defer(() => rm(log, { force: true }));
  const emulator = await startEmulator({ auth: true, log });
  parts.use(emulator);
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  process.env.AWS_ENDPOINT_URL = proxy.endpoint;
  world = parts.use(await openTerraform(proxy.endpoint));
  await copyFile(join(import.meta.dirname, "emulator.tf.txt"), join(world.folder, "bootstrap", "emulator.tf"));
  await mkdir(join(world.folder, "attempts"));
  await copyFile(join(import.meta.dirname, "attempts.tf.txt"), join(world.folder, "attempts", "main.tf"));
  await Promise.all([world.bootstrap(), world.terraform("attempts", ["init", "-no-color"])]);
});

afterAll(() => parts.disposeAsync());

test.each<[string, JobClaims]>([
  ["plan", pullRequest],
  ["plan", push],
  ["deploy", push],
  ["apply-dev", dev],
  ["deploy", destroy],
  ["apply-dev", { ...dev, ...destroy }],
  ["apply-dev", { ...dev, workflow: "lease", event: "schedule" }],
])("the role %s is for a job with %o", async (role, job) => {
  expect(await takeOn(role, job)).toMatchObject({ sessionToken: expect.any(String) });
});

test.each<[string, string, JobClaims, { repository?: string; branch?: string }?]>([
  ["plan", "another repository's pull request", pullRequest, { repository: "octo-org/other" }],
  ["plan", "another owner's repository of this name", push, { repository: "else/octo-repo" }],
  ["plan", "another branch", push, { branch: "feature" }],
  ["plan", "a branch whose name goes on", push, { branch: "main2" }],
  ["plan", "an environment's job", dev],
  ["deploy", "a pull request", pullRequest],
  ["deploy", "another branch", push, { branch: "feature" }],
  ["deploy", "another repository", push, { repository: "octo-org/other" }],
  ["deploy", "an environment's job", dev],
  ["deploy", "another workflow file of the branch", ci],
  ["deploy", "a workflow file whose name goes on", { workflow: "deliver-all" }],
  ["apply-dev", "a push", push],
  ["apply-dev", "a pull request", pullRequest],
  ["apply-dev", "the environment's job of another branch", dev, { branch: "feature" }],
  ["apply-dev", "the environment's job of a branch whose name goes on", dev, { branch: "main/2" }],
  ["apply-dev", "the environment's job of a pull request", { ...dev, event: "pull_request" }],
  ["apply-dev", "the environment's job of another workflow file", { ...dev, ...ci }],
  ["apply-dev", "another environment", { environment: "prod" }],
  ["apply-dev", "another repository's environment of this name", dev, { repository: "octo-org/other" }],
])("the role %s is not for %s", async (role, _who, job, from) => {
  await expect(takeOn(role, job, from)).rejects.toThrow(/did not let this job take on .*AccessDenied/);
});

test("the roles hold exactly what the tables in SECURITY.md are made of", async () => {
  const iam = new IAM({ region: project.region, credentials: administrator });
  const { roles } = await readPolicies({ ...project, ...trusted });
  for (const [name, role] of Object.entries(roles)) {
    const RoleName = `${project.project}-${name}`;
    const { AttachedPolicies: attached = [] } = await iam.listAttachedRolePolicies({ RoleName });
    const { PolicyNames: inline = [] } = await iam.listRolePolicies({ RoleName });
    // emulator.tf.txt adds what the emulator knows by other names.
    expect(inline.filter((policy) => policy !== "emulator")).toEqual([]);
    const documents = await Promise.all(
      attached.map(async ({ PolicyArn, PolicyName = "" }) => {
        const { Policy } = await iam.getPolicy({ PolicyArn });
        const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: Policy?.DefaultVersionId });
        const document = JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? "")) as { Statement: unknown };
        return [PolicyName.replace(`${RoleName}-`, ""), document.Statement];
      }),
    );
    expect(Object.fromEntries(documents), name).toEqual(role.policies);
    const { Role } = await iam.getRole({ RoleName });
    const kind = name === "plan" || name === "deploy" ? name : "apply";
    expect([Role?.MaxSessionDuration, role.session_seconds], name).toEqual([
      longestSession[kind],
      longestSession[kind],
    ]);
    const trust = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")) as {
      Statement: { Condition: unknown }[];
    };
    const asked = { aud: "sts.amazonaws.com", sub: role.subjects, ...role.claims };
    const keys = Object.entries(asked).map(([claim, values]) => [
      `token.actions.githubusercontent.com:${claim}`,
      values,
    ]);
    expect(
      trust.Statement.map(({ Condition }) => Condition),
      name,
    ).toEqual([{ StringEquals: Object.fromEntries(keys) }]);
  }
});

test("the state answers nobody who does not use TLS", async () => {
  const credentials = await takeOn("plan", push);
  const read = new GetObjectCommand({ Bucket: stateBucket, Key: "registry/terraform.tfstate" });
  const s3 = (as: AwsCredentials) => new S3Client({ region: project.region, credentials: as });
  await expect(s3(credentials).send(read)).rejects.toThrow(/explicit deny in a resource-based policy/);
  // The emulator speaks plain HTTP, so that the rest of these tests can only go on without the rule.
  await s3(administrator).send(new DeleteBucketPolicyCommand({ Bucket: stateBucket }));
  await expect(s3(credentials).send(read)).rejects.toThrow(/does not exist/);
});

test("the plan role writes nothing", async () => {
  expect(await refused(await takeOn("plan", pullRequest))).toEqual(everything);
});

test("the deploy role applies nothing, and cannot read the state", async () => {
  const as = await takeOn("deploy", push);
  expect(await refused(as)).toEqual(everything);
  await expect(world.init("registry", [], { as })).rejects.toThrow(/403|AccessDenied/);
  const { account, region } = project;
  const store = openStateStore({ bucket: stateBucket, region, credentials: as });
  await expect(store.list("registry/")).rejects.toThrow("AccessDenied");
  await expect(store.write("registry/terraform.tfstate", "{}")).rejects.toThrow("AccessDenied");
  // Reports wait here for the delivery console.
  await store.write("reports/1-1.json", account);
  expect(await store.list("reports/")).toEqual(["reports/1-1.json"]);
  expect((await store.read("reports/1-1.json"))?.text).toBe(account);
  await store.remove("reports/1-1.json");
});

test("the apply role may do what applying takes, and the plan role what planning takes", async () => {
  const as = await takeOn("apply-dev", dev);
  const reader = await takeOn("plan", push);
  for (const root of ["registry", "environment"] as const) {
    await world.init(root, ["-lockfile=readonly"], { as });
    const { stdout } = await world.apply(root, [], { as });
    expect(stdout).toMatch(/Apply complete! Resources: [1-9]/);
    // Reading is all that matters here: the emulator's answers about EKS differ from what was asked for.
    await world.terraform(root, ["plan", ...common, "-lock=false"], { as: reader });
  }
});

test("the deploy role finds the project's clusters, and asks EKS for nothing else", async () => {
  const eks = new EKSClient({ region: project.region, credentials: await takeOn("deploy", push) });
  const { cluster } = await eks.send(new DescribeClusterCommand({ name: "demo-dev" }));
  expect(cluster?.endpoint).toMatch(/^https:/);
  await expect(eks.send(new DescribeClusterCommand({ name: "other-dev" }))).rejects.toThrow(/eks:DescribeCluster/);
  await expect(eks.send(new ListClustersCommand({}))).rejects.toThrow(/not authorized to perform: eks:ListClusters/);
  const entry = { clusterName: "demo-dev", principalArn: roleArn(project.account, "demo-deploy") };
  await expect(eks.send(new DescribeAccessEntryCommand(entry))).rejects.toThrow(/eks:DescribeAccessEntry/);
});

test("of the two, only the deploy role pushes images", async () => {
  const upload = async (role: string) => {
    const ecr = new ECRClient({ region: project.region, credentials: await takeOn(role, push) });
    return ecr.send(new InitiateLayerUploadCommand({ repositoryName: "demo/guests-api" }));
  };
  await expect(upload("deploy")).resolves.toMatchObject({ uploadId: expect.any(String) });
  await expect(upload("plan")).rejects.toThrow(/not authorized to perform: ecr:InitiateLayerUpload/);
});

test("no role looks into the identity providers of clusters in other regions, which this account has too", async () => {
  const iam = new IAM({ region: project.region, credentials: administrator });
  const role = new IAM({ region: project.region, credentials: await takeOn("apply-dev", dev) });
  for (const region of ["eu-west-1", "ap-southeast-2"]) {
    const Url = `https://oidc.eks.${region}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF`;
    const made = { Url, ClientIDList: ["sts.amazonaws.com"], ThumbprintList: ["0".repeat(40)] };
    const { OpenIDConnectProviderArn } = await iam.createOpenIDConnectProvider(made);
    await expect(role.listOpenIDConnectProviderTags({ OpenIDConnectProviderArn })).rejects.toThrow(
      /not authorized to perform: iam:ListOpenIDConnectProviderTags/,
    );
  }
});

test.each<[string, JobClaims, "everything" | "nothing"]>([
  ["plan", push, "everything"],
  ["apply-dev", dev, "everything"],
  ["deploy", push, "nothing"],
])("the role %s, in a job with %o, sees for a receipt %s of what is there", async (role, job, sees) => {
  const found = await takeOn(role, job);
  const scope = { ...project, environment: "dev", clusterName: clusterName(project, "dev"), bucket: stateBucket };
  const eyes = { ...scope, vpcs: [], credentials: () => Promise.resolve(found) };
  const { resources, unknown } = await takeInventory(eyes);
  const seen = resources.map(({ kind }) => kind);
  if (sees === "everything") {
    expect(unknown).toEqual([]);
    expect(await otherEnvironments(eyes, openStateStore(eyes))).toEqual([]);
    expect(seen).toEqual(
      expect.arrayContaining(["cluster", "vpc", "key", "repository", "log-group", "role", "bucket"]),
    );
  } else {
    expect(seen).not.toContain("vpc");
    expect(unknown.length).toBeGreaterThan(20);
  }
});

test("the apply role removes what is left of its environment, and nothing of others, nor of the state", async () => {
  const owner = { region: project.region, credentials: administrator };
  const role = { region: project.region, credentials: await takeOn("apply-dev", dev) };
  const secret = (environment: string) => `demo/${environment}/password`;
  const group = (environment: string) => `/aws/containerinsights/demo-${environment}/application`;
  for (const environment of ["dev", "prod"]) {
    await new CloudWatchLogs(owner).createLogGroup({ logGroupName: group(environment) });
    await new SecretsManager(owner).createSecret({ Name: secret(environment), SecretString: "x" });
    await new IAM(owner).createInstanceProfile({ InstanceProfileName: `demo-${environment}.nodes` });
  }
  const [logs, secrets, iam, ecr, s3] = [
    new CloudWatchLogs(role),
    new SecretsManager(role),
    new IAM(role),
    new ECR(role),
    new S3(role),
  ];
  await logs.deleteLogGroup({ logGroupName: group("dev") });
  await secrets.deleteSecret({ SecretId: secret("dev") });
  await iam.deleteInstanceProfile({ InstanceProfileName: "demo-dev.nodes" });
  const image = { imageDigest: `sha256:${"0".repeat(64)}` };
  await ecr.batchDeleteImage({ repositoryName: "demo/guests-api", imageIds: [image] });
  await expect(logs.deleteLogGroup({ logGroupName: group("prod") })).rejects.toThrow(/logs:DeleteLogGroup/);
  await expect(secrets.deleteSecret({ SecretId: secret("prod") })).rejects.toThrow(/secretsmanager:DeleteSecret/);
  const Key = "environments/dev/terraform.tfstate";
  const { Versions = [] } = await s3.listObjectVersions({ Bucket: stateBucket, Prefix: Key });
  expect(Versions.length).toBeGreaterThan(0);
  for (const VersionId of [undefined, Versions[0]?.VersionId])
    await expect(s3.deleteObject({ Bucket: stateBucket, Key, ...(VersionId && { VersionId }) })).rejects.toThrow(
      /s3:DeleteObject|Access Denied|AccessDenied/,
    );
});

test.each([
  [
    "another project",
    ["ecr:CreateRepository", "eks:CreateCluster", "iam:CreateRole", "logs:CreateLogGroup"],
    "project=other",
  ],
  [
    "another environment",
    ["eks:CreateCluster", "iam:CreateRole", "logs:CreateLogGroup", "s3:PutObject"],
    "environment=prod",
  ],
])("an environment's apply role makes nothing of %s", async (_what, expected, variable) => {
  const kinds = expected.map((permission) => made[permission]);
  const targets = kinds.map((kind) => `-target=${kind}.attempt`);
  expect(await refused(await takeOn("apply-dev", dev), [`-var=${variable}`, ...targets])).toEqual(expected);
});

test("what is not tagged as ours is not made", async () => {
  expect(await refused(await takeOn("apply-dev", dev), ["-target=aws_kms_key.attempt"])).toEqual(["kms:CreateKey"]);
});
