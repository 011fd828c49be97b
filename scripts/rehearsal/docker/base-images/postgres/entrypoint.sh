#!/bin/bash
# What the official image documents for its start (https://hub.docker.com/_/postgres): an empty PGDATA is initialised
# from POSTGRES_USER, POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE), POSTGRES_DB, POSTGRES_INITDB_ARGS and
# POSTGRES_HOST_AUTH_METHOD, then the files of /docker-entrypoint-initdb.d are run against a server that only
# listens on its own socket; after that the server starts for good.
set -euo pipefail

if [[ ${1-} == -* ]]; then set -- postgres "$@"; fi

# The value of a variable, or of the file that <variable>_FILE names.
setting() {
  local name=$1 file=${1}_FILE
  if [[ -n ${!name-} && -n ${!file-} ]]; then
    echo "Both $name and $file are set: set one of them." >&2
    return 1
  fi
  if [[ -n ${!file-} ]]; then cat "${!file}"; else printf '%s' "${!name-}"; fi
}

initialise() {
  local user password database method socket
  user=$(setting POSTGRES_USER)
  password=$(setting POSTGRES_PASSWORD)
  database=$(setting POSTGRES_DB)
  user=${user:-postgres}
  database=${database:-$user}
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [[ -z $password && $method != trust ]]; then
    echo "The database is not initialised and POSTGRES_PASSWORD is not set." >&2
    return 1
  fi
  # shellcheck disable=SC2086 # several arguments in one variable, as documented
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") --auth-local=trust --auth-host="$method" \
    ${POSTGRES_INITDB_ARGS-}
  printf 'host all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  socket=$(mktemp -d)
  pg_ctl --wait --options="-c listen_addresses='' -c unix_socket_directories='$socket'" start
  local -x PGHOST=$socket PGUSER=$user PGDATABASE=$database
  if [[ $database != postgres ]]; then createdb --maintenance-db=postgres "$database"; fi
  run_files psql --no-psqlrc --set=ON_ERROR_STOP=1
  pg_ctl --wait --mode=fast stop
  rm -rf "$socket"
}

# The initial files in order of their names; "$@" runs SQL from standard input.
run_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    # shellcheck disable=SC1090 # Which files there are, only the image that is built on this one knows.
    case $file in
      *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
      *.sql) "$@" <"$file" ;;
      *.sql.gz) gunzip --stdout "$file" | "$@" ;;
      *) [[ -e $file ]] && echo "ignored: $file" ;;
    esac
  done
  return 0
}

# Questions about the program need no database.
asks() {
  local argument
  for argument in "$@"; do
    case $argument in -\? | --help | -V | --version | --describe-config | -C) return 0 ;; esac
  done
  return 1
}

if [[ ${1-} == postgres ]] && ! asks "$@"; then
  if [[ $(id -u) -eq 0 ]]; then
    mkdir -p "$PGDATA"
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA" 2>/dev/null || true
  if [[ ! -s $PGDATA/PG_VERSION ]]; then initialise; fi
  unset POSTGRES_PASSWORD
fi
exec "$@"
