#!/bin/bash
# Puts a dump of BACKUP_FOLDER instead of what the database holds: the newest, or the one that RESTORE names. In one
# transaction: it is all there afterwards, or nothing has changed. Who is connected is sent away first.
set -euo pipefail
folder=${BACKUP_FOLDER:-/backups}
name=${RESTORE:-$(find "$folder" -maxdepth 1 -type f -name "$PGDATABASE-*.dump" -printf '%f\n' | sort | tail --lines=1)}
if [[ -z $name || ! -f $folder/$name ]]; then
  echo "There is no backup \"$name\" in $folder. There are:" >&2
  find "$folder" -maxdepth 1 -type f -name '*.dump' -printf '  %f\n' | sort >&2
  exit 2
fi
pg_restore --list "$folder/$name" >/dev/null
export PGOPTIONS="--client-min-messages=warning"
# Everything of the database's own, whatever schema a migration made; extensions come back with the dump.
{
  echo "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();"
  echo "BEGIN;"
  echo "DROP SCHEMA IF EXISTS drizzle CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
  pg_restore --no-owner --no-privileges --file=- "$folder/$name"
  echo "COMMIT;"
} | psql --no-psqlrc --quiet --output=/dev/null --set=ON_ERROR_STOP=1
# A restored table has no statistics, without which queries are planned blindly.
psql --no-psqlrc --quiet --command=ANALYZE
echo "restored $name"
