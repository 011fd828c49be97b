import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { installArgocd } from "../../../actions/testing/argocd/argocd.ts";
import { type ApiServerAccess, type Kubernetes, openKubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { startApiServer } from "../cluster/api-server.ts";
import { cleanupFinalizer } from "../cluster/controllers/load-balancers.ts";
import { provisionerFinalizer } from "../cluster/controllers/volumes.ts";
import { close, listen } from "../tools/listening.ts";
import { differences, inventory } from "./comparison.ts";
import { openKubeContext } from "./context.ts";
import { addressTowards, inspect } from "./inspection.ts";
import { kubectlFor, readKubeContext } from "./kubectl.ts";
import {
  holderOf,
  markCluster,
  namesIn,
  ownNamespace,
  removeLeftovers,
  leftoversIn,
  unmarkCluster,
} from "./leftovers.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
/** An address of this machine that only this test listens on: the node's. */
const node = "127.79.0.1";
const parts = new AsyncDisposableStack();
let folder: string;
let access: ApiServerAccess;
let kubernetes: Kubernetes;
let kubeletPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-context-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  const server = parts.use(await startApiServer({ folder: join(folder, "api"), log, controllers: true }));
  vi.stubEnv("KUBECONFIG", server.kubeconfig);
  ({ access } = server);
  kubernetes = openKubernetes(access);
  const kubelet = createServer();
  kubeletPort = await listen(kubelet, node);
  parts.defer(() => close(kubelet));
  await kubernetes.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", nodeMetrics);
}, 3_600_000);
afterEach(() => removeNode());
afterAll(async () => {
  vi.unstubAllEnvs();
  await parts.disposeAsync();
});

/** A group of the API where metrics-server's would be. */
const nodeMetrics = {
  metadata: {
    name: "nodes.metrics.k8s.io",
    annotations: { "api-approved.kubernetes.io": "unapproved, only for a test" },
  },
  spec: {
    group: "metrics.k8s.io",
    scope: "Cluster",
    names: { plural: "nodes", kind: "NodeMetrics" },
    versions: [{ name: "v1beta1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

const create = (path: string, name: string, body: object = {}, more: object = {}) =>
  kubernetes.create(path, { metadata: { name, ...more }, ...body });

const names = await namesIn(repository);
/** An app of the repository: whatever has its name belongs to a delivery. */
const [app = ""] = names.apps;

/** What a delivery leaves in a cluster, with all that keeps it from going by itself. */
async function deliver(): Promise<void> {
  const roles = "/apis/rbac.authorization.k8s.io/v1";
  await installArgocd(kubernetes);
  await create("/api/v1/namespaces", app);
  const application = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    spec: { project: "apps", destination: {} },
  };
  const finalizers = ["resources-finalizer.argocd.argoproj.io"];
  await create("/apis/argoproj.io/v1alpha1/namespaces/argocd/applications", app, application, { finalizers });
  const labels = { "app.kubernetes.io/part-of": "argocd" };
  await create(`${roles}/clusterroles`, "argocd-server", { rules: [] }, { labels });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "slipway-verify" };
  await create(`${roles}/clusterroles`, "slipway-verify", { rules: [] });
  await create(`${roles}/clusterrolebindings`, "slipway-verify", { roleRef });
  await create("/apis/storage.k8s.io/v1/storageclasses", "gp3", { provisioner: "ebs.csi.aws.com" });
  const service = { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } };
  await create(`/api/v1/namespaces/${app}/services`, app, service, { finalizers: [cleanupFinalizer] });
  const claimRef = { namespace: app, name: "data" };
  const disk = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], local: { path: "/data" }, claimRef };
  const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["node"] }] }];
  const spec = { ...disk, nodeAffinity: { required: { nodeSelectorTerms: terms } } };
  await create("/api/v1/persistentvolumes", "pvc-1", { spec }, { finalizers: [provisionerFinalizer] });
}

test(
  "what a delivery made goes, whatever keeps it, and the cluster is what it was before",
  { timeout: 120_000 },
  async () => {
    expect(await leftoversIn(kubernetes, names)).toEqual([]);
    const kubectl = kubectlFor("own");
    const before = await inventory(kubectl);
    await markCluster(kubernetes, "me@here");
    await deliver();
    // Somebody else's, though much like ours.
    await create("/apis/rbac.authorization.k8s.io/v1/clusterroles", "other", { rules: [] });
    const leftovers = (await leftoversIn(kubernetes, names)).map(({ kind, name }) => `${kind} ${name}`);
    expect(leftovers.sort()).toEqual([
      "ClusterRole argocd-server",
      "ClusterRole slipway-verify",
      "ClusterRoleBinding slipway-verify",
      "CustomResourceDefinition applications.argoproj.io",
      "CustomResourceDefinition applicationsets.argoproj.io",
      "CustomResourceDefinition appprojects.argoproj.io",
      "Namespace argocd",
      `Namespace ${app}`,
      "PersistentVolume pvc-1",
      "StorageClass gp3",
    ]);
    expect(differences(before, await inventory(kubectl))).toContain(`+ namespace/${app}`);

    await removeLeftovers(kubernetes, names, { loadBalancers: true, volumes: true });
    await unmarkCluster(kubernetes);
    expect(differences(before, await inventory(kubectl))).toEqual(["+ clusterrole.rbac.authorization.k8s.io/other"]);
    // A second time there is nothing to do.
    await removeLeftovers(kubernetes, names, { loadBalancers: true, volumes: true });
  },
);

