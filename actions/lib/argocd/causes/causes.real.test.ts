import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApiServer } from "../../../../scripts/rehearsal/cluster/api-server.ts";
import { startArgocdProcesses } from "../../../../scripts/rehearsal/cluster/argocd/processes.ts";
import { renderImagesFile } from "../../gitops/images-file.ts";
import { type Kubernetes, openKubernetes } from "../../kubernetes/kubernetes.ts";
import { eventually } from "../../../testing/lifecycle/down/fixture.ts";
import { playReadyNode } from "../../../testing/lifecycle/down/fixture-cluster.ts";
import { silent } from "../../../testing/lifecycle/down/fixture-down.ts";
import {
  type RepositoryFixture,
  podSpec,
  startRepositoryFixture,
} from "../../../testing/lifecycle/down/fixture-repository.ts";
import { applicationsPath } from "../application.ts";
import { installArgoCd } from "../install.ts";
import { observe } from "../observer.ts";
import { refreshApplicationSets } from "../refresh.ts";
import { pinned } from "../../../testing/argocd/objects.ts";

const world = new AsyncDisposableStack();
let repository: RepositoryFixture;
/** What the action "verify" may see, and no more. */
let kubernetes: Kubernetes;

/** The real Argo CD and Kubernetes' own controllers; no cloud's, no scheduler and no node that runs anything. */
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-causes-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  const server = world.use(await startApiServer({ folder: join(folder, "cluster"), log, controllers: true }));
  repository = world.use(await startRepositoryFixture(join(folder, "git")));
  // As the fixture has rendered them.
  const rights = "gitops/bootstrap/argocd/all.yaml";
  await extend("gitops/projects/apps.yaml", "  namespaceResourceWhitelist:\n", [
    "    - { group: networking.k8s.io, kind: Ingress }\n",
    '    - { group: "", kind: PersistentVolumeClaim }\n',
  ]);
  await extend(rights, "  - namespaces\n  - configmaps\n", ["  - persistentvolumeclaims\n"]);
  await extend(rights, "  - networkpolicies\n", ["  - ingresses\n"]);
  const admin = openKubernetes(server.access);
  world.use(await playReadyNode(admin, "node-1", "us-east-1a"));
  const { kubeconfig } = server;
  world.use(await startArgocdProcesses({ kubernetes: admin, kubeconfig, folder: join(folder, "argocd"), log }));
  await repository.push(broken);
  await installArgoCd({
    kubernetes: admin,
    access: server.access,
    repository: repository.path,
    environment: "dev",
    signal: AbortSignal.timeout(120_000),
    report: silent,
  });
  const token = await verifyToken(admin);
  kubernetes = openKubernetes({ ...server.access, token: () => Promise.resolve(token) });
});
afterAll(() => world.disposeAsync());

/** Adds to what a manifest allows. */
async function extend(path: string, begin: string, more: readonly string[]): Promise<void> {
  const file = join(repository.path, path);
  const text = await readFile(file, "utf8");
  expect(text).toContain(begin);
  await writeFile(file, text.replace(begin, begin + more.join("")));
}

