import type { EnvironmentSummary, RunOutcome, RunKind, RunningApp } from "@slipway/contract";
import type { Pool } from "pg";
import { iso, type SummaryRow, summaryColumns, summaryOf } from "../deliveries/row.ts";
import { type ReceiptRow, receiptColumns, receiptSummaryOf } from "../receipts/repository.ts";
import { stateOf } from "./state.ts";

interface EnvironmentRow {
  name: string;
  decisive: { kind: RunKind; outcome: RunOutcome } | null;
  delivery: Row<SummaryRow> | null;
  receipt: ReceiptRow | null;
  proven_at: Date | null;
  apps: RunningApp[];
}

/** Instants inside JSON are text. */
type Row<Columns> = { [Name in keyof Columns]: Columns[Name] extends Date | null ? string : Columns[Name] };

const newest = "ORDER BY started_at DESC, run DESC, attempt DESC LIMIT 1";

/**
 * Every environment, each part by an index. Its apps are those that its newest proof saw or knew to be further on, and
 * that were proven after its last successful teardown.
 */
const allEnvironments = `
  SELECT name, proof.proven_at,
    (SELECT json_build_object('kind', kind, 'outcome', outcome) FROM runs
      WHERE environment = name AND outcome NOT IN ('cancelled', 'skipped') ${newest}) AS decisive,
    (SELECT row_to_json(found) FROM (SELECT ${summaryColumns.replace("run,", "run::text,")} FROM runs
      WHERE environment = name AND kind = 'delivery' ${newest}) AS found) AS delivery,
    (SELECT row_to_json(found) FROM (SELECT ${receiptColumns.replace("run,", "run::text,")} FROM receipts
      WHERE environment = name ORDER BY at DESC, run DESC, attempt DESC LIMIT 1) AS found) AS receipt,
    coalesce((
      SELECT json_agg(json_build_object(
        'app', running.app, 'source', seen->'source', 'revision', seen->'revision', 'urls', seen->'urls',
        'images', seen->'images', 'pods', jsonb_array_length(seen->'pods'),
        'since', running.since, 'by', first.actor, 'delivery', first.run || '-' || first.attempt) ORDER BY running.app)
      FROM running_apps AS running
      JOIN runs AS first ON first.run = running.first_run AND first.attempt = running.first_attempt
      JOIN proofs AS own ON own.run = running.run AND own.attempt = running.attempt,
      jsonb_path_query_first(own.body, '$.apps[*] ? (@.app == $app)', jsonb_build_object('app', running.app)) AS seen
      WHERE running.environment = name
        AND (proof.body @> jsonb_build_object('apps', jsonb_build_array(jsonb_build_object('app', running.app)))
          OR proof.body @> jsonb_build_object('superseded', jsonb_build_array(jsonb_build_object('app', running.app))))
        AND running.proven_at > coalesce((
          SELECT max(finished_at) FROM runs AS torn
          WHERE torn.environment = name AND torn.kind = 'teardown' AND torn.outcome = 'succeeded'), '-infinity')
    ), '[]') AS apps
  FROM environments
  LEFT JOIN LATERAL (
    SELECT proven_at, body FROM runs JOIN proofs USING (run, attempt)
    WHERE environment = name AND proven_at IS NOT NULL ORDER BY proven_at DESC LIMIT 1
  ) AS proof ON true
  ORDER BY name`;

/** What is read of environments. */
export class Environments {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** All that were ever reported of, by name. */
  async all(): Promise<EnvironmentSummary[]> {
    const { rows } = await this.#pool.query<EnvironmentRow>({ name: "environments", text: allEnvironments });
    return rows.map(({ name, decisive, delivery, receipt, proven_at, apps }) => ({
      name,
      state: stateOf(decisive, apps.length),
      apps: apps.map((app) => ({ ...app, since: iso(app.since) ?? "" })),
      lastDelivery: delivery && summaryOf(withDates(delivery)),
      lastProofAt: iso(proven_at),
      lastReceipt: receipt && receiptSummaryOf(receipt),
    }));
  }
}

function withDates(row: Row<SummaryRow>): SummaryRow {
  const date = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...row,
    started_at: new Date(row.started_at),
    committed_at: date(row.committed_at),
    finished_at: date(row.finished_at),
    proven_at: date(row.proven_at),
  };
}
