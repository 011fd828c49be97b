import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2 } from "@aws-sdk/client-ec2";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Kubernetes, openKubernetes } from "../../../actions/lib/kubernetes.ts";
import { type KubernetesObject } from "../../../actions/lib/kubernetes-objects.ts";
import { exists } from "../../../actions/lib/files.ts";
import { startEmulator } from "../aws/emulator.ts";
import { type Proxy, startProxy } from "../aws/proxy.ts";
import { close } from "../tools/listening.ts";
import { startApiServer } from "./api-server.ts";
import { type CloudControllers, startCloudControllers } from "./cloud-controllers.ts";
import type { Step } from "./controller.ts";
import { cleanupFinalizer } from "./load-balancers.ts";
import { provisionerFinalizer, volumeIdAnnotation } from "./volumes.ts";

const cluster = "slipway-dev";
const zone = "eu-central-1a";

/** The node's address: one that only this test listens on. */
const nodeAddress = "127.78.0.1";
const nodePorts = [30_080, 30_081, 30_082] as const;

const parts = new AsyncDisposableStack();
let folder: string;
let proxy: Proxy;
let elb: ElasticLoadBalancingV2;
let ec2: EC2;
let kubernetes: Kubernetes;
let controllers: CloudControllers;
let subnets: string[];

/** What a test wants of the steps, and the steps so far. */
let before: (step: Step) => void | Promise<void>;
let steps: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-controllers-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  // The first time, this compiles Kubernetes.
  const api = { folder: join(folder, "api"), log: join(folder, "programs.log"), controllers: true };
  const { access } = parts.use(await startApiServer(api));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  kubernetes = openKubernetes(access);
  const aws = { endpoint: proxy.endpoint, region: "eu-central-1", credentials: emulator.credentials };
  elb = new ElasticLoadBalancingV2(aws);
  ec2 = new EC2(aws);

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
  subnets = [await makeSubnet(0, "elb"), await makeSubnet(1, "elb")].sort();
  const subnetIds = [await makeSubnet(2, "internal-elb"), await makeSubnet(3, "internal-elb")];
  const roleArn = `arn:aws:iam::${emulator.account}:role/cluster`;
  await new EKS(aws).createCluster({ name: cluster, roleArn, resourcesVpcConfig: { subnetIds } });

  for (const port of nodePorts) {
    const server = createServer((request, response) => response.end(`${port}${request.url ?? ""}`));
    await new Promise<void>((resolve) => server.listen(port, nodeAddress, resolve));
    parts.defer(() => close(server));
  }
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
  const volumes = join(folder, "node-1");
  const folderOf = (node: string, path: string) => join(folder, node, basename(path));
  await mkdir(volumes);
  controllers = parts.use(
    startCloudControllers({
      access,
      cluster,
      aws,
      volumeTags: { "slipway:project": "slipway" },
      folders: {
        make: async (node, path) => {
          await mkdir(folderOf(node, path), { recursive: true });
        },
        remove: (node, path) => rm(folderOf(node, path), { recursive: true, force: true }),
      },
      log: () => {},
      before: (step) => before(step),
    }),
  );
}, 3_600_000);
afterAll(() => parts.disposeAsync());

/** What a test that failed has left is not the next one's. */
afterEach(async () => {
  proxy.faults.clear();
  before = () => {};
  for (const name of ["load-balancers", "volumes"] as const) controllers.start(name);
  for (const path of [servicePath, claimPath])
    for (const { metadata } of (await kubernetes.list(path)).items)
      if (metadata.name !== "kubernetes") await kubernetes.delete(`${path}/${metadata.name}`);
  await until(async () => (await kubernetes.list(servicePath)).items.length <= 1);
});

beforeEach(() => {
  steps = [];
  before = ({ action }) => {
    steps.push(action);
  };
});

/** Waits until a check gives something, at most twenty seconds. */
async function until<T>(check: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`not within twenty seconds: ${check.toString()}`);
}

/** Stops a controller before each step that it is about to make for the first time, and starts another one. */
function interruptEachStep(): void {
  const seen = new Set<string>();
  before = ({ controller, action, object }) => {
    const step = `${action} ${object}`;
    if (seen.has(step)) {
      steps.push(action);
      return;
    }
    seen.add(step);
    const name = controller as "load-balancers" | "volumes";
    void controllers.stop(name).then(() => {
      controllers.start(name);
    });
  };
}

