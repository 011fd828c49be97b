import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../actions/lib/config/config.ts";
import { appNameProblem, reservedNames } from "../actions/lib/gitops/app-name.ts";
import { type PinnedImage, renderImagesFile } from "../actions/lib/gitops/images-file.ts";
import { overlayPaths } from "../actions/lib/gitops/paths.ts";
import { temporaryRepository } from "../actions/testing/repository.ts";
import { installedArgocd } from "../scripts/rehearsal/cluster/versions.ts";
import { moduleFolder } from "../scripts/rehearsal/tools/go.ts";
import { ensureKustomize, type Render } from "../scripts/rehearsal/tools/kustomize.ts";
import { manifestsOf } from "./released.ts";

const root = join(import.meta.dirname, "..");
const environments = globSync("gitops/bootstrap/*/environment.yaml", { cwd: root }).map((path) =>
  basename(dirname(path)),
);

interface RenderedResource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec?: Record<"clusterResourceWhitelist" | "namespaceResourceWhitelist", { group: string; kind: string }[]>;
}

interface RenderedApplicationSet {
  spec: {
    generators: { matrix: { generators: { git?: { files: unknown[] }; clusters?: object }[] }; selector: unknown }[];
  };
}

interface RenderedRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  items?: Schema;
  [name: string]: unknown;
}

interface RenderedDefinition {
  spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Schema } }[] };
}

let render: Render;
/** By kind, from the definitions of the Argo CD version that the bootstrap installs. */
let checks: Map<string, ValidateFunction>;

beforeAll(async () => {
  await using folder = await temporaryRepository();
  render = await ensureKustomize(join(folder.path, "kustomize.log"));
  const version = await installedArgocd(root);
  const definitions = join(await moduleFolder("github.com/argoproj/argo-cd/v3", version), "manifests/crds");
  const ajv = new Ajv({ strict: false, logger: false });
  checks = new Map();
  for (const file of ["application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml"]) {
    const { spec } = parse(await readFile(join(definitions, file), "utf8")) as RenderedDefinition;
    const schema = spec.versions[0]?.schema.openAPIV3Schema ?? {};
    checks.set(spec.names.kind, ajv.compile(closed(schema)));
  }
});

const isArgoCd = ({ apiVersion }: RenderedResource) => apiVersion.startsWith("argoproj.io/");

/** The schema without room for names that it does not know: the API server would drop them without a word. */
function closed(schema: Schema): Schema {
  const { properties, items, ...rest } = schema;
  const open = rest.additionalProperties !== undefined || rest["x-kubernetes-preserve-unknown-fields"] === true;
  return {
    ...rest,
    ...(items ? { items: closed(items) } : {}),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, closed(each)])) }
      : {}),
    ...(properties && !open ? { additionalProperties: false } : {}),
  };
}

/** A kind's resource. */
const plural = (kind: string) => kind.replace(/y$/, "ie").replace(/s$/, "se") + "s";

const resourcesOf = (text: string) => manifestsOf<RenderedResource>(text);

/** The kinds of resources, as `group/Kind`, that a project's lists do not have. */
function refused(project: RenderedResource | undefined, resources: RenderedResource[]): string[] {
  const { clusterResourceWhitelist = [], namespaceResourceWhitelist = [] } = project?.spec ?? {};
  const allowed = [...clusterResourceWhitelist, ...namespaceResourceWhitelist].map(
    ({ group, kind }) => `${group}/${kind}`,
  );
  const kinds = resources.map(({ apiVersion, kind }) => `${/(.*)\//.exec(apiVersion)?.[1] ?? ""}/${kind}`);
  return [...new Set(kinds)].filter((kind) => !allowed.includes(kind));
}

function faults(resource: RenderedResource): string[] {
  const check = checks.get(resource.kind);
  if (!check) return [`${resource.kind} is not a kind of Argo CD's`];
  return check(resource) ? [] : (check.errors ?? []).map((error) => `${error.instancePath}: ${error.message}`);
}

test("every environment of slipway.yaml has its bootstrap, with that repository and branch", async () => {
  const config = await readConfig(join(root, "slipway.yaml"));
  expect(environments.sort()).toEqual(Object.keys(config.environments).sort());
  const settings = parse(await readFile(join(root, "gitops/bootstrap/settings/repository.yaml"), "utf8"));
  expect(settings.data).toEqual({
    url: `https://github.com/${config.git.repository}.git`,
    branch: config.git.branch,
  });
});

