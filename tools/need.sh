#!/usr/bin/env bash
# need.sh COMMAND PACKAGE...: if a command is absent, installs the distribution's packages that have
# it when run as root, and else says what to install and fails with 3.
set -euo pipefail
command=$1
shift
command -v "$command" >/dev/null && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq >&2 && apt-get install -y -qq "$@" >&2 && command -v "$command" >/dev/null && exit 0
fi
echo "SKIPPED: no $command: install $* (Debian's names), or run as root" >&2
exit 3
