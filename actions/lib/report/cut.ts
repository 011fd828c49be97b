import { createHash } from "node:crypto";
import type { Cut, Proof, ReportedReceipt, RunReport, RunStage, StageReport } from "../../../apps/contract/index.ts";
import { limits } from "../../../apps/contract/limits.ts";

const { texts, lists } = limits;
type Text = keyof typeof texts;
type List = keyof typeof lists;

/** The share of a list's most that is kept: of pods, which go first where a report is too large, and of all others. */
interface Shares {
  pods: number;
  others: number;
}

/**
 * A report that the console takes, whatever the run was: within its limits, and saying what it had more of.
 *
 * @param most bytes of it as JSON
 */
export function cutReport(report: RunReport, most: number = limits.bytes): RunReport {
  let shares: Shares = { pods: 1, others: 1 };
  let cut = cutTo(report, shares);
  while (Buffer.byteLength(JSON.stringify(cut)) > most && shares.others > 0) {
    shares = smaller(shares);
    cut = cutTo(cut, shares);
  }
  return cut;
}

/** Half of the pods, down to none; then half of everything, down to none. */
function smaller({ pods, others }: Shares): Shares {
  const half = (share: number) => (share > 1e-4 ? share / 2 : 0);
  return pods > 0 ? { pods: half(pods), others } : { pods, others: half(others) };
}

/** As `cutReport`, for a stage. */
export function cutStage(told: StageReport): StageReport {
  const environment = environmentName(told.environment);
  return { ...told, environment, stage: stageOf(told.stage, new Scissors({ pods: 1, others: 1 })) };
}

/** Words of a report where nothing can be kept as it is: an environment's name is also that of a page. */
function environmentName(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return plain.replace(/^-+/, "").slice(0, 63).replace(/-+$/, "") || "unknown";
}

function cutTo(report: RunReport, shares: Shares): RunReport {
  const to = new Scissors(shares, report.cut);
  const { identity, images, release, proof, receipt, stages } = report;
  const whole: RunReport = {
    ...report,
    identity: {
      ...identity,
      branch: to.text("branch", identity.branch),
      actor: to.text("actor", identity.actor),
    },
    environment: environmentName(report.environment),
    title: to.text("title", report.title),
    author: to.text("author", report.author),
    committedAt: instant(report.committedAt),
    startedAt: instant(report.startedAt),
    finishedAt: report.finishedAt === null ? null : instant(report.finishedAt),
    stages: distinct(
      to.list("stages", stages, { first: ({ outcome }) => outcome === "failed" }).map((stage) => stageOf(stage, to)),
      ({ stage, detail }) => `${stage} ${detail}`,
    ),
    images: distinct(
      to.list("images", images, { first: ({ outcome }) => outcome !== "adopted" }).map((image) => ({
        ...image,
        name: to.name("images.name", image.name),
        contentKey: to.text("key", image.contentKey, "images.contentKey"),
      })),
      ({ name }) => name,
    ),
    release: release && {
      ...release,
      at: instant(release.at),
      images: to.list("released", release.images, { what: "release.images" }).map(({ app, name, digest }) => ({
        app: to.name("release.app", app),
        name: to.name("release.name", name),
        digest,
      })),
    },
    proof: proof && proofOf(proof, to),
    receipt: receipt && receiptOf(receipt, to),
  };
  const counts = to.counts();
  return counts.length > 0 ? { ...whole, cut: counts } : whole;
}

function stageOf(stage: RunStage, to: Scissors): RunStage {
  return {
    ...stage,
    detail: to.name("stages.detail", stage.detail, "detail"),
    startedAt: possibleInstant(stage.startedAt),
    finishedAt: possibleInstant(stage.finishedAt),
    failure: stage.failure === null ? null : to.text("failure", stage.failure, "stages.failure"),
  };
}

function proofOf(proof: Proof, to: Scissors): Proof {
  return {
    ...proof,
    environment: environmentName(proof.environment),
    provenAt: instant(proof.provenAt),
    run: proof.run === null ? null : to.text("url", proof.run, "proof.run"),
    apps: to.list("apps", proof.apps, { what: "proof.apps" }).map((app) => ({
      ...app,
      app: to.name("proof.apps.app", app.app),
      revision: to.text("revision", app.revision, "proof.apps.revision"),
      syncedAt: possibleInstant(app.syncedAt),
      urls: to.list("urls", app.urls, { what: "proof.apps.urls" }).map((url) => to.text("url", url, "proof.apps.urls")),
      images: to.list("appImages", app.images, { what: "proof.apps.images" }).map(({ name, digest, keys }) => ({
        name: to.name("proof.apps.images.name", name),
        digest,
        keys: to.list("keys", keys, { what: "proof.apps.images.keys" }).map((key) => to.text("key", key)),
      })),
      pods: to.list("pods", app.pods, { what: "proof.apps.pods" }).map((pod) => podOf(pod, to)),
    })),
    superseded: to.list("apps", proof.superseded, { what: "proof.superseded" }).map(({ app, revision }) => ({
      app: to.name("proof.superseded.app", app),
      revision: to.text("revision", revision),
    })),
    skipped: to.list("apps", proof.skipped, { what: "proof.skipped" }).map(({ app, why }) => ({
      app: to.name("proof.skipped.app", app),
      why: to.text("why", why, "proof.skipped.why"),
    })),
  };
}

