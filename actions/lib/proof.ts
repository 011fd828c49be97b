import type { Proof, ProvenApp, ProvenPod } from "../../apps/proyecto06/contract/index.ts";
import type { Judgement } from "./argocd/judgement.ts";
import { imagesOf, readySince, type Rollout, short } from "./argocd/workloads.ts";
import type { Released, ReleasedApp } from "./gitops/released.ts";
import { markdownTable } from "./summary.ts";

export type { Proof };

/** What a proof is made of. */
export interface ProofParts {
  environment: string;
  released: Released;
  judgements: ReadonlyMap<string, Judgement>;
  /** By image name. */
  keys: ReadonlyMap<string, string[]>;
  /** By app. */
  urls: ReadonlyMap<string, string[]>;
  provenAt: Date;
  run: string | undefined;
}

/** Puts a proof together. Its keys are always in the same order, its lists sorted by name. */
export function proofOf({ environment, released, judgements, keys, urls, provenAt, run }: ProofParts): Proof {
  const states = released.apps.map((app) => ({ app, judgement: judgements.get(app.app) }));
  return {
    environment,
    commit: released.commit,
    provenAt: provenAt.toISOString(),
    run: run ?? null,
    apps: states.flatMap(({ app, judgement }) =>
      judgement?.state === "proven" ? [provenApp(app, judgement, keys, urls.get(app.app) ?? [])] : [],
    ),
    superseded: states.flatMap(({ app, judgement }) =>
      judgement?.state === "superseded" ? [{ app: app.app, revision: judgement.revision }] : [],
    ),
    skipped: released.skipped.map(({ app, why }) => ({ app, why })),
  };
}

function provenApp(
  { app, source, images }: ReleasedApp,
  { revision, syncedAt, rollouts }: Extract<Judgement, { state: "proven" }>,
  keys: ReadonlyMap<string, string[]>,
  urls: string[],
): ProvenApp {
  const named = ({ name, digest }: (typeof images)[number]) => ({ name, digest, keys: keys.get(name) ?? [] });
  return {
    app,
    source: source ?? null,
    revision,
    syncedAt: syncedAt ?? null,
    urls,
    images: images.map(named).sort(byName),
    pods: rollouts.flatMap((rollout) => provenPods(rollout, images)).sort(byName),
  };
}

function provenPods({ kind, name, current }: Rollout, images: ReleasedApp["images"]): ProvenPod[] {
  return current.map((pod) => ({
    name: pod.metadata.name,
    workload: `${kind} ${name}`,
    node: pod.spec.nodeName ?? "",
    readySince: readySince(pod) ?? "",
    containers: imagesOf(pod.spec, images).map(({ container, image }) => ({
      container,
      image: image.name,
      digest: image.digest,
    })),
  }));
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}

/**
 * The proof for a job summary.
 *
 * @param repositoryUrl where commits link to; they do not without
 */
export function proofMarkdown(proof: Proof, repositoryUrl?: string): string {
  const commit = (id: string | null) =>
    id === null ? "nothing" : repositoryUrl ? `[\`${brief(id)}\`](${repositoryUrl}/commit/${id})` : `\`${brief(id)}\``;
  const release = `release ${commit(proof.commit)}`;
  const title =
    proof.superseded.length > 0
      ? `A later release replaced ${release} in **${proof.environment}** before all of it was proven.`
      : proof.apps.length > 0
        ? `**${proof.environment}** runs ${release}, seen at ${time(proof.provenAt)}.`
        : `No app has released images in **${proof.environment}**.`;
  return [
    "### Proof",
    title,
    ...proof.apps.map((app) => appMarkdown(app, proof, commit)),
    ...proof.superseded.map(({ app, revision }) => `**${app}** has gone on to ${commit(revision)}.`),
    ...(proof.skipped.length > 0
      ? [`Not looked at: ${proof.skipped.map(({ app, why }) => `${app} (${why})`).join(", ")}.`]
      : []),
  ].join("\n\n");
}

function appMarkdown(app: ProvenApp, proof: Proof, commit: (id: string | null) => string): string {
  const { source, revision, syncedAt, urls, images, pods } = app;
  const chain = [
    `source ${commit(source)}`,
    `${images.length} ${images.length === 1 ? "image" : "images"}`,
    `release ${commit(proof.commit)}`,
    `Application at ${commit(revision)}${syncedAt === null ? "" : `, synced at ${time(syncedAt)}`}`,
    `${pods.length} ${pods.length === 1 ? "pod" : "pods"}`,
  ];
  const running = (image: ProvenApp["images"][number]) =>
    pods.filter(({ containers }) => containers.some((each) => each.image === image.name)).length;
  return [
    `#### ${app.app}`,
    ...(urls.length > 0 ? [urls.join(" · ")] : []),
    chain.join(" → "),
    markdownTable(
      ["Image", "Content key", "Digest", "Pods"],
      images.map((image) => [
        image.name,
        image.keys.map((key) => `\`${brief(key)}\``).join(" "),
        code(short(image.digest)),
        running(image),
      ]),
    ),
    ...(pods.length > 0
      ? [
          markdownTable(
            ["Pod", "Of", "Node", "Runs", "Ready since"],
            pods.map(({ name, workload, node, containers, readySince }) => [
              name,
              workload,
              node,
              containers.map(({ image, digest }) => `${image} ${code(short(digest))}`).join("\n"),
              time(readySince),
            ]),
          ),
        ]
      : []),
  ].join("\n\n");
}

const code = (text: string) => `\`${text}\``;
const brief = (id: string) => id.slice(0, 7);

/** `2026-05-01 10:00:30 UTC`. */
function time(iso: string): string {
  return iso.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}
