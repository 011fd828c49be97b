import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2 } from "@aws-sdk/client-ec2";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { type Kubernetes, openKubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import { startEmulator } from "../../aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../../aws/proxy/proxy.ts";
import { close } from "../../tools/listening.ts";
import { startApiServer } from "../api-server.ts";
import { type Authority, makeAuthority } from "../certificates.ts";
import { type CloudControllers, startCloudControllers } from "./cloud-controllers.ts";
import type { ControllerStep } from "./controller.ts";

/** The cluster's name. */
export const cluster = "slipway-dev";
/** The zone of its one node, `node-1`. */
export const zone = "eu-central-1a";
/** What answers on the node, each with its own port and the request's path. */
export const nodePorts = [30_080, 30_081, 30_082] as const;
/** The API path of the Services that tests make. */
export const servicePath = "/api/v1/namespaces/default/services";
/** The API path of the claims that tests make. */
export const claimPath = "/api/v1/namespaces/default/persistentvolumeclaims";

const names = ["load-balancers", "volumes", "external-dns"] as const;

/** The played cloud controllers, with a real API server and the AWS emulator. */
export interface CloudControllersFixture extends AsyncDisposable {
  /** The path of a folder whose folder `node-1` is the node's. */
  readonly folder: string;
  readonly proxy: Proxy;
  readonly elb: ElasticLoadBalancingV2;
  readonly ec2: EC2;
  readonly kubernetes: Kubernetes;
  readonly controllers: CloudControllers;
  /** How AWS is reached, through the proxy. */
  readonly aws: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** What issues the load balancers' certificates. */
  readonly authority: Authority;
  /** The public subnets. */
  readonly subnets: readonly string[];
  /** What the controllers have done since it was last emptied. */
  steps: string[];
  /** Stops a controller before each step that it is about to make for the first time, and starts another one. */
  interruptEachStep(): void;
  /** The reasons of an object's events, in the order of the alphabet. */
  events(name: string): Promise<string[]>;
  /** Takes away what a test has left, also one that failed. */
  clear(): Promise<void>;
}

/** @param nodeAddress the node's address, which nothing else listens on. The first time, this compiles Kubernetes. */
export async function openCloudControllers(nodeAddress: string): Promise<CloudControllersFixture> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "slipway-controllers-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const api = { folder: join(folder, "api"), log: join(folder, "programs.log"), controllers: true };
  const { access } = parts.use(await startApiServer(api));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  const kubernetes = openKubernetes(access);
  const aws = { endpoint: proxy.endpoint, region: "eu-central-1", credentials: emulator.credentials };
  const ec2 = new EC2(aws);
  const { subnets, subnetIds } = await makeSubnets(ec2);
  const roleArn = `arn:aws:iam::${emulator.account}:role/cluster`;
  await new EKS(aws).createCluster({ name: cluster, roleArn, resourcesVpcConfig: { subnetIds } });
  for (const port of nodePorts) {
    const server = createServer((request, response) => response.end(`${port}${request.url ?? ""}`));
    await new Promise<void>((resolve) => server.listen(port, nodeAddress, resolve));
    parts.defer(() => close(server));
  }
  await makeObjects(kubernetes, nodeAddress);

  const folderOf = (node: string, path: string) => join(folder, node, basename(path));
  await mkdir(join(folder, "node-1"));
  const authority = await makeAuthority(join(folder, "authority"));
  let before: (step: ControllerStep) => void;
  const controllers = parts.use(
    startCloudControllers({
      access,
      cluster,
      aws,
      authority,
      volumeTags: { "slipway:project": "slipway" },
      folders: {
        make: async (node, path) => {
          await mkdir(folderOf(node, path), { recursive: true });
        },
        remove: (node, path) => rm(folderOf(node, path), { recursive: true, force: true }),
      },
      log: () => {},
      before: (step) => {
        before(step);
      },
    }),
  );
  const record = ({ action }: ControllerStep) => fixture.steps.push(action);
  before = record;
  const all = parts.move();
  const fixture: CloudControllersFixture = {
    aws,
    authority,
    folder,
    proxy,
    elb: new ElasticLoadBalancingV2(aws),
    ec2,
    kubernetes,
    controllers,
    subnets,
    steps: [],
    interruptEachStep() {
      const seen = new Set<string>();
      before = (step) => {
        const name = names.find((each) => each === step.controller);
        const key = `${step.action} ${step.object}`;
        if (!name || seen.has(key)) {
          record(step);
          return;
        }
        seen.add(key);
        void controllers.stop(name).then(() => {
          controllers.start(name);
        });
      };
    },
    async events(name) {
      const query = { fieldSelector: `involvedObject.name=${name}` };
      const { items } = await kubernetes.list<KubernetesObject & { reason: string }>("/api/v1/events", query);
      return items.map(({ reason }) => reason).sort();
    },
    async clear() {
      proxy.faults.clear();
      before = record;
      for (const name of names) controllers.start(name);
      for (const path of [servicePath, claimPath])
        for (const { metadata } of (await kubernetes.list(path)).items)
          if (metadata.name !== "kubernetes") await kubernetes.delete(`${path}/${metadata.name}`);
      await until(async () => (await kubernetes.list(servicePath)).items.length <= 1);
      fixture.steps = [];
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
  return fixture;
}

/** A VPC with two public subnets and two of the cluster's own. */
async function makeSubnets(ec2: EC2): Promise<{ subnets: string[]; subnetIds: string[] }> {
  const vpc = (await ec2.createVpc({ CidrBlock: "10.0.0.0/16" })).Vpc?.VpcId;
  const makeSubnet = async (index: number, role: string) => {
    const made = await ec2.createSubnet({
      VpcId: vpc,
      CidrBlock: `10.0.${index}.0/24`,
      AvailabilityZone: `eu-central-1${index % 2 ? "b" : "a"}`,
      TagSpecifications: [{ ResourceType: "subnet", Tags: [{ Key: `kubernetes.io/role/${role}`, Value: "1" }] }],
    });
    return made.Subnet?.SubnetId ?? "";
  };
  return {
    subnets: [await makeSubnet(0, "elb"), await makeSubnet(1, "elb")].sort(),
    subnetIds: [await makeSubnet(2, "internal-elb"), await makeSubnet(3, "internal-elb")],
  };
}

/** The node, and a StorageClass for each way of reclaiming. */
async function makeObjects(kubernetes: Kubernetes, nodeAddress: string): Promise<void> {
  await kubernetes.create("/api/v1/nodes", {
    metadata: { name: "node-1", labels: { "topology.kubernetes.io/zone": zone } },
  });
  const status = { addresses: [{ type: "InternalIP", address: nodeAddress }] };
  await kubernetes.patch("/api/v1/nodes/node-1/status", { status }, "strategic");
  for (const reclaimPolicy of ["Delete", "Retain"])
    await kubernetes.create("/apis/storage.k8s.io/v1/storageclasses", {
      metadata: { name: reclaimPolicy.toLowerCase() },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy,
    });
}

/** Waits until a check gives something, at most twenty seconds. */
export async function until<T>(check: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`not within twenty seconds: ${check.toString()}`);
}
