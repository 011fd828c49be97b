import { setTimeout as sleep } from "node:timers/promises";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { KubernetesError, type Kubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../../../actions/lib/kubernetes/objects.ts";

/** The namespace of what a rehearsal itself needs in the cluster, and its mark: where it is, the rest is a rehearsal's. */
export const ownNamespace = "slipway-rehearsal";

/** What else of the cluster's own is the rehearsal's carries this label. */
export const ownLabel = "app.kubernetes.io/managed-by";
const ownPath = `/api/v1/namespaces/${ownNamespace}`;

/** What a delivery makes in a cluster that is not in a namespace of its own. */
const kinds = {
  Namespace: "/api/v1/namespaces",
  PersistentVolume: "/api/v1/persistentvolumes",
  CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  StorageClass: "/apis/storage.k8s.io/v1/storageclasses",
  ValidatingAdmissionPolicy: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
} as const;
type LeftoverKind = keyof typeof kinds;

/** An object that a delivery made. */
export interface ClusterLeftover {
  kind: LeftoverKind;
  name: string;
}

/** The names of what a delivery of a repository makes. */
export interface DeliveryNames {
  /** Namespaces of apps. */
  apps: readonly string[];
  /** What `gitops/platform` and `gitops/bootstrap/guards` have, but for what goes with its namespace. */
  platform: readonly ClusterLeftover[];
}

/** Reads them. @throws SlipwayError for a kind that could not be taken away again */
export async function namesIn(repository: string): Promise<DeliveryNames> {
  const folders = ["gitops/platform", "gitops/bootstrap/guards"];
  const platform = (await Promise.all(folders.map((folder) => clusterWide(repository, folder)))).flat();
  const apps = await readdir(join(repository, "gitops", "apps"), { withFileTypes: true });
  return { apps: apps.filter((entry) => entry.isDirectory()).map(({ name }) => name), platform };
}

async function clusterWide(repository: string, folder: string): Promise<ClusterLeftover[]> {
  const found: ClusterLeftover[] = [];
  for (const file of (await readdir(join(repository, folder))).filter((name) => name.endsWith(".yaml"))) {
    for (const document of parseAllDocuments(await readFile(join(repository, folder, file), "utf8"))) {
      const { kind, metadata } = document.toJS() as { kind: string; metadata?: { name: string; namespace?: string } };
      if (kind === "Kustomization" || metadata?.namespace !== undefined) continue;
      if (!(kind in kinds))
        throw new SlipwayError(`A rehearsal cannot take a ${kind} out of a cluster again (${folder}/${file}).`, {
          next: "Rehearse without --context.",
        });
      found.push({ kind: kind as LeftoverKind, name: metadata?.name ?? "" });
    }
  }
  return found;
}

interface LeftoverObject extends KubernetesObject {
  spec?: { claimRef?: { namespace?: string }; persistentVolumeReclaimPolicy?: string };
}

/**
 * What is in the cluster that a delivery makes: a cluster where this finds nothing is free for a rehearsal, and what it
 * finds afterwards is the rehearsal's.
 */
export async function leftoversIn(
  kubernetes: Kubernetes,
  { apps, platform }: DeliveryNames,
): Promise<ClusterLeftover[]> {
  const argocd = /^(applications|applicationsets|appprojects)\.argoproj\.io$/;
  const isOurs = (kind: LeftoverKind, { metadata, spec }: LeftoverObject) =>
    platform.some((each) => each.kind === kind && each.name === metadata.name) ||
    (kind === "Namespace" && ["argocd", ...apps].includes(metadata.name)) ||
    (kind === "CustomResourceDefinition" && argocd.test(metadata.name)) ||
    (kind === "PersistentVolume" && apps.includes(spec?.claimRef?.namespace ?? "")) ||
    (kind.startsWith("ClusterRole") && metadata.labels?.["app.kubernetes.io/part-of"] === "argocd") ||
    (kind.startsWith("ClusterRole") && metadata.labels?.[ownLabel] === ownNamespace);
  const found = await Promise.all(
    (Object.keys(kinds) as LeftoverKind[]).map(async (kind) => {
      const all = (await items(kubernetes, kinds[kind])) as LeftoverObject[];
      return all.filter((item) => isOurs(kind, item)).map(({ metadata }) => ({ kind, name: metadata.name }));
    }),
  );
  return found.flat();
}

/** `Namespace argocd, StorageClass gp3`. */
export function listed(leftovers: readonly ClusterLeftover[]): string {
  return leftovers.map(({ kind, name }) => `${kind} ${name}`).join(", ");
}

/** Who has marked the cluster as theirs; undefined when nobody has. */
export async function holderOf(kubernetes: Kubernetes): Promise<string | undefined> {
  const namespace = await kubernetes.get(ownPath);
  return namespace && (namespace.metadata.annotations?.[`${ownNamespace}/holder`] ?? "somebody");
}

/** Marks the cluster. @param holder who, as `user@machine` */
export async function markCluster(kubernetes: Kubernetes, holder: string): Promise<void> {
  await kubernetes.create(kinds.Namespace, {
    metadata: {
      name: ownNamespace,
      labels: { [ownLabel]: ownNamespace, "pod-security.kubernetes.io/enforce": "privileged" },
      annotations: { [`${ownNamespace}/holder`]: holder },
    },
  });
}

/** What keeps an object until the thing behind it is deleted. */
export interface Guards {
  /** Whether load balancers are the emulated AWS', which ends with the world; else the cluster's own, waited for. */
  loadBalancers: boolean;
  /** As much for volumes. */
  volumes: boolean;
}

/** Milliseconds: the cluster's own controllers may have a load balancer to take away. */
const patience = 600_000;

/**
 * Takes away what a delivery made, in an order in which nothing waits for what is gone: Argo CD's programs first, then
 * the namespaces, then what belongs to none. What keeps our own objects only for the emulated AWS is taken
 * off; what the cluster's own controllers keep is waited for.
 *
 * @throws SlipwayError when something does not go, naming it
 */
export async function removeLeftovers(kubernetes: Kubernetes, names: DeliveryNames, emulated: Guards): Promise<void> {
  const deadline = Date.now() + patience;
  const argocd = "namespaces/argocd";
  for (const kind of ["deployments", "statefulsets"]) await gone(kubernetes.delete(`/apis/apps/v1/${argocd}/${kind}`));
  await endPods(kubernetes, "argocd");
  await until(deadline, "Argo CD's pods", async () => items(kubernetes, `/api/v1/${argocd}/pods`));
  for (const kind of ["applicationsets", "applications", "appprojects"])
    for (const { metadata } of await items(kubernetes, `/apis/argoproj.io/v1alpha1/${argocd}/${kind}`))
      await free(kubernetes, `/apis/argoproj.io/v1alpha1/${argocd}/${kind}/${metadata.name}`);
  await until(deadline, "what a delivery made", async () => {
    const left = await leftoversIn(kubernetes, names);
    const [namespaces, volumes] = ["Namespace", "PersistentVolume"].map((one) =>
      left.filter(({ kind }) => kind === one),
    );
    if (namespaces?.length) await removeNamespaces(kubernetes, namespaces, emulated);
    else if (volumes?.length) {
      // The driver deletes a volume whose claim is gone.
      if (emulated.volumes) for (const each of volumes) await free(kubernetes, pathOf(each));
      if (emulated.volumes) for (const each of volumes) await gone(kubernetes.delete(pathOf(each)));
    } else for (const each of left) await gone(kubernetes.delete(pathOf(each)));
    return left.map(({ kind, name }) => ({ metadata: { name: `${kind} ${name}` } }));
  });
}

async function removeNamespaces(
  kubernetes: Kubernetes,
  namespaces: readonly ClusterLeftover[],
  emulated: Guards,
): Promise<void> {
  for (const each of namespaces) {
    await gone(kubernetes.delete(pathOf(each)));
    await endPods(kubernetes, each.name);
    if (!emulated.loadBalancers) continue;
    const services = `${pathOf(each)}/services`;
    for (const { metadata } of await items(kubernetes, services))
      if (metadata.deletionTimestamp) await free(kubernetes, `${services}/${metadata.name}`);
  }
}

/** Ends pods without the time that they would take to say goodbye to their clients. */
async function endPods(kubernetes: Kubernetes, namespace: string): Promise<void> {
  await gone(kubernetes.delete(`/api/v1/namespaces/${namespace}/pods`, { gracePeriodSeconds: 1 }));
}

function pathOf({ kind, name }: ClusterLeftover): string {
  return `${kinds[kind]}/${name}`;
}

/** Takes the mark off the cluster, with what is in its namespace. */
export async function unmarkCluster(kubernetes: Kubernetes): Promise<void> {
  await kubernetes.delete(ownPath);
  await until(Date.now() + patience, `the namespace ${ownNamespace}`, async () => {
    const namespace = await kubernetes.get(ownPath);
    return namespace ? [namespace] : [];
  });
}

/** What is there of a kind; nothing where the cluster does not even know the kind. */
async function items(kubernetes: Kubernetes, path: string): Promise<KubernetesObject[]> {
  return (await gone(kubernetes.list(path)))?.items ?? [];
}

/** Takes off whatever keeps an object from being deleted. */
async function free(kubernetes: Kubernetes, path: string): Promise<void> {
  await gone(kubernetes.patch(path, { metadata: { finalizers: null } }));
}

/** What is gone already needs nothing. */
async function gone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof KubernetesError && (error.status === 404 || error.status === 409)) return undefined;
    throw error;
  }
}

/** Waits until nothing is left. @throws SlipwayError naming what does not go */
async function until(
  deadline: number,
  what: string,
  look: () => Promise<readonly Pick<KubernetesObject, "metadata">[]>,
): Promise<void> {
  for (;;) {
    const left = await look();
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      const names = left.map(({ metadata }) => metadata.name).join(", ");
      throw new SlipwayError(`The cluster still has ${what}: ${names}.`, {
        next: "Look at what keeps it (kubectl describe); a rehearsal of this context begins by taking it away again.",
      });
    }
    await sleep(500);
  }
}
