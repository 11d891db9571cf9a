#!/usr/bin/env bash
# Cargo in the card's own workspace: `tests/card/cargo.sh build`.
#
# The card's file system is written in C, and its binding is made by libclang (Debian: libclang1), which comes without
# headers of a compiler; those of the one that builds the rest are lent to it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export BINDGEN_EXTRA_CLANG_ARGS=${BINDGEN_EXTRA_CLANG_ARGS:--isystem $(cc -print-file-name=include)}
exec cargo "$@"
