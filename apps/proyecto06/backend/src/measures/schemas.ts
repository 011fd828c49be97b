import type { Measures, MeasuresOfInterval } from "@slipway/contract";
import { z } from "zod";
import { environmentName, instant } from "@slipway/contract/schemas.ts";

/** What the measures may be asked. */
export const measuresQuerySchema = z.object({
  environment: environmentName().optional(),
  interval: z.enum(["day", "week", "month"]).default("week"),
  /** The first day, in UTC; as many intervals as are easily looked at when left out. */
  from: instant().optional(),
  /** The end; the day in which it is counts, and today when left out. */
  to: instant().optional(),
});

/** A parsed query. */
export type MeasuresQuery = z.output<typeof measuresQuerySchema>;

const totalSchema = z.object({
  deployments: z.int(),
  leadTimeMedian: z.number().nullable(),
  leadTimeP90: z.number().nullable(),
  changeFailureRate: z.number().nullable(),
  recoveryMedian: z.number().nullable(),
});
const intervalSchema = totalSchema.extend({ start: z.iso.datetime() }) satisfies z.ZodType<MeasuresOfInterval>;

/** The four measures over time. */
export const measuresSchema = z.object({
  environment: environmentName().nullable(),
  interval: z.enum(["day", "week", "month"]),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  intervals: z.array(intervalSchema),
  total: totalSchema,
}) satisfies z.ZodType<Measures>;
