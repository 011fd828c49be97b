#!/bin/sh
# Before nginx starts: each template becomes a file of /etc/nginx/conf.d with the environment's variables filled in,
# then the scripts of /docker-entrypoint.d run in order of their names.
set -eu
if [ "${1-}" = nginx ]; then
  names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
  for template in /etc/nginx/templates/*.template; do
    [ -e "$template" ] || continue
    # shellcheck disable=SC2094 # What is read and what is written lie in different folders.
    envsubst "$names" <"$template" >"/etc/nginx/conf.d/$(basename "$template" .template)"
  done
  for script in /docker-entrypoint.d/*.sh; do
    [ -x "$script" ] || continue
    "$script"
  done
fi
exec "$@"
