import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ApiServerAccess, type Kubernetes, openKubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import { run } from "../../actions/lib/core/process.ts";
import { securityPath, withKubernetes } from "./security.ts";
import { type ApiServer, startApiServer } from "../rehearsal/cluster/api-server.ts";
import { ensureClusterPrograms } from "../rehearsal/cluster/programs.ts";
import { accessEntries, clusterRights, kubernetesTable } from "./kubernetes.ts";
import { deriveIdentities, type RightsHolder, nameOf, type PolicyRule } from "./rights.ts";

const root = join(import.meta.dirname, "../..");
const rbac = "rbac.authorization.k8s.io";
/** The kinds that decide who may do what. */
const deciding = /^(Namespace|ServiceAccount|(Cluster)?Role(Binding)?|ValidatingAdmissionPolicy(Binding)?)$/;

const clusters = await clusterRights();
const world = new AsyncDisposableStack();
let folder: string;
let kubectl: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-identities-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  kubectl = (await ensureClusterPrograms(join(folder, "compiler.log"))).kubernetes;
}, 3_600_000);
afterAll(() => world.disposeAsync());

test("the page has the table as the manifests give it", async () => {
  const expected = await withKubernetes(await kubernetesTable());
  expect(await readFile(join(root, securityPath), "utf8"), 'run "./slipway generate"').toBe(expected);
});

test("every group that EKS puts a role into is given its rights by the manifests", async () => {
  const groups = (await accessEntries()).flatMap((entry) => entry.groups);
  for (const { manifests } of clusters) {
    const known = deriveIdentities(manifests).filter(({ kind }) => kind === "Group");
    expect(known.map(({ name }) => name)).toEqual(groups);
  }
});

describe.each(clusters)("the cluster of $environment", ({ environment, manifests }) => {
  const identities = deriveIdentities(manifests);
  const groups = identities.flatMap(({ kind, name }) => (kind === "Group" ? [name] : []));
  let server: ApiServer;
  let admin: Kubernetes;
  /** What everybody may do whom the server knows. */
  let everybody: Kubernetes;

  beforeAll(async () => {
    const log = join(folder, "compiler.log");
    const options = { folder: join(folder, environment), log, groups: [...groups, "nobody"] };
    server = world.use(await startApiServer(options));
    admin = openKubernetes(server.access);
    everybody = openKubernetes(server.member("nobody"));
    const items = manifests.filter(({ kind }) => deciding.test(kind));
    await run(kubectl, ["kubectl", `--kubeconfig=${server.kubeconfig}`, "apply", "--server-side", "--filename=-"], {
      input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
      timeout: 120_000,
    });
    await vi.waitFor(async () => {
      for (const identity of identities) expect(await mayBe(await as(identity), "argocd")).not.toEqual(new Set());
      for (const identity of identities) await expect(beyond(identity)).resolves.toMatchObject({ status: 403 });
    }, 30_000);
  }, 300_000);

  /**
   * What the API answers to a write that the roles of a ServiceAccount allow and its guard does not: a guard counts a
   * moment after it was stored. For whoever has no guard it is what no role allows.
   */
  async function beyond(identity: RightsHolder): Promise<unknown> {
    const kubernetes = await as(identity);
    const [path, object] = identity.limits.some(({ text }) => text.startsWith("makes one Secret"))
      ? [`/api/v1/namespaces/${identity.namespace}/secrets`, { metadata: { name: "another" } }]
      : ["/api/v1/namespaces/default/configmaps", { metadata: { name: "another" } }];
    return kubernetes.create(`${path}?dryRun=All`, object).catch((error: unknown) => error);
  }

  /** The API as somebody sees it. */
  async function as({ kind, name, namespace }: Pick<RightsHolder, "kind" | "name" | "namespace">): Promise<Kubernetes> {
    if (kind === "Group") return openKubernetes(server.member(name));
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const { status } = await admin.create<{ status: { token: string } }>(path, {});
    const access: ApiServerAccess = { ...server.access, token: () => Promise.resolve(status.token) };
    return openKubernetes(access);
  }

  const namespaces = [
    ...manifests.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : [])),
    "default",
    "kube-system",
  ];

  test.each(identities.map((each) => [nameOf(each), each] as const))(
    "%s may do what is derived",
    async (_, identity) => {
      const kubernetes = await as(identity);
      for (const namespace of namespaces) {
        const derived = identity.grants.filter(
          (grant) => grant.namespace === undefined || grant.namespace === namespace,
        );
        const expected = new Set(derived.flatMap(({ rules }) => rules.flatMap(spelled)));
        const common = await mayBe(everybody, namespace);
        const own = [...(await mayBe(kubernetes, namespace))].filter((each) => !common.has(each));
        expect(new Set(own), namespace).toEqual(expected);
      }
    },
  );

  test.each(identities.map((each) => [nameOf(each), each] as const))("%s gets no further", async (_, identity) => {
    const kubernetes = await as(identity);
    for (const [what, attempt] of attempts(identity)) {
      const error: unknown = await attempt(kubernetes).catch((reason: unknown) => reason);
      expect(error, what).toMatchObject({ status: 403 });
    }
  });

  const bearers = identities.filter(({ limits }) => limits.some(({ text }) => text.startsWith("makes one Secret")));
  test.each(bearers.map((each) => [nameOf(each), each] as const))("%s makes its one Secret", async (_, identity) => {
    const kubernetes = await as(identity);
    const secrets = `/api/v1/namespaces/${identity.namespace}/secrets`;
    const own = { metadata: { name: identity.namespace }, stringData: { password: "made by a test" } };
    await expect(kubernetes.create(`${secrets}?dryRun=All`, own)).resolves.toBeDefined();
    const token = { "kubernetes.io/service-account.name": identity.name };
    for (const [what, secret] of [
      ["another name", { metadata: { name: `${identity.namespace}-tls` } }],
      ["a name that the server makes", { metadata: { generateName: identity.namespace } }],
      ["a token", { type: "kubernetes.io/service-account-token", metadata: { ...own.metadata, annotations: token } }],
      [
        "an owner",
        { metadata: { ...own.metadata, ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "a" }] } },
      ],
      ["a finalizer", { metadata: { ...own.metadata, finalizers: ["example.org/kept"] } }],
    ] as const)
      await expect(kubernetes.create(`${secrets}?dryRun=All`, secret), what).rejects.toMatchObject({
        status: 403,
        message: expect.stringContaining("slipway-passwords"),
      });
  });

  test("every other ServiceAccount may do what everybody may", async () => {
    const bound = new Set(identities.map(nameOf));
    const others = manifests
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ metadata }) => ({ kind: "ServiceAccount" as const, ...metadata }))
      .filter((each) => !bound.has(nameOf(each)));
    expect(others.length).toBeGreaterThan(0);
    for (const { name, namespace = "" } of others) {
      const kubernetes = await as({ kind: "ServiceAccount", name, namespace });
      expect(await mayBe(kubernetes, namespace), name).toEqual(await mayBe(everybody, namespace));
    }
  });
});

