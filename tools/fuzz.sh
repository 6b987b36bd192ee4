#!/usr/bin/env bash
# Runs every fuzz target of the project for the given time each: those of all packages, the ONNX reader and the technology
# files among them. Before that, every property with 1,000 new cases.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-20s}
RAPID_SEED=0 RAPID_CHECKS=1000 go test -timeout 60m ./...
go list -f '{{.Dir}}' ./... | while read -r dir; do
  # A package without targets is no error.
  { grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go 2>/dev/null || true; } | sed 's/func //' | while read -r target; do
    echo "$target in ${dir#"$PWD"/}"
    (cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" . </dev/null)
  done
done