/** A token of someone with the roles `slipway-verify`. */
async function verifyToken(admin: Kubernetes): Promise<string> {
  const accounts = "/api/v1/namespaces/default/serviceaccounts";
  await admin.create(accounts, { metadata: { name: "verify" } });
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  for (const [path, kind] of [
    ["clusterrolebindings", "ClusterRole"],
    ["namespaces/argocd/rolebindings", "Role"],
  ] as const)
    await admin.create(`${rbac}/${path}`, {
      metadata: { name: "verify-of-the-test" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: "slipway-verify" },
      subjects: [{ kind: "ServiceAccount", name: "verify", namespace: "default" }],
    });
  const asked = await admin.create<{ status: { token: string } }>(`${accounts}/verify/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 3600 },
  });
  return asked.status.token;
}

/** In addition to the Service of type LoadBalancer and the Deployment that the app of the fixture has. */
const broken: Readonly<Record<string, object>> = {
  "database.yaml": {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "guests-data" },
    // As where a cluster has no default class.
    spec: { storageClassName: "", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  "ingress.yaml": {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "guests" },
    spec: { defaultBackend: { service: { name: "guests-nginx", port: { number: 80 } } } },
  },
  "quota.yaml": {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "guests" },
    spec: { hard: { pods: "0" } },
  },
};

test("all that holds an app back is named within seconds, and what does not heal fails long before the deadline", async () => {
  const commit = await repository.push(broken);
  const began = Date.now();
  const lines: { text: string; after: number }[] = [];
  const { outcome, apps } = await observe({
    kubernetes,
    commit,
    apps: [{ app: "guests", source: undefined, images: [pinned("guests-web", "1")] }],
    factsOf: () => Promise.resolve({ contains: true, carries: true }),
    signal: AbortSignal.timeout(150_000),
    log: (text) => lines.push({ text, after: (Date.now() - began) / 1000 }),
  });
  const wanted = [
    /^guests: PersistentVolumeClaim guests-data: FailedBinding: no persistent volumes available .* no storage class is set$/,
    /^guests: Service guests-nginx has no load balancer, and no controller says why$/,
    /^guests: Ingress guests has no address, and no controller says why/,
    /^guests: ReplicaSet guests-nginx-\w+: FailedCreate: Error creating: pods "guests-nginx-\w+-\w+" is forbidden: exceeded quota: guests, requested: pods=1, used: pods=0, limited: pods=0$/,
  ];
  for (const each of wanted) {
    const told = lines.filter(({ text }) => each.test(text));
    expect(told, `${each} in ${JSON.stringify(lines)}`).toHaveLength(1);
    expect(told[0]?.after).toBeLessThan(45);
  }
  expect(outcome).toBe("failed");
  expect(apps.get("guests")?.judgement).toMatchObject({
    reason: "volume",
    what: expect.stringMatching(/no storage class is set\. That has lasted for 60 seconds/) as unknown,
  });
  expect((Date.now() - began) / 1000, "seconds, of the fifteen minutes that it has").toBeLessThan(120);
});

test("what the project refuses is named with its reason, and fails before the last attempt", async () => {
  // Argo CD may read this kind, but the project does not name it.
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "guests" }, spec: podSpec("guests-web") };
  const commit = await repository.push({ "database.yaml": pod });
  const { outcome, apps } = await observe({
    kubernetes,
    commit,
    log: () => {},
    apps: [{ app: "guests", source: undefined, images: [pinned("guests-web", "1")] }],
    factsOf: (_, revision) => Promise.resolve({ contains: revision === commit, carries: revision === commit }),
    signal: AbortSignal.timeout(120_000),
  });
  expect(outcome).toBe("failed");
  expect(apps.get("guests")?.judgement).toMatchObject({
    reason: "refused",
    what: expect.stringMatching(/^Pod guests: SyncFailed: resource :Pod is not permitted in project apps/) as unknown,
  });
});

test("what is put right afterwards is waited for no longer than it takes", async () => {
  const commit = await repository.push({ "database.yaml": [], "quota.yaml": [], "ingress.yaml": [] });
  const lines: string[] = [];
  const stop = new AbortController();
  const { apps } = await observe({
    kubernetes,
    commit,
    apps: [{ app: "guests", source: undefined, images: [pinned("guests-web", "1")] }],
    factsOf: (_, revision) => Promise.resolve({ contains: revision === commit, carries: revision === commit }),
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]),
    log(text) {
      lines.push(text);
      if (text.startsWith("guests: Service guests-nginx")) stop.abort();
    },
  });
  expect(lines.filter((line) => /PersistentVolumeClaim|Ingress|FailedCreate/.test(line))).toEqual([]);
  expect(apps.get("guests")?.judgement.state).toBe("waiting");
});

test("an app cannot have the name of the Application that keeps all others", async () => {
  const image = renderImagesFile({ source: undefined, images: [pinned("guests-web", "1")] });
  const overlay = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ncomponents: [images]\n";
  for (const app of ["slipway", "other"]) {
    const folder = join(repository.path, "gitops/apps", app, "overlays/dev");
    await mkdir(join(folder, "images"), { recursive: true });
    await writeFile(join(folder, "kustomization.yaml"), overlay);
    await writeFile(join(folder, "images/kustomization.yaml"), image);
  }
  await repository.push({});
  await eventually("the Application of the other app", async () => {
    await refreshApplicationSets(kubernetes);
    return kubernetes.get(`${applicationsPath}/other`);
  });
  const root = await kubernetes.get(`${applicationsPath}/slipway`);
  expect(root?.spec).toMatchObject({ project: "slipway", source: { path: "gitops/bootstrap/dev" } });
  expect(root?.metadata.ownerReferences).toBeUndefined();
});
