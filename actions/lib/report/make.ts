import { z } from "zod";
import type {
  DeliveredImage,
  Proof,
  Receipt,
  Release,
  Report,
  RunIdentity,
  RunKind,
} from "../../../apps/proyecto06/contract/index.ts";
import type { WorkflowJob } from "../github-jobs.ts";
import type { Image } from "../image.ts";
import type { Receipt as FullReceipt, ReceiptItem } from "../receipt.ts";
import { type Needs, outcomeOfRun, stagesOf } from "./jobs.ts";

/** What a report is made of. */
export interface ReportParts {
  kind: RunKind;
  identity: RunIdentity;
  environment: string;
  commit: { title: string; author: string; committedAt: string };
  /** How the run's other jobs ended, and their outputs. */
  needs: Needs;
  jobs: readonly WorkflowJob[];
  /** The images of the commit. */
  images: readonly Pick<Image, "name" | "key">[];
  now: Date;
}

/** All that a run knows of itself when it ends; a pure function of its parts. */
export function makeReport({ kind, identity, environment, commit, needs, jobs, images, now }: ReportParts): Report {
  const stages = stagesOf(jobs, needs);
  const begun = stages.flatMap(({ startedAt }) => startedAt ?? []).sort();
  return {
    version: 1,
    ...{ identity, kind, environment, ...commit },
    startedAt: begun[0] ?? now.toISOString(),
    finishedAt: now.toISOString(),
    outcome: outcomeOfRun(needs),
    stages,
    images: kind === "delivery" ? deliveredImages(images, needs) : [],
    release: releaseOf(needs, now),
    proof: parsed(needs.verify?.outputs.proof) as Proof | null,
    receipt: receiptOf(parsed(needs.teardown?.outputs.receipt) as FullReceipt | null),
  };
}

const builtSchema = z.array(z.object({ images: z.string() }));

/** What had to be built was built, unless a build failed and a later plan finds it missing; the rest was adopted. */
function deliveredImages(images: ReportParts["images"], needs: Needs): DeliveredImage[] {
  if (needs.plan?.result !== "success") return [];
  const matrix = builtSchema.parse(JSON.parse(needs.plan.outputs.build || "[]"));
  const toBuild = new Set(matrix.flatMap(({ images: names }) => names.split(",")));
  const ended = needs.build?.result === "success" ? "built" : "failed";
  return images.map(({ name, key }) => ({
    ...{ name, contentKey: key },
    outcome: toBuild.has(name) ? ended : "adopted",
  }));
}

const changesSchema = z.array(
  z.object({ name: z.string(), app: z.string(), after: z.string().optional(), state: z.string() }),
);

function releaseOf({ release }: Needs, now: Date): Release | null {
  const { result, commit, images } = release?.outputs ?? {};
  if (result !== "released" || !commit) return null;
  const changes = changesSchema.parse(JSON.parse(images || "[]"));
  return {
    commit,
    at: now.toISOString(),
    images: changes.flatMap(({ app, name, after, state }) =>
      state === "changed" && after ? [{ app, name, digest: after }] : [],
    ),
  };
}

function receiptOf(receipt: FullReceipt | null): Receipt | null {
  if (!receipt) return null;
  const { at, clean, seconds, looks, monthlyUsd, keptMonthlyUsd, items } = receipt;
  return { at, clean, seconds, looks, monthlyUsd, keptMonthlyUsd, items: items.map(itemOf) };
}

function itemOf(item: ReceiptItem): Receipt["items"][number] {
  return {
    ...{ class: item.class, title: item.title, name: item.name },
    monthlyUsd: "monthlyUsd" in item ? item.monthlyUsd : null,
    why: "why" in item ? (item.why ?? null) : null,
  };
}

/** An output that an action of ours has written as JSON; a job that did not come to it has none. */
function parsed(text: string | undefined): unknown {
  return text ? JSON.parse(text) : null;
}
