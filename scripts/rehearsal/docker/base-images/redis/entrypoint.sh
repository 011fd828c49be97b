#!/bin/sh
# Arguments that start with a dash, or name a .conf file, are redis-server's. Without a configuration of its own the
# server accepts other hosts, as the official image's does; root gives way to the user redis.
set -eu
case "${1-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "${1-}" = redis-server ]; then
  if [ "$#" -eq 1 ]; then set -- "$@" --protected-mode no; fi
  if [ "$(id -u)" = 0 ]; then
    chown -R redis:redis .
    exec setpriv --reuid=redis --regid=redis --init-groups "$@"
  fi
fi
exec "$@"
