import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../actions/lib/core/process.ts";
import { overlayPaths } from "../actions/lib/gitops/paths.ts";
import { openKubernetes } from "../actions/lib/kubernetes/kubernetes.ts";
import { writeTemporarily } from "../actions/lib/rules/render.ts";
import { type ApiServer, startApiServer } from "../scripts/rehearsal/cluster/api-server.ts";
import { ensureClusterPrograms } from "../scripts/rehearsal/cluster/programs.ts";
import { moduleFolder } from "../scripts/rehearsal/tools/go.ts";
import { ensureKustomize, type Render } from "../scripts/rehearsal/tools/kustomize.ts";
import { app, exampleApp, largeApp, largeImages, whole } from "./kit/test-apps.ts";
import { released } from "./released.ts";

const root = join(import.meta.dirname, "..");
const overlays = globSync("gitops/apps/*/overlays/*", { cwd: root }).sort();
const environments = globSync("gitops/bootstrap/*/environment.yaml", { cwd: root }).map((path) =>
  basename(dirname(path)),
);

const world = new AsyncDisposableStack();
let folder: string;
let server: ApiServer;
let render: Render;
/** Applies manifests, or only asks whether they would be taken. @returns what the server or kubectl warns of */
let apply: (manifests: string, only?: "dry-run") => Promise<string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-gitops-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  render = await ensureKustomize(log);
  const { kubernetes, versions } = await ensureClusterPrograms(log);
  server = world.use(await startApiServer({ folder: join(folder, "cluster"), log }));
  apply = async (manifests, only) => {
    const args = ["kubectl", `--kubeconfig=${server.kubeconfig}`, "apply", "--server-side", "--filename=-"];
    const options = { input: manifests, timeout: 60_000 };
    return (await run(kubernetes, only ? [...args, "--dry-run=server"] : args, options)).stderr;
  };
  await apply(
    await render(join(await moduleFolder("github.com/argoproj/argo-cd/v3", versions.argocd), "manifests/crds")),
  );
  await apply("apiVersion: v1\nkind: Namespace\nmetadata: { name: argocd }\n");
}, 3_600_000);
afterAll(() => world.disposeAsync());

/** The namespaces among manifests; the server has to have them before it looks at what is in them. */
const namespacesOf = (manifests: string) =>
  manifests
    .split(/^---$/m)
    .filter((document) => /^kind: Namespace$/m.test(document))
    .join("---\n");

describe.each(overlays)("%s, released", (overlay) => {
  let manifests: string;
  beforeAll(async () => {
    manifests = await render(await released(overlay.split("/")[2] ?? "", basename(overlay), folder));
    await apply(namespacesOf(manifests));
  });

  test("is taken by a real API server, without a warning", async () => {
    expect(await apply(manifests, "dry-run")).toBe("");
  });

  test("would be warned of, or refused, if it were less careful", async () => {
    const careless = manifests.replaceAll("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true");
    expect(await apply(careless, "dry-run")).toContain('would violate PodSecurity "restricted:latest"');
    const unknown = manifests.replace("serviceAccountName:", "serviceAccountNames:");
    await expect(apply(unknown, "dry-run")).rejects.toThrow("serviceAccountNames");
  });
});

test("a whole app on the kit, larger than any here, is taken, without a warning", async () => {
  await using written = await writeTemporarily(await whole(largeApp(await exampleApp()), largeImages));
  const manifests = await render(written.path(dirname(overlayPaths(app, "dev").overlay)));
  await apply(namespacesOf(manifests));
  expect(await apply(manifests, "dry-run")).toBe("");
});

test.each(environments)("the bootstrap of %s is taken, without a warning", async (environment) => {
  const manifests = await render(join(root, "gitops/bootstrap", environment));
  expect(await apply(manifests, "dry-run")).toBe("");
  await expect(apply(manifests.replace("goTemplateOptions:", "goTemplateOption:"), "dry-run")).rejects.toThrow(
    "goTemplateOption",
  );
});

test("verify may look and ask for a refresh, and nothing else", async () => {
  await apply(await render(join(root, "gitops/platform")));
  const cluster = openKubernetes(server.access);
  const may = async (verb: string, resource: string, group = "", subresource = "") => {
    const resourceAttributes = { verb, resource, group, subresource, namespace: "argocd" };
    const spec = { user: "someone", groups: ["slipway:verify"], resourceAttributes };
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    return (await cluster.create<{ status: { allowed: boolean } }>(path, { spec })).status.allowed;
  };
  const argocd = "argoproj.io";
  expect(await may("patch", "applications", argocd)).toBe(true);
  expect(await may("patch", "applicationsets", argocd)).toBe(true);
  expect(await may("get", "pods", "", "log")).toBe(true);
  for (const resource of ["pods", "events", "services"]) expect(await may("watch", resource), resource).toBe(true);
  for (const resource of ["deployments", "replicasets", "statefulsets"])
    expect(await may("list", resource, "apps"), resource).toBe(true);
  expect(await may("list", "jobs", "batch")).toBe(true);
  expect(await may("get", "secrets")).toBe(false);
  expect(await may("create", "pods", "", "exec")).toBe(false);
  expect(await may("patch", "appprojects", argocd)).toBe(false);
  expect(await may("delete", "applications", argocd)).toBe(false);
});
