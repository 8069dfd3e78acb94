#!/usr/bin/env bash
# Install what looks for mistakes and weaknesses (.ci/scanners.txt), and print the folder of its programs: .ci/install-scanners.sh
# About 500 MB, most of it semgrep, and of other versions of packages that notewright has too, so it is no part of .venv; kept once a lock.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
python=$here/../.venv/bin/python
[[ -x $python ]] || python=python3
tag=$("$python" -c 'import sys; print(f"{sys.version_info.major}.{sys.version_info.minor}")')
key=$(sha256sum "$here/scanners.txt" | cut -c1-12)
folder=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}/scanners-$key-python-$tag

# built in its place, because a virtual environment cannot be moved; the mark comes last, so half of one is never taken for a whole
if [[ ! -e $folder/whole ]]; then
  mkdir -p "${folder%/*}"
  exec 9>"$folder.lock"
  flock 9
  if [[ ! -e $folder/whole ]]; then
    "$python" -m venv --clear "$folder" >&2
    # --no-deps: the lock has everything, and pip takes no package with an extra together with hashes (pip#9644)
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
      --requirement "$here/scanners.txt" >&2
    touch "$folder/whole"
  fi
fi
echo "$folder/bin"