/** Each right of a rule as one text. */
function spelled({ verbs, apiGroups = [], resources = [], resourceNames = [] }: PolicyRule): string[] {
  const names = resourceNames.length > 0 ? ` ${[...resourceNames].sort().join()}` : "";
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}${names}`)),
  );
}

/** What the API server says that somebody may do in a namespace. */
async function mayBe(kubernetes: Kubernetes, namespace: string): Promise<Set<string>> {
  const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
  const { status } = await kubernetes.create<{ status: { resourceRules: PolicyRule[] } }>(path, {
    spec: { namespace },
  });
  return new Set(status.resourceRules.flatMap(spelled));
}

/** What would lead to every right, or to what is nobody's business. */
function attempts({ kind, name, namespace }: RightsHolder): [string, (kubernetes: Kubernetes) => Promise<unknown>][] {
  const subject = kind === "Group" ? { apiGroup: rbac, kind, name } : { kind, name, namespace };
  const roleRef = { apiGroup: rbac, kind: "ClusterRole", name: "cluster-admin" };
  const binding = { metadata: { name: "slipway-verify-2" }, roleRef, subjects: [subject] };
  const spec = { containers: [{ name: "a", image: "a" }] };
  const deployment = {
    metadata: { name: "a" },
    spec: { selector: { matchLabels: { a: "a" } }, template: { metadata: { labels: { a: "a" } }, spec } },
  };
  const inNamespaces = ["kube-system", "default", "argocd"].flatMap(
    (each): [string, (kubernetes: Kubernetes) => Promise<unknown>][] => [
      [`a pod in ${each}`, (as) => as.create(`/api/v1/namespaces/${each}/pods`, { metadata: { name: "a" }, spec })],
      [`a Deployment in ${each}`, (as) => as.create(`/apis/apps/v1/namespaces/${each}/deployments`, deployment)],
      [`a RoleBinding in ${each}`, (as) => as.create(`/apis/${rbac}/v1/namespaces/${each}/rolebindings`, binding)],
      [`a token in ${each}`, (as) => as.create(`/api/v1/namespaces/${each}/serviceaccounts/default/token`, {})],
    ],
  );
  return [
    ["a ClusterRoleBinding", (as) => as.create(`/apis/${rbac}/v1/clusterrolebindings`, binding)],
    ["a ClusterRole", (as) => as.patch(`/apis/${rbac}/v1/clusterroles/view`, { metadata: { labels: { a: "a" } } })],
    ["Kubernetes' Secrets", (as) => as.list("/api/v1/namespaces/kube-system/secrets")],
    ["all Secrets", (as) => as.list("/api/v1/secrets")],
    ["a node", (as) => as.create("/api/v1/nodes", { metadata: { name: "a" } })],
    [
      "a guard",
      (as) => as.delete("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/slipway-verify"),
    ],
    [
      "a namespace of Kubernetes",
      (as) => as.patch("/api/v1/namespaces/kube-system", { metadata: { labels: { a: "a" } } }),
    ],
    ...inNamespaces,
  ];
}
