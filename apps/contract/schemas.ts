import type {
  DeliveredImage,
  Delivery,
  DeliverySummary,
  Proof,
  ProvenApp,
  ProvenPod,
  ReportedReceipt,
  ReceiptSummary,
  Release,
  RunIdentity,
  RunStage,
} from "./index.ts";
import { limits } from "./limits.ts";
import { z } from "zod";

// The contract's types as schemas. `satisfies` holds each to its type; what a report may hold at most, its limits.ts says.
const { texts, lists } = limits;

/** Text that PostgreSQL can keep: no NUL (https://www.postgresql.org/docs/15/datatype-character.html), whole characters. */
export const text = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => !value.includes("\0") && value.isWellFormed(), "has a character that cannot be kept");

const endOfTime = Date.UTC(3_000, 0);

/** An instant, in any precision and zone; given on in UTC with milliseconds. */
export const instant = () =>
  z.iso
    .datetime({ offset: true })
    .refine((value) => Date.parse(value) >= 0 && Date.parse(value) < endOfTime, "is before 1970 or after 2999")
    .transform((value) => new Date(value).toISOString());

/** Whole numbers in a query. */
export const number = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const commit = () => z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const name = () => text(texts.name).min(1);
const digest = () => z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const outcomeSchema = z.enum(["waiting", "running", "succeeded", "failed", "cancelled", "skipped"]);
export const kindSchema = z.enum(["delivery", "teardown"]);
export const stageNameSchema = z.enum(["plan", "registry", "infra", "build", "release", "verify", "teardown"]);

/** An environment's name, as slipway.yaml allows it. */
export const environmentName = () => z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

/** The id of a run in paths: run and attempt. */
export const idSchema = z.string().regex(/^[1-9]\d{0,17}-[1-9]\d{0,3}$/);

export const stageSchema = z.object({
  stage: stageNameSchema,
  detail: text(texts.detail),
  outcome: outcomeSchema,
  startedAt: instant().nullable(),
  finishedAt: instant().nullable(),
  failure: text(texts.failure).nullable(),
}) satisfies z.ZodType<RunStage>;

export const imageSchema = z.object({
  name: name(),
  contentKey: text(texts.key),
  outcome: z.enum(["built", "adopted", "failed"]),
}) satisfies z.ZodType<DeliveredImage>;

export const releaseSchema = z.object({
  commit: commit(),
  at: instant(),
  images: z.array(z.object({ app: name(), name: name(), digest: digest() })).max(lists.released),
}) satisfies z.ZodType<Release>;

const namedDigestSchema = z.object({ name: name(), digest: digest(), keys: z.array(text(texts.key)).max(lists.keys) });

const podSchema = z.object({
  name: name(),
  workload: text(texts.workload),
  node: text(texts.node),
  // Empty where the pod does not say.
  readySince: text(texts.readySince),
  containers: z.array(z.object({ container: name(), image: name(), digest: digest() })).max(lists.containers),
}) satisfies z.ZodType<ProvenPod>;

const provenAppSchema = z.object({
  app: name(),
  source: commit().nullable(),
  revision: text(texts.revision),
  syncedAt: instant().nullable(),
  urls: z.array(text(texts.url)).max(lists.urls),
  images: z.array(namedDigestSchema).max(lists.appImages),
  pods: z.array(podSchema).max(lists.pods),
}) satisfies z.ZodType<ProvenApp>;

export const proofSchema = z.object({
  environment: environmentName(),
  commit: commit(),
  provenAt: instant(),
  run: text(texts.url).nullable(),
  apps: z.array(provenAppSchema).max(lists.apps),
  superseded: z.array(z.object({ app: name(), revision: text(texts.revision) })).max(lists.apps),
  skipped: z.array(z.object({ app: name(), why: text(texts.why) })).max(lists.apps),
}) satisfies z.ZodType<Proof>;

const money = () => z.number().min(0).max(limits.amount);

export const receiptSchema = z.object({
  at: instant(),
  clean: z.boolean(),
  seconds: z.number().min(0).max(limits.amount),
  looks: z.int().min(0),
  monthlyUsd: money(),
  keptMonthlyUsd: money(),
  items: z
    .array(
      z.object({
        class: z.enum(["billable", "free-residual", "kept", "unknown"]),
        title: text(texts.itemTitle),
        name: text(texts.itemName),
        monthlyUsd: money().nullable(),
        why: text(texts.why).nullable(),
      }),
    )
    .max(lists.items),
}) satisfies z.ZodType<ReportedReceipt>;

export const identitySchema = z.object({
  repository: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
  run: z.string().regex(/^[1-9]\d{0,17}$/),
  attempt: z.int().min(1).max(9_999),
  commit: commit(),
  branch: text(texts.branch),
  actor: text(texts.actor),
}) satisfies z.ZodType<RunIdentity>;

export const summarySchema = z.object({
  id: idSchema,
  identity: identitySchema,
  kind: kindSchema,
  environment: environmentName(),
  title: text(texts.title),
  author: text(texts.author),
  outcome: outcomeSchema,
  committedAt: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  provenAt: z.iso.datetime().nullable(),
  built: z.int(),
  adopted: z.int(),
  failed: z.int(),
  stage: stageNameSchema.nullable(),
}) satisfies z.ZodType<DeliverySummary>;

export const deliverySchema = summarySchema.extend({
  stages: z.array(stageSchema),
  images: z.array(imageSchema),
  release: releaseSchema.nullable(),
  proof: proofSchema.nullable(),
  receipt: receiptSchema.nullable(),
}) satisfies z.ZodType<Delivery>;

export const receiptSummarySchema = z.object({
  id: idSchema,
  environment: environmentName(),
  at: z.iso.datetime(),
  clean: z.boolean(),
  billable: z.int(),
  unknown: z.int(),
  kept: z.int(),
  monthlyUsd: z.number(),
  keptMonthlyUsd: z.number(),
}) satisfies z.ZodType<ReceiptSummary>;

/** A page of a list, as the contract has it. */
export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });
