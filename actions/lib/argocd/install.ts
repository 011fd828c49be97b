import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SlipwayError } from "../core/errors.ts";
import { openKubectl } from "../kubernetes/kubectl.ts";
import { type ApiServerAccess, type Kubernetes, KubernetesError } from "../kubernetes/kubernetes.ts";
import { type ObjectMeta } from "../kubernetes/objects.ts";
import { safe, markdownTable, text } from "../core/markdown.ts";
import { formatDuration } from "../core/summary.ts";
import type { Reporter } from "../terraform/report.ts";
import { type Application, applicationsPath, argocdNamespace } from "./application.ts";
import { type ClusterFacts, writeClusterFacts } from "./cluster-facts.ts";
import { gatherEvidence } from "./evidence.ts";
import { failureError } from "./failure.ts";
import { fetchPinnedBase } from "./pinned-base.ts";
import { describe, problemOf } from "./problems.ts";
import {
  type CustomResourceDefinition,
  type Missing,
  type Node,
  noReadyNode,
  rootApplication,
  unestablished,
  unrolled,
} from "./readiness.ts";
import { refreshApplications } from "./refresh.ts";
import { unsyncedOrUnreadable } from "./repository/complaint.ts";
import { refuseUnreadable } from "./repository/credentials.ts";
import type { Pod, Workload } from "./objects.ts";

/** Where Argo CD is to be installed, and from what. */
export interface ArgoCdInstallOptions {
  kubernetes: Kubernetes;
  /** The same cluster, for kubectl. */
  access: ApiServerAccess;
  /** The checkout's path: `gitops/bootstrap` is read from its working tree. */
  repository: string;
  environment: string;
  /** What Terraform made for the apps' names; absent where the environment has no domain. */
  facts?: ClusterFacts | undefined;
  /** Ends the installation; its reason is a `StopReason`. */
  signal: AbortSignal;
  report: Reporter;
}

/** What was installed. */
export interface ArgoCdInstallation {
  /** Argo CD's version, as its image says, for example `v3.2.11`. */
  version: string;
  /** How many objects were applied, changed or not. */
  objects: number;
}

/**
 * Argo CD's own name as an owner of fields (`ArgoCDSSAManager` in its common/common.go). What is applied in this name is
 * Argo CD's from the beginning: it takes away what git no longer has, which it leaves alone when it is another's, too.
 * Applying again takes its mark of what it looks after away; its next sync, which the installation waits for, sets it.
 */
const argocdManager = "argocd-controller";
const ourManager = "slipway";

/** Milliseconds; a new access entry takes seconds to come into force: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html */
const entryPatience = 60_000;

/** Argo CD is asked to look again this often, in milliseconds: it may have looked before it could read git. */
const askAgain = 5_000;

/** Milliseconds for which Argo CD may say that it may not read the repository: it is asked to look several times meanwhile. */
const unreadablePatience = 4 * askAgain;

/** What was waited for when the time was over, or the job was cancelled. */
class Unfinished extends Error {}

/**
 * Installs Argo CD in a cluster and waits until it is healthy and has brought its own settings to what git says. Doing
 * it again changes nothing, and goes on where it was stopped.
 *
 * @throws SlipwayError with reason `cancelled`, `repository-unreadable`, `argocd-not-healthy` (naming pod, container and events), as
 * `fetchPinnedBase` does, or as kubectl and the cluster's client give it
 */
