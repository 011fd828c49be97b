import { connect } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { ensureSystemPackages } from "../../tools/system.ts";
import { freePort } from "../../tools/listening.ts";

/** The programs of Argo CD that `gitops/bootstrap/argocd` runs, by the name of their Deployments and StatefulSet. */
export const componentNames = [
  "argocd-redis",
  "argocd-repo-server",
  "argocd-server",
  "argocd-applicationset-controller",
  "argocd-application-controller",
] as const;
/** One of them. */
export type ComponentName = (typeof componentNames)[number];

/** How one is run as a process of this machine. */
export interface Component {
  command: string;
  args: readonly string[];
  /** Whether it does its work; a throw counts as "not yet". */
  ready: () => Promise<boolean>;
}

const host = "127.0.0.1";

/**
 * How each is run: on ports of its own that stay the same when it is started again. All listen on 127.0.0.1 alone, but
 * for the metrics of the application controller, which has no option for that (v3.6, controller/appcontroller.go).
 *
 * @param folder with a folder `bin` in which Argo CD's program is called by each of the names
 */
export async function describeComponents(folder: string): Promise<Record<ComponentName, Component>> {
  const { "redis-server": redis } = await ensureSystemPackages(["redis-server"]);
  const [redisPort, repoPort, serverPort, hookPort] = [await port(), await port(), await port(), await port()];
  const [repoMetrics, serverMetrics, setMetrics] = [await port(), await port(), await port()];
  const [probePort, controllerMetrics] = [await port(), await port()];
  const program = (name: ComponentName) => join(folder, "bin", name);
  const cache = `--redis=${host}:${redisPort}`;
  const repoServer = `${host}:${repoPort}`;
  const plaintext = "--repo-server-plaintext";
  const here = (name: ComponentName) => ["--namespace=argocd", `--kubeconfig=${kubeconfigOf(folder, name)}`];
  const address = [`--address=${host}`, `--metrics-address=${host}`];
  return {
    "argocd-redis": {
      command: redis,
      args: ["--port", String(redisPort), "--bind", host, "--dir", folder, "--save", "", "--appendonly", "no"],
      ready: () => accepts(redisPort),
    },
    "argocd-repo-server": {
      command: program("argocd-repo-server"),
      args: [
        ...address,
        `--port=${repoPort}`,
        `--metrics-port=${repoMetrics}`,
        cache,
        "--disable-tls",
        // Its default names a file, which it refuses where TLS is off, whether the file is there or not.
        "--client-ca-path=",
      ],
      ready: () => answers(`http://${host}:${repoMetrics}/healthz?full=true`),
    },
    "argocd-server": {
      command: program("argocd-server"),
      args: [
        ...here("argocd-server"),
        ...address,
        `--port=${serverPort}`,
        `--metrics-port=${serverMetrics}`,
        cache,
        "--insecure",
        `--repo-server=${repoServer}`,
        plaintext,
        `--staticassets=${folder}`,
      ],
      ready: () => answers(`http://${host}:${serverPort}/healthz`),
    },
    "argocd-applicationset-controller": {
      command: program("argocd-applicationset-controller"),
      args: [
        ...here("argocd-applicationset-controller"),
        `--argocd-repo-server=${repoServer}`,
        plaintext,
        `--webhook-addr=${host}:${hookPort}`,
        `--metrics-addr=${host}:${setMetrics}`,
        `--probe-addr=${host}:${probePort}`,
      ],
      // It opens its webhook's port only if Argo CD's settings were whole when it started.
      ready: () => answers(`http://${host}:${setMetrics}/metrics`),
    },
    "argocd-application-controller": {
      command: program("argocd-application-controller"),
      args: [
        ...here("argocd-application-controller"),
        cache,
        `--repo-server=${repoServer}`,
        plaintext,
        `--metrics-port=${controllerMetrics}`,
      ],
      ready: () => answers(`http://${host}:${controllerMetrics}/healthz`),
    },
  };
}

/** The path of a program's kubeconfig. */
export const kubeconfigOf = (folder: string, name: ComponentName): string => join(folder, `kubeconfig-${name}`);

const port = () => freePort(host);

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000), headers: { connection: "close" } });
  await response.arrayBuffer();
  return response.ok;
}

async function accepts(at: number): Promise<boolean> {
  const socket = connect(at, host);
  try {
    await once(socket, "connect");
    return true;
  } finally {
    socket.destroy();
  }
}
