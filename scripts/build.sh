#!/usr/bin/env bash
# The master build: everything between a commit and a runner that has it. `scripts/build.sh --help` lists its steps.
# shellcheck disable=SC2329  # steps are called by their names
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'USAGE'
usage: scripts/build.sh [qa|prod] [CI] [OPTION]…

  qa, prod          which environment it is for, and so which scripts/compose.*.yml; default: qa
  CI                for a workflow: log groups, the table in the step summary, and a step that cannot be done here fails

steps, in their order; the first that fails ends the build
  tests             .ci/run: everything that a change must pass
  models            fetch or take the model, compare its digest, and try it
  containers        build the image, and label it with the build
  integration       in the containers: the main job, whose bytes are those made without one, and the model
  workflows         the workflows of .github/workflows, run by act as far as they need no other machine
  package           wheel, source, SBOM, build-versions.json and checksums in build/<environment>/dist
  deploy            push the image, install wheel and models on the runner: shown only, unless --push is given

options
  --only STEP       only this step; may be given several times
  --skip STEP       not this step; may be given several times
  --model NAME|FILE of `notewright models list`, or a GGUF file; default: for qa one that speaks nonsense, for prod none
  --image NAME      where deploy pushes the image, such as ghcr.io/acme/notewright
  --runner HOST     where deploy installs, by ssh, as root
  --push            deploy for real, to what --image and --runner name

What it makes is in build/<environment>. BUILD_ID names the build; default: the environment and the commit, with a digest of what is changed.
USAGE
}

wrong() { echo "$1: scripts/build.sh --help" >&2; exit 2; }

steps=(tests models containers integration workflows package deploy)
environment=qa ci='' model='' image_name='' runner='' push=''
only=() skipped=()

is_step() { [[ " ${steps[*]} " == *" $1 "* ]] || wrong "there is no step $1"; }

(($# == 0)) || [[ $1 != qa && $1 != prod ]] || { environment=$1; shift; }
(($# == 0)) || [[ $1 != CI ]] || { ci=1; shift; }
while (($#)); do
  case $1 in
    --help | -h) usage; exit ;;
    --push) push=1; shift; continue ;;
    --only | --skip | --model | --image | --runner) [[ -n ${2:-} ]] || wrong "$1 takes a value" ;;
    *) wrong "there is no option $1" ;;
  esac
  case $1 in
    --only) is_step "$2"; only+=("$2") ;;
    --skip) is_step "$2"; skipped+=("$2") ;;
    --model) model=$2 ;;
    --image) image_name=$2 ;;
    --runner) runner=$2 ;;
  esac
  shift 2
done
[[ -z $push || -n $image_name || -n $runner ]] || wrong "--push deploys nothing without --image or --runner"

out=$PWD/build/$environment
dist=$out/dist
bin=$PWD/.venv/bin
compose_file=scripts/compose.$environment.yml
mkdir -p "$out"
changes() { git diff --binary HEAD && git ls-files -z --others --exclude-standard | xargs -0 --no-run-if-empty sha256sum; }
suffix=
[[ -z $(git status --porcelain) ]] || suffix=-$(changes | sha256sum | cut -c1-7)
build_id=${BUILD_ID:-$environment-$(git rev-parse --short=12 HEAD)$suffix}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH # the same commit gives the same wheel

have() { for program; do command -v "$program" >/dev/null || return; done; }

# unable REASON: end the step that runs: this machine cannot do it
unable() { echo "$1" >"$out/unable"; echo "skipped: $1"; exit 3; }

ready() { [[ -x $bin/notewright ]] || make setup; }

# --- steps, each in a shell of its own

step_tests() { .ci/run; }

