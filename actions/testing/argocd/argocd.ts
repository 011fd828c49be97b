import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { moduleFolder, pinnedVersion } from "../../../scripts/rehearsal/tools/go.ts";
import type { PinnedImage } from "../../lib/gitops/images-file.ts";
import type { Kubernetes } from "../../lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../lib/kubernetes/objects.ts";
import { actOnEach, now, until } from "./node.ts";
import {
  type Application,
  applicationSetsPath,
  applicationsPath,
  argocdNamespace,
} from "../../lib/argocd/application.ts";
import type { Workload } from "../../lib/argocd/objects.ts";

/** What the played Argo CD finds in git, and how it is set. */
export interface ArgocdPlay {
  /** The newest commit of the branch, and the image that it wants. */
  head: () => Promise<{ commit: string; image: PinnedImage }>;
  autoSync: boolean;
  /** Whether git can be read. */
  gitAnswers: boolean;
  /** Why it could not play on; empty while it can. */
  failures: unknown[];
}

const module = "github.com/argoproj/argo-cd/v3";
const deployments = "/apis/apps/v1/namespaces/guests/deployments";
const application = `${applicationsPath}/guests`;

/** Installs Argo CD's own definitions, as its module has them. */
export async function installArgocd(kubernetes: Kubernetes): Promise<void> {
  const folder = join(await moduleFolder(module, await pinnedVersion("argocd", module)), "manifests", "crds");
  const files = (await readdir(folder)).filter((name) => name.endsWith("-crd.yaml"));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  for (const text of texts)
    await kubernetes.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", parse(text) as object);
  await until(async () => (await kubernetes.get(applicationsPath)) && (await kubernetes.get(applicationSetsPath)));
  await kubernetes.create("/api/v1/namespaces", { metadata: { name: argocdNamespace } });
  await kubernetes.create(applicationSetsPath, {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "ApplicationSet",
    metadata: { name: "apps" },
    spec: { generators: [], template: { metadata: {}, spec: { project: "apps", destination: {} } } },
  });
}

/**
 * Plays Argo CD's controllers for the app `guests` on a real API: makes the Application when its set is refreshed, and
 * compares and syncs it when it is.
 */
export class ArgocdPlayer implements AsyncDisposable {
  readonly play: ArgocdPlay;
  readonly #kubernetes: Kubernetes;
  readonly #stop = new AbortController();
  readonly #working: Promise<unknown>[];
  #healing = false;

  constructor(kubernetes: Kubernetes, play: ArgocdPlay) {
    this.#kubernetes = kubernetes;
    this.play = play;
    const act = (path: string, on: (item: KubernetesObject) => Promise<void>) =>
      actOnEach(kubernetes, path, this.#stop.signal, play.failures, on);
    this.#working = [
      act(applicationSetsPath, (set) => this.#refreshSet(set)),
      act(applicationsPath, (app) => this.#refresh(app)),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#working);
  }

  /** Compares the Application with git's newest commit. */
  async compare(): Promise<void> {
    const { commit, image } = await this.play.head();
    if (!this.play.gitAnswers) {
      const conditions = [{ type: "ComparisonError", message: "Failed to load target state: connection refused" }];
      return this.#status({ sync: { status: "Unknown", revision: "main" }, conditions, reconciledAt: now() });
    }
    const live = await this.#kubernetes.get<Workload>(`${deployments}/guests-api`);
    const synced = live?.spec.template.spec.containers[0]?.image === `${image.newName}@${image.digest}`;
    await this.#status({
      sync: { status: synced ? "Synced" : "OutOfSync", revision: commit },
      health: { status: live ? await this.#health() : "Missing" },
      reconciledAt: now(),
      conditions: null,
      resources: [{ group: "apps", version: "v1", kind: "Deployment", namespace: "guests", name: "guests-api" }],
    });
    if (!synced && this.play.autoSync) await this.sync();
  }

  /** Syncs the Application to git's newest commit, and waits for its rollout, as a last wave does not. */
  async sync(): Promise<void> {
    const { commit, image } = await this.play.head();
    const operation = { sync: { revision: commit } };
    const startedAt = now();
    await this.#kubernetes.patch(application, { operation });
    await this.#status({ operationState: { phase: "Running", startedAt, finishedAt: null, operation } });
    await this.#kubernetes.patch(
      `${deployments}/guests-api?force=true`,
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "guests-api" },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: "guests-api" } },
          strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: {
            metadata: { labels: { app: "guests-api" } },
            spec: { containers: [{ name: "api", image: `${image.newName}@${image.digest}` }] },
          },
        },
      },
      "apply",
    );
    const syncResult = { revision: commit, resources: [] };
    await this.#status({ operationState: { phase: "Succeeded", startedAt, finishedAt: now(), operation, syncResult } });
    await this.#kubernetes.patch(application, { operation: null });
    await this.#status({ sync: { status: "Synced", revision: commit }, health: { status: await this.#health() } });
    await this.#status({ reconciledAt: now() });
    void this.#heal();
  }

  async #health(): Promise<"Healthy" | "Progressing"> {
    const {
      metadata,
      spec,
      status = {},
    } = (await this.#kubernetes.get<Workload>(`${deployments}/guests-api`)) ?? never();
    const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
    const done = observedGeneration >= (metadata.generation ?? 1) && updatedReplicas === spec.replicas;
    return done && replicas === updatedReplicas && availableReplicas === replicas ? "Healthy" : "Progressing";
  }

  async #refreshSet({ metadata }: KubernetesObject): Promise<void> {
    const annotation = "argocd.argoproj.io/application-set-refresh";
    if (metadata.annotations?.[annotation] === undefined) return;
    await this.#kubernetes.patch(`${applicationSetsPath}/${metadata.name}`, {
      metadata: { annotations: { [annotation]: null } },
    });
    await this.makeApplication();
  }

  async makeApplication(): Promise<void> {
    if (await this.#kubernetes.get(application)) return;
    await this.#kubernetes.create(applicationsPath, {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: "guests" },
      spec: {
        project: "apps",
        source: { repoURL: "https://github.com/demo/platform.git", path: "gitops/apps/guests/overlays/dev" },
        destination: { server: "https://kubernetes.default.svc", namespace: "guests" },
        ...(this.play.autoSync ? { syncPolicy: { automated: {} } } : {}),
      },
    });
    await this.compare();
  }

  async #refresh({ metadata }: KubernetesObject): Promise<void> {
    const annotation = "argocd.argoproj.io/refresh";
    if (metadata.annotations?.[annotation] === undefined) return;
    const { metadata: current } = (await this.#kubernetes.get(application)) ?? never();
    if (current.annotations?.[annotation] === undefined) return;
    await this.#kubernetes.patch(application, { metadata: { annotations: { [annotation]: null } } });
    await this.compare();
  }

  /** Keeps the health up to date until it is good, as the controller does when something that it manages changes. */
  async #heal(): Promise<void> {
    if (this.#healing) return;
    this.#healing = true;
    try {
      for (let health = ""; health !== "Healthy" && !this.#stop.signal.aborted;) {
        await sleep(50);
        const app = (await this.#kubernetes.get<Application>(application)) ?? never();
        health = await this.#health();
        if (app.status?.health?.status !== health) await this.#status({ health: { status: health } });
      }
    } catch (error) {
      this.play.failures.push(error);
    } finally {
      this.#healing = false;
    }
  }

  async #status(status: object): Promise<void> {
    await this.#kubernetes.patch(application, { status });
  }
}

function never(): never {
  throw new Error("It is not there.");
}
