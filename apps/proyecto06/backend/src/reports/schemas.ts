import type { Report, ReportReceived, StageReport } from "@slipway/proyecto06-contract";
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
} from "../schemas.ts";

/** A list without two entries of one key. */
const distinct = <Entry extends z.ZodType>(entry: Entry, key: (value: z.output<Entry>) => string) =>
  z
    .array(entry)
    .max(500)
    .refine((entries) => new Set(entries.map(key)).size === entries.length, "has an entry twice");

/** What a run tells of itself. */
export const reportSchema = z.object({
  version: z.literal(1),
  identity: identitySchema,
  kind: kindSchema,
  environment: environmentName(),
  title: text(1_000),
  author: text(200),
  committedAt: instant(),
  startedAt: instant(),
  finishedAt: instant().nullable(),
  outcome: outcomeSchema,
  stages: distinct(stageSchema, ({ stage, detail }) => `${stage} ${detail}`),
  images: distinct(imageSchema, ({ name }) => name),
  release: releaseSchema.nullable(),
  proof: proofSchema.nullable(),
  receipt: receiptSchema.nullable(),
}) satisfies z.ZodType<Report>;

/** A stage that starts or ends. */
export const stageReportSchema = z.object({
  version: z.literal(1),
  kind: kindSchema,
  environment: environmentName(),
  stage: stageSchema,
}) satisfies z.ZodType<StageReport>;

/** What a report is answered with. */
export const receivedSchema = z.object({ id: idSchema, changed: z.boolean() }) satisfies z.ZodType<ReportReceived>;
