#!/usr/bin/env bash
# Build act, which runs workflows without GitHub, and print its path: .ci/install-act.sh
# One build a version and machine (about a minute); other runs find it in the cache.
set -euo pipefail

version=v0.2.89
cache=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}
target=$cache/act-$version

if [[ ! -x $target/act ]]; then
  mkdir -p "$cache"
  build=$(mktemp -d "$cache/act-building.XXXXXX")
  trap 'rm -rf "$build"' EXIT
  GOBIN=$build GOFLAGS=-buildvcs=false CGO_ENABLED=0 go install "github.com/nektos/act@$version" >&2
  # A rename is atomic: whoever finds the folder finds all of it. Two builds at once are one too many, not a failure.
  mv -T "$build" "$target" 2>/dev/null || [[ -x $target/act ]]
fi
echo "$target/act"
