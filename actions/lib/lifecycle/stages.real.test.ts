import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { startEmulator } from "../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { startApiServer } from "../../../scripts/rehearsal/cluster/api-server.ts";
import { close, listen } from "../../../scripts/rehearsal/tools/listening.ts";
import { type Application, applicationsPath } from "../argocd/application.ts";
import { installArgocd } from "../../testing/argocd/argocd.ts";
import { commits, pinned } from "../../testing/argocd/objects.ts";
import type { PublicService } from "../argocd/urls.ts";
import type { Workload } from "../argocd/objects.ts";
import { parseConfig } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { type Kubernetes, openKubernetes } from "../kubernetes/kubernetes.ts";
import { costOf } from "../prices/prices.ts";
import { type Environment, openEnvironment } from "./environment.ts";
import { observeAll, type ObservedStage } from "./stages.ts";

const region = "us-east-1";
const config = parseConfig(`
project: demo
aws: { account: "000000000000", region: ${region} }
git: { repository: owner/demo }
environments: { dev: { cluster: { publicAccessCidrs: [0.0.0.0/0] } } }
`);
const marks = [
  { Key: "slipway:project", Value: "demo" },
  { Key: "slipway:environment", Value: "dev" },
];

const parts = new AsyncDisposableStack();
let proxy: Proxy;
let kubernetes: Kubernetes;
let web: Server;
let settings: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
let environment: Environment;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-lifecycle-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const [emulator, server] = await Promise.all([
    startEmulator({ log: join(folder, "aws.log") }),
    startApiServer({ folder: join(folder, "cluster"), log: join(folder, "compiler.log") }),
  ]);
  parts.use(emulator);
  parts.use(server);
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  kubernetes = openKubernetes(server.access);
  web = createServer((_request, response) => response.writeHead(302).end());
  parts.defer(() => close(web));
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
  settings = { region, endpoint: proxy.endpoint, credentials: emulator.credentials };
  const credentials = () => Promise.resolve(emulator.credentials);
  environment = {
    ...openEnvironment({ name: "dev", config, credentials, directory: folder }),
    // The emulator keeps EKS's record of a cluster; its API is the real one here.
    cluster: async () => kubernetes,
    released: async () => {
      const images = [pinned("demo-api", "1")];
      return { commit: commits.ours, apps: [{ app: "demo", source: undefined, images }], skipped: [] };
    },
  };
});
afterEach(() => proxy.faults.clear());
afterAll(async () => {
  vi.unstubAllEnvs();
  await parts.disposeAsync();
});

async function observe(changes: Partial<Environment> = {}): Promise<Record<string, ObservedStage>> {
  const seen = await observeAll({ ...environment, ...changes });
  return Object.fromEntries(seen.map((stage) => [stage.name, stage]));
}

const statesOf = (seen: Record<string, ObservedStage>) =>
  Object.fromEntries(Object.entries(seen).map(([name, { state }]) => [name, state]));

it("finds nothing where nothing is", async () => {
  const seen = await observe({ cluster: async () => undefined });
  expect(Object.keys(seen)).toEqual([
    "account",
    "registry",
    "network",
    "logs",
    "cluster",
    "argocd",
    "volumes",
    "apps",
    "reachable",
    "delivery",
  ]);
  expect(new Set(Object.values(statesOf(seen)))).toEqual(new Set(["absent"]));
});

