#!/usr/bin/env bash
# Install a build that scripts/build.sh has copied to this runner: install.sh FOLDER BUILD. Run twice, it changes nothing.
# FOLDER/builds/BUILD gets an environment of its own, made of what is checked by its digest; FOLDER/bin/notewright leads to it once it works.
set -euo pipefail
folder=$1 build=$1/builds/$2

(cd "$build" && sha256sum --check --quiet SHA256SUMS)
[[ ! -f $folder/models/SHA256SUMS ]] || (cd "$folder/models" && sha256sum --check --quiet SHA256SUMS)
if [[ ! -f $build/python/installed ]]; then
  python3 -m venv --clear "$build/python"
  pip=("$build/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps)
  "${pip[@]}" --require-hashes --only-binary=:all: --requirement "$build/requirements.txt"
  "${pip[@]}" --no-index "$build"/notewright-*.whl
  touch "$build/python/installed"
fi
"$build/python/bin/notewright" --version
mkdir -p "$folder/bin"
ln -s "$build/python/bin/notewright" "$folder/bin/notewright.new"
mv -T "$folder/bin/notewright.new" "$folder/bin/notewright" # a rename is atomic: there is always one that works
