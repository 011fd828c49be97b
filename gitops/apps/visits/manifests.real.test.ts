import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFlows } from "../../../actions/lib/rules/flows.ts";
import { secretValues } from "../../../apps/visits/api/src/secret-values.ts";
import { specOf, useRenderedApp } from "../../rendered-app.ts";

/** What the External Secrets Operator makes a Secret from, as far as it is looked at. */
interface ExternalSecret {
  target: { name: string; template: { data: Record<string, string> } };
}

const app = useRenderedApp("visits", "dev");

test("passwords from AWS Secrets Manager look like those that the Job makes", async () => {
  const copy = await app.released();
  const file = join(copy.folder, "kustomization.yaml");
  const text = await readFile(file, "utf8");
  const component = "components:\n  - ../../components/secrets-manager\n";
  await writeFile(file, text.replace("components:\n", component));
  const { manifests, faults } = await copy.render();
  expect(faults).toEqual([]);
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

test("an autoscaler from three to five, two gateways behind a load balancer", async () => {
  const manifests = await app.manifests();
  const find = (kind: string, name: string) => specOf(manifests, kind, name);
  expect(find("HorizontalPodAutoscaler", "visits-api")).toMatchObject({ minReplicas: 3, maxReplicas: 5 });
  expect(find("Deployment", "visits-nginx")).toMatchObject({ replicas: 2 });
  expect(find("Service", "visits-nginx")).toMatchObject({ type: "LoadBalancer", ports: [{ port: 80 }] });
  expect(find("Service", "visits-database")).toMatchObject({ clusterIP: "None" });
});

test("what may talk to what", async () => {
  const manifests = await app.manifests();
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
