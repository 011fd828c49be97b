import type { Proof, ProvenApp, ProvenPod } from "../../apps/contract/index.ts";
import type { Judgement } from "../lib/argocd/judgement.ts";
import { imagesOf, readySince, type Rollout, short } from "../lib/argocd/workloads.ts";
import { code, joined, link, safe, type Markdown, markdownTable, paragraphs, text } from "../lib/core/markdown.ts";
import type { Released, ReleasedApp } from "../lib/gitops/released.ts";

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
export function proofMarkdown(proof: Proof, repositoryUrl?: string): Markdown {
  const commit = (id: string | null) => (id === null ? safe`nothing` : commitLink(id, repositoryUrl));
  const release = safe`release ${commit(proof.commit)}`;
  const environment = safe`**${text(proof.environment)}**`;
  const title =
    proof.superseded.length > 0
      ? safe`A later release replaced ${release} in ${environment} before all of it was proven.`
      : proof.apps.length > 0
        ? safe`${environment} runs ${release}, seen at ${time(proof.provenAt)}.`
        : safe`No app has released images in ${environment}.`;
  const skipped = proof.skipped.map(({ app, why }) => safe`${text(app)} (${text(why)})`);
  return paragraphs(
    safe`### Proof`,
    title,
    ...proof.apps.map((app) => appMarkdown(app, proof, commit)),
    ...proof.superseded.map(({ app, revision }) => safe`**${text(app)}** has gone on to ${commit(revision)}.`),
    skipped.length > 0 ? safe`Not looked at: ${joined(skipped, ", ")}.` : safe``,
  );
}

function appMarkdown(app: ProvenApp, proof: Proof, commit: (id: string | null) => Markdown): Markdown {
  const { source, revision, syncedAt, urls, images, pods } = app;
  const chain = [
    safe`source ${commit(source)}`,
    safe`${images.length} ${images.length === 1 ? safe`image` : safe`images`}`,
    safe`release ${commit(proof.commit)}`,
    safe`Application at ${commit(revision)}${syncedAt === null ? safe`` : safe`, synced at ${time(syncedAt)}`}`,
    safe`${pods.length} ${pods.length === 1 ? safe`pod` : safe`pods`}`,
  ];
  const running = (image: ProvenApp["images"][number]) =>
    pods.filter(({ containers }) => containers.some((each) => each.image === image.name)).length;
  return paragraphs(
    safe`#### ${text(app.app)}`,
    joined(
      urls.map((url) => link(url)),
      " · ",
    ),
    joined(chain, " → "),
    markdownTable(
      ["Image", "Content key", "Digest", "Pods"],
      images.map((image) => [
        text(image.name),
        joined(
          image.keys.map((key) => code(brief(key))),
          " ",
        ),
        code(short(image.digest)),
        running(image),
      ]),
    ),
    pods.length > 0 ? podTable(pods) : safe``,
  );
}

function podTable(pods: readonly ProvenPod[]): Markdown {
  const runs = ({ containers }: ProvenPod) =>
    joined(
      containers.map(({ image, digest }) => safe`${text(image)} ${code(short(digest))}`),
      "\n",
    );
  return markdownTable(
    ["Pod", "Of", "Node", "Runs", "Ready since"],
    pods.map((pod) => [text(pod.name), text(pod.workload), text(pod.node), runs(pod), time(pod.readySince)]),
  );
}

const brief = (id: string) => id.slice(0, 7);

function commitLink(id: string, repositoryUrl: string | undefined): Markdown {
  // Only what is a commit's id may become part of an address.
  if (!repositoryUrl || !/^[0-9a-f]+$/.test(id)) return code(brief(id));
  return link(`${repositoryUrl}/commit/${id}`, code(brief(id)));
}

/** `2026-05-01 10:00:30 UTC`. */
function time(iso: string): Markdown {
  return text(iso.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC"));
}
