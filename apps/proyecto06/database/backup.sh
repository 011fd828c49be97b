#!/bin/bash
# Writes a dump of the database into BACKUP_FOLDER, and keeps the newest BACKUP_KEEP of those that are there. Where the
# database is, libpq's variables say: https://www.postgresql.org/docs/15/libpq-envars.html
set -euo pipefail
folder=${BACKUP_FOLDER:-/backups}
keep=${BACKUP_KEEP:-14}
if [[ ! $keep =~ ^[1-9][0-9]*$ ]]; then
  echo "BACKUP_KEEP is \"$keep\": it has to be a number from 1." >&2
  exit 2
fi
name=$PGDATABASE-$(date --utc +%Y%m%dT%H%M%SZ).dump
# What a backup that was cut off left.
rm -f "$folder/$PGDATABASE"-*.dump.part
# In PostgreSQL's own format: compressed, and restored with checks and in any part. A dump has its name only when it is
# whole and can be read, so that no broken one pushes a good one out.
pg_dump --format=custom --no-owner --no-privileges --lock-wait-timeout=60s --file="$folder/$name.part"
pg_restore --list "$folder/$name.part" >/dev/null
sync "$folder/$name.part"
mv "$folder/$name.part" "$folder/$name"
find "$folder" -maxdepth 1 -type f -name "$PGDATABASE-*.dump" -printf '%f\n' | sort --reverse | tail --lines=+$((keep + 1)) |
  while read -r old; do
    rm -f "$folder/$old"
    echo "forgot $old"
  done
echo "wrote $name, $(stat --format=%s "$folder/$name") bytes"
