import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainEnvironment } from "../aws/credentials.ts";
import { SlipwayError } from "../core/errors.ts";
import { gitEnvironment } from "../git/environment.ts";
import type { ApiServerAccess } from "./kubernetes.ts";
import { ProcessError, run, type ProcessOptions } from "../core/process.ts";

/** kubectl for one cluster, with its own files in a folder that goes at the end. */
export interface Kubectl extends AsyncDisposable {
  /**
   * Does what `kubectl apply -k FOLDER --server-side --force-conflicts` does.
   *
   * @param manager whose fields these are from then on; what this manager had set before and no longer does, is removed
   * @returns what was applied, as `deployment.apps/argocd-server`
   * @throws SlipwayError with reason `kubectl-missing` or `kubectl-failed`
   */
  apply(folder: string, manager: string): Promise<string[]>;
  /**
   * Runs a command in a container, without a shell.
   *
   * @param target what it runs in, such as `deployment/backend`: in the first container of one of its pods
   * @returns what the command printed
   * @throws SlipwayError with reason `kubectl-missing` or `kubectl-failed`
   */
  exec(namespace: string, target: string, command: readonly string[]): Promise<string>;
}

/** What kubectl is run with. */
export interface KubectlOptions {
  access: ApiServerAccess;
  /** Ends what runs. */
  signal: AbortSignal;
  /** Called with what kubectl says in addition to its result, such as the API server's warnings. */
  log: (line: string) => void;
}

/** What kubectl's credential plugin prints; only kubectl and that plugin ever have it. */
const credentialVariable = "SLIPWAY_CLUSTER_CREDENTIAL";

/** Milliseconds: rendering fetches a git repository, applying sends some sixty requests. */
const timeout = 300_000;

/** Prepares kubectl; nothing is started yet. */
export async function openKubectl({ access, signal, log }: KubectlOptions): Promise<Kubectl> {
  const folder = await mkdtemp(join(process.env.RUNNER_TEMP || tmpdir(), "slipway-kubectl-"));
  const config = join(folder, "config");
  await writeFile(config, JSON.stringify(kubeconfig(access)), { mode: 0o600 });
  const started = async (args: readonly string[], options: ProcessOptions) => {
    const onLine = (line: string, stream: string) => stream === "stderr" && log(`kubectl: ${line}`);
    return (await run("kubectl", args, { timeout, killAfter: 10_000, signal, onLine, ...options })).stdout;
  };
  const explain = (error: unknown): never => {
    throw explained(error);
  };
  const asPerson = async (args: readonly string[], options: ProcessOptions, last: readonly string[] = []) => {
    const env = { ...plainEnvironment(), [credentialVariable]: credential(await access.token()) };
    const files = [`--kubeconfig=${config}`, `--cache-dir=${join(folder, "cache")}`];
    return started([...args, ...files, ...last], { env, ...options }).catch(explain);
  };
  return {
    async apply(source, manager) {
      // Rendered apart: git, which fetches what a kustomization names, must not see the credential.
      const env = gitEnvironment([], plainEnvironment());
      const input = await started(["kustomize", source], { env }).catch(explain);
      const args = ["apply", "--server-side", "--force-conflicts", `--field-manager=${manager}`, "--output=name"];
      const applied = await asPerson([...args, "--filename=-"], { input });
      const names = applied.split("\n").filter(Boolean);
      // An exit code of 0 is not a proof: a wrapper may have lost an error, and an empty rendering applies nothing.
      const objects = input.match(/^kind:/gm)?.length ?? 0;
      if (names.length === 0 || names.length !== objects)
        throw new SlipwayError(`kubectl named ${names.length} of ${objects} objects of ${source} as applied.`, {
          next: "Check whether the kubectl on PATH is kubectl itself, then run this again.",
          reason: "kubectl-failed",
        });
      return names;
    },
    exec: (namespace, target, command) =>
      asPerson(["exec", `--namespace=${namespace}`, target], {}, ["--", ...command]),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A kubeconfig without a secret: who uses it must have the credential in its environment. JSON is YAML, too. */
function kubeconfig({ server, certificateAuthority }: ApiServerAccess): object {
  const authority = Buffer.from(certificateAuthority).toString("base64");
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "printenv",
    args: [credentialVariable],
    interactiveMode: "Never",
  };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "user", user: { exec } }],
    contexts: [{ name: "context", context: { cluster: "cluster", user: "user" } }],
    "current-context": "context",
  };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
function credential(token: string): string {
  return JSON.stringify({
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token },
  });
}

/** Says what to do where there is no kubectl; any other error comes back as it is. */
export function explainMissingKubectl(error: unknown): unknown {
  if (!(error instanceof ProcessError)) return error;
  if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== "ENOENT") return error;
  return new SlipwayError("kubectl is not on PATH.", {
    next: "GitHub's runners have it; elsewhere, install it: https://kubernetes.io/docs/tasks/tools/.",
    reason: "kubectl-missing",
    cause: error,
  });
}

function explained(error: unknown): unknown {
  const known = explainMissingKubectl(error);
  if (known !== error || !(error instanceof ProcessError)) return known;
  return new SlipwayError(error.message, {
    next: "Correct what it names, then run this again: what was applied stays, and the rest follows.",
    reason: "kubectl-failed",
    cause: error,
  });
}
