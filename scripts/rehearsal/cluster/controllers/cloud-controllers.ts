import { ACM } from "@aws-sdk/client-acm";
import { EC2 } from "@aws-sdk/client-ec2";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Route53 } from "@aws-sdk/client-route-53";
import { SlipwayError } from "../../../../actions/lib/core/errors.ts";
import {
  type ApiServerAccess,
  type Kubernetes,
  openKubernetes,
} from "../../../../actions/lib/kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import { type Authority, certificatesOf } from "../certificates.ts";
import { type Controller, startController, type ControllerStep } from "./controller.ts";
import { names } from "./external-dns.ts";
import { EbsVolumes } from "./ebs-volume.ts";
import { LoadBalancerTraffic } from "./load-balancer-traffic.ts";
import { services } from "./load-balancers.ts";
import { NetworkLoadBalancers } from "./network-load-balancer.ts";
import type { ProxyTarget } from "../tcp-proxy.ts";
import { claims, type NodeFolders, persistentVolumes } from "./volumes.ts";

/** What the controllers need to know. */
export interface CloudControllersOptions {
  /** The cluster's API, as an administrator. */
  access: ApiServerAccess;
  /** The cluster's name in EKS, whose record names its subnets. */
  cluster: string;
  /** The rehearsal's AWS, through the proxy. */
  aws: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** The folders that stand for volumes. */
  folders: NodeFolders;
  /** Which controllers are started; all when left out. */
  only?: readonly CloudControllerName[];
  /** The zone of nodes that are in none. */
  defaultZone?: string;
  /** Tags of every volume: what Terraform gives the EBS CSI driver's add-on as `extraVolumeTags`. */
  volumeTags: Readonly<Record<string, string>>;
  /** Issues what load balancers show where TLS ends at them; where it is left out, none can. */
  authority?: Authority | undefined;
  /** Gets a line for each step and each failure. */
  log: (line: string) => void;
  /**
   * Where a node's port is reached from this machine. When left out: at the node's internal address, which Docker on
   * Linux routes to. Docker Desktop does not: there every connection is reset, unless the node's ports are published and
   * this says where.
   */
  target?: (nodePort: number) => Promise<ProxyTarget>;
  /** Called before each step; it may wait, fail, or stop the controller. */
  before?: (step: ControllerStep) => void | Promise<void>;
}

/** The controllers' names. */
export type CloudControllerName = "load-balancers" | "volumes" | "external-dns";

const all = ["load-balancers", "volumes", "external-dns"] as const;

/** What AWS runs next to a cluster. Disposing of it ends the controllers and the traffic; what they made stays. */
export interface CloudControllers extends AsyncDisposable {
  /** Ends one as a kill would, between two steps; traffic of load balancers goes on. */
  stop(name: CloudControllerName): Promise<void>;
  /** Starts one that was stopped; it goes on where the other was. */
  start(name: CloudControllerName): void;
}

/** An address of a node is asked for again after this time, in milliseconds. */
const addressAge = 5_000;

/**
 * Starts what EKS runs for a cluster's Services of type LoadBalancer (its cloud controller), the EBS CSI driver's
 * controller, and ExternalDNS where its add-on is installed. It can be started once the API server answers and the cluster has its subnets.
 */
