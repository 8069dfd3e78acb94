#!/usr/bin/env bash
# Set up a GitHub runner for notewright on Linux with systemd: docs/runners.md tells what each command does.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=shared.sh
. "${BASH_SOURCE[0]%/*}/shared.sh"

user=notewright
home=/var/lib/notewright
opt=/opt/notewright
units=/etc/systemd/system
drop_ins=$units/notewright-runner.service.d
toolkit_version=1.19.1-1
toolkit_key=C95B321B61E88C1809C4F759DDCAE044F796ECB0
toolkit_keyring=/usr/share/keyrings/notewright-nvidia.asc
nvidia_mirror=https://nvidia.github.io/libnvidia-container
python_hint='install it (apt-get install python3.12, dnf install python3.12)'

engine=auto
gpu=auto
image=
image_archive=

usage() {
  cat <<'USAGE'
usage: linux.sh [--check | --uninstall | cleanup --older-than AGE | jit] [--dry-run] [OPTION]…

USAGE
  common_usage
  cat <<'USAGE'

Linux
  --engine ENGINE          podman, docker or none; default: podman where it is or can be installed without docker, else docker
  --gpu KIND               nvidia, amd or none; default: what is there
  --image IMAGE            pull this image, NAME@sha256:DIGEST, instead of building it from this checkout
  --image-archive FILE     load it from this file, as `podman save` or `docker save` wrote it
  --nvidia-mirror URL      packages of NVIDIA's container toolkit; default: https://nvidia.github.io/libnvidia-container
USAGE
}

read_own() {
  taken=2
  [[ $# -ge 2 && -n $2 ]] || wrong_call "$1 is no option, or it takes a value"
  case $1 in
    --engine) engine=$2 ;;
    --gpu) gpu=$2 ;;
    --image) image=$2 ;;
    --image-archive) image_archive=$(absolute "$2") ;;
    --nvidia-mirror) nvidia_mirror=${2%/} ;;
    *) wrong_call "there is no option $1" ;;
  esac
}

# --- this machine

look_around() {
  local digest
  case $(uname -m) in
    x86_64) platform=linux-x64 digest=70920811a4f8ad4328818682bca5c6469c1c942fab52448868071d0063816613 ;;
    aarch64) platform=linux-arm64 digest=9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393 ;;
    *) fail "GitHub has no runner for $(uname -m) that was tried here" "use a machine with x86_64 or aarch64" ;;
  esac
  runner_sha256=${runner_sha256:-${given_sha256:-$digest}}
  case $image in
    '' | *@sha256:*) ;;
    *) wrong_call "--image is pinned by its digest: NAME@sha256:DIGEST, and not '$image'" ;;
  esac
  choose_gpu
  choose_engine
  labels=${labels:-notewright$([[ $gpu = none ]] || printf ',gpu')}
}

