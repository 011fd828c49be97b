import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SlipwayError } from "../../../actions/lib/core/errors.ts";
import type { ApiServerAccess } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { ProcessError, run } from "../../../actions/lib/core/process.ts";
import { emulatorName } from "../aws/emulator/emulator.ts";
import type { Docker } from "../docker/docker.ts";
import type { CloudControllerName } from "./controllers/cloud-controllers.ts";
import type { NodeFolders } from "./controllers/volumes.ts";

/** An EKS cluster of the emulator that runs. */
export interface RunningCluster {
  /** The cluster's name in EKS. */
  readonly name: string;
  /** A node's address, as containers and, on Linux, this machine's own processes reach it. */
  readonly address: string;
  /** The cluster's API, with all rights. */
  readonly access: ApiServerAccess;
  /** A kubeconfig for the API, with all rights: a secret. */
  readonly kubeconfig: string;
  /** The controllers that AWS runs next to it, for what it has none of its own; all of them when left out. */
  readonly controllers?: readonly CloudControllerName[];
  /** The folders that stand for volumes. */
  readonly folders: NodeFolders;
  /**
   * Runs a program in the node, where that is one of our containers.
   *
   * @returns what it printed
   * @throws ProcessError when it fails
   */
  exec?(command: readonly string[], input?: string): Promise<string>;
}

/** The clusters that run. */
export interface Clusters extends AsyncDisposable {
  /** The cluster of this name; undefined while there is none. */
  find(name: string): RunningCluster | undefined;
  /** What went wrong with clusters so far. */
  readonly problems: readonly string[];
}

/** What `followClusters` needs. */
export interface ClustersOptions {
  docker: Docker;
  /** Called when a cluster answers; what it returns is disposed of when the cluster has gone, or with the clusters. */
  onCluster(cluster: RunningCluster): Promise<AsyncDisposable>;
}

/** The label that MiniStack puts on the containers of its clusters. */
const label = "ministack=eks";
/** A cluster's API answers a few seconds after its container has started. */
const patience = 180_000;

/**
 * Follows the containers that the emulator starts for clusters. Disposing of it also removes those that are left.
 *
 * @throws ProcessError when Docker does not answer
 */
export async function followClusters(options: ClustersOptions): Promise<Clusters> {
  const { docker } = options;
  await removeContainers(docker);
  const running = new Map<string, { cluster?: RunningCluster; stack: AsyncDisposableStack; stop: AbortController }>();
  const problems: string[] = [];
  const stop = new AbortController();
  const work = new Set<Promise<void>>();

  const started = async (container: string, name: string) => {
    const entry: { cluster?: RunningCluster; stack: AsyncDisposableStack; stop: AbortController } = {
      stack: new AsyncDisposableStack(),
      stop: new AbortController(),
    };
    running.set(container, entry);
    try {
      const cluster = await connect(docker, container, name, entry.stop.signal);
      entry.stack.use(await options.onCluster(cluster));
      entry.cluster = cluster;
    } catch (error) {
      if (!entry.stop.signal.aborted) problems.push(`Cluster ${name}: ${messageOf(error)}`);
    }
  };
  const ended = async (container: string) => {
    const entry = running.get(container);
    running.delete(container);
    entry?.stop.abort();
    await entry?.stack.disposeAsync();
  };
  const take = (line: string) => {
    const event = JSON.parse(line) as { Action: string; Actor: { ID: string; Attributes: Record<string, string> } };
    const { ID: container, Attributes: attributes } = event.Actor;
    const doing = event.Action === "start" ? started(container, attributes.cluster_name ?? "") : ended(container);
    const kept = doing.catch((error: unknown) => void problems.push(messageOf(error)));
    work.add(kept);
    void kept.finally(() => work.delete(kept));
  };
  const filters = ["type=container", `label=${label}`, "event=start", "event=die"].flatMap((each) => [
    "--filter",
    each,
  ]);
  const events = run(docker.command, ["events", ...filters, "--format", "{{json .}}"], {
    env: docker.environment,
    signal: stop.signal,
    discardOutput: true,
    onLine: (line, stream) => stream === "stdout" && take(line),
  }).catch((error: unknown) => {
    if (!stop.signal.aborted) problems.push(`Docker's events ended: ${messageOf(error)}`);
  });

  return {
    find: (name) => [...running.values()].find(({ cluster }) => cluster?.name === name)?.cluster,
    problems,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await events;
      for (const container of running.keys()) await ended(container);
      await Promise.all(work);
      await removeContainers(docker);
    },
  };
}

