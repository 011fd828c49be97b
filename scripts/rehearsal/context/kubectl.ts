import { join } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { exists } from "../../../actions/lib/core/files.ts";
import { ProcessError, run, type ProcessOptions } from "../../../actions/lib/core/process.ts";
import { type BackgroundProcess, startDaemon } from "../docker/daemon.ts";

/** A context of the person's kubeconfig, without its secrets. */
export interface KubeContextFacts {
  context: string;
  /** The cluster's name in the kubeconfig. */
  cluster: string;
  /** The address of its API. */
  server: string;
}

/**
 * Runs kubectl as the person would: with their own kubeconfig, and whatever that calls for a credential.
 *
 * @returns what it printed
 * @throws ProcessError with kubectl's words
 */
export type RunKubectl = (args: readonly string[], options?: Omit<ProcessOptions, "env">) => Promise<string>;

/** kubectl for one context. */
export function kubectlFor(context: string): RunKubectl {
  return async (args, options) => {
    const { stdout } = await run("kubectl", [`--context=${context}`, ...args], { timeout: 120_000, ...options });
    return stdout;
  };
}

/** What the kubeconfig says of a context. @throws SlipwayError when it has none of this name, or kubectl is missing */
export async function readKubeContext(context: string): Promise<KubeContextFacts> {
  try {
    const text = await kubectlFor(context)(["config", "view", "--minify", "--output=json"]);
    const [found] = (JSON.parse(text) as { clusters: { name: string; cluster: { server: string } }[] }).clusters;
    return { context, cluster: found?.name ?? "", server: found?.cluster.server ?? "" };
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
      throw new SlipwayError("kubectl is missing on this machine.", {
        next: "Install it (https://kubernetes.io/docs/tasks/tools/), then try again.",
      });
    const known = (await run("kubectl", ["config", "get-contexts", "--output=name"])).stdout.trim().split("\n");
    throw new SlipwayError(`The kubeconfig has no context "${context}".`, {
      next: `Allowed: ${known.filter(Boolean).join(", ") || "none: there is no kubeconfig, or it is empty"}.`,
      cause: error,
    });
  }
}

/** A way to a context's API that needs no credential, through a socket that only this user may open. */
export interface ApiSocket extends AsyncDisposable {
  /** The socket's path; what stands behind it is started again where it has ended. */
  path(): Promise<string>;
}

/**
 * Starts `kubectl proxy` on a socket: the one process that has the person's credentials, and renews them.
 *
 * @param folder a folder that nobody else may look into
 */
export function openApiSocket(context: string, folder: string): ApiSocket {
  const socket = join(folder, "kubectl.sock");
  let running: Promise<BackgroundProcess> | undefined;
  const start = async () => {
    const args = [`--context=${context}`, "proxy", `--unix-socket=${socket}`];
    // What it would refuse without this are exec and attach, and hosts by their name.
    const daemon = await startDaemon("kubectl proxy", "kubectl", [...args, "--disable-filter=true"], {
      log: join(folder, "kubectl-proxy.log"),
    });
    await daemon.ready(() => exists(socket), 30_000);
    return daemon;
  };
  return {
    async path() {
      // An interrupt ends all processes of a world, and what was made in the cluster is taken away after that.
      if (running && (await running.catch(() => undefined))?.ended !== false) running = undefined;
      running ??= start();
      await running;
      return socket;
    },
    async [Symbol.asyncDispose]() {
      await (await running?.catch(() => undefined))?.stop();
    },
  };
}
