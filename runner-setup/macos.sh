#!/usr/bin/env bash
# Set up a GitHub runner for notewright on Apple Silicon: docs/runners.md tells what each command does.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=shared.sh
. "${BASH_SOURCE[0]%/*}/shared.sh"

user=_notewright
home=/usr/local/var/notewright
opt=/opt/notewright
daemons=/Library/LaunchDaemons
keychain=/Library/Keychains/System.keychain
python_hint='install it (brew install python@3.12)'

usage() {
  cat <<'USAGE'
usage: macos.sh [--check | --uninstall | cleanup --older-than AGE | jit] [--dry-run] [OPTION]…

USAGE
  common_usage
}

read_own() { wrong_call "there is no option $1, or it takes a value"; }

# --- this machine

look_around() {
  platform=osx-arm64
  runner_sha256=${runner_sha256:-${given_sha256:-5a2cd92908a93d7276a194e1de6008099f3e7946f3f8e14aa7a1a7b4a31fdec2}}
  labels=${labels:-notewright,gpu}
}

preflight() {
  need_space "$home" 2
  if [[ -n $root ]]; then return; fi
  [[ $(uname -s) = Darwin ]] || fail "this is $(uname -s), not macOS" "use linux.sh; to prepare files for another machine: --root DIR"
  [[ $(uname -m) = arm64 ]] || fail "this machine has no Apple Silicon: $(uname -m)" "models need it; a runner without a model: linux.sh on Linux"
  local release
  release=$(sw_vers -productVersion)
  ((${release%%.*} >= 14)) || fail "this is macOS $release, and 14 is needed" "update it: softwareupdate --list"
  xcode-select -p >/dev/null 2>&1 || fail "there is no git" "install Apple's command line tools: xcode-select --install"
  [[ $model = none ]] || need_space "$opt" 8
  need_python
  need_registration
}

sha256_of() { shasum -a 256 "$1" | cut -d ' ' -f 1; }

as_user() { sudo -n -H -u "$user" -- "$@"; } # what proxies there are, the runner reads from its .env

worker_runs() { pgrep -u "$user" -x Runner.Worker >/dev/null 2>&1; }

service_path() { printf '%s/bin:/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin\n' "$opt"; }

bundle_path() { printf '%s/ca-bundle.pem' "$opt"; }

engine_variables() { :; } # there are no containers: they have no Metal

clean_images() { :; }

# --- certificates

is_trusted() { [[ -n $root ]] || security verify-cert -c "$ca_certificate" >/dev/null 2>&1; }

trust_it() { run security add-trusted-cert -d -r trustRoot -k "$keychain" "$ca_certificate"; }

trust() {
  put "$opt/ca.crt" 0644 root:0 <"$ca_certificate"
  cat /etc/ssl/cert.pem "$ca_certificate" 2>/dev/null | put "$opt/ca-bundle.pem" 0644 root:0
  want "$ca_certificate is trusted" is_trusted trust_it
}

# --- the account

has_user() { dscl . -read "/Users/$user" UniqueID >/dev/null 2>&1; }

add_user() {
  local number
  number=$({ dscl . -list /Users UniqueID; dscl . -list /Groups PrimaryGroupID; } | awk '{taken[$2] = 1} END {n = 450; while (n in taken) n++; print n}')
  run dscl . -create "/Groups/$user" PrimaryGroupID "$number"
  run dscl . -create "/Users/$user" UniqueID "$number"
  run dscl . -create "/Users/$user" PrimaryGroupID "$number"
  run dscl . -create "/Users/$user" UserShell /usr/bin/false
  run dscl . -create "/Users/$user" NFSHomeDirectory "$home/home"
  run dscl . -create "/Users/$user" RealName "GitHub runner"
  run dscl . -create "/Users/$user" IsHidden 1
}

# --- services

service_steps() {
  local name
  for name in awake model runner; do
    [[ $name != model || $model != none ]] || continue
    place "$daemons/dev.notewright.$name.plist" "macos/dev.notewright.$name.plist"
  done
  if [[ $model = none ]]; then return; fi
  place "$opt/model.sb" "macos/model.sb"
  place "$opt/model_server.py" "macos/model_server.py"
}