const servicePath = "/api/v1/namespaces/default/services";

interface TestService extends KubernetesObject {
  status: { loadBalancer: { ingress?: { ip: string; ports: { port: number }[] }[] } };
}

/** Makes a Service, and gives the addresses of its load balancer. */
async function createService(name: string, spec: object = {}, annotations = {}): Promise<string[]> {
  await kubernetes.create(servicePath, {
    metadata: { name, annotations: { "service.beta.kubernetes.io/aws-load-balancer-type": "nlb", ...annotations } },
    spec: { type: "LoadBalancer", selector: { app: name }, ports: [{ port: 80, nodePort: nodePorts[0] }], ...spec },
  });
  return until(() => addresses(name));
}

async function addresses(name: string): Promise<string[] | undefined> {
  const service = await kubernetes.get<TestService>(`${servicePath}/${name}`);
  const ingress = service?.status.loadBalancer.ingress;
  return ingress?.flatMap(({ ip, ports }) => ports.map(({ port }) => `http://${ip}:${String(port)}`));
}

async function deleteService(name: string): Promise<void> {
  await kubernetes.delete(`${servicePath}/${name}`);
  await until(async () => (await kubernetes.get(`${servicePath}/${name}`)) === undefined);
}

const answer = async (url: string) => (await fetch(url, { headers: { connection: "close" } })).text();

/** What AWS has of load balancers, without what differs from run to run. */
async function inAws() {
  const { LoadBalancers = [] } = await elb.describeLoadBalancers({});
  const { TargetGroups = [] } = await elb.describeTargetGroups({});
  const listeners = [];
  for (const { LoadBalancerArn } of LoadBalancers)
    listeners.push(...((await elb.describeListeners({ LoadBalancerArn })).Listeners ?? []));
  const group = (arn?: string) => TargetGroups.find(({ TargetGroupArn }) => TargetGroupArn === arn);
  const { NetworkInterfaces = [] } = await ec2.describeNetworkInterfaces({});
  return {
    balancers: LoadBalancers.map(({ Type, Scheme, AvailabilityZones }) => ({
      Type,
      Scheme,
      subnets: AvailabilityZones?.map(({ SubnetId }) => SubnetId),
    })),
    listeners: listeners.map((one) => [one.Port, group(one.DefaultActions?.[0]?.TargetGroupArn)?.Port]),
    groups: TargetGroups.map(({ Port }) => Port),
    checks: TargetGroups.map((one) => `${one.HealthCheckProtocol ?? ""} ${one.HealthCheckPort ?? ""}`),
    interfaces: NetworkInterfaces.map(({ SubnetId, Status }) => [SubnetId, Status]),
  };
}

const nothing = { balancers: [], listeners: [], groups: [], checks: [], interfaces: [] };

/** The reasons of an object's events. */
async function events(name: string): Promise<string[]> {
  const query = { fieldSelector: `involvedObject.name=${name}` };
  const { items } = await kubernetes.list<KubernetesObject & { reason: string }>("/api/v1/events", query);
  return items.map(({ reason }) => reason).sort();
}

