import { setTimeout as sleep } from "node:timers/promises";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Kubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import type { Proxy } from "../../aws/proxy/proxy.ts";
import type { CloudControllers } from "./cloud-controllers.ts";
import { cleanupFinalizer } from "./load-balancers.ts";
import {
  type CloudControllersFixture,
  cluster,
  nodePorts,
  openCloudControllers,
  servicePath,
  until,
} from "./test-cloud-controllers.ts";

let fixture: CloudControllersFixture;
let proxy: Proxy;
let elb: ElasticLoadBalancingV2;
let ec2: EC2;
let kubernetes: Kubernetes;
let controllers: CloudControllers;
let subnets: readonly string[];

beforeAll(async () => {
  fixture = await openCloudControllers("127.78.0.1");
  ({ proxy, elb, ec2, kubernetes, controllers, subnets } = fixture);
}, 3_600_000);
afterEach(() => fixture.clear());
afterAll(() => fixture[Symbol.asyncDispose]());

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
  expect(await fixture.events("web")).toEqual(["EnsuredLoadBalancer", "EnsuringLoadBalancer"]);
  await expect(ec2.deleteSubnet({ SubnetId: subnets[0] })).rejects.toThrow("has dependencies");

  await deleteService("web");
  expect(fixture.steps).toEqual([
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
  expect(await fixture.events("web")).toContain("DeletedLoadBalancer");
});

test("with more nodes than one, traffic goes to a node that has ready pods", async () => {
  await kubernetes.create("/api/v1/nodes", { metadata: { name: "node-0" } });
  // Nobody listens there.
  const status = { addresses: [{ type: "InternalIP", address: "127.78.0.2" }] };
  await kubernetes.patch("/api/v1/nodes/node-0/status", { status }, "strategic");
  const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
  const endpoint = (nodeName: string, address: string, ready: boolean) => ({
    nodeName,
    addresses: [address],
    conditions: { ready },
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
  const uninterrupted = fixture.steps;

  fixture.steps = [];
  fixture.interruptEachStep();
  const [url = ""] = await createService("killed");
  expect(await answer(url)).toBe(`30080/`);
  expect(await inAws()).toEqual(expected);
  await deleteService("killed");
  expect(fixture.steps).toEqual(uninterrupted);
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
  expect(await fixture.events("throttled")).toContain("SyncLoadBalancerFailed");
  await deleteService("throttled");
});

test("a Service that asks for what a rehearsal has not is told so", async () => {
  const annotations = { "service.beta.kubernetes.io/aws-load-balancer-type": "nlb" };
  const ports = [{ port: 53, protocol: "UDP" }];
  await kubernetes.create(servicePath, {
    metadata: { name: "dns", annotations },
    spec: { type: "LoadBalancer", ports },
  });
  await until(async () => (await fixture.events("dns")).includes("SyncLoadBalancerFailed"));
  await deleteService("dns");
});
