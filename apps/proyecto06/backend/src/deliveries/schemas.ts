import { z } from "zod";
import { pageQuery } from "../page.ts";
import { environmentName, instant, kindSchema, outcomeSchema, text } from "@slipway/contract/schemas.ts";

/** What the list of deliveries may be asked. */
export const deliveriesQuerySchema = z.object({
  environment: environmentName().optional(),
  kind: kindSchema.optional(),
  outcome: outcomeSchema.optional(),
  author: text(200).optional(),
  /** Part of a title, an author's or actor's name, a branch or a commit, in any case. */
  search: text(200).optional(),
  from: instant().optional(),
  to: instant().optional(),
  ...pageQuery,
});

/** A parsed query. */
export type DeliveriesQuery = z.output<typeof deliveriesQuerySchema>;
