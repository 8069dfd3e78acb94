#!/usr/bin/env bash
# Build a tool that the tests run and print its path: .ci/install-tool.sh act|actionlint
# act runs workflows without GitHub, actionlint reads them. One build a version and machine (act takes about a minute).
set -euo pipefail

case ${1:-} in
  act) version=v0.2.89 package=github.com/nektos/act ;;
  actionlint) version=v1.7.12 package=github.com/rhysd/actionlint/cmd/actionlint ;;
  *) echo "usage: $0 act|actionlint" >&2; exit 2 ;;
esac
tool=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}/$1-$version/$1

if [[ ! -x $tool ]]; then
  mkdir -p "${tool%/*}"
  build=$(mktemp -d "${tool%/*}/building.XXXXXX")
  trap 'rm -rf "$build"' EXIT
  GOBIN=$build GOFLAGS=-buildvcs=false CGO_ENABLED=0 go install "$package@$version" >&2
  mv -f "$build/$1" "$tool" # a rename within one folder is atomic: nobody ever finds half a program
fi
echo "$tool"