/** Removes what an interrupt or a failure left of clusters. A daemon that has ended has nothing left. */
async function removeContainers(docker: Docker): Promise<void> {
  const options = { env: docker.environment, timeout: 60_000 };
  const format = '{{.ID}} {{.Label "ministack.instance"}}';
  const list = ["ps", "--all", "--no-trunc", "--filter", `label=${label}`, "--format", format];
  const found = await run(docker.command, list, options).catch(() => undefined);
  const lines = found?.stdout.split("\n").map((line) => line.split(" ")) ?? [];
  const containers = lines.flatMap(([id, instance]) => (id && instance?.startsWith(emulatorName) ? [id] : []));
  if (containers.length > 0) await run(docker.command, ["rm", "--force", "--volumes", ...containers], options);
}

/** Waits until the cluster answers, and makes an account in it that may do everything. */
async function connect(docker: Docker, container: string, name: string, signal: AbortSignal): Promise<RunningCluster> {
  const env = docker.environment;
  const exec: NonNullable<RunningCluster["exec"]> = async (command, input) => {
    const args = ["exec", ...(input === undefined ? [] : ["--interactive"]), container, ...command];
    const result = await run(docker.command, args, { env, timeout: 60_000, ...(input === undefined ? {} : { input }) });
    return result.stdout;
  };
  const inspect = async (format: string) =>
    (await run(docker.command, ["inspect", "--format", format, container], { env })).stdout.trim();

  const deadline = Date.now() + patience;
  for (;;) {
    signal.throwIfAborted();
    try {
      await exec(["kubectl", "apply", "--filename=-"], JSON.stringify(administrator));
      break;
    } catch (error) {
      if (!(error instanceof ProcessError) || Date.now() > deadline)
        throw new SlipwayError(`its API does not answer: ${messageOf(error)}`, { cause: error });
      await sleep(300, undefined, { signal });
    }
  }
  const certificateAuthority = await exec(["cat", "/var/lib/rancher/k3s/server/tls/server-ca.crt"]);
  const create = ["kubectl", "--namespace=kube-system", "create", "token", account, "--duration=24h"];
  const token = (await exec(create)).trim();
  const port = await inspect('{{(index (index .NetworkSettings.Ports "6443/tcp") 0).HostPort}}');
  const server = `https://127.0.0.1:${port}`;
  return {
    name,
    address: await inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"),
    access: { server, certificateAuthority, token: () => Promise.resolve(token) },
    kubeconfig: renderKubeconfig(server, certificateAuthority, token),
    folders: {
      make: async (_, path) => {
        await exec(["mkdir", "-p", path]);
      },
      remove: async (_, path) => {
        await exec(["rm", "-rf", path]);
      },
    },
    exec,
  };
}

/** A kubeconfig for kubectl. JSON is YAML, too. */
export function renderKubeconfig(server: string, certificateAuthority: string, token: string): string {
  const authority = Buffer.from(certificateAuthority).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "rehearsal", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "administrator", user: { token } }],
    contexts: [{ name: "rehearsal", context: { cluster: "rehearsal", user: "administrator" } }],
    "current-context": "rehearsal",
  });
}

const account = "slipway-rehearsal";
const administrator = {
  apiVersion: "v1",
  kind: "List",
  items: [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace: "kube-system" } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: account },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", name: account, namespace: "kube-system" }],
    },
  ],
};
