import type { PinnedImage } from "../../lib/gitops/images-file.ts";
import { digestOf } from "../gitops/release.ts";
import type { Application } from "../../lib/argocd/application.ts";
import {
  ClusterIndex,
  type ContainerStatus,
  type Pod,
  type ReplicaSet,
  type Workload,
} from "../../lib/argocd/objects.ts";

/** Commits in their order on the branch. */
export const commits = { before: "b".repeat(40), ours: "c".repeat(40), later: "d".repeat(40) };

/** The operation for `commits.ours` begins at `started`, and what it makes is there a little later. */
export const times = {
  before: "2026-05-01T09:00:00Z",
  started: "2026-05-01T10:00:00Z",
  made: "2026-05-01T10:00:05Z",
  finished: "2026-05-01T10:00:30Z",
  reconciled: "2026-05-01T10:00:31Z",
};

const repository = (name: string) => `123456789012.dkr.ecr.us-east-1.amazonaws.com/demo/${name}`;

/** An image of a version as a release pins it. */
export const pinned = (name: string, version: string): PinnedImage => ({
  name,
  newName: repository(name),
  digest: digestOf(version),
});
const referenceTo = ({ newName, digest }: PinnedImage) => `${newName}@${digest}`;

/** How a Deployment and its pods are. */
export interface Deployed {
  name: string;
  image: PinnedImage;
  replicas?: number;
  ready?: number;
  /** Its ReplicaSets' number: as a Deployment counts its revisions. */
  revision?: number;
  made?: string;
  /** Changes to the containers' statuses. */
  container?: Partial<ContainerStatus>;
  uid?: string;
}

/** What a cluster holds in the namespace `guests`. */
export interface TestObjects {
  pods: Pod[];
  deployments: Workload[];
  replicaSets: ReplicaSet[];
  statefulSets: Workload[];
}

const namespace = "guests";

/** A pod as kubelet reports it: running and ready, or running and not. */
export function podOf(
  { name, image, made = times.made, container = {} }: Deployed,
  more: {
    suffix: string;
    ready: boolean;
    owner: { kind: string; name: string; uid: string };
    labels?: Record<string, string>;
  },
): Pod {
  const { suffix, ready, owner, labels = {} } = more;
  const status: ContainerStatus = {
    name: "api",
    ready,
    restartCount: 0,
    imageID: referenceTo(image),
    ...container,
  };
  return {
    metadata: {
      name: `${name}-${suffix}`,
      namespace,
      uid: `${name}-${suffix}`,
      labels,
      creationTimestamp: made,
      ownerReferences: [{ apiVersion: "apps/v1", ...owner, controller: true }],
    },
    spec: { nodeName: "node-1", containers: [{ name: "api", image: referenceTo(image) }] },
    status: {
      phase: "Running",
      conditions: [
        { type: "PodScheduled", status: "True" },
        { type: "Ready", status: ready ? "True" : "False", lastTransitionTime: made },
      ],
      containerStatuses: [status],
    },
  };
}

/** The ReplicaSet of one revision of a Deployment, with its pods. */
export function replicaSetOf(deployed: Deployed): { replicaSet: ReplicaSet; pods: Pod[] } {
  const { name, replicas = 2, ready = replicas, revision = 2 } = deployed;
  const set = { kind: "ReplicaSet", name: `${name}-${revision}`, uid: `${name}-set-${revision}` };
  return {
    replicaSet: {
      metadata: {
        name: set.name,
        namespace,
        uid: set.uid,
        annotations: { "deployment.kubernetes.io/revision": String(revision) },
        ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, uid: `${name}-uid`, controller: true }],
      },
    },
    pods: Array.from({ length: replicas }, (_, index) =>
      podOf(deployed, { suffix: `${revision}-${index}`, ready: index < ready, owner: set }),
    ),
  };
}