export async function installArgoCd(options: ArgoCdInstallOptions): Promise<ArgoCdInstallation> {
  const { kubernetes, access, repository, environment, signal, report } = options;
  const began = Date.now();
  const wait = <T extends { metadata: ObjectMeta }>(path: string, missing: Missing<T>, more = signal) =>
    until<T>({ kubernetes, path, missing, signal: AbortSignal.any([signal, more]), log: report.line });
  await using scratch = await temporaryFolder();
  const apply = async (folder: string, manager: string) => {
    const source = join(repository, "gitops/bootstrap", folder);
    const pinned = await fetchPinnedBase(source, join(scratch.path, folder), signal);
    const applied = await kubectl.apply(pinned, manager);
    report.line(`Applied gitops/bootstrap/${folder}: ${kindsOf(applied)}.`);
    return applied;
  };
  const tell = async (facts: ClusterFacts | undefined) => {
    const folder = join(scratch.path, "facts");
    await writeClusterFacts(folder, facts);
    if (facts) report.line(`Tells Argo CD of the domain ${facts.domain} and its certificate.`);
    return kubectl.apply(folder, ourManager);
  };
  await using kubectl = await openKubectl({ access, signal, log: report.line });
  try {
    await report.phase("Cluster", async () => {
      // Said before nodes and pods are waited for: nothing that comes later makes it readable.
      await ready(() => refuseUnreadable(kubernetes, repository, environment, signal), signal);
      await ready(() => wait<Node>("/api/v1/nodes", noReadyNode), signal);
    });
    const applied = await report.phase("Argo CD: apply", async () => {
      // They hold before there is anything to guard, and Argo CD, which could be misused, has no say in them.
      const guards = await apply("guards", ourManager);
      const own = await apply("argocd", ourManager);
      // Until then the API server knows no Application.
      await wait<CustomResourceDefinition>(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        unestablished(own),
      );
      // Before the first Application is made of them.
      const told = await tell(options.facts);
      return [...guards, ...own, ...told, ...(await apply(environment, argocdManager))];
    });
    const version = await report.phase("Argo CD: wait", async () => {
      const folder = `/apis/apps/v1/namespaces/${argocdNamespace}`;
      // What syncs is ready before what people look at: neither waits for the other.
      const failed = new AbortController();
      try {
        const [deployments] = await Promise.all([
          wait<Workload>(`${folder}/deployments`, unrolled, failed.signal),
          wait<Workload>(`${folder}/statefulsets`, unrolled, failed.signal),
          synced(kubernetes, failed.signal, (stop) =>
            wait<Application>(applicationsPath, unsyncedOrUnreadable(environment, unreadablePatience), stop),
          ),
        ]);
        return versionOf(deployments);
      } finally {
        failed.abort();
      }
    });
    const time = formatDuration(Date.now() - began);
    report.line(`Argo CD ${version} is healthy after ${time}.`);
    const table = markdownTable(["version", "objects applied", "time"], [[text(version), applied.length, text(time)]]);
    await report.summary(safe`### Argo CD: environment ${text(environment)} installed\n\n${table}`);
    return { version, objects: applied.length };
  } catch (error) {
    const failure = signal.aborted ? await stopped(error, options) : error;
    await report.summary(
      safe`### Argo CD: environment ${text(environment)} not installed\n\n${text(messageOf(failure))}`,
    );
    throw failure;
  }
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(process.env.RUNNER_TEMP || tmpdir(), "slipway-argocd-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Watches a path until nothing is missing, telling once whatever is. @throws Unfinished when the signal aborts */
async function until<T extends { metadata: ObjectMeta }>(options: {
  kubernetes: Kubernetes;
  path: string;
  missing: Missing<T>;
  signal: AbortSignal;
  log: (line: string) => void;
}): Promise<ReadonlyMap<string, T>> {
  const done = new AbortController();
  const state: { items: ReadonlyMap<string, T>; missing?: string | undefined } = { items: new Map() };
  const told = new Set<string>(); // some come again and again
  const tell = (missing: string | undefined) => {
    if (missing !== undefined && !told.has(missing)) options.log(`Waiting: ${missing}.`);
    if (missing !== undefined) told.add(missing);
    state.missing = missing;
  };
  await options.kubernetes.follow<T>(options.path, {
    signal: AbortSignal.any([options.signal, done.signal]),
    onTrouble: (error) => tell(`the cluster does not answer (${error.message})`),
    onChange: (items) => {
      state.items = items;
      tell(options.missing(items));
      if (state.missing === undefined) done.abort();
    },
  });
  if (!done.signal.aborted) throw new Unfinished(state.missing ?? "the cluster has not answered yet");
  return state.items;
}

/** Waits for the cluster, also while EKS has not told it yet who we are. */
async function ready<T>(look: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const end = Date.now() + entryPatience;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      const refused = error instanceof KubernetesError && error.reason === "cluster-refused";
      if (!refused || Date.now() > end || signal.aborted) throw error;
      await sleep(1_000, undefined, { signal }).catch(() => {});
    }
  }
}

/** Waits with `look`, and asks Argo CD to look at git now and then, instead of in two to three minutes. */
async function synced(
  kubernetes: Kubernetes,
  signal: AbortSignal,
  look: (stop: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const ask = () =>
    refreshApplications(kubernetes, [rootApplication]).catch((error: unknown) => {
      if (!(error instanceof KubernetesError && error.transient)) stop.abort(error);
    });
  await ask();
  const timer = setInterval(() => void ask(), askAgain);
  try {
    await look(AbortSignal.any([stop.signal, signal]));
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearInterval(timer);
  }
}

function versionOf(deployments: ReadonlyMap<string, Workload>): string {
  const [container] = deployments.get(`${argocdNamespace}/argocd-server`)?.spec.template.spec.containers ?? [];
  return /:([^:/@]+)(@|$)/.exec(container?.image ?? "")?.[1] ?? "of unknown version";
}

/** `17 objects (3 customresourcedefinition, ...)`. */
function kindsOf(applied: readonly string[]): string {
  const counts = Map.groupBy(applied, (each) => each.split(/[./]/)[0]);
  const kinds = [...counts].map(([kind, each]) => `${each.length} ${kind}`);
  return `${applied.length} objects (${kinds.join(", ")})`;
}

/** Why the installation did not come to its end. */
async function stopped(error: unknown, { kubernetes, signal }: ArgoCdInstallOptions): Promise<SlipwayError> {
  const missing = messageOf(error).replace(/[.:]?(\n.*)?$/s, "");
  const next = "Run the job again: it goes on from there.";
  if (signal.reason === "cancelled")
    return new SlipwayError(`Stopped, because the job was cancelled, while: ${missing}.`, {
      next,
      reason: "cancelled",
      cause: error,
    });
  const pods = await kubernetes.list<Pod>(`/api/v1/namespaces/${argocdNamespace}/pods`).catch(() => ({ items: [] }));
  const problems = pods.items.map(problemOf).filter((problem) => problem !== undefined);
  const [first] = problems;
  return failureError({
    reason: "argocd-not-healthy",
    lines: [`Argo CD is not healthy in time: ${missing}.`, ...problems.slice(0, 3).map(describe), next],
    pod: first && `${first.pod.namespace}/${first.pod.name}`,
    evidence: first ? await gatherEvidence(kubernetes, first) : { events: [], log: [] },
  });
}
