import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { ComposeFile, ComposeService, ServiceDependency } from "./compose-file.ts";
import { podService } from "./container.ts";
import { type ContainerInput } from "./container-context.ts";
import { type ComposeManifest, servicesOf, type ComposeWorkload, workloadsOf } from "./manifests.ts";
import { host, type PublishedPort } from "./ports.ts";

/** What `composeFile` works on. */
export interface ComposeInput extends ContainerInput {
  app: string;
  /** The ports of this machine that lead to the app. */
  ports: readonly PublishedPort[];
}

/** The label that everything that is made in Docker for an app carries; its value is the app's name. */
export const appLabel = "slipway.app";

/**
 * What an overlay renders to, as a Compose file: every workload a service, started in the order of the sync waves.
 *
 * @throws SlipwayError naming what Compose has nothing for
 */
export function composeFile(input: ComposeInput): ComposeFile {
  const { app, manifests, ports } = input;
  const services: Record<string, ComposeService> = {};
  let before: Record<string, ServiceDependency> = {};
  for (const wave of waves(workloadsOf(manifests))) {
    const started: Record<string, ServiceDependency> = {};
    for (const workload of wave) {
      const mine = ports.filter(({ workload: name }) => name === workload.metadata.name);
      for (const [name, service] of replicasOf(workload, mine, input)) {
        services[name] = { ...service, depends_on: before };
        started[name] = dependency(workload, service);
      }
    }
    before = started;
  }
  const mounts = Object.values(services).flatMap((service) => service.volumes);
  const volumes = mounts.flatMap((mount) => (mount.type === "volume" ? [mount.source] : []));
  const labels = { [appLabel]: app };
  return {
    name: `slipway-${app}`,
    services,
    networks: { default: { labels } },
    volumes: Object.fromEntries(volumes.map((name) => [name, { labels }])),
  };
}

/** The kinds of an app's manifests that Compose has nothing for and that somebody may miss, sorted. */
export function leftOut(manifests: readonly ComposeManifest[]): string[] {
  const missed = new Set(["NetworkPolicy", "HorizontalPodAutoscaler", "CronJob", "DaemonSet", "Ingress"]);
  return [...new Set(manifests.map(({ kind }) => kind).filter((kind) => missed.has(kind)))].sort();
}

const phases = ["PreSync", "Sync", "PostSync"];

/** Workloads that start together, in the order in which Argo CD syncs them. */
function waves(workloads: readonly ComposeWorkload[]): ComposeWorkload[][] {
  const orderOf = ({ metadata: { annotations = {} } }: ComposeManifest) => {
    const phase = phases.indexOf(annotations["argocd.argoproj.io/hook"] ?? "Sync");
    return phase * 1000 + Number(annotations["argocd.argoproj.io/sync-wave"] ?? 0);
  };
  const byOrder = Map.groupBy(workloads, orderOf);
  return [...byOrder].sort(([a], [b]) => a - b).map(([, wave]) => wave);
}

function dependency(workload: ComposeWorkload, service: Pick<ComposeService, "healthcheck">): ServiceDependency {
  if (workload.kind === "Job") return { condition: "service_completed_successfully", restart: false };
  // Who has looked up an address must look again when the container behind it is another one.
  return { condition: service.healthcheck ? "service_healthy" : "service_started", restart: true };
}

type Replicas = [name: string, Omit<ComposeService, "depends_on">][];

/**
 * A workload's services. One container alone can have a port of this machine, so that the others become a service of
 * their own under the same name in the network. What a load balancer stands before in the cluster runs once: here it
 * would be a container that nothing leads to.
 */
function replicasOf(workload: ComposeWorkload, ports: readonly PublishedPort[], input: ComposeInput): Replicas {
  const { name } = workload.metadata;
  const { resources, ...service } = podService(workload, input);
  const count = ports.some((port) => port.public) ? 1 : replicaCount(workload, input.manifests);
  const complete = (replicas: number): Omit<ComposeService, "depends_on"> => ({
    ...service,
    labels: { [appLabel]: input.app },
    networks: { default: { aliases: aliasesOf(workload, input.manifests) } },
    restart: workload.kind === "Job" ? `on-failure:${workload.spec.backoffLimit ?? 6}` : "unless-stopped",
    deploy: { replicas, resources },
  });
  if (ports.length === 0) return [[name, complete(count)]];
  const published = ports.map(({ port, target }) => ({ target, published: String(port), host_ip: host }));
  const others: Replicas = count > 1 ? [[`${name}-replicas`, complete(count - 1)]] : [];
  return [[name, { ...complete(1), ports: published }], ...others];
}

function replicaCount({ kind, metadata, spec }: ComposeWorkload, manifests: readonly ComposeManifest[]): number {
  if (kind === "StatefulSet" && (spec.replicas ?? 1) > 1)
    throw new SlipwayError(
      `${metadata.name} has ${spec.replicas} replicas with a volume each: Compose has one volume.`,
      {
        next: "Try it in a cluster: ./slipway rehearse.",
      },
    );
  const scaler = manifests.find(
    (each) => each.kind === "HorizontalPodAutoscaler" && each.spec?.scaleTargetRef?.name === metadata.name,
  );
  return scaler?.spec?.minReplicas ?? spec.replicas ?? 1;
}

/** The names by which others in the namespace reach the workload. */
function aliasesOf(workload: ComposeWorkload, manifests: readonly ComposeManifest[]): string[] {
  const { name, namespace } = workload.metadata;
  const services = servicesOf(workload, manifests).map(({ metadata }) => metadata.name);
  const pods = workload.spec.serviceName ? [`${name}-0.${workload.spec.serviceName}`] : [];
  const short = [...services, ...pods];
  const suffixes = ["", ...["", ".svc", ".svc.cluster.local"].map((end) => `.${namespace}${end}`)];
  return short.flatMap((each) => suffixes.map((suffix) => each + suffix));
}
