#!/usr/bin/env bash
# Simulated cycles a second of the whole chip, with the SIMD leaves and built purego, beside a plain Go loop, in one run:
# the ratios matter, the absolute numbers belong to the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go test -c -o "$out/lanes" ./rtl/dnnc/lanes
go test -c -o "$out/tree" ./rtl/depc/tree
go test -c -o "$out/simd" ./testbench
go test -c -tags purego -o "$out/go" ./testbench
echo "SIMD leaves, ns (a pair is one operand times 256 weights; a tree call 16 sums of 16)"
for round in 1 2 3; do
  "$out/lanes" -test.run '^$' -test.bench . -test.benchtime 50ms | grep -E 'pairs=(8|64)/n=256'
  "$out/tree" -test.run '^$' -test.bench . -test.benchtime 100ms
done | awk '
  /^Benchmark/ { n = $1; sub(/^Benchmark/, "", n); sub(/-[0-9]+$/, "", n); v = /pair/ && $(NF) == "ns/pair" ? $(NF - 1) : $3; if (!(n in best) || v < best[n]) best[n] = v }
  END {
    for (n in best) {
      twin = n; if (twin ~ /^Tree/) twin = "Tree/go"; else sub(/SIMD\/[a-z0-9]+/, "Go", twin)
      if (twin != n) printf "%-40s %8.2f   pure Go %8.2f   %5.1fx%s\n", n, best[n], best[twin], best[twin] / best[n], n ~ /^Tree/ ? "" : " (wanted: at least 5)"
    }
  }' | sort
echo
cd testbench
for round in 1 2 3; do # alternating, so that a slow moment of the machine meets both
  "$out/simd" -test.run '^$' -test.bench 'Chip|PlainLoop' -test.benchtime 500ms | sed -n 's/^Benchmark/simd /p' >>"$out/all"
  "$out/go" -test.run '^$' -test.bench 'Chip|PlainLoop' -test.benchtime 500ms | sed -n 's/^Benchmark/go /p' >>"$out/all"
done
awk '
  function name(s) { sub(/-[0-9]+$/, "", s); return s }
  { k = $1 " " name($2); if (!(k in best) || $4 < best[k]) best[k] = $4; if ($(NF-1) != 0 && $2 ~ /Chip/) allocs++ }
  END {
    printf "%-34s %12s %14s\n", "best of three rounds", "ns/cycle", "Mcycles/s"
    split("Chip/idle Chip/sparse Chip/dense Chip/wide", load, " ")
    for (i = 1; i <= 4; i++) { k = "simd " load[i]; printf "%-34s %12.1f %14.2f\n", "whole chip, " substr(load[i], 6), best[k], 1e3 / best[k] }
    printf "%-34s %12.1f %14.2f\n", "whole chip, dense, purego", best["go Chip/dense"], 1e3 / best["go Chip/dense"]
    printf "%-34s %12.1f %14.2f\n", "plain Go loop, 256 lanes", best["simd PlainLoop"], 1e3 / best["simd PlainLoop"]
    print ""
    printf "dense chip, SIMD against purego build: %.2fx (wanted: at least 2)\n", best["go Chip/dense"] / best["simd Chip/dense"]
    printf "dense chip against the plain Go loop: %.2fx\n", best["simd PlainLoop"] / best["simd Chip/dense"]
    printf "dense cycle, 1,024 lanes against 256: %.2fx as long (wanted: at most 5)\n", best["simd Chip/wide"] / best["simd Chip/dense"]
    printf "allocations a cycle: %s\n", allocs ? "SOME" : "0"
  }' "$out/all"

echo
echo "VGG-16 for CIFAR, batch 32: a whole training iteration, cycle by cycle (wanted: under 60 s); of-host: MAC/s against the SIMD leaf's own rate"
"$out/simd" -test.run '^$' -test.bench 'VGG16' -test.benchtime 1x | awk '/^BenchmarkVGG16/ { for (i = 3; i < NF; i += 2) if ($(i + 1) != "ns/op") printf "%-14s %10.3f\n", $(i + 1), $i }'

echo
echo "the fixed-point model on all cores, a training step of 32 images (of-host: against exact int16 products alone; times-clocked: against the clocked engine)"
"$out/simd" -test.run '^$' -test.bench Engines -test.benchtime 1x | awk '/^BenchmarkEngines/ { n = $1; sub(/^BenchmarkEngines./, "", n); sub(/-[0-9]+$/, "", n); printf "%-20s", n; for (i = 3; i < NF; i += 2) if ($(i + 1) != "ns/op") printf " %s %s", $i, $(i + 1); print "" }'

cd ..
echo
echo "float model, one training step of 32 images on all cores, float64:"
go test -run '^$' -bench 'MLPStep$|VGG16Step$' -benchtime 2s ./golden | awk '/^Benchmark/ { n = $1; sub(/^Benchmark/, "", n); sub(/-[0-9]+$/, "", n); for (i = 2; i < NF; i++) if ($(i + 1) == "images/s") print n, $i }' >"$out/float"
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
  /usr/bin/python3 tools/torch_step.py >"$out/torch"
else
  echo "SKIPPED: no PyTorch to compare with (Debian: python3-torch and libopenblas0-pthread)"
  : >"$out/torch"
fi
awk 'NR == FNR { torch[$1] = $2; next } { printf "%-12s %10.1f images/s", $1, $2; if ($1 in torch) printf "   PyTorch %10.1f   ratio %.2f", torch[$1], $2 / torch[$1]; print "" }' "$out/torch" "$out/float"

echo
echo "the same images on the Go chip and on its RTL, Verilated with -O3 on one thread and on two:"
if command -v verilator >/dev/null; then
  go test ./testbench -run '^TestCosimSpeed$' -cosim -count 1 -timeout 1h -v | sed -n 's/^ *cosim_chip_test.go:[0-9]*: //p'
else
  echo "SKIPPED: no Verilator to compare with (Debian: verilator)"
fi
