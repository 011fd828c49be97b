import {
  type ManifestContainer,
  containersOf,
  type Manifest,
  type PodSpec,
  type ManifestWorkload,
  workloadsOf,
} from "./manifest.ts";

/** A kind of object; `*` stands for any. */
export interface KindPattern {
  group: string;
  kind: string;
}

/** What the clusters offer to apps, as `gitops/projects` and `gitops/platform` have it. */
export interface Platform {
  /** Kinds that an app may have in its namespace. */
  kinds: readonly KindPattern[];
  /** Kinds outside of namespaces that an app may have. */
  clusterKinds: readonly KindPattern[];
  /** StorageClasses. */
  classes: readonly { name: string; isDefault: boolean }[];
}

/** The manifests of one app in one environment, and what they are held against. */
export interface AppManifests {
  /** The folder under gitops/apps, which is the namespace's name, too. */
  app: string;
  /** Everything that the overlay renders to. */
  manifests: readonly Manifest[];
  /** Images that a release names by digest; until then they have their components' names. None once all are released. */
  components: readonly string[];
  /** Whether releases reach the overlay: it lists the machine-owned component `images`. */
  takesReleases: boolean;
  platform: Platform;
}

/** What is wrong, and with which object if it is one. */
export interface Violation {
  /** `Kind/name` */
  object?: string;
  text: string;
}

/** Something that every app owes. */
export interface Rule {
  /** Stable, in kebab-case: exceptions name it. */
  id: string;
  /** What an app owes, as one sentence for the README's table. */
  owes: string;
  find(app: AppManifests): Violation[];
}

/** Faults under the name of the object that has them. */
export function of({ kind, metadata }: Manifest, texts: readonly string[]): Violation[] {
  return texts.map((text) => ({ object: `${kind}/${metadata.name}`, text }));
}

/** A rule that holds for each object by itself. */
export function objectRule(
  id: string,
  owes: string,
  faults: (manifest: Manifest, app: AppManifests) => string[],
): Rule {
  return { id, owes, find: (app) => app.manifests.flatMap((manifest) => of(manifest, faults(manifest, app))) };
}

/** A rule that holds for each workload. */
export function workloadRule(
  id: string,
  owes: string,
  faults: (workload: ManifestWorkload, app: AppManifests) => string[],
): Rule {
  return {
    id,
    owes,
    find: (app) => workloadsOf(app.manifests).flatMap((workload) => of(workload, faults(workload, app))),
  };
}

/** A rule that holds for the pods of each workload. */
export function podRule(id: string, owes: string, faults: (pod: PodSpec) => string[]): Rule {
  return workloadRule(id, owes, ({ spec }) => faults(spec.template.spec));
}

/** A rule that holds for each container, also for those that prepare a pod. */
export function containerRule(
  id: string,
  owes: string,
  faults: (container: ManifestContainer, app: AppManifests) => string[],
): Rule {
  return workloadRule(id, owes, ({ spec }, app) =>
    containersOf(spec.template.spec).flatMap((container) =>
      faults(container, app).map((text) => `container ${container.name}: ${text}`),
    ),
  );
}

/** The text in a list if something is so, else an empty list. */
export const when = (is: boolean, text: string): string[] => (is ? [text] : []);
