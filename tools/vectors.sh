#!/usr/bin/env bash
# Regenerates the golden vectors with PyTorch and compares them with the committed ones, byte for byte. With UPDATE=1 it
# writes the new ones in their place.
#
# The last bits of a float64 sum depend on the order of its terms, so the kernels are pinned: OpenBLAS's for AVX-512 and
# PyTorch's for AVX2. A processor without AVX-512 cannot run the former; there the values must agree to 1e-9.
set -euo pipefail
cd "$(dirname "$0")/../golden/vectors"
if ! /usr/bin/python3 -c 'import torch' 2>/dev/null || ! dpkg -s libopenblas0-pthread >/dev/null 2>&1; then
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "SKIPPED: the vectors need Debian's python3-torch, python3-numpy and libopenblas0-pthread: install them, or run as root" >&2
    exit 1
  fi
  apt-get update -qq
  apt-get install -y -qq python3-torch python3-numpy libopenblas0-pthread
fi
exact=1
if grep -q avx512f /proc/cpuinfo; then
  export OPENBLAS_CORETYPE=SkylakeX
else
  exact=0
fi
export ATEN_CPU_CAPABILITY=avx2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
/usr/bin/python3 generate.py "$out"
if [ "${UPDATE:-0}" = 1 ]; then
  cp "$out"/*.npz .
  echo "vectors: $(ls -- *.npz | wc -l) files written"
  exit 0
fi
if [ $exact = 1 ]; then
  wrong=0
  for f in "$out"/*.npz; do
    cmp -s "$f" "$(basename "$f")" || { echo "$(basename "$f") differs from the committed file" >&2; wrong=1; }
  done
  [ $wrong = 0 ] && echo "vectors: $(ls -- *.npz | wc -l) files, equal to the committed ones byte for byte"
  exit $wrong
fi
/usr/bin/python3 - "$out" <<'PY'
import glob, os, sys
import numpy as np
files = sorted(glob.glob('*.npz'))
for f in files:
    new, old = np.load(os.path.join(sys.argv[1], f)), np.load(f)
    for k in old.files:
        if not np.allclose(new[k], old[k], rtol=1e-9, atol=1e-12):
            sys.exit(f'{f}: array {k} differs from the committed one')
print(f'vectors: {len(files)} files, equal to the committed ones to 1e-9 (no AVX-512 here, so not byte for byte)')
PY
