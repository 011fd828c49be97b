import { setTimeout as sleep } from "node:timers/promises";
import { type Kubernetes, KubernetesError } from "../../lib/kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../../lib/kubernetes/objects.ts";
import type { Pod } from "../../lib/argocd/objects.ts";

/** What becomes of the pods of an image. */
export type Fate = "runs" | "crashes" | "has no image" | "is never ready";

/** How the played node goes about its pods. */
export interface NodePlay {
  /** What becomes of the pods of an image, by its digest; it runs when left out. */
  fates: Map<string, Fate>;
  /** Why it could not play on; empty while it can. */
  failures: unknown[];
}

const pods = "/api/v1/namespaces/guests/pods";

/** As Kubernetes writes times. */
export const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

/** Asks until there is something. */
export async function until(ask: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error("It did not come.");
    await sleep(50);
  }
}

/** Makes the namespace of the app, and the node that its pods are said to be on. */
export async function prepareApp(kubernetes: Kubernetes): Promise<void> {
  await kubernetes.create("/api/v1/nodes", { metadata: { name: "node-1" } });
  await kubernetes.create("/api/v1/namespaces", { metadata: { name: "guests" } });
  await until(() => kubernetes.get("/api/v1/namespaces/guests/serviceaccounts/default"));
}

/** Follows objects and does something about each of them, one after another, whenever one has changed. */
export function actOnEach(
  kubernetes: Kubernetes,
  path: string,
  signal: AbortSignal,
  failures: unknown[],
  act: (item: KubernetesObject) => Promise<void>,
): Promise<void> {
  let queue: Promise<void> = Promise.resolve();
  const failed = (error: unknown) => {
    // What is gone or changed meanwhile is in a later event.
    if (!(error instanceof KubernetesError) || (error.status !== 404 && error.status !== 409)) failures.push(error);
  };
  return kubernetes.follow(path, {
    signal,
    onChange: (items) => {
      queue = queue.then(async () => {
        for (const item of items.values()) await act(item).catch(failed);
      });
    },
  });
}

/** Plays a node for the pods of the app `guests` on a real API, along with Kubernetes' own controllers. */
export class NodePlayer implements AsyncDisposable {
  readonly #kubernetes: Kubernetes;
  readonly #play: NodePlay;
  readonly #stop = new AbortController();
  readonly #working: Promise<void>;

  constructor(kubernetes: Kubernetes, play: NodePlay) {
    this.#kubernetes = kubernetes;
    this.#play = play;
    this.#working = actOnEach(kubernetes, pods, this.#stop.signal, play.failures, (pod) =>
      this.#live(pod as unknown as Pod),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  async #live({ metadata, spec, status }: Pod): Promise<void> {
    const path = `${pods}/${metadata.name}`;
    if (metadata.deletionTimestamp) return this.#kubernetes.delete(path, { gracePeriodSeconds: 0 });
    if (spec.nodeName !== undefined || status?.phase !== "Pending") return;
    await this.#kubernetes.create(`${path}/binding`, {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: metadata.name },
      target: { kind: "Node", name: "node-1" },
    });
    const image = spec.containers[0]?.image ?? "";
    const fate = this.#play.fates.get(image.split("@")[1] ?? "") ?? "runs";
    const ready = fate === "runs";
    const common = { name: "api", image, imageID: fate === "has no image" ? "" : image, ready, restartCount: 0 };
    const time = now();
    const waiting = (reason: string, message: string) => ({ state: { waiting: { reason, message } } });
    const container = {
      runs: { ...common, state: { running: { startedAt: time } } },
      "is never ready": { ...common, state: { running: { startedAt: time } } },
      "has no image": { ...common, ...waiting("ErrImagePull", `failed to resolve reference "${image}": not found`) },
      crashes: {
        ...common,
        restartCount: 3,
        ...waiting("CrashLoopBackOff", "back-off 40s restarting failed container"),
        lastState: { terminated: { exitCode: 7, reason: "Error", startedAt: time, finishedAt: time } },
      },
    }[fate];
    if (!ready) await this.#event(metadata.name);
    await this.#kubernetes.patch(
      `${path}/status`,
      {
        status: {
          phase: "Running",
          conditions: [
            { type: "PodScheduled", status: "True", lastTransitionTime: time },
            { type: "Ready", status: ready ? "True" : "False", lastTransitionTime: time },
          ],
          containerStatuses: [container],
        },
      },
      "merge",
    );
  }

  async #event(pod: string): Promise<void> {
    await this.#kubernetes.create("/api/v1/namespaces/guests/events", {
      metadata: { generateName: `${pod}.` },
      involvedObject: { kind: "Pod", namespace: "guests", name: pod },
      type: "Warning",
      reason: "BackOff",
      message: "Back-off restarting failed container",
      count: 4,
      firstTimestamp: now(),
      lastTimestamp: now(),
    });
  }
}