start() { # start NAME: now, and whenever the machine starts
  local label=dev.notewright.$1
  # what was written since is not what runs; a job that runs is not put down for it
  is_loaded() { launchctl print "system/$label" >/dev/null 2>&1 && { [[ $changed = no ]] || worker_runs; }; }
  load() {
    if launchctl print "system/$label" >/dev/null 2>&1; then run launchctl bootout "system/$label"; fi
    run launchctl bootstrap system "$daemons/$label.plist"
  }
  want "$label runs" is_loaded load "launchctl print system/$label; tail $home/logs/$1.log"
}

stop() {
  if launchctl print "system/dev.notewright.$1" >/dev/null 2>&1; then run launchctl bootout "system/dev.notewright.$1"; fi
}

placed_model() { # what the service serves is one link, so another model needs no other service
  local file
  file=$(notewright "$1" models pull "$model" --format json ${model_sha256:+--sha256 "$model_sha256"} ${model_file:+--from "$model_file"} 2>/dev/null \
    | "$python" -I -c 'import json, sys; print(json.load(sys.stdin)["engine"].partition(":")[2])')
  [[ $(readlink "$opt/served.gguf") = "$file" ]] || { ln -sfn "$file" "$opt/served.gguf"; changed=yes; }
  [[ $(readlink "$opt/environment") = "${1%/bin/python}" ]] || { ln -sfn "${1%/bin/python}" "$opt/environment"; changed=yes; }
  chmod 0755 "$opt/setup/environments" # the service runs as $user, and reads it
}

# --- commands

install_steps() {
  if [[ $command != check ]]; then preflight; fi
  if [[ -n $ca_certificate ]]; then trust; fi
  if [[ -z $root ]]; then
    [[ -n $python ]] || need_python
    want "account $user, which nobody logs in to" has_user add_user
    want "jobs use $python" is_linked link_python
  fi
  folder "$home" 0755 root:0
  folder "$home/home" 0700 "$user:$user"
  folder "$home/logs" 0755 "$user:$user"
  runner_steps
  service_steps
  remember
  if [[ -n $root ]]; then return; fi
  model_steps
  start awake
  if [[ $model != none ]]; then start model; fi
  if [[ $registration = jit ]]; then
    say "note     nothing is registered: each job is taken by $0 jit"
    return
  fi
  want "registered at ${url:-GitHub}" is_registered register "make a registration token and run $0 --url URL again"
  start runner
}

run_one_job() {
  if is_registered; then fail "a runner is registered here for good" "set up with --jit on a machine that has none: $0 --uninstall, then $0 --jit"; fi
  if [[ $dry_run = yes ]]; then
    say "         \$ ./bin/Runner.Listener run"
    return
  fi
  [[ -x $home/runner/bin/Runner.Listener ]] || fail "there is no runner here" "run $0 --jit first"
  read_token
  empty_workspace
  as_runner JITCONFIG /usr/bin/env PATH="$(service_path)" ./bin/Runner.Listener run \
    || fail "the job could not be taken" "a just-in-time configuration is good for one runner and an hour: make a new one"
  rm -f "$home"/runner/.runner* "$home"/runner/.credentials*
}

uninstall_steps() {
  local name
  if [[ -z $root ]]; then
    if worker_runs; then fail "a job is running" "try again when it is done: nothing was removed"; fi
    stop runner
    deregister
    stop model
    stop awake
    if [[ -e $opt/ca.crt ]]; then run security remove-trusted-cert -d "$opt/ca.crt"; fi
  fi
  for name in runner model awake; do discard "$daemons/dev.notewright.$name.plist"; done
  discard "$home" "$opt"
  if [[ -z $root ]] && has_user; then
    run dscl . -delete "/Users/$user"
    run dscl . -delete "/Groups/$user"
  fi
}

main "$@"