/** A Deployment with its newest ReplicaSet, and pods of older ones where they are given. */
export function deploymentOf(deployed: Deployed, ...older: Deployed[]): TestObjects {
  const { name, image, replicas = 2, ready = replicas, revision = 2 } = deployed;
  const sets = [deployed, ...older].map(replicaSetOf);
  return {
    pods: sets.flatMap(({ pods }) => pods),
    replicaSets: sets.map(({ replicaSet }) => replicaSet),
    statefulSets: [],
    deployments: [
      {
        metadata: {
          name,
          namespace,
          uid: `${name}-uid`,
          generation: revision,
          annotations: { "deployment.kubernetes.io/revision": String(revision) },
        },
        spec: { replicas, template: { spec: { containers: [{ name: "api", image: referenceTo(image) }] } } },
        status: {
          observedGeneration: revision,
          updatedReplicas: replicas,
          availableReplicas: ready,
          conditions: [
            { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", lastTransitionTime: times.made },
          ],
        },
      },
    ],
  };
}

/** A StatefulSet with one pod. */
export function statefulSetOf(deployed: Deployed, podRevision = "two"): TestObjects {
  const { name, image, ready = 1 } = deployed;
  const owner = { kind: "StatefulSet", name, uid: `${name}-uid` };
  const labels = { "controller-revision-hash": podRevision };
  return {
    deployments: [],
    replicaSets: [],
    pods: [podOf(deployed, { suffix: "0", ready: ready > 0, owner, labels })],
    statefulSets: [
      {
        metadata: { name, namespace, uid: owner.uid, generation: 2 },
        spec: { replicas: 1, template: { spec: { containers: [{ name: "api", image: referenceTo(image) }] } } },
        status: { observedGeneration: 2, updateRevision: "two" },
      },
    ],
  };
}

/** An index of objects as follows give them. */
export function indexOf(...all: TestObjects[]): ClusterIndex {
  const by = <T extends { metadata: { namespace?: string; name: string } }>(items: T[]) =>
    new Map(items.map((item) => [`${item.metadata.namespace}/${item.metadata.name}`, item]));
  return new ClusterIndex({
    pods: by(all.flatMap(({ pods }) => pods)),
    deployments: by(all.flatMap(({ deployments }) => deployments)),
    replicaSets: by(all.flatMap(({ replicaSets }) => replicaSets)),
    statefulSets: by(all.flatMap(({ statefulSets }) => statefulSets)),
  });
}

type ApplicationStatus = NonNullable<Application["status"]>;

/** The Application `guests` when everything of `commits.ours` is live; parts of its status may be replaced. */
export function applicationOf(
  status: { [Part in keyof ApplicationStatus]?: ApplicationStatus[Part] | undefined } = {},
  more: Partial<Application> = {},
): Application {
  const all: ApplicationStatus = {
    sync: { status: "Synced", revision: commits.ours },
    health: { status: "Healthy", lastTransitionTime: times.made },
    reconciledAt: times.reconciled,
    operationState: operation("Succeeded", commits.ours),
    resources: [{ group: "apps", kind: "Deployment", namespace, name: "guests-api" }],
  };
  const kept = Object.entries({ ...all, ...status }).filter(([, value]) => value !== undefined);
  return {
    metadata: { name: "guests", namespace: "argocd", uid: "guests-app" },
    spec: { destination: { namespace }, syncPolicy: { automated: {} } },
    status: Object.fromEntries(kept),
    ...more,
  };
}

/** An operation's state as the controller stores it. */
export function operation(
  phase: NonNullable<ApplicationStatus["operationState"]>["phase"],
  revision: string,
  more: Partial<NonNullable<ApplicationStatus["operationState"]>> = {},
): NonNullable<ApplicationStatus["operationState"]> {
  const over = phase !== "Running" && phase !== "Terminating";
  return {
    phase,
    message: over ? "successfully synced (all tasks run)" : "waiting for healthy state of apps/Deployment/guests-api",
    startedAt: times.started,
    operation: { sync: { revision } },
    syncResult: { revision, resources: [] },
    ...(over ? { finishedAt: times.finished } : {}),
    ...more,
  };
}
