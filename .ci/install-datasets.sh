#!/usr/bin/env bash
# Install the library `datasets`, which reads what is exported, and print the path of the Python that has it: .ci/install-datasets.sh
# It takes 326 MB, so it is no part of the lock, and is kept once a version, machine and Python.
set -euo pipefail

version=5.2.0
python=$(cd "$(dirname "$0")/.." && pwd)/.venv/bin/python
tag=$("$python" -c 'import sys; print(f"{sys.version_info.major}.{sys.version_info.minor}")')
folder=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}/datasets-$version-python-$tag

# built in its place, because a virtual environment cannot be moved; the mark comes last, so half of one is never taken for a whole
if [[ ! -e $folder/whole ]]; then
  mkdir -p "${folder%/*}"
  exec 9>"$folder.lock"
  flock 9
  if [[ ! -e $folder/whole ]]; then
    "$python" -m venv --clear "$folder" >&2
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "datasets==$version" >&2
    touch "$folder/whole"
  fi
fi
echo "$folder/bin/python"
