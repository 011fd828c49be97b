import { z } from "zod";
import { pageQuery } from "../page.ts";
import { environmentName, idSchema, receiptSchema } from "@slipway/contract/schemas.ts";

/** What the list of receipts may be asked. */
export const receiptsQuerySchema = z.object({ environment: environmentName().optional(), ...pageQuery });

/** A parsed query. */
export type ReceiptsQuery = z.output<typeof receiptsQuerySchema>;

/** A receipt with where it belongs. */
export const wholeReceiptSchema = receiptSchema.extend({ id: idSchema, environment: environmentName() });
