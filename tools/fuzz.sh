#!/usr/bin/env bash
# fuzz.sh TIME [NAME]: runs every fuzz target (or those whose package or name contains NAME) for the
# given time, and tells its executions a second. Before that, every property with 1,000 new cases.
# What a target finds is kept in its package's testdata/fuzz: commit it with the repair.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-20s} name=${2:-}
log=$(mktemp)
trap 'rm "$log"' EXIT
test -n "$name" || RAPID_SEED=0 RAPID_CHECKS=1000 go test -timeout 60m ./...
failed=0
while IFS=: read -r file target; do
  dir=$(dirname "$file")
  [[ "$dir $target" == *"$name"* ]] || continue
  # A minimum of 20 tries: Go's own default of 60 s takes longer than most runs.
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x "./$dir" >"$log" 2>&1 </dev/null ||
    { cat "$log"; failed=1; continue; }
  awk -v what="$target in $dir" '/execs:/ {
      n = $0; sub(/.*execs: /, "", n); sub(/ .*/, "", n)
      s = $0; sub(/.*elapsed: /, "", s); sub(/,.*/, "", s)
      t = 0; if (s ~ /h/) { t += 3600 * s; sub(/.*h/, "", s) } if (s ~ /m/) { t += 60 * s; sub(/.*m/, "", s) } t += s
    } END { r = t ? n / t : 0; printf "%-50s %10d executions, %7.0f a second%s\n", what, n, r, r < 100 ? "  SLOW" : "" }' "$log"
done < <(git grep -o --untracked '^func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | sed 's/:func /:/')
exit $failed
