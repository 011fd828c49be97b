import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../actions/lib/kubernetes/objects.ts";
import type { Guards } from "./leftovers.ts";

/** What a rehearsal has to know of a cluster that it did not make. */
export interface Inspection {
  /** For example `v1.34.2`. */
  kubernetes: string;
  nodes: number;
  /** A node's internal address, as this machine reaches it. */
  address: string;
  /** The folder on each node in which containerd's `certs.d` is. */
  containerd: string;
  /** Whether load balancers and volumes are left to the rehearsal's own controllers: the cluster has none for them. */
  emulated: Guards;
}

interface InspectedNode extends KubernetesObject {
  spec: { providerID?: string };
  status: {
    addresses?: { type: string; address: string }[];
    nodeInfo: { containerRuntimeVersion: string; kubeletVersion: string };
    daemonEndpoints?: { kubeletEndpoint?: { Port?: number } };
  };
}

/** Clusters on one machine, where a provider's id does not mean that a cloud's controllers look after Services. */
const local = /^(kind|k3s|docker|minikube):/;

/**
 * Looks at a cluster, without changing anything in it.
 *
 * @throws SlipwayError when nothing could be rehearsed there, with the reason and what to do
 */
export async function inspect(context: string, kubernetes: Kubernetes): Promise<Inspection> {
  const { gitVersion } = (await kubernetes.get<{ gitVersion: string }>("/version")) ?? { gitVersion: "unknown" };
  await insistOnRights(context, kubernetes);
  const { items: nodes } = await kubernetes.list<InspectedNode>("/api/v1/nodes");
  const [node] = nodes;
  if (!node) throw new SlipwayError(`The cluster of ${context} has no nodes.`, { next: "Add one, then try again." });
  const other = nodes.find(({ status }) => !status.nodeInfo.containerRuntimeVersion.startsWith("containerd://"));
  if (other)
    throw new SlipwayError(
      `The node ${other.metadata.name} of ${context} runs ${other.status.nodeInfo.containerRuntimeVersion}, not containerd.`,
      {
        next: "Only containerd can be told where the rehearsal's images are; minikube has --container-runtime=containerd.",
      },
    );
  // The apps scale by what their pods use.
  if (!(await kubernetes.get("/apis/metrics.k8s.io/v1beta1")))
    throw new SlipwayError(`The cluster of ${context} has no metrics-server, which the apps' autoscaling needs.`, {
      next: "Install it (https://github.com/kubernetes-sigs/metrics-server; minikube addons enable metrics-server).",
    });
  const address = node.status.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "";
  const emulated = await leftToUs(kubernetes, nodes);
  if (emulated.loadBalancers) await insistOnRoute(context, address, node.status.daemonEndpoints?.kubeletEndpoint?.Port);
  return {
    kubernetes: gitVersion,
    nodes: nodes.length,
    address,
    containerd: node.status.nodeInfo.kubeletVersion.includes("+k3s")
      ? "/var/lib/rancher/k3s/agent/etc/containerd"
      : "/etc/containerd",
    emulated,
  };
}

async function insistOnRights(context: string, kubernetes: Kubernetes): Promise<void> {
  const review = await kubernetes.create<{ status?: { allowed?: boolean } }>(
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb: "*", group: "*", resource: "*" } },
    },
  );
  if (review.status?.allowed) return;
  throw new SlipwayError(`The user of the context ${context} is not an administrator of its cluster.`, {
    next: "Argo CD's custom resources and roles take the rights of cluster-admin; name another context.",
  });
}

/**
 * Two controllers for one kind of thing would fight. A cloud's, k3s' own (its account `svclb`) and MetalLB look after
 * every Service of type LoadBalancer, and the EBS CSI driver after its StorageClasses.
 */
async function leftToUs(kubernetes: Kubernetes, nodes: readonly InspectedNode[]): Promise<Guards> {
  const cloud = nodes.some(({ spec }) => spec.providerID !== undefined && !local.test(spec.providerID));
  const others = ["/api/v1/namespaces/kube-system/serviceaccounts/svclb", "/api/v1/namespaces/metallb-system"];
  const found = await Promise.all(others.map((path) => kubernetes.get(path)));
  const driver = await kubernetes.get("/apis/storage.k8s.io/v1/csidrivers/ebs.csi.aws.com");
  return { loadBalancers: !cloud && found.every((each) => each === undefined), volumes: driver === undefined };
}

/** @throws SlipwayError when this machine does not reach the node, through which a public address leads */
async function insistOnRoute(context: string, host: string, port = 10_250): Promise<void> {
  const reached = await new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 5_000 });
    const end = (reaches: boolean) => {
      socket.destroy();
      resolve(reaches);
    };
    socket.on("connect", () => end(true));
    socket.on("timeout", () => end(false));
    // A node that refuses is there.
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED"));
  });
  if (reached) return;
  throw new SlipwayError(
    `This machine does not reach the node of ${context} at ${host}, where its apps would answer.`,
    {
      next: "Run this where the cluster's network is routed to: Docker Desktop's is not, a Linux machine's own is.",
      reason: "context-unreachable",
    },
  );
}

/** The address of this machine from which it speaks to another; nothing is sent. */
export async function addressTowards(host: string): Promise<string> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(9, host, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
