/**
 * The JSON that goes over the console's wire: from the pipeline to the backend (reports), and from the backend to the
 * frontend (everything else). Types alone: the backend's schemas are held to them, the frontend reads them. What a report
 * holds at most is in limits.ts.
 *
 * Instants are ISO 8601 in UTC. A commit is its whole id. `null` says that there is none (yet).
 */

/** How a run or one of its stages ended, or that it has not. `skipped`: there was nothing to do. */
export type RunOutcome = "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";

/** What a run did. */
export type RunKind = "delivery" | "teardown";

/** The stages that a run can have, in their order. A delivery has the first six, a teardown the last. */
export type StageName = "plan" | "registry" | "infra" | "build" | "release" | "verify" | "teardown";

/** One stage of a run. There is one `build` stage for each image, named by `detail`. */
export interface RunStage {
  stage: StageName;
  /** The image of a build; the empty string elsewhere. */
  detail: string;
  outcome: RunOutcome;
  startedAt: string | null;
  finishedAt: string | null;
  /** One line of what went wrong; null when nothing did. */
  failure: string | null;
}

/** An image of a delivery. `adopted`: it was in the registry already, under the same content key. */
export interface DeliveredImage {
  name: string;
  contentKey: string;
  outcome: "built" | "adopted" | "failed";
}

/** The commit that a delivery made under gitops/. */
export interface Release {
  commit: string;
  at: string;
  images: { app: string; name: string; digest: string }[];
}

/**
 * What was seen to be live, from the source commit to the pods: what the verify stage makes. Images go by their names in
 * the repository, never by an account's address, so that nothing in it is masked.
 */
export interface Proof {
  environment: string;
  /** The release commit that had to be live. */
  commit: string;
  /** When the last of it was seen. */
  provenAt: string;
  /** The page of the run; null outside of GitHub Actions. */
  run: string | null;
  apps: ProvenApp[];
  /** Apps that have gone on to a later release before this one was proven. */
  superseded: { app: string; revision: string }[];
  /** Apps that have nothing released in the environment. */
  skipped: { app: string; why: string }[];
}

/** One app of a proof. */
export interface ProvenApp {
  app: string;
  /** The commit that its images were last changed for; null before there was one. */
  source: string | null;
  /** The Application's commit: the release commit, or a later one with the same digests. */
  revision: string;
  /** When Argo CD's last operation ended; null where none was needed. */
  syncedAt: string | null;
  urls: string[];
  /** `keys`: the content keys that ECR has it under; none where ECR did not say. */
  images: { name: string; digest: string; keys: string[] }[];
  pods: ProvenPod[];
}

/** A pod that runs what was released. */
export interface ProvenPod {
  name: string;
  /** For example `Deployment visits-api`. */
  workload: string;
  node: string;
  readySince: string;
  /** By container: what the node says that it runs. */
  containers: { container: string; image: string; digest: string }[];
}

/** How a thing on a receipt is classed. Only `billable` and `unknown` make a receipt red. */
export type ReceiptClass = "billable" | "free-residual" | "kept" | "unknown";

/** What a teardown left: the receipt, without what only machines need of it. */
export interface ReportedReceipt {
  at: string;
  clean: boolean;
  /** Seconds over which it was looked, and how often. */
  seconds: number;
  looks: number;
  monthlyUsd: number;
  keptMonthlyUsd: number;
  items: { class: ReceiptClass; title: string; name: string; monthlyUsd: number | null; why: string | null }[];
}

/** Whose run it is: never taken from a report's body, but from the signed token that comes with it. */
export interface RunIdentity {
  /** owner/name. */
  repository: string;
  /** The workflow run's id, decimal digits. */
  run: string;
  /** From 1. */
  attempt: number;
  /** The commit that the run is of. */
  commit: string;
  branch: string;
  actor: string;
}

/**
 * `POST /api/reports`: all that a run knows of itself when it ends. Idempotent: the same report again changes nothing;
 * a later one of the same run and attempt replaces the earlier, unless it would make an ended run run again.
 * `identity` is there because a report that could not be sent is sent again by a later run of the same repository:
 * its repository must equal the token's, and a run that is not the token's own must be an earlier one.
 */