test("a Service gets a load balancer that answers, and takes it away in order", async () => {
  const [url = ""] = await createService(
    "web",
    { externalTrafficPolicy: "Local", healthCheckNodePort: 30_090 },
    { "service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags": "team=web" },
  );
  expect(await answer(`${url}/hello`)).toBe("30080/hello");
  expect(await inAws()).toEqual({
    balancers: [{ Type: "network", Scheme: "internet-facing", subnets }],
    listeners: [[80, 30_080]],
    groups: [30_080],
    checks: ["HTTP 30090"],
    interfaces: subnets.map((subnet) => [subnet, "in-use"]),
  });
  const [balancer] = (await elb.describeLoadBalancers({})).LoadBalancers ?? [];
  const service = await kubernetes.get(`${servicePath}/web`);
  expect(balancer?.LoadBalancerName).toBe(`a${service?.metadata.uid?.replaceAll("-", "") ?? ""}`.slice(0, 32));
  const { TagDescriptions } = await elb.describeTags({ ResourceArns: [balancer?.LoadBalancerArn ?? ""] });
  expect(Object.fromEntries(TagDescriptions?.[0]?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? [])).toEqual({
    team: "web",
    "kubernetes.io/service-name": "default/web",
    [`kubernetes.io/cluster/${cluster}`]: "owned",
  });
  expect(service?.metadata.finalizers).toEqual([cleanupFinalizer]);
  expect(await events("web")).toEqual(["EnsuredLoadBalancer", "EnsuringLoadBalancer"]);
  await expect(ec2.deleteSubnet({ SubnetId: subnets[0] })).rejects.toThrow("has dependencies");

  await deleteService("web");
  expect(steps).toEqual([
    "AddFinalizer",
    "CreateLoadBalancer",
    "CreateTargetGroup",
    "CreateListener",
    "PatchStatus",
    "DeleteLoadBalancer",
    "DeleteTargetGroup",
    "RemoveFinalizer",
  ]);
  await expect(fetch(url)).rejects.toThrow();
  // As in AWS: the Service is gone, and its load balancer's interfaces are not yet.
  expect(await inAws()).toEqual({ ...nothing, interfaces: subnets.map((subnet) => [subnet, "in-use"]) });
  await until(async () => (await inAws()).interfaces.length === 0);
  expect(await events("web")).toContain("DeletedLoadBalancer");
});

test("with more nodes than one, traffic goes to a node that has ready pods", async () => {
  await kubernetes.create("/api/v1/nodes", { metadata: { name: "node-0" } });
  // Nobody listens there.
  const status = { addresses: [{ type: "InternalIP", address: "127.78.0.2" }] };
  await kubernetes.patch("/api/v1/nodes/node-0/status", { status }, "strategic");
  const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
  const endpoint = (nodeName: string, address: string, ready: boolean) => ({
    ...{ nodeName, addresses: [address], conditions: { ready } },
  });
  await kubernetes.create(slices, {
    metadata: { name: "spread", labels: { "kubernetes.io/service-name": "spread" } },
    addressType: "IPv4",
    endpoints: [endpoint("node-0", "10.42.0.2", false), endpoint("node-1", "10.42.1.2", true)],
  });
  try {
    const [url = ""] = await createService("spread", { ports: [{ port: 80, nodePort: nodePorts[2] }] });
    expect(await answer(`${url}/spread`)).toBe(`${nodePorts[2]}/spread`);
    await deleteService("spread");
  } finally {
    await kubernetes.delete(`${slices}/spread`);
    await kubernetes.delete("/api/v1/nodes/node-0");
  }
});

test("changes of a Service change its load balancer, one after the other", async () => {
  const [url = ""] = await createService("changing");
  const path = `${servicePath}/changing`;
  const ports = [
    { name: "http", port: 80, nodePort: nodePorts[1] },
    { name: "more", port: 8080, nodePort: nodePorts[0] },
  ];
  await kubernetes.patch(path, { metadata: { labels: { changed: "once" } } });
  await kubernetes.patch(path, { spec: { ports } });
  await kubernetes.patch(path, { metadata: { labels: { changed: "twice" } } });
  const both = await until(async () => {
    const found = await addresses("changing");
    return found?.length === 2 && found;
  });
  expect(await Promise.all(both.map((one) => answer(one)))).toEqual(["30081/", "30080/"]);
  expect(both[0]).toBe(url);
  expect(await inAws()).toMatchObject({
    balancers: [{ Type: "network" }],
    listeners: [
      [80, 30_081],
      [8080, 30_080],
    ],
    groups: [30_081, 30_080],
  });

  const crossZone = "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled";
  await kubernetes.patch(path, { metadata: { annotations: { [crossZone]: "true" } } });
  const [balancer] = (await elb.describeLoadBalancers({})).LoadBalancers ?? [];
  await until(async () => {
    const { LoadBalancerArn } = balancer ?? {};
    const { Attributes } = await elb.describeLoadBalancerAttributes({ LoadBalancerArn });
    return Attributes?.some(({ Key, Value }) => Key === "load_balancing.cross_zone.enabled" && Value === "true");
  });
  await kubernetes.patch(path, { spec: { ports: [{ name: "more", port: 8080, nodePort: nodePorts[0] }] } });
  await until(async () => (await addresses("changing"))?.length === 1);
  await expect(fetch(url)).rejects.toThrow();
  expect(await inAws()).toMatchObject({ listeners: [[8080, 30_080]], groups: [30_080] });

  await kubernetes.patch(path, { spec: { type: "ClusterIP" } });
  await until(async () => (await kubernetes.get(path))?.metadata.finalizers === undefined);
  expect(await addresses("changing")).toBeUndefined();
  expect(await inAws()).toMatchObject({ balancers: [], listeners: [], groups: [] });
  await deleteService("changing");
});

