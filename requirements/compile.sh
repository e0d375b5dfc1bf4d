#!/bin/sh
# Compile requirements/*.in to *.txt: every version fixed, every file by its hash, no address of any host.
# One result serves Python 3.12 to 3.14 on every platform.
set -eu
cd "$(dirname "$0")"
uv=$(../tools/find-uv) || { echo "make lock needs uv: make .venv/.dev brings it." >&2; exit 1; }
for name in run dev mysql uv; do
    "$uv" pip compile "$name.in" --output-file "$name.txt" --quiet --universal --python-version 3.12 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-header "$@"
done
