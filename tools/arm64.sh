#!/usr/bin/env bash
# The same numbers on every 64-bit machine. arm64 has an instruction that multiplies and adds with
# one rounding, and Go uses it where a product is not converted by float64(): the listings must not
# hold it, but where the sources ask for it (math.FMA in golden/gemm). Then, with qemu, the program
# for arm64 prints the same prices, areas, images, and energies as that for this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
listing=$(GOARCH=arm64 go build -gcflags='bdfasim/...=-S' ./... 2>&1 | grep -E '\bFN?M(ADD|SUB)[SD]\b' |
  grep -oE "$PWD/[a-z0-9_/]+\.go:[0-9]+" | sed "s#^$PWD/##" | sort -u)
fused=$(grep -v '^golden/gemm/kernel\.go' <<<"$listing" || true)
grep -q '^golden/gemm/kernel\.go' <<<"$listing" || { echo "the listing does not show math.FMA"; exit 1; }
test -z "$fused" || { printf 'fused on arm64, float64(x*y) prevents it:\n%s\n' "$fused"; exit 1; }
echo "no fused product on arm64"
test "${1:-}" != listing || exit 0

tools/need.sh qemu-aarch64-static qemu-user-static || exit 0
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
go build -o "$dir/here" ./sim/cmd/bdfasim
GOARCH=arm64 go build -o "$dir/arm64" ./sim/cmd/bdfasim
few="--samples 64 --test-samples 32 --epochs 1"
while read -r line; do
  for side in here arm64; do
    run=("$dir/$side")
    test $side = here || run=(qemu-aarch64-static "$dir/$side")
    # shellcheck disable=SC2086
    (cd "$dir" && "${run[@]}" ${line//SIDE/$side} 2>"$side.err" | sed "s/$side\\.img/IMG/g" >"$side.out") ||
      { cat "$dir/$side.err"; exit 1; }
  done
  cmp "$dir/here.out" "$dir/arm64.out" || { echo "differs: $line"; exit 1; }
  test ! -e "$dir/here.img" || cmp "$dir/here.img" "$dir/arm64.img"
  echo "the same: ${line//SIDE.img/x.img}"
done <<END
power prices --format json
power prices --tech gp65 --format json
power area --norm --format json
power area --norm --set omem.pointers=5000 --format json
compile cnn-small --rule cbdfa $few --format json -o SIDE.img
compile lenet --rule bp $few --format json -o SIDE.img
compile mlp-784-128-64-10 --rule bdfa --init concordant $few --format json -o SIDE.img
run SIDE.img --format json
power run SIDE.img --format json
train --layers 784-32-10 --rule bp,bdfa $few --format json
END
