import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { EnvironmentConfig } from "../../actions/lib/config.ts";
import { nodeGroups } from "../../actions/lib/core/nodes.ts";
import type { Billable } from "../../actions/lib/prices.ts";
import { list } from "../../gitops/released.ts";

const root = join(import.meta.dirname, "../..");

/** What apps make AWS bill besides machines. */
export interface Demands {
  loadBalancers: number;
  /** Of all disks. */
  gigabytes: number;
}

/** A Kubernetes object, as far as it makes AWS bill something. */
interface Manifest {
  kind?: string;
  spec?: Partial<Claim["spec"]> & { type?: string; replicas?: number; volumeClaimTemplates?: Claim[] };
}
interface Claim {
  spec: { resources: { requests: { storage: string } } };
}

/** What the apps in `gitops/apps` ask for in each environment. */
export async function demandsOfApps(): Promise<Demands> {
  const paths = await list("gitops/apps/*/**/*.yaml");
  const texts = await Promise.all(paths.map((path) => readFile(join(root, path), "utf8")));
  return demandsOf(texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as unknown)));
}

/** What manifests ask for: load balancers, and disks by claims of their own or by the templates of StatefulSets. */
export function demandsOf(manifests: readonly unknown[]): Demands {
  const demands: Demands = { loadBalancers: 0, gigabytes: 0 };
  for (const manifest of manifests as (Manifest | null)[]) {
    const { kind, spec = {} } = manifest ?? {};
    if (kind === "Service" && spec.type === "LoadBalancer") demands.loadBalancers += 1;
    const { volumeClaimTemplates: templates = [], replicas = 1 } = spec;
    for (const claim of templates) demands.gigabytes += replicas * gigabytesOf(claim.spec.resources.requests.storage);
    const own = kind === "PersistentVolumeClaim" ? spec.resources?.requests.storage : undefined;
    if (own !== undefined) demands.gigabytes += gigabytesOf(own);
  }
  return demands;
}

/** EBS counts what Kubernetes calls Gi. */
function gigabytesOf(storage: string): number {
  const [, size, unit] = /^(\d+)(Gi|Ti)$/.exec(storage) ?? [];
  if (size === undefined) throw new Error(`A claim asks for "${storage}", which is neither in Gi nor in Ti.`);
  return Number(size) * (unit === "Ti" ? 1024 : 1);
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
