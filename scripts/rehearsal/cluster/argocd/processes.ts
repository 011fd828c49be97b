import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Kubernetes, KubernetesError } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import { type BackgroundProcess, startDaemon } from "../../docker/daemon.ts";
import { type Component, type ComponentName, componentNames, describeComponents, kubeconfigOf } from "./components.ts";
import { copyArgocdScripts } from "./module.ts";
import { ensureClusterPrograms } from "../programs.ts";

export type { ComponentName } from "./components.ts";

/** How Argo CD's processes are started. */
export interface ArgocdProcessesOptions {
  kubernetes: Kubernetes;
  /** The path of an administrator's kubeconfig: each program gets its pod's ServiceAccount's token in place of his. */
  kubeconfig: string;
  /** A folder of their own for data, settings and logs: made here, and left to the caller. Its path must be short. */
  folder: string;
  /** The file that gets what the compiler prints. */
  log: string;
}

/** The real Argo CD without containers. Disposing of it ends all its processes. */
export interface ArgocdProcesses extends AsyncDisposable {
  /** Ends a program, as if its container crashed and did not come back; its pod is not ready then. */
  stop(name: ComponentName): Promise<void>;
  /** Lets a program that was stopped run again; its pod is ready then. */
  start(name: ComponentName): Promise<void>;
}

/** How long a program may take to start, in milliseconds: the machine may be compiling. */
const patience = 60_000;
const podsPath = "/api/v1/namespaces/argocd/pods";

interface ProgramPod extends KubernetesObject {
  spec: { serviceAccountName?: string; containers: { name: string; image: string; env?: Variable[] }[] };
}

/** As `startApiServer` writes it. */
interface Kubeconfig {
  users: object[];
}

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { configMapKeyRef?: { name: string; key: string } };
}

/**
 * Plays the node for Argo CD's pods: as long as there is a pod of one of its programs, that program runs on this
 * machine, as the pod's manifest sets it through its environment, and the pod's status says whether it is ready. So
 * Argo CD comes with its manifests and goes with its namespace, as in a cluster with nodes. The pods stay without a
 * node, so that the API server removes them as soon as they are deleted.
 */
export async function startArgocdProcesses(options: ArgocdProcessesOptions): Promise<ArgocdProcesses> {
  const { kubernetes, folder } = options;
  const { argocd, kustomize } = await ensureClusterPrograms(options.log);
  await prepareFolder(options, { argocd, kustomize });
  const components = await describeComponents(folder);
  const programs = new Map(
    componentNames.map((name) => [name, new Program(name, components[name], kubernetes, folder)] as const),
  );
  const stopping = new AbortController();
  const following = kubernetes.follow<ProgramPod>(podsPath, {
    signal: stopping.signal,
    onChange: (items) => {
      const pods = Map.groupBy(items.values(), ({ metadata }) => metadata.labels?.["app.kubernetes.io/name"]);
      for (const [name, program] of programs) void program.settle({ pods: pods.get(name) ?? [] });
    },
  });
  // Whoever waits for a program learns of it there.
  following.catch(() => {});
  const change = async (name: ComponentName, allowed: boolean) => {
    await programs.get(name)?.settle({ allowed });
  };
  return {
    stop: (name) => change(name, false),
    start: (name) => change(name, true),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await following;
      await Promise.all([...programs.values()].map((program) => program.settle({ pods: [] })));
    },
  };
}

/** What a program is to be like, as far as it is known. */
interface DesiredProgram {
  /** Its pods. */
  pods: readonly ProgramPod[];
  /** Whether it may run where there are any. */
  allowed: boolean;
}

/** One program, with the status of its pods. */
class Program {
  readonly #name: ComponentName;
  readonly #component: Component;
  readonly #kubernetes: Kubernetes;
  readonly #folder: string;
  #wanted: DesiredProgram = { pods: [], allowed: true };
  #daemon: BackgroundProcess | undefined;
  #settled: Promise<void> = Promise.resolve();
  /** What the status of each pod says, by uid. */
  readonly #told = new Map<string | undefined, boolean>();

  constructor(name: ComponentName, component: Component, kubernetes: Kubernetes, folder: string) {
    this.#name = name;
    this.#component = component;
    this.#kubernetes = kubernetes;
    this.#folder = folder;
  }

  /** Brings the process and the pods to what is wanted, after whatever was wanted before. */
  settle(change: Partial<DesiredProgram>): Promise<void> {
    this.#wanted = { ...this.#wanted, ...change };
    this.#settled = this.#settled.catch(() => {}).then(() => this.#settle());
    this.#settled.catch(() => {});
    return this.#settled;
  }

