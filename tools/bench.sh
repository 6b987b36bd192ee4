#!/usr/bin/env bash
# Simulated cycles a second of the whole chip, with the SIMD leaves and built purego, beside a plain Go loop, in one run:
# the ratios matter, the absolute numbers belong to the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go test -c -o "$out/simd" ./testbench
go test -c -tags purego -o "$out/go" ./testbench
cd testbench
for round in 1 2 3; do # alternating, so that a slow moment of the machine meets both
  "$out/simd" -test.run '^$' -test.bench . -test.benchtime 500ms | sed -n 's/^Benchmark/simd /p' >>"$out/all"
  "$out/go" -test.run '^$' -test.bench . -test.benchtime 500ms | sed -n 's/^Benchmark/go /p' >>"$out/all"
done
awk '
  function name(s) { sub(/-[0-9]+$/, "", s); return s }
  { k = $1 " " name($2); if (!(k in best) || $4 < best[k]) best[k] = $4; if ($(NF-1) != 0 && $2 ~ /Chip/) allocs++ }
  END {
    printf "%-34s %12s %14s\n", "best of three rounds", "ns/cycle", "Mcycles/s"
    split("Chip/idle Chip/sparse Chip/dense", load, " ")
    for (i = 1; i <= 3; i++) { k = "simd " load[i]; printf "%-34s %12.1f %14.2f\n", "whole chip, " substr(load[i], 6), best[k], 1e3 / best[k] }
    printf "%-34s %12.1f %14.2f\n", "whole chip, dense, purego", best["go Chip/dense"], 1e3 / best["go Chip/dense"]
    printf "%-34s %12.1f %14.2f\n", "plain Go loop, 256 lanes", best["simd PlainLoop"], 1e3 / best["simd PlainLoop"]
    print ""
    printf "dense chip, SIMD against purego build: %.2fx (wanted: at least 2)\n", best["go Chip/dense"] / best["simd Chip/dense"]
    printf "dense chip against the plain Go loop: %.2fx\n", best["simd PlainLoop"] / best["simd Chip/dense"]
    printf "allocations a cycle: %s\n", allocs ? "SOME" : "0"
  }' "$out/all"
