import type { Page, ReportedReceipt, ReceiptSummary } from "@slipway/contract";
import type { Pool } from "pg";
import { idOf, runOf } from "../deliveries/row.ts";
import { Conditions, pageOf, positionOf } from "../page.ts";
import type { ReceiptsQuery } from "./schemas.ts";

/** The columns of a summary, from `receipts`. */
export const receiptColumns =
  'run, attempt, environment, at, clean, billable, "unknown", kept, monthly_usd, kept_monthly_usd';

/** A row of these columns. */
export interface ReceiptRow {
  run: string;
  attempt: number;
  environment: string;
  at: Date | string;
  clean: boolean;
  billable: number;
  unknown: number;
  kept: number;
  monthly_usd: number;
  kept_monthly_usd: number;
}

/** A row as the wire has it. */
export function receiptSummaryOf(row: ReceiptRow): ReceiptSummary {
  const { environment, clean, billable, unknown, kept } = row;
  return {
    id: idOf(row),
    environment,
    at: new Date(row.at).toISOString(),
    clean,
    billable,
    unknown,
    kept,
    monthlyUsd: row.monthly_usd,
    keptMonthlyUsd: row.kept_monthly_usd,
  };
}

/** What is read of receipts. */
export class Receipts {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** A page of the list, newest first. */
  async page({ environment, cursor, limit }: ReceiptsQuery): Promise<Page<ReceiptSummary>> {
    const conditions = new Conditions();
    conditions.add("environment = ?", environment);
    conditions.after("at", cursor === undefined ? undefined : positionOf(cursor));
    const most = conditions.value(limit + 1);
    const { rows } = await this.#pool.query<ReceiptRow>({
      name: `receipts:${conditions.shape}`,
      text: `SELECT ${receiptColumns} FROM receipts ${conditions.where}
        ORDER BY at DESC, run DESC, attempt DESC LIMIT ${most}`,
      values: conditions.values,
    });
    return pageOf(rows, limit, receiptSummaryOf, ({ at, run, attempt }) => {
      return { at: new Date(at).toISOString(), run, attempt };
    });
  }

  /** One, whole, by its teardown's id; undefined when there is none. */
  async find(id: string): Promise<(ReportedReceipt & { id: string; environment: string }) | undefined> {
    const text = "SELECT environment, body FROM receipts WHERE run = $1 AND attempt = $2";
    const { rows } = await this.#pool.query<{ environment: string; body: ReportedReceipt }>(text, runOf(id));
    return rows[0] && { ...rows[0].body, id, environment: rows[0].environment };
  }
}