choose_gpu() {
  case $gpu in
    auto)
      gpu=none
      if [[ -n $root ]]; then return; fi
      if [[ -e /dev/kfd ]]; then gpu=amd; fi
      if grep -qsx 0x10de /sys/bus/pci/devices/*/vendor || command -v nvidia-smi >/dev/null; then gpu=nvidia; fi
      ;;
    nvidia | amd | none) ;;
    *) wrong_call "--gpu is nvidia, amd or none, and not '$gpu'" ;;
  esac
}

choose_engine() {
  case $engine in
    auto)
      engine=podman
      if [[ -z $root ]] && ! command -v podman >/dev/null && command -v docker >/dev/null; then engine=docker; fi
      ;;
    podman | docker | none) ;;
    *) wrong_call "--engine is podman, docker or none, and not '$engine'" ;;
  esac
}

preflight() {
  need tar "install it: apt-get install tar"
  need cmp "install it: apt-get install diffutils"
  need sha256sum "install it: apt-get install coreutils"
  need_space "$home" 2
  if [[ -n $root ]]; then return; fi
  need_registration
  need systemctl "the runner is a service of systemd; without it, use Kubernetes or a container (docs/runners.md)"
  need runuser "install it: apt-get install util-linux"
  if [[ $gpu = nvidia ]] && ! nvidia-smi -L >/dev/null 2>&1; then
    fail "there is a card of NVIDIA's, and its driver does not answer" "install it (ubuntu-drivers install, or your distribution's way) and start the machine anew, or give --gpu none"
  fi
  [[ $model = none ]] || need_space "$opt" 8
  [[ $engine = none ]] || need_space "$home" "$([[ $gpu = none ]] && echo 4 || echo 16)"
}

sha256_of() { sha256sum "$1" | cut -d ' ' -f 1; }

as_user() { runuser -u "$user" -- "$@"; }

worker_runs() { pgrep -u "$user" -x Runner.Worker >/dev/null 2>&1; }

service_path() { printf '%s/bin:/usr/local/bin:/usr/bin:/bin\n' "$opt"; }

bundle_path() {
  if [[ -d $root/etc/pki/ca-trust ]]; then printf /etc/pki/tls/certs/ca-bundle.crt; else printf /etc/ssl/certs/ca-certificates.crt; fi
}

# docker's own client and podman's both obey these
engine_variables() {
  if [[ $engine = podman ]]; then
    printf '%s=unix:///run/notewright/podman.sock\n' CONTAINER_HOST DOCKER_HOST
  fi
}

# --- certificates

trust() {
  local anchors=/usr/local/share/ca-certificates refresh=update-ca-certificates
  if [[ -d $root/etc/pki/ca-trust ]]; then anchors=/etc/pki/ca-trust/source/anchors refresh=update-ca-trust; fi
  put "$opt/ca.crt" 0644 root:0 <"$ca_certificate"
  put "$anchors/notewright.crt" 0644 root:0 <"$ca_certificate"
  is_trusted() { [[ -n $root ]] || grep -qsF "$(sed -n 2p "$ca_certificate")" "$(bundle_path)"; }
  refresh_trust() { run "$refresh"; }
  want "$anchors/notewright.crt is trusted" is_trusted refresh_trust
}

distrust() {
  discard /usr/local/share/ca-certificates/notewright.crt /etc/pki/ca-trust/source/anchors/notewright.crt
  if [[ -z $root ]] && command -v update-ca-certificates >/dev/null; then
    run update-ca-certificates
  elif [[ -z $root ]] && command -v update-ca-trust >/dev/null; then
    run update-ca-trust
  fi
}

# --- packages

# What is missing, by the names of this machine's package manager; nothing where all is there.
missing_packages() {
  local apt=''
  if command -v apt-get >/dev/null; then apt=yes; fi
  command -v curl >/dev/null || printf 'ca-certificates curl '
  command -v git >/dev/null || printf 'git '
  command -v pgrep >/dev/null || printf '%s ' "${apt:+procps}${apt:-procps-ng}" | sed 's/yes//'
  [[ $python_missing = no ]] || printf 'python3 '
  if [[ -n $apt && $model != none ]] && ! "${python:-python3}" -I -c 'import ensurepip' 2>/dev/null; then printf 'python3-venv '; fi
  case $engine in
    podman)
      command -v podman >/dev/null || printf 'podman '
      command -v newuidmap >/dev/null || printf '%s ' "$([[ -n $apt ]] && echo uidmap || echo shadow-utils)"
      command -v slirp4netns >/dev/null || printf 'slirp4netns '
      ;;
    docker) command -v docker >/dev/null || printf '%s ' "$([[ -n $apt ]] && echo docker.io || echo moby-engine)" ;;
  esac
  if [[ $gpu = nvidia && $engine != none ]] && ! command -v gpg >/dev/null && ! has_toolkit; then
    printf '%s ' "$([[ -n $apt ]] && echo gpg || echo gnupg2)"
  fi
}

has_packages() { [[ -z $(missing_packages) ]]; }

install_packages() {
  local packages
  read -r -a packages <<<"$(missing_packages)"
  install_these "${packages[@]}"
}

install_these() {
  if [[ $dry_run = no ]]; then
    mkdir -p "$opt" # --uninstall removes what was not here before
    printf '%s\n' "${@%%=*}" >>"$opt/packages"
  fi
  if command -v apt-get >/dev/null; then
    run apt-get update --quiet
    run env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@"
  elif command -v dnf >/dev/null; then
    run dnf install --assumeyes --quiet "${@/=/-}"
  else
    fail "this machine has neither apt-get nor dnf" "install these yourself, and run $0 again: $*"
  fi
}

look_for_python() { # a package may bring it, so its absence is no error yet
  python_missing=no
  python=$(need_python 2>/dev/null && printf '%s' "$python") || python_missing=yes
}

# A workflow calls python3: it is to be the one that was looked at
python_steps() {
  if [[ $python_missing = yes ]]; then
    [[ $dry_run = no && $command != check ]] || return 0
    need_python
  fi
  want "jobs use $python" is_linked link_python
}

# --- the account

has_user() { id "$user" >/dev/null 2>&1; }

add_user() { run useradd --system --user-group --home-dir "$home/home" --no-create-home --shell /usr/sbin/nologin --comment "GitHub runner" "$user"; }

has_identities() { grep -qs "^$user:" /etc/subuid && grep -qs "^$user:" /etc/subgid; }

add_identities() { # 65,536 that nobody else has
  local first
  first=$(cat /etc/subuid /etc/subgid 2>/dev/null | awk -F: '{end = $2 + $3; if (end > most) most = end} END {print (most > 524288 ? most : 524288)}')
  run usermod --add-subuids "$first-$((first + 65535))" --add-subgids "$first-$((first + 65535))" "$user"
}

account_steps() {
  want "account $user, which nobody logs in to" has_user add_user
  if [[ $engine = podman ]]; then want "users of containers map to numbers of $user alone" has_identities add_identities; fi
}

# --- NVIDIA's container toolkit

has_toolkit() { command -v nvidia-ctk >/dev/null; }

add_toolkit() {
  local package packages=()
  for package in nvidia-container-toolkit nvidia-container-toolkit-base libnvidia-container-tools libnvidia-container1; do
    packages+=("$package=$toolkit_version")
  done
  fetch_key
  if command -v apt-get >/dev/null; then
    # shellcheck disable=SC2016  # apt puts the architecture in
    printf 'deb [signed-by=%s] %s/stable/deb/$(ARCH) /\n' "$toolkit_keyring" "$nvidia_mirror" | put /etc/apt/sources.list.d/notewright-nvidia.list 0644 root:0
  else
    # shellcheck disable=SC2016  # dnf puts the architecture in
    printf '[notewright-nvidia]\nname=NVIDIA container toolkit\nbaseurl=%s/stable/rpm/$basearch\nrepo_gpgcheck=1\ngpgcheck=0\ngpgkey=file://%s\n' \
      "$nvidia_mirror" "$toolkit_keyring" | put /etc/yum.repos.d/notewright-nvidia.repo 0644 root:0
  fi
  install_these "${packages[@]}"
}

fetch_key() {
  if [[ $dry_run = yes ]]; then
    say "         \$ $(quoted curl --output "$toolkit_keyring" "$nvidia_mirror/gpgkey")"
    say "         compare its fingerprint with $toolkit_key"
    return
  fi
  local key found scratch
  key=$(curl --fail --location --silent --show-error --retry 3 --connect-timeout 20 "$nvidia_mirror/gpgkey") \
    || fail "cannot fetch $nvidia_mirror/gpgkey" "set HTTPS_PROXY, or name a mirror with --nvidia-mirror URL"
  scratch=$(mktemp -d) # gpg does nothing without a folder of its own
  found=$(gpg --homedir "$scratch" --batch --with-colons --show-keys <<<"$key" 2>/dev/null | awk -F: '$1 == "pub" {primary = 1} $1 == "fpr" && primary {print $10; primary = 0}') || true
  rm -rf "$scratch"
  [[ $found = "$toolkit_key" ]] || fail "the key of $nvidia_mirror is not NVIDIA's: ${found:-none}, not $toolkit_key" "nothing of it is trusted; is the mirror right?"
  put "$toolkit_keyring" 0644 root:0 <<<"$key"
}

# podman finds cards in a list that the toolkit writes; docker, in its own configuration
sees_card() {
  if [[ $engine = docker ]]; then [[ $(docker info --format '{{json .Runtimes}}' 2>/dev/null) == *nvidia* ]]
  else grep -qx nvidia.com/gpu=all <<<"$(nvidia-ctk cdi list 2>/dev/null)"; fi
}

show_card() {
  if [[ $engine = docker ]]; then
    run nvidia-ctk runtime configure --runtime=docker
    run systemctl restart docker
  else
    run mkdir -p /etc/cdi
    run nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml
  fi
}

card_steps() {
  if [[ $gpu != nvidia || $engine = none ]]; then return; fi
  want "NVIDIA's container toolkit" has_toolkit add_toolkit
  want "$engine finds the graphics card" sees_card show_card
}

# --- services

service_steps() {
  local part other
  place "$units/notewright-runner.service" "linux/notewright-runner.service"
  place "$drop_ins/50-hardening.conf" "linux/50-hardening.conf"
  part=$engine
  if [[ $engine = none ]]; then part=$gpu; fi
  for other in podman docker nvidia amd; do
    [[ $other = "$part" || $command = check ]] || discard "$drop_ins/60-$other.conf"
  done
  [[ $part = none ]] || place "$drop_ins/60-$part.conf" "linux/60-$part.conf"
  if [[ $engine = podman ]]; then
    place "$units/notewright-engine.service" "linux/notewright-engine.service"
    [[ $command = check ]] || proxies | put "$opt/engine.env" 0600 root:0
  fi
}

proxies() { # for what the engine itself pulls
  local variable
  for variable in HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [[ -z ${!variable:-} ]] || printf '%s=%s\n' "$variable" "${!variable}"
  done
}

is_booted() { [[ -d /run/systemd/system ]]; }

start() { # start UNIT: now, and whenever the machine starts
  local unit=$1
  is_enabled() { systemctl --quiet is-enabled "$unit" 2>/dev/null; }
  enable_unit() { run systemctl enable "$unit"; }
  # what was written since is not what runs; a job that runs is not put down for it
  is_active() { systemctl --quiet is-active "$unit" 2>/dev/null && { [[ $changed = no ]] || worker_runs; }; }
  activate() { run systemctl daemon-reload; run systemctl restart "$unit"; }
  want "$unit starts with the machine" is_enabled enable_unit
  if is_booted || [[ $dry_run = yes ]]; then
    want "$unit runs" is_active activate "systemctl status $unit; journalctl --unit $unit"
  else
    say "note     systemd does not run here: $unit starts with the machine"
  fi
}

# --- the image

image_name() { printf 'notewright:%s' "$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$source_folder/src/notewright/__init__.py")"; }

choose_client() { # sets client: the program that talks to the engine of the jobs
  client=(docker)
  if [[ $engine = podman ]]; then client=(podman --remote --url unix:///run/notewright/podman.sock); fi
}

has_image() {
  choose_client
  "${client[@]}" image inspect "$(image_name)" >/dev/null 2>&1
}

make_image() {
  local target=cpu
  case $gpu in nvidia) target=cuda ;; amd) target=rocm ;; esac
  if [[ -n $image_archive ]]; then
    run "${client[@]}" load --input "$image_archive"
  elif [[ -n $image ]]; then
    run "${client[@]}" pull "$image"
    run "${client[@]}" tag "$image" "$(image_name)"
  else
    build_image "$target"
  fi
}

build_image() {
  local variable options=(--target "$1" --tag "$(image_name)")
  for variable in HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [[ -z ${!variable:-} ]] || options+=(--build-arg "$variable") # its value is taken from the environment, and is no argument
  done
  [[ -z $ca_certificate ]] || options+=(--secret "id=ca,src=$(bundle_path)")
  if [[ -n ${PIP_INDEX_URL:-} ]]; then
    options+=(--secret "id=pip,src=$opt/pip.conf")
    [[ $dry_run = yes ]] || (umask 077 && printf '[global]\nindex-url = %s\n' "$PIP_INDEX_URL" >"$opt/pip.conf")
  fi
  run "${client[@]}" build "${options[@]}" "$source_folder"
  discard "$opt/pip.conf"
}

image_steps() {
  if [[ $engine = none ]]; then return; fi
  if is_booted || [[ $dry_run = yes ]]; then want "image $(image_name)" has_image make_image
  else say "note     systemd does not run here, so no container engine does: the image is made when $0 runs again"; fi
}

# --- commands

placed_model() { :; }

install_steps() {
  if [[ $command != check ]]; then preflight; fi
  if [[ -z $root ]]; then
    look_for_python
    want "packages" has_packages install_packages
  fi
  if [[ -n $ca_certificate ]]; then trust; fi
  if [[ -z $root ]]; then
    account_steps
    python_steps
    card_steps
  fi
  folder "$home" 0755 root:0
  folder "$home/home" 0700 "$user:$user"
  if [[ $engine = podman ]]; then folder "$home/engine" 0700 "$user:$user"; fi
  runner_steps
  service_steps
  remember
  if [[ -n $root ]]; then return; fi
  library_step
  model_steps
  if [[ $engine = podman ]]; then start notewright-engine.service; fi
  image_steps
  if [[ $registration = jit ]]; then
    say "note     nothing is registered: each job is taken by $0 jit"
    return
  fi
  want "registered at ${url:-GitHub}" is_registered register "make a registration token and run $0 --url URL again"
  start notewright-runner.service
}

has_libraries() { # no pipe to grep -q: it leaves at the first match, and pipefail makes a failure of what then cannot be written
  local known
  known=$(ldconfig -p 2>/dev/null) && [[ $known == *libicuuc* && $known == *libssl* ]]
}
add_libraries() { run "$home/runner/bin/installdependencies.sh"; }
library_step() { want "libraries of the runner" has_libraries add_libraries; }

run_one_job() {
  local line properties=()
  if is_registered; then fail "a runner is registered here for good" "set up with --jit on a machine that has none: $0 --uninstall, then $0 --jit"; fi
  while IFS= read -r line; do properties+=("--property=$line"); done < <(job_properties)
  if [[ $dry_run = yes ]]; then
    say "         \$ $(quoted systemd-run --pipe --wait --collect --unit notewright-job "${properties[@]}" ./bin/Runner.Listener run)"
    return
  fi
  if ! is_booted; then fail "systemd does not run here" "a job runs as its transient service: use Kubernetes or a container (docs/runners.md)"; fi
  [[ -x $home/runner/bin/Runner.Listener ]] || fail "there is no runner here" "run $0 --jit first"
  read_token
  empty_workspace
  # shellcheck disable=SC2016  # expanded by the shell of the service
  printf '%s\n' "$token" | systemd-run --quiet --pipe --wait --collect --unit notewright-job "${properties[@]}" \
    /bin/bash -c 'IFS= read -r ACTIONS_RUNNER_INPUT_JITCONFIG && export ACTIONS_RUNNER_INPUT_JITCONFIG && PATH=$(<.path) exec ./bin/Runner.Listener run' \
    || fail "the job could not be taken" "a just-in-time configuration is good for one runner and an hour: make a new one"
  rm -f "$home"/runner/.runner* "$home"/runner/.credentials*
}

# the service's own, but for how it starts and stops
job_properties() {
  cat "$units/notewright-runner.service" "$drop_ins"/*.conf 2>/dev/null | grep -E '^(User|Group|WorkingDirectory|Environment)=' || true
  cat "$drop_ins"/*.conf 2>/dev/null | grep -E '^[A-Z][A-Za-z]*=' || true
}

clean_images() {
  if [[ -n $root ]] || ! is_booted || ! has_user; then return; fi
  for engine in podman docker; do
    command -v "$engine" >/dev/null || continue
    [[ $engine = docker || -e $units/notewright-engine.service ]] || continue
    # what notewright's own builds left behind, and no image that has a name
    choose_client
    run "${client[@]}" image prune --force --filter "until=$(($1 / 60))h" --filter label=org.opencontainers.image.title=notewright
  done
}

uninstall_steps() {
  if [[ -z $root ]]; then
    if worker_runs; then fail "a job is running" "try again when it is done: nothing was removed"; fi
    stop notewright-runner.service
    deregister
    stop notewright-engine.service
  fi
  discard "$units/notewright-runner.service" "$drop_ins" "$units/notewright-engine.service"
  if [[ -e $root$opt/ca.crt ]]; then distrust; fi
  discard "$home" /etc/apt/sources.list.d/notewright-nvidia.list /etc/yum.repos.d/notewright-nvidia.repo "$toolkit_keyring"
  if [[ -z $root ]]; then
    if is_booted; then run systemctl daemon-reload; fi
    if has_user; then run userdel "$user"; fi
    remove_packages
  fi
  discard "$opt"
}

stop() {
  if [[ ! -e $units/$1 ]]; then return; fi
  run systemctl disable "$1"
  if is_booted; then run systemctl stop "$1"; fi
}

remove_packages() {
  local packages=() package
  [[ -e $opt/packages ]] || return 0
  while IFS= read -r package; do packages+=("$package"); done < <(sort -u "$opt/packages")
  if grep -q nvidia "$opt/packages"; then discard /etc/cdi/nvidia.yaml; fi
  if command -v apt-get >/dev/null; then run env DEBIAN_FRONTEND=noninteractive apt-get remove --yes --quiet "${packages[@]}"
  else run dnf remove --assumeyes --quiet "${packages[@]}"; fi
}

main "$@"
