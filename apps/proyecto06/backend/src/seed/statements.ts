/**
 * A believable past: deliveries over the last 390 days to three environments, each from its plan to its proof, one in
 * twelve failing, now and then a revert and a teardown with its receipt. `$1` is how many runs there are. Every number
 * comes from the run's own, so that two seeds are the same but for the time.
 */
const runs = `
  WITH numbers AS (
    SELECT n, 1000000 + n AS run,
      -- Scattered, and the same each time: a hash's first bits, from 0 to 1.
      (hashint8(n)::bigint & 1048575) / 1048576.0 AS luck,
      (hashint8(n + 7919)::bigint & 1048575) / 1048576.0 AS chance,
      date_trunc('second', now()) - interval '390 days' + interval '390 days' * n / ($1::bigint + 1) AS started
    FROM generate_series(1, $1::bigint) AS n
  ), kinds AS (
    SELECT *, n % 997 = 500 AS torn, luck < 0.08 AS gone_wrong,
      (ARRAY['dev','dev','dev','dev','dev','dev','staging','staging','course'])[1 + n % 9] AS environment,
      (ARRAY['user-1','user-2','user-3','user-4','user-5','user-6','user-7'])[1 + (hashint8(n + 3)::bigint & 1023) % 7] AS person
    FROM numbers
  ), titles AS (
    SELECT *, format('%s %s (#%s)',
      (ARRAY['Show','Fix','Measure','Name','Sort','Cache','Explain','Refuse','Count','Translate'])[1 + n % 10],
      (ARRAY['the history of a visit','an invalid cursor','the receipt of a teardown','what runs where',
        'deliveries by author','the proof down to its pods','wrong digests','a report that comes twice'])[1 + n % 8],
      n) AS own
    FROM kinds
  )
  INSERT INTO runs (run, attempt, repository, commit, branch, actor, kind, environment, title, author, outcome,
    committed_at, started_at, finished_at, built, adopted, failed, proven_at, released_at, report_hash, heard_at)
  SELECT run, 1, 'octo/slipway', md5(n::text) || '00000000', 'main', person,
    CASE WHEN torn THEN 'teardown' ELSE 'delivery' END, environment,
    CASE WHEN n % 61 = 0 THEN format('Revert "%s"', lag(own, 9) OVER (ORDER BY n)) ELSE own END, person,
    CASE WHEN gone_wrong AND NOT torn THEN 'failed' WHEN n % 307 = 0 THEN 'cancelled' ELSE 'succeeded' END,
    started - interval '1 second' * (20 + chance * 1200), started,
    started + interval '1 second' * (100 + luck * 400), 1 + n % 3, 3 - n % 3, (gone_wrong AND chance < 0.4)::int,
    CASE WHEN NOT gone_wrong AND NOT torn AND n % 307 <> 0 THEN started + interval '1 second' * (95 + luck * 400) END,
    CASE WHEN NOT torn AND n % 307 <> 0 AND NOT (gone_wrong AND chance < 0.6)
      THEN started + interval '1 second' * (60 + luck * 300) END,
    decode(md5(n::text), 'hex'), started
  FROM titles`;

const stages = `
  INSERT INTO stages (run, attempt, stage, detail, outcome, started_at, finished_at, failure)
  SELECT run, attempt, name, detail,
    CASE WHEN outcome = 'failed' AND name = 'verify' THEN 'failed' WHEN name = 'infra' THEN 'skipped' ELSE 'succeeded' END,
    started_at + (finished_at - started_at) * part, started_at + (finished_at - started_at) * (part + 0.2),
    CASE WHEN outcome = 'failed' AND name = 'verify' THEN 'visits-api: CrashLoopBackOff' END
  FROM runs, (VALUES ('plan', '', 0.0), ('infra', '', 0.1), ('build', 'visits-api', 0.1), ('build', 'visits-nginx', 0.1),
    ('release', '', 0.5), ('verify', '', 0.7)) AS given(name, detail, part)
  WHERE kind = 'delivery'
  UNION ALL
  SELECT run, attempt, 'teardown', '', outcome, started_at, finished_at, NULL FROM runs WHERE kind = 'teardown'`;

/** What was released: each component's digest changes with its own rhythm, so that some deliveries change one of them. */
const released = `
  CREATE TEMPORARY TABLE released ON COMMIT DROP AS
  SELECT run, attempt, name, app, md5(name || number) || md5(number || name) AS digest
  FROM runs, (VALUES ('visits', 'visits-api', 2), ('visits', 'visits-nginx', 40), ('proyecto06', 'proyecto06-backend', 3))
    AS given(app, name, rhythm), LATERAL (SELECT (run / rhythm)::text AS number) AS numbers
  WHERE kind = 'delivery' AND released_at IS NOT NULL`;

