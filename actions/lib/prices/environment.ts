import { glob } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { EnvironmentConfig } from "../config/config.ts";
import { nodeGroups } from "../config/nodes.ts";
import { mapConcurrently } from "../core/concurrency.ts";
import { type Render, renderEnvironment, renderWithKubectl } from "../rules/render.ts";
import type { Billable } from "./prices.ts";

/** What apps make AWS bill besides machines. */
export interface Demands {
  loadBalancers: number;
  /** Of all disks. */
  gigabytes: number;
}

/** A Kubernetes object, as far as it makes AWS bill something. */
interface BilledManifest {
  kind?: string;
  spec?: BilledClaim["spec"] & { type?: string; replicas?: number; volumeClaimTemplates?: BilledClaim[] };
}
interface BilledClaim {
  spec?: { resources?: { requests?: { storage?: unknown } } };
}

/**
 * What the apps in `gitops/apps` ask for in each environment: what their folders `base` render to. What an overlay changes
 * does not count.
 *
 * @param directory the repository's root folder
 * @throws SlipwayError when one of them cannot be rendered
 */
export async function demandsIn(directory: string, render: Render = renderWithKubectl): Promise<Demands> {
  const bases: string[] = [];
  for await (const path of glob("gitops/apps/*/base/kustomization.yaml", { cwd: directory })) bases.push(path);
  const texts = await mapConcurrently(bases, availableParallelism(), (path) =>
    render(join(directory, dirname(path)), renderEnvironment()),
  );
  return demandsOf(
    texts.flatMap((text) =>
      parseAllDocuments(text).map((document) => document.toJS({ maxAliasCount: 100 }) as unknown),
    ),
  );
}

/** What manifests ask for: load balancers, and disks by claims of their own or by the templates of StatefulSets. */
export function demandsOf(manifests: readonly unknown[]): Demands {
  const demands: Demands = { loadBalancers: 0, gigabytes: 0 };
  for (const manifest of manifests as (BilledManifest | null)[]) {
    const { kind, spec = {} } = manifest ?? {};
    if (kind === "Service" && spec.type === "LoadBalancer") demands.loadBalancers += 1;
    const { volumeClaimTemplates: templates = [], replicas = 1 } = spec;
    for (const claim of templates)
      demands.gigabytes += replicas * gigabytesOf(claim.spec?.resources?.requests?.storage);
    const own = kind === "PersistentVolumeClaim" ? spec.resources?.requests?.storage : undefined;
    if (own !== undefined) demands.gigabytes += gigabytesOf(own);
  }
  return demands;
}

/** What a unit of Kubernetes is in bytes: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const units: Record<string, number> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** EBS counts whole units of what Kubernetes calls Gi, and its driver rounds up. What is not a quantity, it never makes. */
function gigabytesOf(storage: unknown): number {
  const [, size, unit = ""] = /^(\d+(?:\.\d+)?)([kMGTP]|[KMGTP]i)?$/.exec(String(storage)) ?? [];
  return size === undefined ? 0 : Math.ceil((Number(size) * (units[unit] ?? 1)) / 2 ** 30);
}

/** As terraform/modules/network has it: subnets, and with them the addresses of load balancers, are in two zones. */
export const zones = 2;

/** The root disk of a node, in gigabytes, as terraform/modules/nodes has it. */
export const nodeDisk = 40;

/** What AWS bills by the hour while an environment runs as it starts, with as many nodes as are desired. */
export function billablesOf({ cluster, network }: EnvironmentConfig, demands: Demands): Billable[] {
  const groups = Object.values(nodeGroups(cluster.nodes));
  const nodes = groups.reduce((sum, { desired }) => sum + desired, 0);
  const gateways = network.nat === "single" ? 1 : zones;
  return [
    { kind: "cluster", quantity: 1 },
    ...groups.map(({ types, capacity, desired }): Billable => {
      const spot = capacity === "spot" && { spot: true };
      return { kind: "instance", type: types[0] ?? "?", ...spot, quantity: desired };
    }),
    { kind: "nat-gateway", quantity: gateways },
    { kind: "network-load-balancer", quantity: demands.loadBalancers },
    { kind: "public-address", quantity: gateways + zones * demands.loadBalancers },
    { kind: "volume", type: "gp3", quantity: nodeDisk * nodes + demands.gigabytes },
    { kind: "key", quantity: 2 }, // the cluster's, and that of the images
  ];
}
