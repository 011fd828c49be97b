import { type Api, Problem } from "@slipway/kit";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { idSchema, pageSchema, receiptSummarySchema } from "@slipway/contract/schemas.ts";
import { receiptsQuerySchema, wholeReceiptSchema } from "./schemas.ts";

/** Adds the receipts of teardowns. */
export function addReceiptRoutes(api: Api, { receipts, forPeople }: AppContext): void {
  const tag = "receipts";
  api.get(
    "/api/receipts",
    {
      ...forPeople,
      tag,
      summary: "Receipts of teardowns, newest first",
      query: receiptsQuerySchema,
      response: pageSchema(receiptSummarySchema),
    },
    ({ query }) => receipts.page(query),
  );
  api.get(
    "/api/receipts/:id",
    {
      ...forPeople,
      tag,
      summary: "One receipt, whole",
      params: z.object({ id: idSchema }),
      response: wholeReceiptSchema,
      statuses: { 404: null },
    },
    async ({ params }) => {
      const found = await receipts.find(params.id);
      if (!found) throw new Problem(404, "No such receipt is known.");
      return found;
    },
  );
}