const images = `
  INSERT INTO images (run, attempt, name, content_key, outcome)
  SELECT run, attempt, name, left(digest, 40), CASE WHEN (run + length(name)) % 3 = 0 THEN 'built' ELSE 'adopted' END
  FROM released`;

const releases = `
  INSERT INTO releases (run, attempt, commit, at, images)
  SELECT run, attempt, md5('release' || run) || '00000000', released_at, (
    SELECT jsonb_agg(jsonb_build_object('app', app, 'name', name, 'digest', 'sha256:' || digest))
    FROM released WHERE released.run = runs.run)
  FROM runs WHERE kind = 'delivery' AND released_at IS NOT NULL`;

const proofs = `
  INSERT INTO proofs (run, attempt, body)
  SELECT runs.run, runs.attempt, jsonb_build_object(
    'environment', environment, 'commit', runs.commit, 'provenAt', to_char(proven_at AT TIME ZONE 'UTC', ${iso()}),
    'run', 'https://github.com/octo/slipway/actions/runs/' || runs.run, 'superseded', '[]'::jsonb, 'skipped', '[]'::jsonb,
    'apps', jsonb_agg(app ORDER BY app->>'app'))
  FROM runs JOIN (
    SELECT run, jsonb_build_object(
      'app', app, 'source', max(md5(run::text) || '00000000'), 'revision', max(md5(run::text) || '00000000'),
      'syncedAt', NULL, 'urls', jsonb_build_array('http://' || app || '.example.com'),
      'images', jsonb_agg(jsonb_build_object('name', name, 'digest', 'sha256:' || digest, 'keys', jsonb_build_array(left(digest, 40)))),
      'pods', jsonb_agg(jsonb_build_object('name', name || '-5d4f8', 'workload', 'Deployment ' || name, 'node', 'ip-10-0-1-7',
        'readySince', '', 'containers', jsonb_build_array(jsonb_build_object('container', 'main', 'image', name, 'digest', 'sha256:' || digest))))
    ) AS app FROM released GROUP BY run, released.app
  ) AS apps ON apps.run = runs.run
  WHERE proven_at IS NOT NULL GROUP BY runs.run, runs.attempt`;

const provenApps = `
  INSERT INTO proven_apps (run, attempt, environment, app, proven_at, digests)
  SELECT run, attempt, environment, app, proven_at, md5(string_agg(name || '@sha256:' || digest, ',' ORDER BY name))
  FROM released JOIN runs USING (run, attempt) WHERE proven_at IS NOT NULL GROUP BY run, attempt, environment, app, proven_at`;

const receipts = `
  INSERT INTO receipts (run, attempt, environment, at, clean, billable, "unknown", kept, monthly_usd, kept_monthly_usd, body)
  SELECT run, attempt, environment, finished_at, run % 4 <> 0, (run % 4 = 0)::int, 0, 1, CASE WHEN run % 4 = 0 THEN 32.4 ELSE 0 END, 0.4,
    jsonb_build_object('at', to_char(finished_at AT TIME ZONE 'UTC', ${iso()}), 'clean', run % 4 <> 0, 'seconds', 90, 'looks', 4,
      'monthlyUsd', CASE WHEN run % 4 = 0 THEN 32.4 ELSE 0 END, 'keptMonthlyUsd', 0.4, 'items', jsonb_build_array(
        jsonb_build_object('class', 'kept', 'title', 'EBS snapshot', 'name', 'snap-' || run, 'monthlyUsd', 0.4, 'why', 'asked for')))
  FROM runs WHERE kind = 'teardown'`;

function iso(): string {
  return `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
}

const derived = [
  "INSERT INTO environments SELECT DISTINCT environment FROM runs ON CONFLICT DO NOTHING",
  `UPDATE runs SET reverted_at = taker.started_at FROM (
     SELECT environment, substring(title FROM '^Revert "(.*)"$') AS taken, min(started_at) AS started_at
     FROM runs WHERE kind = 'delivery' AND title LIKE 'Revert "%' GROUP BY 1, 2
   ) AS taker WHERE runs.environment = taker.environment AND runs.title = taker.taken
     AND runs.kind = 'delivery' AND runs.released_at IS NOT NULL AND runs.started_at < taker.started_at`,
  "SELECT refresh_recoveries(name, '-infinity') FROM environments",
  "SELECT refresh_measures(name, (SELECT utc_day(min(started_at)) FROM runs), utc_day(now())) FROM environments",
  "SELECT refresh_running(environment, app) FROM (SELECT DISTINCT environment, app FROM proven_apps) AS apps",
];

/** Each statement of a seed with its values' number, in order; `ANALYZE` comes after the transaction. */
export const seedStatements: readonly string[] = [
  runs,
  "ANALYZE runs",
  stages,
  released,
  "CREATE INDEX ON released (run)",
  "ANALYZE released",
  images,
  releases,
  proofs,
  provenApps,
  "ANALYZE proven_apps",
  receipts,
  ...derived,
];