test("a cluster with somebody's Argo CD, or that somebody else rehearses in, is refused and left as it is", async () => {
  await makeNode({});
  await create("/api/v1/namespaces", "argocd");
  const opening = () => openKubeContext({ name: "own" }, repository, join(folder, "refused"));
  await expect(opening()).rejects.toThrow("has what a delivery makes: Namespace argocd");
  expect(await kubernetes.get("/api/v1/namespaces/argocd")).toBeDefined();
  expect(await holderOf(kubernetes)).toBeUndefined();
  await kubernetes.delete("/api/v1/namespaces/argocd");

  await markCluster(kubernetes, "someone@elsewhere");
  await expect(opening()).rejects.toMatchObject({
    reason: "context-taken",
    message: expect.stringContaining("someone"),
  });
  expect(await kubernetes.get(`/api/v1/namespaces/${ownNamespace}`)).toBeDefined();
  await unmarkCluster(kubernetes);
});

test("a cluster in which nothing could be rehearsed is refused with the reason", async () => {
  await expect(inspect("own", kubernetes)).rejects.toThrow("has no nodes");
  await makeNode({ containerRuntimeVersion: "docker://28.0.0" });
  await expect(inspect("own", kubernetes)).rejects.toThrow("runs docker://28.0.0, not containerd");
  await removeNode();
  await makeNode({}, "255.255.255.255");
  await expect(inspect("own", kubernetes)).rejects.toMatchObject({ reason: "context-unreachable" });

  const token = await kubectlFor("own")(["--namespace=default", "create", "token", "default"]);
  const account = openKubernetes({ ...access, token: () => Promise.resolve(token.trim()) });
  await expect(inspect("own", account)).rejects.toThrow("is not an administrator");
  await expect(readKubeContext("nowhere")).rejects.toMatchObject({ next: "Allowed: own." });
});

test("what a cluster has controllers for is left to them; the rest is emulated", async () => {
  await makeNode({});
  const found = await inspect("own", kubernetes);
  expect(found).toMatchObject({ nodes: 1, address: node, containerd: "/etc/containerd" });
  expect(found.emulated).toEqual({ loadBalancers: true, volumes: true });
  expect(await addressTowards(node)).toMatch(/^127\./);
  await create("/apis/storage.k8s.io/v1/csidrivers", "ebs.csi.aws.com", { spec: {} });
  await create("/api/v1/namespaces/kube-system/serviceaccounts", "svclb");
  expect((await inspect("own", kubernetes)).emulated).toEqual({ loadBalancers: false, volumes: false });
  await kubernetes.delete("/api/v1/namespaces/kube-system/serviceaccounts/svclb");
  await removeNode();
  await makeNode({ kubeletVersion: "v1.34.2+k3s1" }, node, "aws:///us-east-1a/i-0123456789");
  expect(await inspect("own", kubernetes)).toMatchObject({
    containerd: "/var/lib/rancher/k3s/agent/etc/containerd",
    emulated: { loadBalancers: false },
  });
});

/** A node as its kubelet would describe it. */
async function makeNode(info: object, address = node, providerID?: string): Promise<void> {
  await create("/api/v1/nodes", "node", { spec: { providerID } });
  const nodeInfo = { containerRuntimeVersion: "containerd://2.1.4", kubeletVersion: "v1.34.2", ...info };
  const whole = { machineID: "", systemUUID: "", bootID: "", kernelVersion: "", osImage: "", kubeProxyVersion: "" };
  const platform = { operatingSystem: "linux", architecture: "amd64" };
  const addresses = [{ type: "InternalIP", address }];
  const daemonEndpoints = { kubeletEndpoint: { Port: kubeletPort } };
  const status = { addresses, daemonEndpoints, nodeInfo: { ...whole, ...platform, ...nodeInfo } };
  await kubernetes.patch("/api/v1/nodes/node/status", { status });
}

const removeNode = () => kubernetes.delete("/api/v1/nodes/node");