  async #settle(): Promise<void> {
    const { pods, allowed } = this.#wanted;
    const [pod] = pods;
    const runs = this.#daemon !== undefined;
    if (pod && allowed && !runs) await this.#start(pod);
    else if (runs && !(pod && allowed)) {
      await this.#daemon?.stop();
      this.#daemon = undefined;
    }
    for (const each of pods) await this.#tell(each);
  }

  async #start(pod: ProgramPod): Promise<void> {
    const { command, args, ready } = this.#component;
    const account = pod.spec.serviceAccountName;
    if (account !== undefined) await this.#signIn(account);
    const daemon = await startDaemon(this.#name, command, args, {
      log: join(this.#folder, `${this.#name}.log`),
      env: { ...(await this.#variables(pod)), ...ownVariables(this.#folder, this.#name) },
      cwd: this.#folder,
      grace: 2_000,
    });
    try {
      await daemon.ready(ready, patience);
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    this.#daemon = daemon;
  }

  /** Makes the program's kubeconfig: what its ServiceAccount may do, it may, and no more. */
  async #signIn(account: string): Promise<void> {
    const path = `/api/v1/namespaces/argocd/serviceaccounts/${account}/token`;
    const spec = { expirationSeconds: 24 * 3_600 };
    const { status } = await this.#kubernetes.create<{ status: { token: string } }>(path, { spec });
    const kubeconfig = JSON.parse(await readFile(join(this.#folder, "kubeconfig"), "utf8")) as Kubeconfig;
    const users = kubeconfig.users.map((each) => ({ ...each, user: { token: status.token } }));
    const text = JSON.stringify({ ...kubeconfig, users });
    await writeFile(kubeconfigOf(this.#folder, this.#name), text, { mode: 0o600 });
  }

  /** The environment that the pod's manifest asks for, as far as it is known before the pod runs and is not secret. */
  async #variables(pod: ProgramPod): Promise<NodeJS.ProcessEnv> {
    const variables: NodeJS.ProcessEnv = {};
    for (const { name, value, valueFrom } of pod.spec.containers[0]?.env ?? []) {
      const from = valueFrom?.configMapKeyRef;
      const path = `/api/v1/namespaces/argocd/configmaps/${from?.name}`;
      const map = from && (await this.#kubernetes.get<{ data?: Record<string, string> }>(path));
      variables[name] = value ?? (from && map?.data?.[from.key]);
    }
    return variables;
  }

  async #tell({ metadata: { name, uid }, spec }: ProgramPod): Promise<void> {
    const ready = this.#daemon !== undefined;
    if (this.#told.get(uid) === ready) return;
    const time = new Date().toISOString();
    const state = ready
      ? { running: { startedAt: time } }
      : { waiting: { reason: "CrashLoopBackOff", message: "It was stopped." } };
    const status = {
      phase: "Running",
      conditions: ["Ready", "ContainersReady"].map((type) => ({ type, status: ready ? "True" : "False" })),
      containerStatuses: spec.containers.map((container) => ({
        name: container.name,
        image: container.image,
        imageID: "",
        ready,
        restartCount: 0,
        state,
      })),
    };
    try {
      await this.#kubernetes.patch(`${podsPath}/${name}/status`, { status });
      this.#told.set(uid, ready);
    } catch (error) {
      // It is gone meanwhile.
      if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
    }
  }
}

const dataFolders = ["tls", "ssh", "gpg/source", "gpg/keys", "plugins", "tmp", "bin"] as const;

async function prepareFolder(
  { folder, kubeconfig }: ArgocdProcessesOptions,
  { argocd, kustomize }: { argocd: string; kustomize: string },
): Promise<void> {
  for (const each of dataFolders) await mkdir(join(folder, each), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "ssh", "ssh_known_hosts"), "");
  await copyFile(kubeconfig, join(folder, "kubeconfig"));
  // One program that does the work of the name by which it is called.
  for (const name of ["argocd", ...componentNames]) await symlink(argocd, join(folder, "bin", name));
  await symlink(kustomize, join(folder, "bin", "kustomize"));
  await copyArgocdScripts(join(folder, "bin"));
}

/** What stands for the files of Argo CD's image and for the mounts of its pods. */
function ownVariables(folder: string, name: ComponentName): NodeJS.ProcessEnv {
  return {
    PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}`,
    HOME: folder,
    TMPDIR: join(folder, "tmp"),
    KUBECONFIG: kubeconfigOf(folder, name),
    // What it knows as https://kubernetes.default.svc is the kubeconfig's cluster.
    ARGOCD_FAKE_IN_CLUSTER: "true",
    ARGOCD_TLS_DATA_PATH: join(folder, "tls"),
    ARGOCD_SSH_DATA_PATH: join(folder, "ssh"),
    ARGOCD_GPG_DATA_PATH: join(folder, "gpg/source"),
    ARGOCD_GNUPGHOME: join(folder, "gpg/keys"),
    ARGOCD_PLUGINSOCKFILEPATH: join(folder, "plugins"),
    ARGOCD_ASK_PASS_SOCK: join(folder, "ask-pass.sock"),
    ARGOCD_GPG_ENABLED: "false",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
}
