import type { Delivery, DeliverySummary, Page } from "@slipway/contract";
import type { Pool, QueryConfig } from "pg";
import { Conditions, pageOf, positionOf } from "../page.ts";
import { iso, runOf, type SummaryRow, summaryColumns, summaryOf } from "./row.ts";
import type { DeliveriesQuery } from "./schemas.ts";

interface DeliveryRow extends SummaryRow, Pick<Delivery, "stages" | "images" | "release" | "proof" | "receipt"> {}

/** The stages in their order; builds among themselves by image. */
const stageOrder = "array_position(ARRAY['plan','registry','infra','build','release','verify','teardown'], stage)";
const same = "part.run = runs.run AND part.attempt = runs.attempt";

/** One delivery with everything of it, by run and attempt. */
export const wholeDelivery = `
  SELECT ${summaryColumns},
    coalesce((
      SELECT json_agg(json_build_object('stage', part.stage, 'detail', detail, 'outcome', part.outcome,
        'startedAt', part.started_at, 'finishedAt', part.finished_at, 'failure', failure) ORDER BY ${stageOrder}, detail)
      FROM stages AS part WHERE ${same}), '[]') AS stages,
    coalesce((
      SELECT json_agg(json_build_object('name', name, 'contentKey', content_key, 'outcome', part.outcome) ORDER BY name)
      FROM images AS part WHERE ${same}), '[]') AS images,
    (SELECT json_build_object('commit', part.commit, 'at', at, 'images', images)
      FROM releases AS part WHERE ${same}) AS release,
    (SELECT body FROM proofs AS part WHERE ${same}) AS proof,
    (SELECT body FROM receipts AS part WHERE ${same}) AS receipt
  FROM runs WHERE run = $1 AND attempt = $2`;

/** What is read of deliveries and teardowns. */
export class Deliveries {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** A page of the list, newest first. */
  async page(query: DeliveriesQuery): Promise<Page<DeliverySummary>> {
    const { rows } = await this.#pool.query<SummaryRow>(listQuery(query));
    return pageOf(rows, query.limit, summaryOf, ({ started_at, run, attempt }) => {
      return { at: started_at.toISOString(), run, attempt };
    });
  }

  /** One, whole; undefined when there is none. */
  async find(id: string): Promise<Delivery | undefined> {
    const { rows } = await this.#pool.query<DeliveryRow>({ name: "delivery", text: wholeDelivery, values: runOf(id) });
    const [row] = rows;
    if (!row) return undefined;
    const { stages, images, release, proof, receipt } = row;
    return {
      ...summaryOf(row),
      stages: stages.map((each) => ({ ...each, startedAt: iso(each.startedAt), finishedAt: iso(each.finishedAt) })),
      images,
      release: release && { ...release, at: iso(release.at) ?? "" },
      proof,
      receipt,
    };
  }
}

/**
 * The list's query. Prepared under a name for each combination of filters; not with a search, for which PostgreSQL has to
 * see the words before it can choose between walking the list and asking the index of trigrams.
 */
export function listQuery(query: DeliveriesQuery): QueryConfig {
  const conditions = new Conditions();
  conditions.add("environment = ?", query.environment);
  conditions.add("kind = ?", query.kind);
  conditions.add("outcome = ?", query.outcome);
  conditions.add("author = ?", query.author);
  conditions.add("started_at >= ?", query.from);
  conditions.add("started_at < ?", query.to);
  conditions.add("search LIKE ?", query.search && `%${escapeLike(query.search.toLowerCase())}%`);
  conditions.after("started_at", query.cursor === undefined ? undefined : positionOf(query.cursor));
  const limit = conditions.value(query.limit + 1);
  const text = `SELECT ${summaryColumns} FROM runs ${conditions.where}
    ORDER BY started_at DESC, run DESC, attempt DESC LIMIT ${limit}`;
  const { values, shape } = conditions;
  return query.search ? { text, values } : { name: `list:${shape}`.slice(0, 63), text, values };
}

/** https://www.postgresql.org/docs/15/functions-matching.html#FUNCTIONS-LIKE */
function escapeLike(words: string): string {
  return words.replace(/[\\%_]/g, "\\$&");
}