export function startCloudControllers(options: CloudControllersOptions): CloudControllers {
  const { cluster, aws, volumeTags, log, before, authority, only = all } = options;
  const place = { folders: options.folders, defaultZone: options.defaultZone };
  const kubernetes = openKubernetes(options.access);
  const ec2 = new EC2(aws);
  const elb = new ElasticLoadBalancingV2(aws);
  const eks = new EKS(aws);
  const acm = new ACM(aws);
  const route53 = new Route53(aws);
  const target = options.target ?? nodeTarget(kubernetes);
  const traffic = new LoadBalancerTraffic(target, authority && certificatesOf(acm, authority));
  const balancers = new NetworkLoadBalancers({ elb, ec2 }, cluster, vpcOf(cluster, eks, ec2));
  const volumes = new EbsVolumes(ec2, cluster, volumeTags);
  const kinds = {
    "load-balancers": () => [services(kubernetes, balancers, traffic)],
    "external-dns": () => [names(kubernetes, { eks, route53 }, cluster)],
    volumes: () => [claims(kubernetes, volumes, place), persistentVolumes(kubernetes, volumes, place)],
  };

  const running = new Map<CloudControllerName, Controller>();
  const start = (name: CloudControllerName) => {
    if (!running.has(name)) running.set(name, startController({ name, kubernetes, log, before }, kinds[name]()));
  };
  const stop = async (name: CloudControllerName) => {
    const controller = running.get(name);
    running.delete(name);
    await controller?.stop();
  };
  for (const name of only) start(name);
  return {
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map(stop));
      await traffic[Symbol.asyncDispose]();
      for (const client of [ec2, elb, eks, acm, route53]) client.destroy();
    },
  };
}

/** The id of a cluster's VPC, which is that of its subnets. */
function vpcOf(cluster: string, eks: EKS, ec2: EC2): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    if (known === undefined) {
      const found = await eks.describeCluster({ name: cluster });
      const SubnetIds = found.cluster?.resourcesVpcConfig?.subnetIds ?? [];
      known = (await ec2.describeSubnets({ SubnetIds })).Subnets?.[0]?.VpcId;
    }
    if (known === undefined) throw new SlipwayError(`the cluster ${cluster} has no subnets`);
    return known;
  };
}

interface AddressedNode extends KubernetesObject {
  status?: { addresses?: { type: string; address: string }[] };
}

interface NodePortService extends KubernetesObject {
  spec: { ports?: { nodePort?: number }[] };
}

interface EndpointSlice extends KubernetesObject {
  endpoints?: { nodeName?: string; conditions?: { ready?: boolean } }[];
}

/**
 * The internal address of a node that has ready pods behind a port, as a target's health check finds out. What was known
 * last serves while the API server does not answer: traffic does not depend on it.
 */
function nodeTarget(kubernetes: Kubernetes): (nodePort: number) => Promise<ProxyTarget> {
  const known = new Map<number, { host: string; asked: number }>();
  const ask = async (port: number) => {
    const { items: nodes } = await kubernetes.list<AddressedNode>("/api/v1/nodes");
    // With one node there is nothing to choose.
    const names = nodes.length > 1 ? await nodesBehind(kubernetes, port) : [];
    const healthy = nodes.filter(({ metadata }) => names.includes(metadata.name));
    const addresses = [...healthy, ...nodes].flatMap(({ status }) => status?.addresses ?? []);
    const host = addresses.find(({ type }) => type === "InternalIP")?.address ?? known.get(port)?.host;
    if (host === undefined) throw new SlipwayError("there is no node with an internal address");
    known.set(port, { host, asked: Date.now() });
    return host;
  };
  return async (port) => {
    const found = known.get(port);
    if (!found) return { host: await ask(port), port };
    if (Date.now() - found.asked > addressAge) {
      found.asked = Date.now();
      ask(port).catch(() => {});
    }
    return { host: found.host, port };
  };
}

/** The names of the nodes that have ready pods of the Service with this port. */
async function nodesBehind(kubernetes: Kubernetes, nodePort: number): Promise<string[]> {
  const { items } = await kubernetes.list<NodePortService>("/api/v1/services");
  const service = items.find(({ spec }) => spec.ports?.some((each) => each.nodePort === nodePort));
  if (!service) return [];
  const { namespace = "", name } = service.metadata;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const query = { labelSelector: `kubernetes.io/service-name=${name}` };
  const slices = (await kubernetes.list<EndpointSlice>(path, query)).items;
  return slices.flatMap(({ endpoints }) =>
    (endpoints ?? []).flatMap(({ nodeName, conditions }) => (nodeName && conditions?.ready ? [nodeName] : [])),
  );
}
