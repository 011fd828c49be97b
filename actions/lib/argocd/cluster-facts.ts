import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argocdNamespace } from "./application.ts";

/** What only Terraform knows of an environment, and its apps' manifests need. */
export interface ClusterFacts {
  /** What the apps' names end in. */
  domain: string;
  /** The ARN of the certificate for these names. */
  certificate: string;
}

/** The annotations that gitops/applicationsets reads; empty where the environment has no domain. */
const annotations = { domain: "slipway.dev/domain", certificate: "slipway.dev/certificate" } as const;

/** What an environment's outputs say; undefined where it has no domain. */
export function clusterFacts(outputs: Readonly<Record<string, unknown>>): ClusterFacts | undefined {
  const { domain, certificate_arn: certificate } = outputs;
  return typeof domain === "string" && typeof certificate === "string" ? { domain, certificate } : undefined;
}

/**
 * Writes a folder for `kubectl apply -k` that tells Argo CD of its own cluster: an ApplicationSet can read what its
 * Secret says in addition to git. https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Cluster/
 * There is nothing secret in it: Argo CD reaches its own cluster by its ServiceAccount.
 */
export async function writeClusterFacts(folder: string, facts: ClusterFacts | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "in-cluster",
      namespace: argocdNamespace,
      labels: { "argocd.argoproj.io/secret-type": "cluster" },
      annotations: { [annotations.domain]: facts?.domain ?? "", [annotations.certificate]: facts?.certificate ?? "" },
    },
    type: "Opaque",
    stringData: { name: "in-cluster", server: "https://kubernetes.default.svc" },
  };
  await writeFile(join(folder, "cluster.json"), JSON.stringify(secret));
  await writeFile(join(folder, "kustomization.yaml"), "resources:\n  - cluster.json\n");
}
