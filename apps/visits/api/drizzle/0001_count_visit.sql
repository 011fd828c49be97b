INSERT INTO counter (id, floor) VALUES (1, 0);
--> statement-breakpoint
-- The lowest number above `above` that no visit has. Every number up to `above` must be in use, so a row `above` is
-- there to start from, unless nothing was counted yet.
CREATE FUNCTION lowest_free_number(above bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN above = 0 AND NOT EXISTS (SELECT FROM visits WHERE number = 1) THEN 1
    ELSE (
      SELECT used.number + 1
      FROM visits AS used
      WHERE used.number >= greatest(above, 1)
        AND NOT EXISTS (SELECT FROM visits AS following WHERE following.number = used.number + 1)
      ORDER BY used.number
      LIMIT 1
    )
  END
$$;
--> statement-breakpoint
-- Counts a visit without Redis. Callers take turns on the counter's row. A number that somebody else inserts in the
-- same moment (one that Redis handed out before it was lost) is theirs; the next free one is tried.
-- `caught_up` tells that no number below the new one is free.
CREATE FUNCTION count_visit(visiting_pod text, OUT number bigint, OUT caught_up boolean) LANGUAGE plpgsql AS $$
DECLARE
  known_floor bigint;
BEGIN
  SELECT counter.floor INTO STRICT known_floor FROM counter WHERE id = 1 FOR UPDATE;
  LOOP
    number := lowest_free_number(known_floor);
    known_floor := number;
    INSERT INTO visits (number, pod) VALUES (count_visit.number, visiting_pod) ON CONFLICT DO NOTHING;
    EXIT WHEN FOUND;
  END LOOP;
  UPDATE counter SET floor = known_floor WHERE id = 1;
  caught_up := NOT EXISTS (SELECT FROM visits WHERE visits.number > count_visit.number);
END
$$;
--> statement-breakpoint
-- Moves the floor up as far as numbers are in use, and says what is above it: the highest number, and for how many
-- seconds a number below it has been missing (null when none is).
CREATE FUNCTION audit_visits(OUT floor bigint, OUT highest bigint, OUT gap_seconds double precision) LANGUAGE plpgsql AS $$
BEGIN
  SELECT counter.floor INTO STRICT audit_visits.floor FROM counter WHERE id = 1;
  audit_visits.floor := lowest_free_number(audit_visits.floor) - 1;
  UPDATE counter SET floor = audit_visits.floor WHERE id = 1 AND counter.floor < audit_visits.floor;
  SELECT coalesce(max(visits.number), 0) INTO highest FROM visits;
  SELECT extract(epoch FROM clock_timestamp() - visits.at) INTO gap_seconds
  FROM visits WHERE visits.number > audit_visits.floor ORDER BY visits.number LIMIT 1;
END
$$;