step_models() {
  ready
  local folder=$out/models file
  mkdir -p "$folder"
  if [[ -z $model && $environment = prod ]]; then
    rm -f "$folder/SHA256SUMS" # nothing of an earlier build is installed
    unable "no model was named: --model NAME or FILE, or --skip models"
  fi
  if [[ -z $model ]]; then
    file=$folder/nonsense.gguf
    "$bin/python" -c 'import sys; from pathlib import Path; from tests.parts.tiny_model import write_gguf; write_gguf(Path(sys.argv[1]))' "$file"
  elif [[ -f $model ]]; then
    file=$folder/${model##*/}
    [[ $model -ef $file ]] || cp "$model" "$file"
  else
    NOTEWRIGHT_LLM_MODELS_DIR=$folder "$bin/notewright" models pull "$model" --format json >"$out/model.json"
    file=$("$bin/python" -c 'import json, sys; print(json.load(sys.stdin)["engine"].removeprefix("llama_server:"))' <"$out/model.json")
  fi
  (cd "$folder" && sha256sum "${file##*/}" >SHA256SUMS)
  cat "$folder/SHA256SUMS"
  "$bin/notewright" models check --engine "llama_server:$file"
}

prepared_model() { sed 's/^[0-9a-f]*  //' "$out/models/SHA256SUMS" 2>/dev/null || true; } # its name, or nothing

# the program that runs containers: what .ci/build-image.sh chooses
engine() { if docker version >/dev/null 2>&1; then echo docker; else echo podman; fi; }

step_containers() {
  [[ $(engine) = docker ]] || have podman buildah || unable "neither a Docker daemon nor podman with buildah is here"
  local said code=0
  said=$(.ci/build-image.sh) || code=$?
  ((code != 3)) || unable "the base image can neither be pulled nor made"
  ((code == 0)) || return "$code"
  # only labels on top: what ran in the tests is what is pushed
  (
    eval "$said"
    local labels=(--label "notewright.build=$build_id" --label "notewright.environment=$environment") form=()
    [[ $(engine) = docker ]] || form=(--format docker) # the other one has no health check
    printf 'FROM %s\n' "$NOTEWRIGHT_IMAGE" | "$(engine)" build "${form[@]}" "${labels[@]}" --tag "notewright:$build_id" -
  )
  echo "$said" | grep -v NOTEWRIGHT_IMAGE >"$out/engine.sh" || true
  echo "notewright:$build_id, $("$(engine)" image inspect --format '{{.Id}}' "notewright:$build_id")"
}

use_image() { # what the step before has built
  # shellcheck source=/dev/null
  [[ ! -f $out/engine.sh ]] || . "$out/engine.sh"
  "$(engine)" image inspect "notewright:$build_id" >/dev/null 2>&1 ||
    unable "there is no image notewright:$build_id: the step containers makes it"
}

find_compose() {
  if docker version >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; then compose=(docker compose)
  elif [[ $(engine) = podman ]] && have podman; then compose=("$(command -v podman-compose || .ci/install-tool.sh podman-compose)")
  else unable "there is neither docker compose nor podman"; fi
}

step_integration() {
  ready
  find_compose
  use_image
  local work=$out/integration user
  user=$(id -u):$(id -g)
  rm -rf "$work"
  mkdir -p "$work"/{native,contained}
  git clone --quiet --no-hardlinks . "$work/workspace"
  if ((EUID == 0)); then # the image's own user, who is nobody on this machine
    user=10001:10001
    chown -R "$user" "$work/workspace" "$work/contained"
  fi
  export NOTEWRIGHT_IMAGE=notewright:$build_id NOTEWRIGHT_USER=$user NOTEWRIGHT_WORKSPACE=$work/workspace NOTEWRIGHT_WORK=$work/contained \
    NOTEWRIGHT_MODELS=$out/models NOTEWRIGHT_MODEL
  NOTEWRIGHT_MODEL=$(prepared_model)

  "${compose[@]}" --file "$compose_file" run --rm -T job
  git clone --quiet --no-hardlinks . "$work/checkout"
  env -u GITHUB_TOKEN -u NOTEWRIGHT_TOKEN GITHUB_WORKSPACE="$work/checkout" GITHUB_REPOSITORY=notewright/notewright INPUT_COMMAND=release \
    INPUT_ENGINE=none INPUT_CONTAINER=never NOTEWRIGHT_WORK_DIR="$work/native" "$bin/python" -I entrypoint.py prepare
  diff -r "$work/native/proposal" "$work/contained/proposal"
  echo "the proposal made in the container is the one made without it, byte for byte"
  if [[ -z $NOTEWRIGHT_MODEL ]]; then
    echo "no model was prepared (the step models), so none is tried in the container"
  else
    "${compose[@]}" --file "$compose_file" run --rm -T model
  fi
}

step_workflows() {
  local act
  act=${NOTEWRIGHT_ACT:-$(command -v act || { have go && .ci/install-tool.sh act; } || true)}
  [[ -n $act ]] || unable "there is no act, and no go to build it"
  local home=$out/act runners=(--platform ubuntu-latest=-self-hosted --pull=false --no-cache-server --action-offline-mode)
  mkdir -p "$home/act"
  : >"$home/act/actrc"
  export XDG_CONFIG_HOME=$home XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}
  local said
  for file in .github/workflows/*.yml; do # each is understood, and its jobs can be planned
    said=$("$act" --list --workflows "$file" 2>&1) || { echo "$said"; return 1; }
  done
  # what needs no other machine: host mode, where checkout is this very work tree
  "$act" workflow_dispatch "${runners[@]}" --workflows .github/workflows/scan.yml --env GITHUB_SERVER_URL=http://localhost
  echo "tests.yml is the step tests, containers.yml the steps containers and integration; release, gate and finish are those of workflows/, which tests/action runs"
}

step_package() {
  ready
  rm -rf "$dist"
  mkdir -p "$dist"
  "$bin/python" -m hatchling build --directory "$dist"
  cp locks/action.txt "$dist/requirements.txt"
  local scanners
  scanners=$(.ci/install-scanners.sh)
  # without a warning that a list of requirements tells no graph of them
  PYTHONWARNINGS=ignore "$scanners/cyclonedx-py" requirements --pyproject pyproject.toml --output-reproducible --output-file "$dist/sbom.cdx.json" locks/action.txt
  NOTEWRIGHT_IMAGE=$("$(engine)" image inspect --format '{{.Id}}' "notewright:$build_id" 2>/dev/null || true) \
    NOTEWRIGHT_BUILD=$build_id NOTEWRIGHT_ENVIRONMENT=$environment NOTEWRIGHT_MODELS=$out/models \
    "$bin/python" scripts/build_versions.py >"$dist/build-versions.json"
  (cd "$dist" && sha256sum -- * >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS && cat SHA256SUMS)
}

do_it() { # show a command; run it where --push was given
  printf '  $ %s\n' "${*@Q}"
  [[ -z $push ]] || "$@"
}

step_deploy() {
  [[ -f $dist/SHA256SUMS ]] || unable "there is nothing to deploy in build/$environment/dist: the step package makes it"
  (cd "$dist" && sha256sum --check --quiet SHA256SUMS)
  grep -qF "\"build\": \"$build_id\"" "$dist/build-versions.json" ||
    unable "build/$environment/dist is of another build: the step package makes it anew"
  [[ -n $push ]] || echo "a dry run: what --push would do"
  if [[ -n $image_name ]]; then push_image; else echo "no image is pushed: --image NAME says where to"; fi
  if [[ -n $runner ]]; then install_on_runner; else echo "nothing is installed: --runner HOST says where"; fi
}

push_image() {
  use_image
  local at=$image_name:$build_id program keep=()
  program=$(engine)
  [[ $program = docker ]] || keep=(--digestfile "$out/digest")
  do_it "$program" tag "notewright:$build_id" "$at"
  do_it "$program" push "${keep[@]}" "$at"
  [[ -n $push ]] || return 0
  # the digest is the registry's: whoever pulls by it gets these bytes, whatever the tag says later. Podman packs layers anew as it pushes, so
  # the one that it has for the image here is another.
  if [[ $program = docker ]]; then
    docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$at" | grep -F "$image_name@" | head -n 1 >"$out/image.txt"
  else
    echo "$image_name@$(<"$out/digest")" >"$out/image.txt"
  fi
  echo "pushed as $(<"$out/image.txt")"
}

install_on_runner() {
  local place=/opt/notewright files=("$dist"/*) model_file
  model_file=$(prepared_model)
  [[ -z $model_file ]] || (cd "$out/models" && sha256sum --check --quiet SHA256SUMS)
  do_it ssh "$runner" mkdir -p "$place/builds/$build_id" "$place/models"
  do_it scp -q "${files[@]}" "$runner:$place/builds/$build_id/"
  [[ -z $model_file ]] || do_it scp -q "$out/models/$model_file" "$out/models/SHA256SUMS" "$runner:$place/models/"
  echo "  then on $runner, scripts/install.sh"
  [[ -z $push ]] || ssh "$runner" bash -s -- "$place" "$build_id" <scripts/install.sh
}

# --- the build

wanted() {
  [[ " ${skipped[*]-} " != *" $1 "* ]] || return 1
  ((${#only[@]} == 0)) || [[ " ${only[*]} " == *" $1 "* ]]
}

rows=()
table() {
  printf '%-12s %-8s %7s  %s\n' step result seconds why
  printf '%s\n' "${rows[@]}"
}
row() { # row STEP RESULT SECONDS [WHY]: in 80 columns, where a reason has lines of its own
  local line
  line=$(printf '%-12s %-8s %7s  %s' "$1" "$2" "$3" "$(fold -s -w 49 <<<"${4:-}")" | sed -E '2,$s/^/                               /; s/ +$//')
  rows+=("$line")
}

run_step() { # run_step NAME: in a shell of its own; what became of it is its row, and the exit code of the build
  local name=$1 begun=$SECONDS status result=skipped
  [[ -z $ci ]] && printf '\n== %s\n' "$name" || echo "::group::$name"
  rm -f "$out/unable"
  # not in a condition, where errexit does not hold
  set +e
  (set -e; "step_$name")
  status=$?
  set -e
  [[ -z $ci ]] || echo "::endgroup::"
  if ((status == 3)) && [[ -f $out/unable ]]; then
    if [[ -n $ci ]]; then result=FAILED code=1; fi
    row "$name" "$result" "$((SECONDS - begun))" "$(<"$out/unable")"
  elif ((status)); then
    code=$status
    row "$name" FAILED "$((SECONDS - begun))" "exit code $status"
  else
    row "$name" ok "$((SECONDS - begun))"
  fi
}

run_all() {
  code=0
  echo "build $build_id"
  for step in "${steps[@]}"; do
    if ! wanted "$step"; then
      row "$step" left-out - "not asked for"
    elif ((code)); then
      row "$step" not-run -
    else
      run_step "$step"
    fi
  done
  echo
  table
  if [[ -n $ci && -n ${GITHUB_STEP_SUMMARY:-} ]]; then
    { printf '### build %s\n\n' "$build_id" && table | sed 's/^/    /'; } >>"$GITHUB_STEP_SUMMARY"
  fi
}

run_all; exit "$code" # one line: bash reads on as it goes, and somebody may edit this file meanwhile
