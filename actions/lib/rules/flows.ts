import {
  behind,
  type ManifestContainer,
  type Labels,
  labelsOf,
  type Manifest,
  type Peer,
  type Port,
  selects,
  workloadsOf,
} from "./manifest.ts";

/** One way that NetworkPolicies leave open, as `from -> to:port`. */
type AllowedFlow = string;

interface FlowRule {
  peers: Peer[] | undefined;
  ports: Port[] | undefined;
}

interface Pods {
  name: string;
  labels: Labels;
  ingress: FlowRule[];
  egress: FlowRule[];
}

/**
 * Every way that the NetworkPolicies of one app leave open: between its workloads, where both ends allow it, and
 * between them and the rest of the world. Read from the text, because a cluster may not enforce them (a bridge CNI does
 * not), and then nothing would fail.
 *
 * @param manifests of one namespace in which everything is denied that is not named
 * @returns sorted lines such as `notes-api -> notes-database:5432`; `anywhere` is an end without a condition,
 *   `kube-system/kube-dns` pods of another namespace, `monitoring/*` all of its pods
 * @throws Error for a condition that is not understood here
 */
export function openFlows(manifests: readonly Manifest[]): AllowedFlow[] {
  const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
  const all = workloadsOf(manifests).map((workload): Pods => {
    const labels = labelsOf(workload);
    const own = policies.filter(({ spec }) => selects(spec?.podSelector ?? {}, labels));
    return {
      name: workload.metadata.name,
      labels,
      ingress: own.flatMap(({ spec }) => (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))),
      egress: own.flatMap(({ spec }) => (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }))),
    };
  });
  const flows = new Set<AllowedFlow>();
  for (const pods of all) {
    for (const other of all)
      for (const port of portsOf(pods.ingress.filter((rule) => takes(rule, other.labels))))
        if (portsOf(other.egress.filter((rule) => takes(rule, pods.labels))).includes(port))
          flows.add(`${other.name} -> ${pods.name}:${port}`);
    for (const rule of pods.ingress)
      for (const end of outside(rule)) for (const port of portsOf([rule])) flows.add(`${end} -> ${pods.name}:${port}`);
    for (const rule of pods.egress)
      for (const end of outside(rule)) for (const port of portsOf([rule])) flows.add(`${pods.name} -> ${end}:${port}`);
  }
  return [...flows].sort();
}

/**
 * The ways that the workloads need by their own words: where a variable of a container (`..._HOST` or `..._URL`) names
 * a Service of the app, to the pods behind it.
 *
 * @returns lines as of `openFlows`
 */
export function neededFlows(manifests: readonly Manifest[]): AllowedFlow[] {
  return workloadsOf(manifests).flatMap(({ metadata, spec }) =>
    spec.template.spec.containers
      .flatMap((container) => addressesOf(container, manifests))
      .flatMap((address) => endsOf(address, manifests).map((end) => `${metadata.name} -> ${end}`)),
  );
}

/** What a container wants to reach; without a port, each that the Service has. */
interface Address {
  host: string;
  port?: number;
}

/** The addresses in a container's variables, also in those that it takes from ConfigMaps. */
function addressesOf(container: ManifestContainer, manifests: readonly Manifest[]): Address[] {
  const maps = (container.envFrom ?? []).map(({ configMapRef }) =>
    manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === configMapRef?.name),
  );
  const variables = [
    ...(container.env ?? []).map(({ name, value = "" }) => [name, value] as const),
    ...maps.flatMap((map) => Object.entries(map?.data ?? {})),
  ];
  return variables.flatMap(([name, value]): Address[] => {
    if (name.endsWith("_HOST")) return [{ host: value }];
    if (!name.endsWith("_URL")) return [];
    const { hostname, port, protocol } = new URL(value);
    return [{ host: hostname, port: Number(port || (protocol === "https:" ? 443 : 80)) }];
  });
}

/** The pods behind an address, as `workload:port`; none when it is not a Service of the app. */
function endsOf({ host, port: wanted }: Address, manifests: readonly Manifest[]): string[] {
  const services = manifests.filter(({ kind, metadata }) => kind === "Service" && metadata.name === host);
  return services.flatMap((service) => {
    const ports = (service.spec?.ports ?? []).filter(({ port }) => port === (wanted ?? port));
    return behind(service, manifests).flatMap(({ metadata, spec }) => {
      const named = spec.template.spec.containers.flatMap((container) => container.ports ?? []);
      return ports.map(({ port, targetPort = port }) => {
        const number = named.find(({ name }) => name === targetPort)?.containerPort ?? targetPort;
        return `${metadata.name}:${number}`;
      });
    });
  });
}

/** Whether a rule's other end may be pods of the same namespace with these labels. */
function takes({ peers }: FlowRule, labels: Labels): boolean {
  if (!peers) return true;
  return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
    if (ipBlock) throw new Error("A NetworkPolicy with an ipBlock is not understood here.");
    return podSelector !== undefined && !namespaceSelector && selects(podSelector, labels);
  });
}

/** The names of a rule's other ends that are not in the namespace. */
function outside({ peers }: FlowRule): string[] {
  if (!peers) return ["anywhere"];
  return peers
    .filter(({ namespaceSelector }) => namespaceSelector)
    .map(({ namespaceSelector, podSelector }) => {
      const text = (selector: typeof podSelector) => Object.values(selector?.matchLabels ?? {}).join(",") || "*";
      return `${text(namespaceSelector)}/${text(podSelector)}`;
    });
}

function portsOf(rules: FlowRule[]): string[] {
  return rules.flatMap(({ ports }) => {
    if (!ports) throw new Error("A NetworkPolicy without ports is not understood here.");
    return ports.map(({ port, protocol = "TCP" }) => `${port}${protocol === "TCP" ? "" : `/${protocol}`}`);
  });
}
