import type { EnvironmentSummary, RunningApp } from "@slipway/contract";
import { z } from "zod";
import { environmentName, idSchema, receiptSummarySchema, summarySchema } from "@slipway/contract/schemas.ts";

const runningAppSchema = z.object({
  app: z.string(),
  source: z.string().nullable(),
  revision: z.string(),
  since: z.iso.datetime(),
  by: z.string(),
  delivery: idSchema,
  urls: z.array(z.string()),
  images: z.array(z.object({ name: z.string(), digest: z.string(), keys: z.array(z.string()) })),
  pods: z.int(),
}) satisfies z.ZodType<RunningApp>;

/** An environment now. */
export const environmentSchema = z.object({
  name: environmentName(),
  state: z.enum(["live", "delivering", "failed", "tearing-down", "away"]),
  apps: z.array(runningAppSchema),
  lastDelivery: summarySchema.nullable(),
  lastProofAt: z.iso.datetime().nullable(),
  lastReceipt: receiptSummarySchema.nullable(),
}) satisfies z.ZodType<EnvironmentSummary>;
