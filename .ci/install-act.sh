#!/usr/bin/env bash
# Build act, which runs workflows without GitHub, and print its path: .ci/install-act.sh
# One build a version and machine (about a minute); other runs find it in the cache.
set -euo pipefail

version=v0.2.89
act=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}/act-$version/act

if [[ ! -x $act ]]; then
  mkdir -p "${act%/*}"
  build=$(mktemp -d "${act%/*}/building.XXXXXX")
  trap 'rm -rf "$build"' EXIT
  GOBIN=$build GOFLAGS=-buildvcs=false CGO_ENABLED=0 go install "github.com/nektos/act@$version" >&2
  mv -f "$build/act" "$act" # a rename within one folder is atomic: nobody ever finds half a program
fi
echo "$act"