function podOf(pod: Proof["apps"][number]["pods"][number], to: Scissors): typeof pod {
  return {
    name: to.name("proof.apps.pods.name", pod.name),
    workload: to.text("workload", pod.workload),
    node: to.text("node", pod.node),
    readySince: to.text("readySince", pod.readySince),
    containers: to
      .list("containers", pod.containers, { what: "proof.apps.pods.containers" })
      .map(({ container, image, digest }) => ({
        container: to.name("proof.apps.pods.containers.container", container),
        image: to.name("proof.apps.pods.containers.image", image),
        digest,
      })),
  };
}

function receiptOf(receipt: ReportedReceipt, to: Scissors): ReportedReceipt {
  const red = ({ class: kind }: ReportedReceipt["items"][number]) => kind === "billable" || kind === "unknown";
  return {
    at: instant(receipt.at),
    clean: receipt.clean,
    seconds: amount(receipt.seconds),
    looks: Math.trunc(amount(receipt.looks)),
    monthlyUsd: amount(receipt.monthlyUsd),
    keptMonthlyUsd: amount(receipt.keptMonthlyUsd),
    items: to.list("items", receipt.items, { what: "receipt.items", first: red }).map((item) => ({
      class: item.class,
      title: to.text("itemTitle", item.title, "receipt.items.title"),
      name: to.text("itemName", item.name, "receipt.items.name"),
      monthlyUsd: item.monthlyUsd === null ? null : amount(item.monthlyUsd),
      why: item.why === null ? null : to.text("why", item.why, "receipt.items.why"),
    })),
  };
}

/** Cuts texts and lists, and counts what it cut. */
class Scissors {
  readonly #shares: Shares;
  readonly #counts: Map<string, number>;

  /** @param before what was cut already */
  constructor(shares: Shares, before: readonly Cut[] = []) {
    this.#shares = shares;
    this.#counts = new Map(before.map(({ what, count }) => [what, count]));
  }

  counts(): Cut[] {
    return [...this.#counts].slice(0, lists.cut).map(([what, count]) => ({ what, count }));
  }

  /** Text for a person, with an ellipsis where it was longer. */
  text(kind: Text, text: string, what: string = kind): string {
    const clean = storable(text);
    if (clean.length <= texts[kind]) return clean;
    this.#count(what, 1);
    return `${storable(clean.slice(0, texts[kind] - 1))}…`;
  }

  /** A name, by which things are told apart: two that are too long stay two. One that is empty gets a dash. */
  name(what: string, name: string, kind: Text = "name"): string {
    const clean = storable(name);
    if (clean.length <= texts[kind]) return clean || (kind === "name" ? "-" : "");
    this.#count(what, 1);
    const hash = createHash("sha256").update(clean).digest("hex").slice(0, 12);
    return `${storable(clean.slice(0, texts[kind] - hash.length - 1))}…${hash}`;
  }

  /** A list's first entries in its own order; those for which `first` holds before all others. */
  list<Entry>(
    kind: List,
    entries: readonly Entry[],
    options: { what?: string; first?: (entry: Entry) => boolean } = {},
  ): Entry[] {
    const { what = kind, first } = options;
    const most = Math.floor(lists[kind] * (kind === "pods" ? this.#shares.pods : 1) * this.#shares.others);
    if (entries.length <= most) return [...entries];
    this.#count(what, entries.length - most);
    if (!first) return entries.slice(0, most);
    const ranked = [...entries.filter((entry) => first(entry)), ...entries.filter((entry) => !first(entry))];
    const kept = new Set(ranked.slice(0, most));
    return entries.filter((entry) => kept.has(entry));
  }

  #count(what: string, count: number): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }
}

/** Text without what PostgreSQL cannot keep: NUL, and half a character. */
function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/** Of entries with one key the last: a job that ran twice is listed twice. */
function distinct<Entry>(entries: readonly Entry[], key: (entry: Entry) => string): Entry[] {
  return [...new Map(entries.map((entry) => [key(entry), entry])).values()];
}

const years = { first: Date.UTC(1970, 0), last: Date.UTC(3_000, 0) - 1 };

/** The nearest instant that can be kept: git takes any number for a commit's time. */
function instant(text: string): string {
  const time = Date.parse(text);
  return new Date(Math.min(Math.max(Number.isNaN(time) ? 0 : time, years.first), years.last)).toISOString();
}

/** Nothing where the instant is invalid: some runners give the year 1 for what has not begun. */
function possibleInstant(text: string | null): string | null {
  const time = text === null ? NaN : Date.parse(text);
  return time >= years.first && time <= years.last ? new Date(time).toISOString() : null;
}

function amount(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), limits.amount) : 0;
}