export interface RunReport {
  version: 1;
  identity: RunIdentity;
  kind: RunKind;
  environment: string;
  /** The first line of the commit's message. */
  title: string;
  author: string;
  committedAt: string;
  startedAt: string;
  finishedAt: string | null;
  outcome: RunOutcome;
  stages: RunStage[];
  images: DeliveredImage[];
  release: Release | null;
  proof: Proof | null;
  receipt: ReportedReceipt | null;
  /** What there was more of than a report holds (limits.ts); nothing where it is whole. */
  cut?: Cut[] | undefined;
}

/** Something that a report left out or shortened. */
export interface Cut {
  /** Where in the report, such as `images` or `proof.apps.pods`. */
  what: string;
  /** How many entries of lists were left out, or how many texts were shortened. */
  count: number;
}

/** `POST /api/reports/stages`: a stage of the token's own run starts or ends; for those who watch. */
export interface StageReport {
  version: 1;
  kind: RunKind;
  environment: string;
  stage: RunStage;
}

/** What a report is answered with. */
export interface ReportReceived {
  /** The delivery's id: run and attempt, joined by a dash. */
  id: string;
  /** Whether this report changed anything. */
  changed: boolean;
}

/** A row of the list of deliveries. */
export interface DeliverySummary {
  id: string;
  identity: RunIdentity;
  kind: RunKind;
  environment: string;
  title: string;
  author: string;
  outcome: RunOutcome;
  committedAt: string | null;
  startedAt: string;
  finishedAt: string | null;
  /** When its proof was made. */
  provenAt: string | null;
  built: number;
  adopted: number;
  failed: number;
  /** The stage that runs now, or that it failed in. */
  stage: StageName | null;
}

/** One delivery or teardown, whole. */
export interface Delivery extends DeliverySummary {
  stages: RunStage[];
  images: DeliveredImage[];
  release: Release | null;
  proof: Proof | null;
  receipt: ReportedReceipt | null;
}

/** A page of a list; `next` is the cursor of the following one. */
export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** An app in an environment, as its last proof saw it. */
export interface RunningApp {
  app: string;
  source: string | null;
  revision: string;
  /** When the digests that run were first proven there. */
  since: string;
  /** Who pushed the commit of that delivery. */
  by: string;
  /** The delivery of that first proof. */
  delivery: string;
  urls: string[];
  images: { name: string; digest: string; keys: string[] }[];
  pods: number;
}

/** An environment now. */
export interface EnvironmentSummary {
  name: string;
  /** `away`: its last teardown ended, and nothing was delivered since. */
  state: "live" | "delivering" | "failed" | "tearing-down" | "away";
  apps: RunningApp[];
  lastDelivery: DeliverySummary | null;
  lastProofAt: string | null;
  lastReceipt: ReceiptSummary | null;
}

/** A row of the list of receipts. */
export interface ReceiptSummary {
  /** The id of the teardown's run. */
  id: string;
  environment: string;
  at: string;
  clean: boolean;
  billable: number;
  unknown: number;
  kept: number;
  monthlyUsd: number;
  keptMonthlyUsd: number;
}

/** The four DORA measures of one interval. A measure without a single event in it is null. https://dora.dev/guides/dora-metrics-four-keys/ */
export interface MeasuresOfInterval {
  /** The interval's first instant. */
  start: string;
  /** Deliveries that were proven and changed at least one app. */
  deployments: number;
  /** Seconds from commit to proof: median and 90th percentile over those deployments. */
  leadTimeMedian: number | null;
  leadTimeP90: number | null;
  /** Of the releases made, the share (0 to 1) that was not proven, or was taken back by a revert. */
  changeFailureRate: number | null;
  /** Seconds from a failed delivery's end to the next proof in the same environment: the median. */
  recoveryMedian: number | null;
}

/** `GET /api/measures`. */
export interface Measures {
  environment: string | null;
  interval: "day" | "week" | "month";
  from: string;
  to: string;
  intervals: MeasuresOfInterval[];
  /** Over the whole time asked for. */
  total: Omit<MeasuresOfInterval, "start">;
}

/** Who is signed in. */
export interface ConsoleSession {
  name: string;
  expiresAt: string;
  /** How they came in. */
  by: "oidc" | "one-time-link";
}

/** How one may sign in here: all that somebody who has not may know. */
export interface ConsoleSignInOptions {
  /** What the button says, such as `GitHub`; null where no issuer is configured. */
  issuer: string | null;
  oneTimeLink: boolean;
}

/** The data of a server-sent event `delivery`: its row has changed. */
export type DeliveryEvent = DeliverySummary;
