import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { openFlows } from "../../../actions/lib/rules/flows.ts";
import { peakNeeds } from "../../../actions/lib/rules/quota.ts";
import { secretValues } from "../../../apps/proyecto06/backend/src/secret-values.ts";
import { specOf, useRenderedApp } from "../../rendered-app.ts";

const root = join(import.meta.dirname, "../../..");
const app = useRenderedApp("proyecto06", "dev");

test("is as its document has it: names, ports, sizes, replicas", async () => {
  const manifests = await app.manifests();
  const find = (kind: string, name: string) => specOf(manifests, kind, name);
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
  const flows = openFlows(await app.manifests());
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
  const manifests = await app.manifests();
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
  const manifests = await app.manifests();
  const config = await readConfig(join(root, "slipway.yaml"));
  const data = manifests.find(({ kind, data }) => kind === "ConfigMap" && data?.["REPORT_REPOSITORY"])?.data;
  expect(data).toMatchObject({
    REPORT_REPOSITORY: config.git.repository,
    REPORT_BRANCH: config.git.branch,
    ONE_TIME_LINK: "true",
  });
  const text = JSON.stringify(manifests);
  const asked = [...text.matchAll(/"secretKeyRef":\{"key":"([\w-]+)","name":"proyecto06"\}/g)].map((match) => match[1]);
  expect([...new Set(asked)].sort()).toEqual(Object.keys(secretValues()).sort());
});

test("with an issuer: its client's secret, no one-time link, and still without a fault", async () => {
  const copy = await app.released();
  const file = join(copy.folder, "kustomization.yaml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("components:\n", "components:\n  - ../../components/oidc\n"));
  const { manifests, faults } = await copy.render();
  expect(faults).toEqual([]);
  expect(manifests.find(({ data }) => data?.["REPORT_REPOSITORY"])?.data).toMatchObject({ ONE_TIME_LINK: "false" });
  expect(JSON.stringify(manifests)).toContain('"secretKeyRef":{"key":"client-secret","name":"proyecto06-oidc"}');
});
