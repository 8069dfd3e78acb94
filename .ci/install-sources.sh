#!/usr/bin/env bash
# Fetch published sources of other projects from the package indexes and print the folder that holds them: .ci/install-sources.sh
# python-1, python-2, javascript-1, javascript-2, go-1 and go-2: two versions each, which the tests commit one after the other.
set -euo pipefail

sums='
f7c2be1d2f3c3c3160d441802406b206c2b76f5947b11115e6df10c6c65e66c2  httpx-0.27.2.tar.gz
75e98c5f16b0f35b567856f597f06ff2270a374470a5c2392242528e3e3e42fc  httpx-0.28.1.tar.gz
e19a54b43aace9fc5dd38eb9550dc69375359ae1ded32be61642730f21928787  commander-12.0.0.tgz
56affc6ddafe486f94b428ae2823d059cf60d4dae2f33eaaf1b1ec4306f73173  commander-12.1.0.tgz
ba12924bbf9b40c3dfaddee45fb971a43908eb73fe0ffbbf7fd9e659e285c99c  cobra-v1.8.0.zip
bf27a276f87257c93bc057309df30265a19beefc3d5fc887cbd8fc99ad35466a  cobra-v1.8.1.zip
'

fetch() {
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: httpx==0.27.2
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: httpx==0.28.1
  npm pack --silent commander@12.0.0 commander@12.1.0
  for version in v1.8.0 v1.8.1; do
    GOMODCACHE=$PWD/go GOFLAGS=-modcacherw go mod download "github.com/spf13/cobra@$version"
    cp "go/cache/download/github.com/spf13/cobra/@v/$version.zip" "cobra-$version.zip"
  done
  sha256sum --check --strict --quiet - <<<"${sums:1:-1}"
}

unpack() { # unpack FILE FOLDER: what the archive holds, without the folders around it
  mkdir unpacked
  case $1 in
    *.zip) python3 -m zipfile -e "$1" unpacked ;;
    *) tar -xzf "$1" -C unpacked ;;
  esac
  local inner=unpacked
  while [[ $(find "$inner" -mindepth 1 -maxdepth 1 | wc -l) = 1 ]]; do inner=$(find "$inner" -mindepth 1 -maxdepth 1); done
  mv "$inner" "$2"
  rm -rf unpacked
}

folder=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}/sources-$(sha256sum <<<"$sums" | cut -c1-12)
if [[ ! -d $folder ]]; then
  mkdir -p "${folder%/*}"
  build=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$build"' EXIT
  chmod 755 "$build"
  (
    cd "$build"
    fetch
    unpack httpx-0.27.2.tar.gz python-1
    unpack httpx-0.28.1.tar.gz python-2
    unpack commander-12.0.0.tgz javascript-1
    unpack commander-12.1.0.tgz javascript-2
    unpack cobra-v1.8.0.zip go-1
    unpack cobra-v1.8.1.zip go-2
    rm -rf go ./*.tar.gz ./*.tgz ./*.zip
  ) >&2
  mv -T "$build" "$folder" 2>/dev/null || [[ -d $folder ]] # a rename is atomic: nobody ever finds half of it
fi
echo "$folder"
