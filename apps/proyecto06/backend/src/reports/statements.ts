const ofRun = "WHERE run = $1 AND attempt = $2";

/** How many things of a receipt are of a class. */
const numberOf = (itemClass: string) =>
  `jsonb_array_length(jsonb_path_query_array(receipt, '$.items[*] ? (@.class == "${itemClass}")'))`;

/** The statements that write reports down. `$1` and `$2` are the run and its attempt wherever there are such. */
export const statements = {
  known: `SELECT kind, environment, title, outcome, finished_at, proven_at, released_at, report_hash FROM runs ${ofRun}`,

  environment: "INSERT INTO environments (name) VALUES ($1) ON CONFLICT DO NOTHING",

  /** A run of which only a stage is known: its title and author come with its whole report. */
  openRun: `
    INSERT INTO runs (run, attempt, repository, commit, branch, actor, kind, environment, started_at, title, author, outcome)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $6, 'running')`,

  run: `
    INSERT INTO runs (run, attempt, repository, commit, branch, actor, kind, environment, title, author, outcome,
      committed_at, started_at, finished_at, built, adopted, failed, proven_at, released_at, report_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
    ON CONFLICT (run, attempt) DO UPDATE SET
      repository = excluded.repository, commit = excluded.commit, branch = excluded.branch, actor = excluded.actor,
      kind = excluded.kind, environment = excluded.environment, title = excluded.title, author = excluded.author,
      outcome = excluded.outcome, committed_at = excluded.committed_at, started_at = excluded.started_at,
      finished_at = excluded.finished_at, built = excluded.built, adopted = excluded.adopted, failed = excluded.failed,
      proven_at = excluded.proven_at, released_at = excluded.released_at, report_hash = excluded.report_hash,
      reverted_at = NULL, recovered_at = NULL, heard_at = now()`,

  clear: ["stages", "images", "releases", "proofs", "proven_apps", "receipts"].map(
    (table) => `DELETE FROM ${table} ${ofRun}`,
  ),

  stages: `
    INSERT INTO stages (run, attempt, stage, detail, outcome, started_at, finished_at, failure)
    SELECT $1, $2, stage, detail, outcome, "startedAt", "finishedAt", failure FROM jsonb_to_recordset($3::jsonb)
      AS given(stage text, detail text, outcome text, "startedAt" timestamptz, "finishedAt" timestamptz, failure text)`,

  /** A stage that ended does not run again, and what is known already changes nothing. */
  stage: `
    INSERT INTO stages AS known (run, attempt, stage, detail, outcome, started_at, finished_at, failure)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (run, attempt, stage, detail) DO UPDATE SET
      outcome = excluded.outcome, started_at = coalesce(excluded.started_at, known.started_at),
      finished_at = excluded.finished_at, failure = excluded.failure
    WHERE (known.outcome IN ('waiting', 'running') OR excluded.outcome NOT IN ('waiting', 'running'))
      AND NOT (known.outcome = 'running' AND excluded.outcome = 'waiting')
      AND (known.outcome, known.started_at, known.finished_at, known.failure) IS DISTINCT FROM
        (excluded.outcome, coalesce(excluded.started_at, known.started_at), excluded.finished_at, excluded.failure)`,

  images: `
    INSERT INTO images (run, attempt, name, content_key, outcome)
    SELECT $1, $2, name, "contentKey", outcome FROM jsonb_to_recordset($3::jsonb)
      AS given(name text, "contentKey" text, outcome text)`,

  release: "INSERT INTO releases (run, attempt, commit, at, images) VALUES ($1, $2, $3, $4, $5)",

  proof: "INSERT INTO proofs (run, attempt, body) VALUES ($1, $2, $3)",

  provenApps: `
    INSERT INTO proven_apps (run, attempt, environment, app, proven_at, digests)
    SELECT run, attempt, environment, app->>'app', proven_at, (
      SELECT md5(coalesce(string_agg((image->>'name') || '@' || (image->>'digest'), ',' ORDER BY image->>'name'), ''))
      FROM jsonb_array_elements(app->'images') AS image
    )
    FROM runs JOIN proofs USING (run, attempt), jsonb_array_elements(body->'apps') AS app ${ofRun}
    ON CONFLICT DO NOTHING`,

  receipt: `
    INSERT INTO receipts
      (run, attempt, environment, at, clean, billable, "unknown", kept, monthly_usd, kept_monthly_usd, body)
    SELECT $1, $2, $3, (receipt->>'at')::timestamptz, (receipt->>'clean')::boolean,
      ${["billable", "unknown", "kept"].map(numberOf).join(", ")},
      (receipt->>'monthlyUsd')::float8, (receipt->>'keptMonthlyUsd')::float8, receipt
    FROM (SELECT $4::jsonb AS receipt) AS given`,

  /** The stage that it failed in, else the last one that runs; none of a run that ended well. */
  currentStage: `
    UPDATE runs SET heard_at = now(), stage = (
      SELECT stage FROM stages ${ofRun} AND outcome IN ('failed', 'running')
        AND (outcome = 'failed' OR runs.outcome IN ('waiting', 'running'))
      ORDER BY outcome = 'failed' DESC, started_at DESC NULLS LAST, stage, detail LIMIT 1
    ) ${ofRun}`,
};
