import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { secretValues as consoleSecret } from "../apps/proyecto06/backend/src/secret-values.ts";
import { secretValues } from "../apps/visits/api/src/secret-values.ts";
import { environmentOf, readConfig } from "../actions/lib/config/config.ts";
import { overlayPaths } from "../actions/lib/gitops/paths.ts";
import { checkApps, checkText } from "../actions/lib/rules/check.ts";
import { openFlows } from "../actions/lib/rules/flows.ts";
import type { Manifest } from "../actions/lib/rules/manifest.ts";
import { readPlatform } from "../actions/lib/rules/platform.ts";
import { peakNeeds } from "../actions/lib/rules/quota.ts";
import {
  type CheckSchemas,
  ensureKustomize,
  ensureSchemas,
  type Render,
} from "../scripts/rehearsal/tools/kustomize.ts";
import { componentsOf, filesOf, list, released, releasedImages } from "./released.ts";

/** What the External Secrets Operator makes a Secret from, as far as it is looked at. */
interface ExternalSecret {
  target: { name: string; template: { data: Record<string, string> } };
}

const root = join(import.meta.dirname, "..");

const overlays = await list("gitops/apps/*/overlays/*/kustomization.yaml");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let render: Render;
let checkSchemas: CheckSchemas;

beforeAll(async () => {
  folder = await temporaryFolder("manifests");
  [render, checkSchemas] = await Promise.all([ensureKustomize(join(folder.path, "kustomize.log")), ensureSchemas()]);
});
afterAll(() => folder[Symbol.asyncDispose]());

const parse = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as Manifest);

/** The faults of an app of which everything is released. */
const releasedFaults = async (app: string, text: string) =>
  checkText(text, { app, components: [], takesReleases: true, platform: readPlatform(await filesOf(app)) });

test("there are overlays to look at", () => {
  expect(overlays.length).toBeGreaterThan(0);
});

