#!/bin/sh
# `docker run node app.js` and `docker run node --version` mean node; the name of a program means that program.
set -eu
case "${1-}" in
  -*) set -- node "$@" ;;
  *) if [ -n "${1-}" ] && ! command -v "$1" >/dev/null; then set -- node "$@"; fi ;;
esac
exec "$@"
