import { z } from "zod";

/** What `/` answers: the words of the system's document. */
export const greetingSchema = z.object({ mensaje: z.string(), hostname: z.string() });

/** What `/hits` answers. */
export const hitsSchema = z.object({
  /** The number of this visit, or of all visits when the request was not counted. */
  hits: z.int(),
  hostname: z.string(),
  counted: z.boolean(),
  source: z.enum(["redis", "postgres"]),
});

/** What runs here. */
export const versionSchema = z.object({
  service: z.string(),
  version: z.string(),
  hostname: z.string(),
  node: z.string(),
});

/** How the service sees its caller. */
export const clientSchema = z.object({ address: z.string(), requestId: z.string() });

/** What `/history` may be asked. */
export const historyQuerySchema = z.object({
  interval: z.enum(["minute", "hour", "day"]).default("hour"),
  from: z.iso.datetime({ offset: true }).pipe(z.coerce.date()).optional(),
  to: z.iso.datetime({ offset: true }).pipe(z.coerce.date()).optional(),
  pod: z.string().max(253).optional(),
});

/** A parsed `/history` query. */
export type HistoryQuery = z.output<typeof historyQuerySchema>;

const historyEntrySchema = z.object({ start: z.iso.datetime(), pod: z.string(), visits: z.int() });

/** The visits of one pod in one interval. */
export type HistoryEntry = z.output<typeof historyEntrySchema>;

/** What `/history` answers. */
export const historySchema = z.object({
  interval: z.enum(["minute", "hour", "day"]),
  entries: z.array(historyEntrySchema),
  /** Older entries were left out: ask again with an earlier `to`. */
  truncated: z.boolean(),
});

const podStatisticsSchema = z.object({
  pod: z.string(),
  visits: z.int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
});

/** What one pod counted. */
export type PodStatistics = z.output<typeof podStatisticsSchema>;

/** What `/statistics` answers. */
export const statisticsSchema = z.object({
  total: z.int(),
  recent: z.object({ minute: z.int(), hour: z.int(), day: z.int() }),
  pods: z.array(podStatisticsSchema),
  source: z.enum(["redis", "postgres"]),
});
