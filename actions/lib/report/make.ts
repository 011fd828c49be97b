import type {
  DeliveredImage,
  Proof,
  ReportedReceipt,
  Release,
  RunReport,
  RunIdentity,
  RunKind,
  RunStage,
} from "../../../apps/contract/index.ts";
import type { WorkflowJob } from "../github/jobs.ts";
import type { Image } from "../images/image.ts";
import type { Receipt as FullReceipt, ReceiptItem } from "../receipt/receipt.ts";
import { cutReport } from "./cut.ts";
import { outcomeOfRun, type Results, stagesOf } from "./jobs.ts";

/** An image of the commit, and when ECR got it; undefined where ECR does not have it. */
export interface ReportedImage extends Pick<Image, "name" | "key"> {
  pushedAt: Date | undefined;
}

/** What a report is made of. */
export interface ReportParts {
  kind: RunKind;
  identity: RunIdentity;
  environment: string;
  commit: { title: string; author: string; committedAt: string };
  /** How the run's other jobs ended. */
  results: Results;
  jobs: readonly WorkflowJob[];
  /** The images of the commit. */
  images: readonly ReportedImage[];
  /** What the stages have left, and the receipt of this run. */
  release: Release | undefined;
  proof: Proof | undefined;
  receipt: FullReceipt | undefined;
  now: Date;
}

/** All that a run knows of itself when it ends, within what the console takes; a pure function of its parts. */
export function makeReport(parts: ReportParts): RunReport {
  const { kind, identity, environment, commit, results, jobs, images, release, proof, receipt, now } = parts;
  const stages = stagesOf(jobs, results);
  const begun = stages.flatMap(({ startedAt }) => startedAt ?? []).sort();
  return cutReport({
    version: 1,
    identity,
    kind,
    environment,
    ...commit,
    startedAt: begun[0] ?? now.toISOString(),
    finishedAt: now.toISOString(),
    outcome: outcomeOfRun(results),
    stages,
    images: kind === "delivery" ? deliveredImages(images, stages) : [],
    release: release ?? null,
    proof: proof ?? null,
    receipt: receipt ? receiptOf(receipt) : null,
  });
}

/**
 * ECR is the record of what was built: what it got since the run's plan began was built, what it had before was adopted,
 * and what it does not have failed.
 */
function deliveredImages(images: readonly ReportedImage[], stages: readonly RunStage[]): DeliveredImage[] {
  const planned = stages.find(({ stage }) => stage === "plan")?.startedAt;
  // ECR's times are whole seconds.
  const since = planned ? Math.floor(Date.parse(planned) / 1000) * 1000 : Infinity;
  return images.map(({ name, key, pushedAt }) => ({
    name,
    contentKey: key,
    outcome: pushedAt === undefined ? "failed" : pushedAt.getTime() >= since ? "built" : "adopted",
  }));
}

/** The part of a receipt that people read. */
function receiptOf({ at, clean, seconds, looks, monthlyUsd, keptMonthlyUsd, items }: FullReceipt): ReportedReceipt {
  return { at, clean, seconds, looks, monthlyUsd, keptMonthlyUsd, items: items.map(itemOf) };
}

function itemOf(item: ReceiptItem): ReportedReceipt["items"][number] {
  return {
    class: item.class,
    title: item.title,
    name: item.name,
    monthlyUsd: "monthlyUsd" in item ? item.monthlyUsd : null,
    why: "why" in item ? (item.why ?? null) : null,
  };
}
