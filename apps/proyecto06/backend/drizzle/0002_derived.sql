-- The day of an instant, as the measures count: in UTC.
CREATE FUNCTION utc_day(instant timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (instant AT TIME ZONE 'UTC')::date
$$;
--> statement-breakpoint
-- Makes the rows of measure_days anew for one environment and the days from `first` to `last`.
CREATE FUNCTION refresh_measures(target text, first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  begins timestamptz := first::timestamp AT TIME ZONE 'UTC';
  ends timestamptz := (last + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  DELETE FROM measure_days WHERE environment = target AND day BETWEEN first AND last;
  INSERT INTO measure_days (day, environment, deployments, lead_times, releases, failed_releases, recoveries)
  SELECT
    facts.day, target,
    count(lead), coalesce(array_agg(lead ORDER BY lead) FILTER (WHERE lead IS NOT NULL), '{}'),
    count(gone_wrong), count(*) FILTER (WHERE gone_wrong),
    coalesce(array_agg(recovery ORDER BY recovery) FILTER (WHERE recovery IS NOT NULL), '{}')
  FROM (
    SELECT
      utc_day(proven_at) AS day,
      greatest(0, round(extract(epoch FROM proven_at - coalesce(committed_at, started_at))))::int AS lead,
      NULL::boolean AS gone_wrong, NULL::int AS recovery
    FROM runs
    WHERE environment = target AND kind = 'delivery' AND released_at IS NOT NULL
      AND proven_at >= begins AND proven_at < ends
    UNION ALL
    SELECT utc_day(released_at), NULL, proven_at IS NULL OR reverted_at IS NOT NULL, NULL
    FROM runs
    WHERE environment = target AND kind = 'delivery' AND outcome NOT IN ('waiting', 'running')
      AND released_at >= begins AND released_at < ends
    UNION ALL
    SELECT utc_day(finished_at), NULL, NULL, round(extract(epoch FROM recovered_at - finished_at))::int
    FROM runs
    WHERE environment = target AND kind = 'delivery' AND outcome = 'failed' AND recovered_at IS NOT NULL
      AND finished_at >= begins AND finished_at < ends
  ) AS facts
  GROUP BY facts.day;
END
$$;
--> statement-breakpoint
-- Says of failed deliveries when the environment was next proven: of all that wait for that, or that found it at `since`
-- or later. Returns the days whose measures this changes.
CREATE FUNCTION refresh_recoveries(target text, since timestamptz) RETURNS SETOF date LANGUAGE sql AS $$
  UPDATE runs AS failed
  SET recovered_at = found.at
  FROM (
    SELECT each.run, each.attempt, (
      SELECT min(next.proven_at) FROM runs AS next
      WHERE next.environment = target AND next.proven_at IS NOT NULL AND next.proven_at > each.finished_at
    ) AS at
    FROM runs AS each
    WHERE each.environment = target AND each.kind = 'delivery' AND each.outcome = 'failed'
      AND (each.recovered_at IS NULL OR each.recovered_at >= since)
  ) AS found
  WHERE failed.run = found.run AND failed.attempt = found.attempt AND failed.recovered_at IS DISTINCT FROM found.at
  RETURNING utc_day(failed.finished_at)
$$;
--> statement-breakpoint
-- Says of the releases with a title when a delivery took them back: `Revert "<title>"`, the title that `git revert` gives
-- (https://git-scm.com/docs/git-revert), takes back the newest one before it. Returns the days whose measures this changes.
CREATE FUNCTION refresh_reverts(target text, wanted text) RETURNS SETOF date LANGUAGE sql AS $$
  UPDATE runs AS release
  SET reverted_at = found.at
  FROM (
    SELECT each.run, each.attempt, (
      SELECT min(taker.started_at) FROM runs AS taker
      WHERE taker.environment = target AND taker.kind = 'delivery' AND taker.title = 'Revert "' || wanted || '"'
        AND taker.started_at > each.started_at
        AND NOT EXISTS (
          SELECT FROM runs AS other
          WHERE other.environment = target AND other.kind = 'delivery' AND other.title = wanted
            AND other.released_at IS NOT NULL
            AND other.started_at > each.started_at AND other.started_at < taker.started_at
        )
    ) AS at
    FROM runs AS each
    WHERE each.environment = target AND each.kind = 'delivery' AND each.title = wanted AND each.released_at IS NOT NULL
  ) AS found
  WHERE release.run = found.run AND release.attempt = found.attempt AND release.reverted_at IS DISTINCT FROM found.at
  RETURNING utc_day(release.released_at)
$$;
--> statement-breakpoint
-- Says what runs of one app in one environment: its newest proof, and since when its digests run there: since the first
-- proof of them that follows both other digests and the last successful teardown.
CREATE FUNCTION refresh_running(target text, wanted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  newest proven_apps;
  earliest proven_apps;
  before timestamptz;
BEGIN
  SELECT * INTO newest FROM proven_apps WHERE environment = target AND app = wanted
  ORDER BY proven_at DESC, run DESC, attempt DESC LIMIT 1;
  IF NOT FOUND THEN
    DELETE FROM running_apps WHERE environment = target AND app = wanted;
    RETURN;
  END IF;
  SELECT greatest(
    (SELECT max(proven_at) FROM proven_apps
     WHERE environment = target AND app = wanted AND digests <> newest.digests AND proven_at < newest.proven_at),
    (SELECT max(finished_at) FROM runs
     WHERE environment = target AND kind = 'teardown' AND outcome = 'succeeded' AND finished_at < newest.proven_at)
  ) INTO before;
  SELECT * INTO STRICT earliest FROM proven_apps
  WHERE environment = target AND app = wanted AND digests = newest.digests AND proven_at > coalesce(before, '-infinity')
  ORDER BY proven_at, run, attempt LIMIT 1;
  INSERT INTO running_apps (environment, app, run, attempt, proven_at, since, first_run, first_attempt)
  VALUES (target, wanted, newest.run, newest.attempt, newest.proven_at, earliest.proven_at, earliest.run, earliest.attempt)
  ON CONFLICT (environment, app) DO UPDATE SET
    run = excluded.run, attempt = excluded.attempt, proven_at = excluded.proven_at,
    since = excluded.since, first_run = excluded.first_run, first_attempt = excluded.first_attempt;
END
$$;