test("a controller that is killed before any step is continued by the next one", async () => {
  await until(async () => (await inAws()).interfaces.length === 0);
  const [plain = ""] = await createService("plain");
  const expected = await inAws();
  await deleteService("plain");
  await until(async () => (await inAws()).interfaces.length === 0);
  const uninterrupted = steps;

  steps = [];
  interruptEachStep();
  const [url = ""] = await createService("killed");
  expect(await answer(url)).toBe(`30080/`);
  expect(await inAws()).toEqual(expected);
  await deleteService("killed");
  expect(steps).toEqual(uninterrupted);
  await until(async () => (await inAws()).interfaces.length === 0);
  expect(await inAws()).toEqual(nothing);
  expect(plain).not.toBe(url);
});

test("a Service stays while the controller is dead, and traffic goes on", async () => {
  const [url = ""] = await createService("stays");
  await controllers.stop("load-balancers");
  await kubernetes.delete(`${servicePath}/stays`);
  await sleep(500);
  expect((await kubernetes.get(`${servicePath}/stays`))?.metadata.finalizers).toEqual([cleanupFinalizer]);
  expect(await answer(url)).toBe("30080/");
  controllers.start("load-balancers");
  await until(async () => (await kubernetes.get(`${servicePath}/stays`)) === undefined);
  expect((await inAws()).balancers).toEqual([]);
});

test("throttling, errors and a lost answer are outlasted", async () => {
  const service = "elasticloadbalancing";
  proxy.faults.add({ service, action: "CreateLoadBalancer", kind: "reset", after: true, times: 1 });
  const throttled = proxy.faults.add({ service, kind: "throttle", times: 5, skip: 3 });
  const failing = proxy.faults.add({ service: "ec2", action: "DescribeSubnets", kind: "server-error", times: 4 });
  const [url = ""] = await createService("throttled");
  expect(await answer(url)).toBe("30080/");
  expect([throttled.hits, failing.hits]).toEqual([5, 4]);
  expect(await inAws()).toMatchObject({ balancers: [{}], listeners: [[80, 30_080]], groups: [30_080] });
  expect(await events("throttled")).toContain("SyncLoadBalancerFailed");
  await deleteService("throttled");
});

test("a Service that asks for what a rehearsal has not is told so", async () => {
  const annotations = { "service.beta.kubernetes.io/aws-load-balancer-type": "nlb" };
  const ports = [{ port: 53, protocol: "UDP" }];
  await kubernetes.create(servicePath, {
    metadata: { name: "dns", annotations },
    spec: { type: "LoadBalancer", ports },
  });
  await until(async () => (await events("dns")).includes("SyncLoadBalancerFailed"));
  await deleteService("dns");
});

const claimPath = "/api/v1/namespaces/default/persistentvolumeclaims";

interface TestVolume extends KubernetesObject {
  spec: { local: { path: string } };
  status: { phase: string };
}

/** Makes a claim, as a pod on the node would use it, and gives its volume when it is bound. */
async function createClaim(name: string, storageClassName: string): Promise<TestVolume> {
  const made = await kubernetes.create(claimPath, {
    metadata: { name },
    spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1500Mi" } } },
  });
  const metadata = { annotations: { "volume.kubernetes.io/selected-node": "node-1" } };
  await kubernetes.patch(`${claimPath}/${name}`, { metadata });
  return until(async () => {
    const volume = await kubernetes.get<TestVolume>(`/api/v1/persistentvolumes/pvc-${made.metadata.uid ?? ""}`);
    return volume?.status.phase === "Bound" && volume;
  });
}

