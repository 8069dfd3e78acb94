#!/usr/bin/env bash
# Build the image of the Dockerfile's target cpu, try it, and print what the tests of the container need, for `source <(.ci/build-image.sh)`:
# with the Docker daemon that answers, else with buildah and podman. Where no registry can be reached, the base image is made from Debian's
# packages by debootstrap, once a release of Debian: then the image has Debian's Python, and the log says so. Needs root for that. Exits with 3
# where this machine can do none of it, and says why in its last line.
set -euo pipefail
cd "$(dirname "$0")/.."

image=notewright:$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' src/notewright/__init__.py)
asked=$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)
suite=bookworm
made=localhost/python-of-debian:$suite # the name of the base image made here; it is never pushed
cache=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}
mkdir -p "$cache"

say() { echo "$*" >&2; }

if docker version >/dev/null 2>&1; then engine=docker; else engine=podman; fi
if [[ $engine == podman ]] && ! command -v podman buildah >/dev/null; then
  say "no Docker daemon answers, and podman and buildah are not both installed: no image can be built"
  exit 3
fi

make_base() { # a tar of Debian with its Python, and nothing that differs from one day to the next
  local scratch
  scratch=$(mktemp -d "$cache/base.XXXXXX")
  # shellcheck disable=SC2064  # the folder's name is known now
  trap "rm -rf '$scratch'" EXIT
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv "$suite" "$scratch/root" >&2 || return
  rm -rf "$scratch"/root/var/cache/apt/archives/*.deb "$scratch"/root/var/lib/apt/lists/* "$scratch"/root/var/log/*
  tar -C "$scratch/root" --sort=name --mtime=@0 -cf "$scratch/base.tar" .
  mv "$scratch/base.tar" "$1"
}

find_base() { # print the name of the base image to build on
  if "$engine" image inspect "$asked" >/dev/null 2>&1 || timeout 120 "$engine" pull --quiet "$asked" >/dev/null 2>&1; then
    echo "$asked"
    return
  fi
  say "$asked can neither be found nor pulled: building on Debian's $suite and its Python instead, made by debootstrap"
  if ! "$engine" image inspect "$made" >/dev/null 2>&1; then
    command -v debootstrap >/dev/null || { say "there is no debootstrap to make a base image with"; exit 3; }
    local tar
    tar=$cache/python-of-debian-$suite-$(dpkg --print-architecture).tar
    [[ -f $tar ]] || make_base "$tar" || { say "no base image can be made: Debian's packages cannot be had here"; exit 3; }
    "$engine" import "$tar" "$made" >&2
  fi
  echo "$made"
}

settings=$cache/image-settings # the package index and the certificates of this machine, for pip in the build
mkdir -p "$settings"
{
  echo "[global]"
  [[ -z ${PIP_INDEX_URL:-} ]] || echo "index-url = $PIP_INDEX_URL"
  echo "timeout = ${PIP_DEFAULT_TIMEOUT:-60}"
} >"$settings/pip.conf"
certificates=${PIP_CERT:-${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}
base=$(find_base)
build=(
  --target cpu --tag "$image" --network host --build-arg "PYTHON_IMAGE=$base" --build-arg "VERSION=${image#*:}"
  --build-arg "REVISION=$(git rev-parse HEAD)" --secret "id=pip,src=$settings/pip.conf" --secret "id=ca,src=$certificates"
)
if [[ $engine == docker ]]; then
  DOCKER_BUILDKIT=1 SOURCE_DATE_EPOCH=0 docker build "${build[@]}" . >&2
else # chroot: inside a virtual machine or another container no more is to be had; docker's format keeps the health check
  buildah build --isolation chroot --format docker --layers --timestamp 0 "${build[@]}" . >&2
fi

try_out() { "$engine" run --rm --network none --read-only --entrypoint /opt/notewright/notewright "$image" --version >&2; }
if [[ $engine == podman ]] && ! try_out; then # crun refuses mixed cgroups, and a machine may not let limits be raised
  printf '[engine]\nruntime = "runc"\n[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n' >"$settings/containers.conf"
  export CONTAINERS_CONF=$settings/containers.conf
  say "podman runs nothing as it is set up here: trying runc, with lower limits"
  echo "export CONTAINERS_CONF=$CONTAINERS_CONF"
  try_out || { say "the image is built, and no container starts on this machine"; exit 3; }
fi
say "$image: $("$engine" image inspect --format '{{.Size}}' "$image" | awk '{printf "%.0f MB", $1 / 1000000}'), built by $engine on $base"
echo "export NOTEWRIGHT_IMAGE=$image"
