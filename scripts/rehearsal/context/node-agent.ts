import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../actions/lib/kubernetes/objects.ts";
import { ProcessError } from "../../../actions/lib/core/process.ts";
import type { RunKubectl } from "./kubectl.ts";
import { ownNamespace } from "./leftovers.ts";

/** A pod on each node, which does there what only root on the node can. */
export interface NodeAgents {
  /** Lets the nodes' containerd pull images of a registry from elsewhere. @param host a registry's name, as images have it */
  serveRegistry(host: string, endpoint: string): Promise<void>;
  /** Runs a program with the node's /var/lib, on this node. @returns what it printed */
  exec(node: string, command: readonly string[]): Promise<string>;
  /** Whether pods of every node reach an address of git. @throws SlipwayError naming those that do not */
  probe(repository: string): Promise<void>;
  /** Ends the pods; each takes away first what it wrote on its node. */
  remove(): Promise<void>;
}

/** What `startNodeAgents` needs. */
export interface NodeAgentOptions {
  kubernetes: Kubernetes;
  kubectl: RunKubectl;
  /** An image with a shell and git, that the cluster can have: Argo CD's, which it will need anyway. */
  image: string;
  /** The folder on a node in which containerd's `certs.d` is. */
  containerd: string;
}

const name = "node-agent";
const path = `/apis/apps/v1/namespaces/${ownNamespace}/daemonsets/${name}`;

/** A cluster may have to pull the image first. */
const patience = 300_000;

/**
 * containerd reads a registry's hosts.toml again for each pull, wherever its `config_path` is set.
 * https://github.com/containerd/containerd/blob/main/docs/hosts.md
 */
const script = `
hosts=/containerd/certs.d made=
tidy() {
  [ -z "$REGISTRY" ] || rm -rf "$hosts/$REGISTRY"
  [ -z "$made" ] || rmdir "$hosts" 2>/dev/null
  rm -rf /var/lib/slipway-volumes 2>/dev/null
  exit 0
}
trap tidy TERM INT
if [ -n "$REGISTRY" ]; then
  if [ ! -d "$hosts" ]; then mkdir "$hosts" && made=yes; fi
  mkdir -p "$hosts/$REGISTRY" || exit 1
  printf 'server = "%s"\\n[host."%s"]\\n  capabilities = ["pull", "resolve"]\\n' "$ENDPOINT" "$ENDPOINT" \\
    >"$hosts/$REGISTRY/hosts.toml" || exit 1
fi
touch /tmp/ready
while :; do sleep 3600 & wait $!; done
`;

interface DaemonSet extends KubernetesObject {
  status?: {
    observedGeneration?: number;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberReady?: number;
  };
}

interface PulledPod extends KubernetesObject {
  spec: { nodeName?: string };
  status?: { containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[] };
}

/** Starts the pods and waits until they run. @throws SlipwayError with what keeps them from it */
export async function startNodeAgents({
  kubernetes,
  kubectl,
  image,
  containerd,
}: NodeAgentOptions): Promise<NodeAgents> {
  const pods = async () => {
    const query = { labelSelector: `app.kubernetes.io/name=${name}` };
    const { items } = await kubernetes.list<PulledPod>(`/api/v1/namespaces/${ownNamespace}/pods`, query);
    return items;
  };
  const running = async () => {
    const deadline = Date.now() + patience;
    for (;;) {
      const { metadata, status = {} } = (await kubernetes.get<DaemonSet>(path)) ?? { metadata: { name } };
      const { desiredNumberScheduled: desired = 0, updatedNumberScheduled: updated, numberReady: ready } = status;
      const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 1);
      if (seen && desired > 0 && updated === desired && ready === desired) return;
      if (Date.now() > deadline) {
        const waiting = (await pods()).map((pod) => pod.status?.containerStatuses?.[0]?.state?.waiting);
        const why = waiting.map((each) => [each?.reason, each?.message].filter(Boolean).join(": ")).find(Boolean);
        throw new SlipwayError(`The pods that prepare the nodes do not run${why ? `: ${why}` : ""}.`, {
          next: `Look at: kubectl --namespace=${ownNamespace} describe pods.`,
        });
      }
      await sleep(300);
    }
  };
  const exec = async (pod: string, command: readonly string[]) =>
    kubectl([`--namespace=${ownNamespace}`, "exec", pod, "--", ...command]);
  const apply = async (registry: string, endpoint: string) => {
    await kubernetes.patch(path, daemonSet(image, containerd, registry, endpoint), "apply");
    await running();
  };
  await apply("", "");
  return {
    serveRegistry: apply,
    async exec(node, command) {
      const pod = (await pods()).find(({ spec, metadata }) => spec.nodeName === node && !metadata.deletionTimestamp);
      if (!pod) throw new SlipwayError(`No pod of ${ownNamespace} runs on the node ${node}.`);
      return exec(pod.metadata.name, command);
    },
    async probe(repository) {
      for (const { metadata, spec } of await pods())
        try {
          await exec(metadata.name, ["timeout", "15", "git", "ls-remote", repository]);
        } catch (error) {
          if (!(error instanceof ProcessError)) throw error;
          throw new SlipwayError(`Pods on the node ${spec.nodeName} do not reach this machine at ${repository}.`, {
            next: "Name an address of this machine that they reach with --address, or let them through its firewall.",
            reason: "context-unreachable",
            cause: error,
          });
        }
    },
    async remove() {
      await kubernetes.delete(path);
      const deadline = Date.now() + 60_000;
      for (let left = await pods(); left.length > 0; left = await pods()) {
        if (Date.now() > deadline)
          throw new SlipwayError(
            `The pods that prepared the nodes do not end: ${left.map((pod) => pod.metadata.name).join(", ")}.`,
            {
              next: `Look at: kubectl --namespace=${ownNamespace} describe pods.`,
            },
          );
        await sleep(300);
      }
    },
  };
}

function daemonSet(image: string, containerd: string, registry: string, endpoint: string): object {
  const labels = { "app.kubernetes.io/name": name };
  const hostFolder = (of: string, hostPath: string) => ({ name: of, hostPath: { path: hostPath, type: "Directory" } });
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: ownNamespace, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "100%" } },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [{ operator: "Exists" }],
          automountServiceAccountToken: false,
          containers: [
            {
              name,
              image,
              imagePullPolicy: "IfNotPresent",
              command: ["sh", "-c", script],
              env: [
                { name: "REGISTRY", value: registry },
                { name: "ENDPOINT", value: endpoint },
              ],
              securityContext: { runAsUser: 0 },
              readinessProbe: { exec: { command: ["test", "-f", "/tmp/ready"] }, periodSeconds: 1 },
              volumeMounts: [
                { name: "containerd", mountPath: "/containerd" },
                { name: "lib", mountPath: "/var/lib" },
              ],
            },
          ],
          volumes: [hostFolder("containerd", containerd), hostFolder("lib", "/var/lib")],
        },
      },
    },
  };
}