it("sees an environment as AWS and Kubernetes show it, and what of it costs", async () => {
  await makeAccount();
  await makeInfrastructure();
  await makeArgocd();
  const seen = await observe();
  expect(statesOf(seen)).toEqual({
    account: "present",
    registry: "present",
    network: "present",
    logs: "absent",
    cluster: "present",
    // Its ApplicationSet is there, and nothing that would keep it as git has it.
    argocd: "present",
    volumes: "absent",
    apps: "present",
    reachable: "present",
    delivery: "broken",
  });
  const partsOf = (name: string) => {
    const stage = seen[name];
    return stage && stage.state !== "absent" ? stage.parts : [];
  };
  expect(partsOf("network")[0]?.facts).toEqual({ is: "VPC", cidr: "10.0.0.0/16", subnets: 2, zones: 2 });
  expect(partsOf("cluster")[0]).toMatchObject({ name: "demo-dev", facts: { kubernetes: "1.35", status: "ACTIVE" } });
  expect(partsOf("argocd")).toEqual([{ name: "argocd-server", facts: { version: "v3.2.11", ready: "1 of 1" } }]);
  expect(partsOf("apps")[0]).toMatchObject({
    name: "demo",
    facts: { revision: commits.ours.slice(0, 7), sync: "Synced", health: "Healthy", images: 1 },
  });
  expect(partsOf("reachable")[0]?.facts).toMatchObject({ is: "Service", answers: 302 });

  const { lines, unknown } = costOf(
    Object.keys(seen).flatMap((name) => partsOf(name).flatMap((part) => part.billables ?? [])),
    region,
  );
  expect(unknown).toEqual([]);
  expect(Object.fromEntries(lines.map(({ what, quantity }) => [what, quantity]))).toMatchObject({
    "EKS cluster": 1,
    "t3.large instance": 2,
    "NAT gateway": 1,
    "gp3 volume, GB": 20,
    "network load balancer": 1,
    "public IPv4 address": 3,
    "KMS key": 2,
  });
});

it("tells when the NAT gateway and the cluster were made", async () => {
  const seen = Object.values(await observe());
  const parts = seen.flatMap((stage) => (stage.state === "absent" ? [] : stage.parts));
  const sinces = parts.flatMap(({ since }) => since ?? []);
  expect(sinces.map((since) => Math.abs(Date.now() - Date.parse(since)) < 600_000)).toEqual([true, true]);
});

it("says what is missing, on its way or broken", async () => {
  const iam = new IAM(settings);
  await iam.deleteRole({ RoleName: "demo-apply-dev" });
  await close(web);
  const path = `${applicationsPath}/demo`;
  const application = await kubernetes.get<Application>(path);
  const health = { status: "Degraded" };
  await kubernetes.replace(path, { ...application, status: { ...application?.status, health } });
  await setReady(0);
  const seen = await observe();
  expect(seen.account).toMatchObject({ state: "broken", why: "demo-apply-dev missing: run ./slipway bootstrap" });
  expect(seen.apps).toMatchObject({ state: "broken", why: "demo is Degraded" });
  expect(seen.argocd).toMatchObject({ state: "changing", why: "argocd-server is not ready" });
  expect(seen.reachable).toMatchObject({ state: "broken", why: expect.stringContaining("ECONNREFUSED") });
});

it("concludes nothing of what it may not see, and shows the rest", async () => {
  proxy.faults.add({ kind: "access-denied", service: "ec2" });
  const refusal = new SlipwayError("The cluster does not let this AWS identity in.", {
    next: "Give it an access entry.",
  });
  const refused = await observe({ cluster: () => Promise.reject(refusal) });
  expect(statesOf(refused)).toEqual({
    account: "broken",
    registry: "present",
    network: "unknown",
    logs: "unknown",
    cluster: "unknown",
    argocd: "unknown",
    volumes: "unknown",
    apps: "unknown",
    reachable: "unknown",
    delivery: "unknown",
  });
  expect(refused.network).toMatchObject({ why: expect.stringContaining("UnauthorizedOperation") });
  expect(refused.apps).toMatchObject({ why: expect.stringContaining("Give it an access entry.") });

  proxy.faults.clear();
  const unread = await observe({ released: () => Promise.reject(new SlipwayError("No such branch.")) });
  expect(unread.apps).toMatchObject({ state: "unknown", why: "What is released cannot be read: No such branch." });
  expect(unread.apps).toMatchObject({ parts: [{ name: "demo" }] });
});

