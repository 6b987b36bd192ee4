#!/usr/bin/env bash
# Regenerates golden/vectors/*.npz with PyTorch and compares them with the committed files.
set -euo pipefail
cd "$(dirname "$0")/../golden/vectors"
if ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq python3-torch python3-numpy
  else
    echo "SKIPPED: make vectors needs PyTorch: install Debian's python3-torch and python3-numpy" >&2
    exit 1
  fi
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
/usr/bin/python3 generate.py "$out"
for f in "$out"/*.npz; do
  cmp "$f" "$(basename "$f")" || { echo "$(basename "$f") differs from the committed file" >&2; cp "$f" .; }
done
echo "vectors: $(ls -- *.npz | wc -l) files, up to date with generate.py"
