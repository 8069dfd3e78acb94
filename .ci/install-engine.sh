#!/usr/bin/env bash
# Build an engine that no package index serves ready-made, and print where it is: .ci/install-engine.sh llama-cpp-python|ollama
# llama-cpp-python: a folder with its wheel; ollama: the program. Each takes 5 to 10 CPU minutes once a version and machine.
set -euo pipefail

llama_cpp=0.3.36
ollama=0.17.4
cache=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}
python=$(cd "$(dirname "$0")/.." && pwd)/.venv/bin/python

# build NAME FOLDER: run build_NAME in a new folder beside FOLDER, and rename it to FOLDER once it is whole
build() {
  [[ -d $2 ]] && return
  mkdir -p "$cache"
  local building
  building=$(mktemp -d "$cache/building.XXXXXX")
  # shellcheck disable=SC2064  # the folder's name is known now
  trap "discard '$building'" EXIT
  mkdir "$building/done"
  (cd "$building" && "build_$1") >&2
  mv -T "$building/done" "$2" 2>/dev/null || [[ -d $2 ]] # another build may have been first
  discard "$building"
}

discard() { # go writes its module cache read-only
  [[ ! -d $1 ]] || { chmod -R u+w "$1" && rm -rf "$1"; }
}

build_source() {
  "$python" -m pip download --quiet --no-deps --no-binary llama-cpp-python --dest . "llama-cpp-python==$llama_cpp"
  tar -xzf llama_cpp_python-*.tar.gz -C "done" --strip-components=1
}

build_wheel() {
  CMAKE_ARGS="-DLLAVA_BUILD=OFF -DGGML_LLAMAFILE=OFF" CMAKE_GENERATOR=Ninja \
    "$python" -m pip wheel --quiet --no-deps --wheel-dir "done" "$cache/llama-cpp-python-source-$llama_cpp"
}

build_ollama() {
  # Go's module archives leave out folders named vendor, where Ollama keeps these headers of llama.cpp
  CPATH=$cache/llama-cpp-python-source-$llama_cpp/vendor/llama.cpp/vendor GOPATH=$PWD/go GOBIN=$PWD/done GOFLAGS=-buildvcs=false \
    CGO_ENABLED=1 CGO_CFLAGS=-O0 CGO_CXXFLAGS=-O0 go install -p 2 -trimpath \
    -ldflags "-s -w -X=github.com/ollama/ollama/version.Version=$ollama" "github.com/ollama/ollama@v$ollama"
}

case ${1:-} in
  llama-cpp-python)
    build source "$cache/llama-cpp-python-source-$llama_cpp"
    build wheel "$cache/llama-cpp-python-$llama_cpp"
    echo "$cache/llama-cpp-python-$llama_cpp"
    ;;
  ollama)
    build source "$cache/llama-cpp-python-source-$llama_cpp"
    build ollama "$cache/ollama-$ollama"
    echo "$cache/ollama-$ollama/ollama"
    ;;
  *) echo "usage: $0 llama-cpp-python|ollama" >&2; exit 2 ;;
esac