const volumesInAws = async () => (await ec2.describeVolumes({})).Volumes ?? [];
const folderOf = (volume: TestVolume) => join(folder, "node-1", basename(volume.spec.local.path));
const volumePath = (volume: TestVolume) => `/api/v1/persistentvolumes/${volume.metadata.name}`;

test("a claim waits for its node, gets a volume, and takes it along", async () => {
  await kubernetes.create(claimPath, {
    metadata: { name: "waiting" },
    spec: { storageClassName: "delete", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  const volume = await createClaim("data", "delete");
  const [disk, ...others] = await volumesInAws();
  expect(others).toEqual([]);
  expect(disk).toMatchObject({ Size: 2, VolumeType: "gp3", Encrypted: true, AvailabilityZone: zone });
  expect(Object.fromEntries(disk?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? [])).toMatchObject({
    CSIVolumeName: volume.metadata.name,
    "ebs.csi.aws.com/cluster": "true",
    "kubernetes.io/created-for/pvc/name": "data",
    "kubernetes.io/created-for/pvc/namespace": "default",
    "kubernetes.io/created-for/pv/name": volume.metadata.name,
    [`kubernetes.io/cluster/${cluster}`]: "owned",
    "slipway:project": "slipway",
  });
  expect(volume.metadata.annotations?.[volumeIdAnnotation]).toBe(disk?.VolumeId);
  expect(volume.metadata.finalizers).toContain(provisionerFinalizer);
  expect(await exists(folderOf(volume))).toBe(true);
  await until(async () => (await events("data")).includes("ProvisioningSucceeded"));

  // A volume that is attached is not deleted, and its PersistentVolume stays until it is.
  const attached = proxy.faults.add({ service: "ec2", action: "DeleteVolume", kind: "code", code: "VolumeInUse" });
  await kubernetes.delete(`${claimPath}/data`);
  await until(async () => (await events(volume.metadata.name)).includes("VolumeFailedDelete"));
  expect(await kubernetes.get(volumePath(volume))).toMatchObject({ status: { phase: "Released" } });
  expect(await exists(folderOf(volume))).toBe(true);
  attached[Symbol.dispose]();
  await until(async () => (await kubernetes.get(volumePath(volume))) === undefined);
  expect(await volumesInAws()).toEqual([]);
  expect(await exists(folderOf(volume))).toBe(false);
  await kubernetes.delete(`${claimPath}/waiting`);
});

test("a claim whose class says Retain leaves its volume", async () => {
  const volume = await createClaim("kept", "retain");
  await kubernetes.delete(`${claimPath}/kept`);
  await until(async () => (await kubernetes.get<TestVolume>(volumePath(volume)))?.status.phase === "Released");
  await sleep(500);
  expect(await kubernetes.get(volumePath(volume))).toBeDefined();
  expect((await volumesInAws()).map(({ VolumeId }) => VolumeId)).toEqual([
    volume.metadata.annotations?.[volumeIdAnnotation],
  ]);
  expect(await exists(folderOf(volume))).toBe(true);

  // A person who wants it gone says so.
  await kubernetes.patch(volumePath(volume), { spec: { persistentVolumeReclaimPolicy: "Delete" } });
  await until(async () => (await kubernetes.get(volumePath(volume))) === undefined);
  expect(await volumesInAws()).toEqual([]);
});

test("a volume controller that is killed before any step is continued by the next one", async () => {
  interruptEachStep();
  const volume = await createClaim("killed", "delete");
  expect(await volumesInAws()).toHaveLength(1);
  await kubernetes.delete(`${claimPath}/killed`);
  await until(async () => (await kubernetes.get(volumePath(volume))) === undefined);
  // Some are done again where once and twice are the same.
  expect([...new Set(steps)].sort()).toEqual([
    "CreatePersistentVolume",
    "CreateVolume",
    "DeletePersistentVolume",
    "DeleteVolume",
    "MakeFolder",
    "RemoveFinalizer",
    "RemoveFolder",
  ]);
  expect(await volumesInAws()).toEqual([]);
  expect(await exists(folderOf(volume))).toBe(false);
});