describe.each(environments)("the bootstrap of %s", (environment) => {
  test("is what this version of Argo CD understands, with nothing left to fill in", async () => {
    const text = await render(join(root, "gitops/bootstrap", environment));
    const resources = resourcesOf(text);
    expect(resources.map((each) => `${each.kind} ${each.metadata.name}`).sort()).toEqual([
      "AppProject apps",
      "AppProject default",
      "AppProject slipway",
      "Application slipway",
      "ApplicationSet apps",
      "ClusterRole slipway-verify",
      "ClusterRoleBinding slipway-verify",
      "Role slipway-verify",
      "RoleBinding slipway-verify",
      "StorageClass gp3",
    ]);
    expect(resources.filter(isArgoCd).flatMap(faults)).toEqual([]);
    expect(text).not.toMatch(/REPOSITORY|BRANCH|ENVIRONMENT/);
    expect(text).toContain(`path: gitops/bootstrap/${environment}\n`);
  });

  test("an app is synced once a release has written its first image, and not before", async () => {
    const resources = resourcesOf(await render(join(root, "gitops/bootstrap", environment)));
    const { spec } = resources.find(({ kind }) => kind === "ApplicationSet") as unknown as RenderedApplicationSet;
    const [generator] = spec.generators;
    const reserved = reservedNames.map(({ name }) => ({ path: `gitops/apps/${name}/**`, exclude: true }));
    const [git, clusters] = generator?.matrix.generators ?? [];
    expect(clusters).toEqual({ clusters: { flatList: true } });
    expect(git?.git?.files).toEqual([{ path: overlayPaths("*", environment).images }, ...reserved]);
    expect(generator?.selector).toEqual({ matchExpressions: [{ key: "images.0.digest", operator: "Exists" }] });
    const image = { name: "demo-api", newName: "registry.example/demo-api", digest: `sha256:${"0".repeat(64)}` };
    const written = (images: PinnedImage[]) => parse(renderImagesFile({ source: "0".repeat(40), images })).images;
    expect(written([image])[0].digest).toBe(image.digest);
    expect(written([])).toEqual([]);
  });

  test("no app may have the name of what keeps the cluster, or of a namespace that is not an app's", async () => {
    const resources = resourcesOf(await render(join(root, "gitops/bootstrap", environment)));
    const argocd = resources.filter(isArgoCd).map(({ metadata }) => metadata.name);
    expect(argocd).toEqual(expect.arrayContaining(["slipway", "apps", "default"]));
    for (const name of argocd) expect(appNameProblem(name), name).toContain("is reserved");
    const project = resources.find(({ kind, metadata }) => kind === "AppProject" && metadata.name === "apps");
    const { destinations = [] } = (project?.spec ?? {}) as { destinations?: { namespace: string }[] };
    const refusedNamespaces = destinations.flatMap(({ namespace }) =>
      namespace.startsWith("!") ? [namespace.slice(1).replace("*", "system")] : [],
    );
    expect(refusedNamespaces).toHaveLength(3);
    for (const name of refusedNamespaces) expect(appNameProblem(name), name).toContain("is reserved");
  });

  test("a field that Argo CD would drop is found", async () => {
    const text = await render(join(root, "gitops/bootstrap", environment));
    const wrong = text.replaceAll("prune: true", "prunes: true");
    const resources = resourcesOf(wrong);
    expect(resources.filter(isArgoCd).flatMap(faults)).toHaveLength(2);
  });

  test("Argo CD may write the kinds that the projects name, and no other", async () => {
    const text = await readFile(join(root, "gitops/bootstrap/argocd/rights.yaml"), "utf8");
    const [controller] = manifestsOf<{ rules: RenderedRule[] }>(text);
    const written = (controller?.rules ?? [])
      .filter(({ verbs }) => verbs.includes("patch"))
      .flatMap(({ apiGroups, resources }) => resources.map((resource) => `${apiGroups.join()}/${resource}`));
    const projects = resourcesOf(await render(join(root, "gitops/bootstrap", environment))).flatMap(({ kind, spec }) =>
      kind === "AppProject" && spec ? [spec] : [],
    );
    const named = projects
      .flatMap(({ clusterResourceWhitelist = [], namespaceResourceWhitelist = [] }) => [
        ...clusterResourceWhitelist,
        ...namespaceResourceWhitelist,
      ])
      .filter(({ group }) => group !== "argoproj.io") // by a Role, in Argo CD's own namespace
      .map(({ group, kind }) => `${group}/${plural(kind.toLowerCase())}`);
    expect(written.sort()).toEqual([...new Set(named)].sort());
  });

  test("the projects allow every kind that belongs to them, and no Secret", async () => {
    const slipway = resourcesOf(await render(join(root, "gitops/bootstrap", environment)));
    const projects = new Map(
      slipway.filter(({ kind }) => kind === "AppProject").map((each) => [each.metadata.name, each]),
    );
    expect(refused(projects.get("slipway"), slipway)).toEqual([]);
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "demo" } };
    for (const overlay of globSync(`gitops/apps/*/overlays/${environment}`, { cwd: root })) {
      const manifests = resourcesOf(await render(join(root, overlay)));
      expect(refused(projects.get("apps"), [...manifests, secret])).toEqual(["/Secret"]);
    }
  });
});