describe.each(overlays)("%s", (path) => {
  const overlay = dirname(path);
  const environment = basename(overlay);
  const app = overlay.split("/")[2] ?? "";

  test("as it is: valid in the environment's Kubernetes version, without a fault", async () => {
    const text = await render(join(root, overlay));
    const file = join(folder.path, `${app}-${environment}.yaml`);
    await writeFile(file, text);
    const config = await readConfig(join(root, "slipway.yaml"));
    expect(await checkSchemas(file, environmentOf(config, environment).cluster.version)).toEqual([]);
    const images = (await componentsOf(app)).map((name) => ({ app, name }));
    await checkApps({ files: await filesOf(app), environment, images, render });
  });

  test("after a release: every container runs one of our own images, by digest", async () => {
    const files = await filesOf(app);
    files.set(overlayPaths(app, environment).images, await releasedImages(app));
    await checkApps({ files, environment, images: [], render });
  });

  test("rendered twice it is the same, and the machine-owned file is a component of it", async () => {
    expect(await render(join(root, overlay))).toBe(await render(join(root, overlay)));
    expect(await readFile(join(root, path), "utf8")).toMatch(/^components:\n(?: *#.*\n)* *- images$/m);
  });
});

test("visits: passwords from AWS Secrets Manager look like those that the Job makes", async () => {
  const overlay = await released("visits", "dev", folder.path);
  const file = join(overlay, "kustomization.yaml");
  const text = await readFile(file, "utf8");
  const component = "components:\n  - ../../components/secrets-manager\n";
  await writeFile(file, text.replace("components:\n", component));
  const rendered = await render(overlay);
  const manifests = parse(rendered);
  expect(await releasedFaults("visits", rendered)).toEqual([]);
  expect(manifests.filter(({ metadata }) => metadata.name === "visits-secret")).toEqual([]);
  const external = manifests.find(({ kind }) => kind === "ExternalSecret")?.spec as unknown as ExternalSecret;
  const { name, template } = external.target;
  const born = secretValues();
  const filled = Object.entries(template.data).map(([key, text]) => [
    key,
    text.replace("{{ .database }}", born["database-password"]).replace("{{ .cache }}", born["cache-password"]),
  ]);
  expect([name, Object.fromEntries(filled)]).toEqual(["visits", born]);
});

test("a field that Kubernetes does not know is found", async () => {
  const file = join(folder.path, "unknown.yaml");
  await writeFile(file, "apiVersion: v1\nkind: Service\nmetadata: { name: demo }\nspec: { porst: [] }\n");
  expect((await checkSchemas(file, "1.36")).join("\n")).toContain("porst");
});

test("visits: an autoscaler from three to five, two gateways behind a load balancer", async () => {
  const manifests = parse(await render(join(root, "gitops/apps/visits/overlays/dev")));
  const find = (kind: string, name: string) => manifests.find((m) => m.kind === kind && m.metadata.name === name)?.spec;
  expect(find("HorizontalPodAutoscaler", "visits-api")).toMatchObject({ minReplicas: 3, maxReplicas: 5 });
  expect(find("Deployment", "visits-nginx")).toMatchObject({ replicas: 2 });
  expect(find("Service", "visits-nginx")).toMatchObject({ type: "LoadBalancer", ports: [{ port: 80 }] });
  expect(find("Service", "visits-database")).toMatchObject({ clusterIP: "None" });
});

test("visits: what may talk to what", async () => {
  const manifests = parse(await render(join(root, "gitops/apps/visits/overlays/dev")));
  const flows = openFlows(manifests);
  const toDns = ["api", "cache", "database", "migration", "nginx", "secret"].flatMap((name) => [
    `visits-${name} -> kube-system/kube-dns:53`,
    `visits-${name} -> kube-system/kube-dns:53/UDP`,
  ]);
  expect(flows.filter((flow) => flow.includes("kube-dns"))).toEqual(toDns);
  expect(flows.filter((flow) => !flow.includes("kube-dns"))).toEqual([
    "anywhere -> visits-nginx:8080",
    "anywhere -> visits-nginx:8081",
    "anywhere -> visits-nginx:8443",
    "monitoring/* -> visits-api:9090",
    "visits-api -> visits-cache:6379",
    "visits-api -> visits-database:5432",
    "visits-migration -> visits-database:5432",
    "visits-nginx -> visits-api:8000",
    "visits-secret -> anywhere:443",
    "visits-secret -> anywhere:6443",
  ]);
});

describe("proyecto06", () => {
  const overlay = "gitops/apps/proyecto06/overlays/dev";
  const rendered = async () => parse(await render(join(root, overlay)));

  test("is as its document has it: names, ports, sizes, replicas", async () => {
    const manifests = await rendered();
    const find = (kind: string, name: string) =>
      manifests.find((m) => m.kind === kind && m.metadata.name === name)?.spec;
    expect(find("Service", "frontend")).toMatchObject({ type: "LoadBalancer", ports: [{ port: 80 }] });
    expect(find("Service", "backend-service")).toMatchObject({ ports: [{ port: 8000 }, { port: 9090 }] });
    expect(find("Service", "database-service")).toMatchObject({ clusterIP: "None", ports: [{ port: 5432 }] });
    expect(find("HorizontalPodAutoscaler", "backend")).toMatchObject({ minReplicas: 2, maxReplicas: 5 });
    expect(find("Deployment", "frontend")).toMatchObject({ replicas: 2 });
    expect(find("StatefulSet", "database")).toMatchObject({
      serviceName: "database-service",
      volumeClaimTemplates: [
        { metadata: { name: "data" }, spec: { resources: { requests: { storage: "5Gi" } } } },
        { metadata: { name: "backups" } },
      ],
    });
    expect(find("CronJob", "restore")).toMatchObject({ suspend: true });
    expect(find("CronJob", "backup")).not.toHaveProperty("suspend");
  });

  test("what may talk to what", async () => {
    const flows = openFlows(await rendered());
    expect(flows.filter((flow) => !flow.includes("kube-dns"))).toEqual([
      "anywhere -> frontend:8080",
      "anywhere -> frontend:8081",
      "anywhere -> frontend:8443",
      "backend -> anywhere:443",
      "backend -> database:5432",
      "backup -> database:5432",
      "frontend -> backend:8000",
      "migration -> database:5432",
      "monitoring/* -> backend:9090",
      "restore -> database:5432",
      "retention -> database:5432",
      "secret -> anywhere:443",
      "secret -> anywhere:6443",
    ]);
  });

  test("its pools leave the database connections for everything else, in a release at the autoscaler's maximum", async () => {
    const manifests = await rendered();
    const data = manifests.find(({ kind, data }) => kind === "ConfigMap" && data?.["DATABASE_POOL_SIZE"])?.data;
    const backend = manifests.filter(
      ({ kind, metadata }) => kind === "HorizontalPodAutoscaler" || metadata.name === "backend",
    );
    const { pods } = peakNeeds(backend.filter(({ kind }) => kind !== "PodDisruptionBudget"));
    const settings = await readFile(join(root, "apps/proyecto06/database/postgresql.conf"), "utf8");
    const most = Number(/^max_connections = (\d+)$/m.exec(settings)?.[1]);
    // One more of each pod listens; three are PostgreSQL's own, and four jobs have one or two each.
    expect(pods * (Number(data?.["DATABASE_POOL_SIZE"]) + 1)).toBeLessThanOrEqual(most - 3 - 8);
  });

  test("the pipeline that may report is this repository's, and the Secret has every key that is asked for", async () => {
    const manifests = await rendered();
    const config = await readConfig(join(root, "slipway.yaml"));
    const data = manifests.find(({ kind, data }) => kind === "ConfigMap" && data?.["REPORT_REPOSITORY"])?.data;
    expect(data).toMatchObject({
      REPORT_REPOSITORY: config.git.repository,
      REPORT_BRANCH: config.git.branch,
      ONE_TIME_LINK: "true",
    });
    const text = JSON.stringify(manifests);
    const asked = [...text.matchAll(/"secretKeyRef":\{"key":"([\w-]+)","name":"proyecto06"\}/g)].map(
      (match) => match[1],
    );
    expect([...new Set(asked)].sort()).toEqual(Object.keys(consoleSecret()).sort());
  });

  test("with an issuer: its client's secret, no one-time link, and still without a fault", async () => {
    const copy = await released("proyecto06", "dev", folder.path);
    const file = join(copy, "kustomization.yaml");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("components:\n", "components:\n  - ../../components/oidc\n"));
    const rendered = await render(copy);
    const manifests = parse(rendered);
    expect(await releasedFaults("proyecto06", rendered)).toEqual([]);
    expect(manifests.find(({ data }) => data?.["REPORT_REPOSITORY"])?.data).toMatchObject({ ONE_TIME_LINK: "false" });
    expect(JSON.stringify(manifests)).toContain('"secretKeyRef":{"key":"client-secret","name":"proyecto06-oidc"}');
  });
});
