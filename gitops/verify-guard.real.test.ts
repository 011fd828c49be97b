import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { applicationsPath } from "../actions/lib/argocd/application.ts";
import { refreshApplications, refreshApplicationSets } from "../actions/lib/argocd/refresh.ts";
import { installArgocd } from "../actions/testing/argocd/argocd.ts";
import { type Kubernetes, openKubernetes } from "../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../actions/lib/kubernetes/objects.ts";
import { run } from "../actions/lib/core/process.ts";
import { type ApiServer, startApiServer } from "../scripts/rehearsal/cluster/api-server.ts";
import { ensureClusterPrograms } from "../scripts/rehearsal/cluster/programs.ts";
import { ensureKustomize } from "../scripts/rehearsal/tools/kustomize.ts";
import {
  application,
  asked,
  group,
  patches,
  rbac,
  refresh,
  requests,
  rootApplication,
  set,
} from "./test-verify-attempts.ts";

const root = join(import.meta.dirname, "..");
const refusal = /ValidatingAdmissionPolicy 'slipway-verify'.* The group slipway:verify may look/s;

const world = new AsyncDisposableStack();
let server: ApiServer;
let admin: Kubernetes;
let verify: Kubernetes;
/** Runs kubectl as an administrator, also in another's name. */
let kubectl: (args: readonly string[], input?: string) => Promise<string>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-guards-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  const render = await ensureKustomize(log);
  const { kubernetes } = await ensureClusterPrograms(log);
  server = world.use(await startApiServer({ folder: join(folder, "cluster"), log, groups: [group, "others"] }));
  admin = openKubernetes(server.access);
  verify = openKubernetes(server.member(group));
  kubectl = async (args, input = "") => {
    const options = { input, timeout: 60_000, okCodes: [0, 1] };
    const { stdout, stderr } = await run(
      kubernetes,
      ["kubectl", `--kubeconfig=${server.kubeconfig}`, ...args],
      options,
    );
    return stdout + stderr;
  };
  await installArgocd(admin);
  await admin.create("/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "somebody" } });
  for (const folder of ["gitops/bootstrap/guards", "gitops/platform"])
    await kubectl(["apply", "--server-side", "--filename=-"], await render(join(root, folder)));
  // Whatever RBAC forgets, or somebody adds: the guard alone has to hold.
  await admin.create(`/apis/${rbac}/v1/clusterrolebindings`, {
    metadata: { name: "careless" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [group, "others"].map((name) => ({ apiGroup: rbac, kind: "Group", name })),
  });
  await make();
  // A policy comes into force when the server has seen it.
  await vi.waitFor(async () => {
    const label = verify.patch(`${application}?dryRun=All`, { metadata: { labels: { kept: "no" } } });
    await expect(label).rejects.toThrow(refusal);
  }, 30_000);
}, 3_600_000);
afterAll(() => world.disposeAsync());

/** Makes the Application as Argo CD's bootstrap does, by server-side apply in Argo CD's name. */
const make = () => admin.patch(`${application}?fieldManager=argocd-controller&force=true`, rootApplication, "apply");

let before: KubernetesObject | undefined;
beforeEach(async () => {
  before = await admin.get(application);
});

describe("with every right that RBAC can give", () => {
  test.each(Object.entries(patches))("the root Application keeps its own: %s", async (_, patch) => {
    const { metadata = {}, ...rest } = patch as { metadata?: { annotations?: object | null } };
    const annotations = metadata.annotations === null ? null : { ...asked.annotations, ...metadata.annotations };
    for (const body of [patch, { ...rest, metadata: { ...metadata, annotations } }])
      await expect(verify.patch(application, body)).rejects.toMatchObject({
        status: 403,
        message: expect.stringMatching(refusal),
      });
    expect(await admin.get(application)).toEqual(before);
  });

  test.each(requests)("is refused: %s", async (_, attempt) => {
    await expect(attempt(verify)).rejects.toMatchObject({ status: 403, message: expect.stringMatching(refusal) });
    expect(await admin.get(application)).toEqual(before);
  });

  test("another version of the API does not help, and a dry run is refused like the rest", async () => {
    await expect(verify.patch(application.replace("v1alpha1", "v1"), { operation: null })).rejects.toMatchObject({
      status: 404,
    });
    await expect(verify.patch(`${application}?dryRun=All`, { operation: null })).rejects.toThrow(refusal);
  });

  test("the group counts along with others, and for whoever takes its name", async () => {
    const patch = ["patch", "application/slipway", "--namespace=argocd", "--type=merge", '--patch={"operation":null}'];
    const groups = ["--as-group=others", `--as-group=${group}`, "--as-group=system:masters"];
    expect(await kubectl(["--as=someone", ...groups, ...patch])).toMatch(refusal);
    expect(await kubectl(["--as=someone", "--as-group=others", ...patch, "--dry-run=server"])).toMatch(/patched/);
  });

  test("who is not in the group is not held up", async () => {
    const others = openKubernetes(server.member("others"));
    await others.patch(application, { metadata: { labels: { kept: "changed" } } });
    await make();
  });
});

describe("with the rights that the platform gives", () => {
  beforeAll(async () => {
    await admin.delete(`/apis/${rbac}/v1/clusterrolebindings/careless`);
    await vi.waitFor(() => expect(verify.list("/api/v1/secrets")).rejects.toMatchObject({ status: 403 }), 30_000);
  });

  test("what the pipeline asks for works, again and again, and on a large Application", async () => {
    const one = { group: "apps", version: "v1", kind: "Deployment", namespace: "guests", status: "Synced" };
    const resources = Array.from({ length: 1_500 }, (_, index) => ({ ...one, name: `deployment-${index}` }));
    await admin.patch(application, { status: { resources } });
    for (let time = 0; time < 2; time += 1) {
      await refreshApplications(verify, ["slipway", "gone"]);
      expect(await refreshApplicationSets(verify)).toHaveLength(1);
    }
    const annotations = async (path: string) => (await admin.get(path))?.metadata.annotations;
    expect(await annotations(application)).toEqual({ kept: "yes", [refresh]: "normal" });
    expect(await annotations(set)).toEqual({ "argocd.argoproj.io/application-set-refresh": "true" });
    await verify.patch(application, { metadata: asked });
    expect(await annotations(application)).toEqual({ kept: "yes", [refresh]: "hard" });
    const others = { metadata: { annotations: { [refresh]: null } } };
    await expect(verify.patch(application, others), "nobody's question is taken back").rejects.toThrow(refusal);
    // As Argo CD does, when it has looked.
    await admin.patch(application, others);
    await refreshApplications(verify, ["slipway"]);
  });

  test("no other verb, kind or namespace is given in the first place", async () => {
    for (const attempt of [
      () => verify.delete(application),
      () => verify.create(applicationsPath, rootApplication),
      () => verify.replace(application, rootApplication),
      () => verify.patch(`${set}/status`, {}),
      () => verify.patch("/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects/apps", {}),
      () => verify.patch("/apis/argoproj.io/v1alpha1/namespaces/default/applications/slipway", {}),
      () => verify.list("/api/v1/namespaces/argocd/secrets"),
      () => verify.list("/api/v1/namespaces/argocd/configmaps"),
    ]) {
      const error: unknown = await attempt().then(
        () => "it is allowed",
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ status: 403, message: expect.not.stringContaining("ValidatingAdmissionPolicy") });
    }
  });
});
