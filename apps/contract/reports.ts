import type { RunReport, ReportReceived, StageReport } from "./index.ts";
import { limits } from "./limits.ts";
import { z } from "zod";
import {
  environmentName,
  identitySchema,
  idSchema,
  imageSchema,
  instant,
  kindSchema,
  outcomeSchema,
  proofSchema,
  receiptSchema,
  releaseSchema,
  stageSchema,
  text,
} from "./schemas.ts";

const { texts, lists } = limits;

/** A list without two entries of one key. */
const distinct = <Entry extends z.ZodType>(entry: Entry, most: number, key: (value: z.output<Entry>) => string) =>
  z
    .array(entry)
    .max(most)
    .refine((entries) => new Set(entries.map(key)).size === entries.length, "has an entry twice");

/** What a run tells of itself. */
export const reportSchema = z.object({
  version: z.literal(1),
  identity: identitySchema,
  kind: kindSchema,
  environment: environmentName(),
  title: text(texts.title),
  author: text(texts.author),
  committedAt: instant(),
  startedAt: instant(),
  finishedAt: instant().nullable(),
  outcome: outcomeSchema,
  stages: distinct(stageSchema, lists.stages, ({ stage, detail }) => `${stage} ${detail}`),
  images: distinct(imageSchema, lists.images, ({ name }) => name),
  release: releaseSchema.nullable(),
  proof: proofSchema.nullable(),
  receipt: receiptSchema.nullable(),
  cut: z
    .array(z.object({ what: text(texts.what), count: z.int().min(1) }))
    .max(lists.cut)
    .optional(),
}) satisfies z.ZodType<RunReport>;

/** A stage that starts or ends. */
export const stageReportSchema = z.object({
  version: z.literal(1),
  kind: kindSchema,
  environment: environmentName(),
  stage: stageSchema,
}) satisfies z.ZodType<StageReport>;

/** What a report is answered with. */
export const receivedSchema = z.object({ id: idSchema, changed: z.boolean() }) satisfies z.ZodType<ReportReceived>;