async function makeAccount(): Promise<void> {
  await new S3({ ...settings, forcePathStyle: true }).createBucket({ Bucket: `demo-state-000000000000-${region}` });
  const iam = new IAM(settings);
  for (const role of ["plan", "deploy", "apply-dev"])
    await iam.createRole({ RoleName: `demo-${role}`, AssumeRolePolicyDocument: "{}" });
  const ecr = new ECR(settings);
  const encryptionConfiguration = { encryptionType: "KMS", kmsKey: "arn:aws:kms:key/images" } as const;
  for (const repositoryName of ["demo/demo-api", "demo/build-cache", "other/web"])
    await ecr.createRepository({ repositoryName, encryptionConfiguration });
}

async function makeInfrastructure(): Promise<void> {
  const ec2 = new EC2(settings);
  const tagged = <const Type extends string>(ResourceType: Type) => [{ ResourceType, Tags: marks }];
  const vpc = (await ec2.createVpc({ CidrBlock: "10.0.0.0/16", TagSpecifications: tagged("vpc") })).Vpc?.VpcId ?? "";
  const Subnets: string[] = [];
  for (const [index, AvailabilityZone] of [`${region}a`, `${region}b`].entries()) {
    const made = await ec2.createSubnet({ VpcId: vpc, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone });
    Subnets.push(made.Subnet?.SubnetId ?? "");
  }
  const InternetGatewayId = (await ec2.createInternetGateway({})).InternetGateway?.InternetGatewayId ?? "";
  await ec2.attachInternetGateway({ InternetGatewayId, VpcId: vpc });
  const address = await ec2.allocateAddress({ Domain: "vpc", TagSpecifications: tagged("elastic-ip") });
  await ec2.createNatGateway({ SubnetId: Subnets[0], AllocationId: address.AllocationId });
  const AvailabilityZone = `${region}a`;
  await ec2.createVolume({ AvailabilityZone, Size: 20, VolumeType: "gp3", TagSpecifications: tagged("volume") });
  await new ElasticLoadBalancingV2(settings).createLoadBalancer({ Name: "demo", Type: "network", Subnets });

  const eks = new EKS(settings);
  const roleArn = "arn:aws:iam::000000000000:role/any";
  const encryptionConfig = [{ resources: ["secrets"], provider: { keyArn: "arn:aws:kms:key/cluster" } }];
  const name = "demo-dev";
  await eks.createCluster({ name, version: "1.35", roleArn, resourcesVpcConfig: {}, encryptionConfig });
  const scalingConfig = { minSize: 1, desiredSize: 2, maxSize: 3 };
  const group = { clusterName: name, nodegroupName: "default", subnets: Subnets, nodeRole: roleArn, scalingConfig };
  await eks.createNodegroup({ ...group, instanceTypes: ["t3.large"] });
  await eks.createAddon({ clusterName: name, addonName: "coredns", addonVersion: "v1.12.4-eksbuild.1" });
}

async function makeArgocd(): Promise<void> {
  await installArgocd(kubernetes);
  const labels = { name: "server" };
  const containers = [{ name: "server", image: "quay.io/argoproj/argocd:v3.2.11" }];
  await kubernetes.create("/apis/apps/v1/namespaces/argocd/deployments", {
    metadata: { name: "argocd-server" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  await setReady(1);
  await kubernetes.create(applicationsPath, {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name: "demo" },
    spec: { project: "apps", destination: { namespace: "demo" } },
    status: { sync: { status: "Synced", revision: commits.ours }, health: { status: "Healthy" }, resources: [] },
  });
  await kubernetes.create("/api/v1/namespaces", { metadata: { name: "demo" } });
  const services = "/api/v1/namespaces/demo/services";
  const ports = [{ port: await listen(web) }];
  const service = await kubernetes.create<PublicService>(services, {
    metadata: { name: "demo-web" },
    spec: { type: "LoadBalancer", ports },
  });
  const status = { loadBalancer: { ingress: [{ ip: "127.0.0.1" }] } };
  await kubernetes.replace(`${services}/demo-web/status`, { ...service, status });
}

async function setReady(replicas: number): Promise<void> {
  const path = "/apis/apps/v1/namespaces/argocd/deployments/argocd-server";
  const deployment = await kubernetes.get<Workload>(path);
  await kubernetes.replace(`${path}/status`, { ...deployment, status: { replicas: 1, readyReplicas: replicas } });
}
