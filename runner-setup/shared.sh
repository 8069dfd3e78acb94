# shellcheck shell=bash
# What linux.sh and macos.sh have in common. Each sets the names below before it calls `main`; both run under bash 3.2, which macOS has.
#
#   home, opt      what the runner's user may write to, and what only root may
#   user           the account that jobs run as
#   platform       the runner's archive for this machine, such as linux-x64
#   runner_sha256  digest of that archive
#   python_hint    how Python is installed here
#   sha256_of FILE, as_user COMMAND…, worker_runs, bundle_path, service_path, engine_variables, clean_images MINUTES, placed_model PYTHON,
#   and what the commands do: look_around, install_steps, uninstall_steps, run_one_job
: "${home=}" "${opt=}" "${user=}" "${platform=}" "${runner_sha256=}" "${python_hint=}"

runner_version=2.337.0
source_folder=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)

command=install
dry_run=no
root=
url=
name=
labels=
group=
registration=service
model=qwen3-4b
model_file=
model_sha256=
mirror=https://github.com
runner_archive=
given_version=
given_sha256=
ca_certificate=
older_than=
given_python=
python=
token_stdin=no
problems=0
# shellcheck disable=SC2034  # linux.sh and macos.sh read it
changed=no # whether a file was written, so that what reads it is to be started anew

token=${NOTEWRIGHT_RUNNER_TOKEN:-}
unset NOTEWRIGHT_RUNNER_TOKEN # no child of ours inherits it

# What a job needs of the environment that this script is called in, and what of it is kept for jobs.
passed_on='HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy PIP_INDEX_URL UV_DEFAULT_INDEX HF_ENDPOINT'

# --- what is said

say() { printf '%s\n' "$*"; }

fail() { # fail WHAT HINT
  printf '%s: %s\n  %s\n' "${0##*/}" "$1" "$2" >&2
  exit 1
}

wrong_call() {
  printf '%s: %s\n  %s --help says what there is\n' "${0##*/}" "$1" "$0" >&2
  exit 2
}

problem() { # problem WHAT HINT: what --check found
  printf 'problem  %s\n         %s\n' "$1" "$2"
  problems=$((problems + 1))
}

quoted() {
  local word line=
  for word; do line="$line $(printf '%q' "$word")"; done
  printf '%s' "${line# }"
}

# --- what is done: every change goes through one of these, so --dry-run and --check cannot differ from what is done

run() {
  if [[ $dry_run = yes ]]; then
    say "         \$ $(quoted "$@")"
  else
    "$@" || fail "this failed: $(quoted "$@")" "read what it said above; then run ${0##*/} again, it goes on where it stopped"
  fi
}

# want TEXT IS_DONE DO [HINT]: do what is not done yet; only look with --check
want() {
  if "$2"; then
    say "ok       $1"
  elif [[ $command = check ]]; then
    problem "$1" "${4:-run ${0##*/} again, as it was run first}"
  elif [[ $dry_run = yes ]]; then
    say "would    $1"
    "$3"
  else
    say "do       $1"
    "$3"
  fi
}

# place FILE SOURCE: write a file as it stands in this folder
place() { put "$1" 0644 root:0 "$2" <"$source_folder/runner-setup/$2"; }

# put FILE MODE OWNER:GROUP [SOURCE] < CONTENT: write a file that is not so already, whole or not at all
put() {
  local target=$root$1 mode=$2 owner=$3 content new
  content=$(cat && printf .)
  content=${content%.}
  if printf '%s' "$content" | cmp -s - "$target" && has_rights "$target" "$mode" "$owner"; then
    say "ok       $1"
  elif [[ $command = check ]]; then
    problem "$1 is not as it was set up" "run ${0##*/} again, as it was run first"
  elif [[ $dry_run = yes ]]; then
    say "would    write $1 (mode $mode, $owner)${4:+ as runner-setup/$4}"
    [[ $# = 4 ]] || printf '%s' "$content" | sed -e 's/^/         | /' -e 's#://[^/@]*@#://…@#' # a proxy's password is not for the screen
  else
    say "do       write $1"
    # shellcheck disable=SC2034  # linux.sh and macos.sh read it
    changed=yes
    new=$target.new.$$
    { mkdir -p "${target%/*}" && (umask 077 && printf '%s' "$content" >"$new") && give "$new" "$mode" "$owner" && mv -f "$new" "$target"; } \
      || { rm -f "$new"; fail "cannot write $target" "free some space, or mend the folder's permissions: df -h '${target%/*}'"; }
  fi
}

# With --root nothing is anybody's yet: who installs the package that it becomes decides that.
has_rights() { # has_rights PATH MODE OWNER:GROUP
  [[ -n $(find "$1" -prune -perm "$2" 2>/dev/null) ]] || return 1
  [[ -n $root ]] || [[ -n $(find "$1" -prune -user "${3%:*}" -group "${3#*:}" 2>/dev/null) ]]
}

give() { # give PATH MODE OWNER:GROUP
  [[ -n $root ]] || chown "$3" "$1" || return
  chmod "$2" "$1"
}

folder() { # folder PATH MODE OWNER:GROUP
  if [[ -d $root$1 ]] && has_rights "$root$1" "$2" "$3"; then
    return
  elif [[ $command = check ]]; then
    problem "$1 is not as it was set up" "run ${0##*/} again, as it was run first"
  elif [[ $dry_run = yes ]]; then
    say "would    make $1 (mode $2, $3)"
  else
    say "do       make $1"
    { mkdir -p "$root$1" && give "$root$1" "$2" "$3"; } || fail "cannot make $root$1" "free some space, or mend the permissions above it"
  fi
}

discard() { # discard PATH…: remove what is there
  local path
  for path; do
    if [[ -e $root$path || -L $root$path ]]; then run rm -rf "$root$path"; fi
  done
}

# --- preflight

need() { # need PROGRAM HINT
  command -v "$1" >/dev/null || fail "there is no $1" "$2"
}

need_space() { # need_space FOLDER GIB: of the nearest folder that is there
  local folder=$root$1 free
  until [[ -d $folder ]]; do folder=${folder%/*}; folder=${folder:-/}; done
  free=$(df -Pk "$folder" | awk 'NR == 2 {print $4}')
  ((free / 1048576 >= $2)) || fail "$((free / 1048576)) GiB are free in $folder, and $2 are needed" "free some space; ${0##*/} cleanup --older-than 7d helps on a runner"
}

need_root() {
  [[ -n $root || $dry_run = yes || $(id -u) = 0 ]] || fail "this changes the machine, and you are not root" "run it with sudo, or look first with --dry-run"
}

need_python() { # sets python
  local found=
  for found in ${given_python:+"$given_python"} python3 python3.13 python3.12 python3.11; do
    found=$(command -v "$found") || continue
    if "$found" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$("$found" -I -c 'import os, sys; print(os.path.realpath(sys.executable))') # not a link that somebody's tool turns
      return
    fi
  done
  fail "there is no Python 3.11 or newer" "$python_hint, and name it with --python PATH if it is not called python3"
}

is_linked() { [[ $(readlink "$opt/bin/python3") = "$python" ]]; }

link_python() {
  run mkdir -p "$opt/bin"
  run ln -sfn "$python" "$opt/bin/python3"
  [[ $dry_run = yes ]] || as_user "$opt/bin/python3" -I -c '' 2>/dev/null \
    || fail "$user cannot run $python" "it lies in somebody's home: $python_hint, and name it with --python PATH"
}

# --- the token: from the environment or standard input, to the runner alone

need_registration() { # what it takes, before anything is done
  if [[ $registration = jit ]] || is_registered; then return; fi
  [[ -n $url ]] || fail "nobody said whose jobs this runner takes" "give --url https://github.com/OWNER/REPO, or of an organization"
  [[ $dry_run = yes || $token_stdin = yes ]] || read_token
}

read_token() { # sets token
  if [[ $token_stdin = yes ]]; then IFS= read -r token || true; fi
  [[ -n $token ]] || fail "there is no registration token" \
    "make one (gh api --method POST repos/OWNER/REPO/actions/runners/registration-token --jq .token) and hand it over: … | sudo ${0##*/} --token-stdin"
}

# as_runner VARIABLE PROGRAM…: run one of the runner's programs with the token in a variable of its environment: it takes its options from
# there too (ACTIONS_RUNNER_INPUT_…), and clears them. An argument would stand in the list of processes.
as_runner() {
  local variable=$1
  shift
  # shellcheck disable=SC2016  # expanded by the shell that is started, for it alone
  printf '%s\n' "$token" | as_user bash -c 'umask 077 && IFS= read -r value && export "$1=$value" && unset value && cd "$2" && shift 2 && exec "$@"' \
    bash "ACTIONS_RUNNER_INPUT_$variable" "$home/runner" "$@"
}

# --- the runner

fetch() { # fetch URL SHA256 FILE
  curl --fail --location --silent --show-error --retry 3 --connect-timeout 20 --output "$3" "$1" \
    || fail "cannot fetch $1" "set HTTPS_PROXY, name a mirror with --mirror URL, or bring the file yourself with --runner-archive FILE"
  check_digest "$3" "$2" "$1"
}

check_digest() { # check_digest FILE SHA256 ORIGIN
  local found
  found=$(sha256_of "$1")
  [[ $found = "$2" ]] || fail "$3 is not the file that was asked for: its SHA-256 is $found, not $2" \
    "nothing of it is used; fetch it again, or give --runner-version and --runner-sha256 as the release notes tell them"
}

runner_is_there() { [[ $(cat "$root$home/runner/.version" 2>/dev/null) = "$runner_version $runner_sha256" ]]; }

place_runner() {
  local archive=actions-runner-$platform-$runner_version.tar.gz target=$root$home/runner staging=$root$home/runner.new
  local address=$mirror/actions/runner/releases/download/v$runner_version/$archive
  if [[ $dry_run = yes ]]; then
    if [[ -n $runner_archive ]]; then run cp "$runner_archive" .; else run curl --remote-name "$address"; fi
    say "         compare its SHA-256 with $runner_sha256, unpack it to $home/runner"
    return
  fi
  if [[ -z $root ]] && worker_runs; then fail "a job is running, and the runner's program is to be replaced" "try again when it is done"; fi
  rm -rf "$staging"
  mkdir -p "$staging/unpacked" "$target" || fail "cannot make $staging" "free some space, or mend the permissions above it"
  # shellcheck disable=SC2064  # the folder's name is known now
  trap "rm -rf $(quoted "$staging")" EXIT
  if [[ -n $runner_archive ]]; then
    cp "$runner_archive" "$staging/$archive" || fail "cannot copy $runner_archive" "does it exist, and is there room in $staging?"
    check_digest "$staging/$archive" "$runner_sha256" "$runner_archive"
  else
    fetch "$address" "$runner_sha256" "$staging/$archive"
  fi
  tar -xzf "$staging/$archive" -C "$staging/unpacked" --no-same-owner || fail "cannot unpack $archive" "is the disk full? df -h '$target'"
  [[ -n $root ]] || chown -R "0:0" "$staging/unpacked"
  # the names of the archive, none that begins with a dot: those are the registration
  (cd "$target" && rm -rf ./*.sh* bin externals .version)
  mv "$staging"/unpacked/* "$target/"
  printf '%s %s\n' "$runner_version" "$runner_sha256" >"$target/.version"
  rm -rf "$staging"
  trap - EXIT
}

# The folder has the sticky bit: jobs run as the user who keeps the registration in it, and yet can't replace what is root's there, so
# neither the runner's program nor the variables of the next job are theirs to write.
runner_steps() {
  folder "$home/runner" 1770 "root:$user"
  want "runner $runner_version for $platform" runner_is_there place_runner
  folder "$home/runner/_diag" 0700 "$user:$user"
  folder "$home/work" 0700 "$user:$user"
  folder "$home/tools" 0700 "$user:$user"
  if [[ $command = check ]]; then # proxies and certificates may be others today, which is no fault of what is there
    has_rights "$home/runner/.env" 0640 "root:$user" || problem "$home/runner/.env is not as it was set up" "run ${0##*/} again, as it was run first"
  else
    job_variables | put "$home/runner/.env" 0640 "root:$user"
  fi
  service_path | put "$home/runner/.path" 0640 "root:$user"
}

job_variables() {
  local variable
  printf 'AGENT_TOOLSDIRECTORY=%s\nNOTEWRIGHT_LLM_MODELS_DIR=%s\n' "$home/tools" "$opt/models"
  for variable in $passed_on; do
    [[ -z ${!variable:-} ]] || printf '%s=%s\n' "$variable" "${!variable}"
  done
  if [[ -n $ca_certificate ]]; then
    # Node adds certificates to its own; Python's tools, git and curl take a whole bundle
    printf 'NODE_EXTRA_CA_CERTS=%s\n' "$opt/ca.crt"
    for variable in SSL_CERT_FILE REQUESTS_CA_BUNDLE PIP_CERT GIT_SSL_CAINFO; do printf '%s=%s\n' "$variable" "$(bundle_path)"; done
  fi
  engine_variables
}

is_registered() { [[ -e $root$home/runner/.runner ]]; }

register() {
  local options=(--unattended --url "$url" --name "$name" --labels "$labels" --work "$home/work" --disableupdate --replace)
  [[ -z $group ]] || options+=(--runnergroup "$group")
  if [[ $registration = ephemeral ]]; then options+=(--ephemeral); fi
  if [[ $dry_run = yes ]]; then
    say "         \$ $(quoted ./bin/Runner.Listener configure "${options[@]}")"
    say "         the token is in ACTIONS_RUNNER_INPUT_TOKEN, in its environment alone"
    return
  fi
  read_token
  if [[ $registration = ephemeral ]]; then empty_workspace; fi
  as_runner TOKEN ./bin/Runner.Listener configure "${options[@]}" \
    || fail "GitHub did not take the runner" "a registration token lives for an hour: make a new one; behind a proxy set HTTPS_PROXY"
  token=
}

empty_workspace() { # what one job left is not there for the next
  rm -rf "$home/work"
  folder "$home/work" 0700 "$user:$user"
}

deregister() {
  is_registered || return 0
  if [[ $dry_run = yes ]]; then
    say "         \$ ./bin/Runner.Listener remove"
  elif [[ -n $token || $token_stdin = yes ]]; then
    read_token
    as_runner TOKEN ./bin/Runner.Listener remove || fail "GitHub did not let go of the runner" "make a removal token: …/actions/runners/remove-token"
    token=
  else
    say "note     no removal token was given: GitHub lists this runner as offline until you delete it under Settings, Actions, Runners"
  fi
}

# --- notewright's own environment and models: root's, so no job can change what is run or compared here

environment() { # print the Python of the locked environment, made where there is none
  (cd / && "$python" -I -B -c '
import sys
from pathlib import Path
source, state = map(Path, sys.argv[1:])
sys.path.insert(0, str(source / "src"))
from notewright.action.environment import ensure_environment
from notewright.errors import NotewrightError
try:
    print(ensure_environment(source, state, lock="models", say=lambda text: print(f"         {text}", file=sys.stderr)))
except NotewrightError as error:
    sys.exit(f"{error.message}\n  {error.hint}")
' "$source_folder" "$opt/setup") || fail "the environment of notewright could not be made" "set HTTPS_PROXY, or PIP_INDEX_URL and UV_DEFAULT_INDEX to a mirror, and run ${0##*/} again"
}

notewright() { (cd / && NOTEWRIGHT_LLM_MODELS_DIR=$opt/models "$1" -I -c 'from notewright.cli.main import main; main()' "${@:2}"); }

model_steps() {
  [[ $model != none ]] || return 0
  folder "$opt/models" 0755 root:0
  if [[ $command = check ]]; then
    [[ -n $(find "$opt/models" -name '*.gguf' 2>/dev/null) ]] || problem "there is no model in $opt/models" "run ${0##*/} again, with --model NAME"
    return
  fi
  local options=("$model")
  [[ -z $model_file ]] || options+=(--from "$model_file")
  [[ -z $model_sha256 ]] || options+=(--sha256 "$model_sha256")
  if [[ $dry_run = yes ]]; then
    say "would    make the environment of locks/models.txt in $opt/setup, as the action makes its own"
    say "would    fetch the model $model to $opt/models, and compare its SHA-256"
    say "         \$ $(quoted notewright models pull "${options[@]}")"
    return
  fi
  say "do       model $model in $opt/models"
  local environment
  environment=$(environment) || exit 1
  notewright "$environment" models pull "${options[@]}" || fail "the model $model is not here" "see above; without a network: --model-file FILE --model-sha256 DIGEST"
  chmod 0644 "$opt"/models/*.gguf
  placed_model "$environment"
}

# --- how it was set up, for --check, cleanup, jit and --uninstall

remember() {
  printf '%s=%s\n' engine "${engine:-none}" gpu "${gpu:-none}" model "$model" registration "$registration" runner_version "$runner_version" \
    runner_sha256 "$runner_sha256" | put "$opt/set-up" 0644 root:0
}

recall() {
  local key value
  [[ $command != install && -e $root$opt/set-up ]] || return 0
  while IFS='=' read -r key value; do
    case $key in
      engine | gpu | model | registration | runner_version | runner_sha256) printf -v "$key" '%s' "$value" ;;
    esac
  done <"$root$opt/set-up"
  if [[ -x $opt/bin/python3 ]]; then given_python=$opt/bin/python3; fi
}

# --- cleanup

clean_up() {
  local minutes
  case $older_than in
    *[!0-9dh]* | [dh]* | '' | *[dh]?*) wrong_call "--older-than takes days or hours, such as 30d or 12h, and not '$older_than'" ;;
    *d) minutes=$((${older_than%d} * 1440)) ;;
    *h) minutes=$((${older_than%h} * 60)) ;;
    *) wrong_call "--older-than takes days or hours, such as 30d or 12h, and not '$older_than'" ;;
  esac
  if worker_runs; then fail "a job is running" "try again when it is done: nothing was removed"; fi
  # a checkout or a clone is a folder of the job's: it goes or stays as a whole. The runner's own folders of the workspace begin with _.
  old "$root$home/work" "$minutes" -mindepth 1 -maxdepth 1 ! -name '_*'
  old "$root$home/work/_temp" "$minutes" -mindepth 1 -maxdepth 1
  old "$root$home/work/_actions" "$minutes" -mindepth 3 -maxdepth 3
  old "$root$home/runner/_diag" "$minutes" -mindepth 1 -maxdepth 1
  # of environments the newest is in use, however old it is; another that is needed again is made again
  local folder
  for folder in "$root$home/tools/notewright/environments" "$root$opt/setup/environments"; do
    old "$folder" "$minutes" -mindepth 1 -maxdepth 1 -type d ! -path "$(newest_in "$folder")"
  done
  old "$root$opt/models" "$minutes" -mindepth 1 -maxdepth 1 -name '.*.part'
  clean_images "$minutes"
}

newest_in() { # newest_in FOLDER: the folder in it that was made last; their names are digests
  # shellcheck disable=SC2012  # find has no order on macOS
  ls -td "$1"/*/ 2>/dev/null | sed -n '1s,/$,,p'
}

old() { # old FOLDER MINUTES TEST…: remove what nobody changed for so long
  local folder=$1 minutes=$2 path
  shift 2
  [[ -d $folder ]] || return 0
  find "$folder" "$@" -mmin "+$minutes" -print0 | while IFS= read -r -d '' path; do
    say "remove   $path"
    [[ $dry_run = yes ]] || rm -rf "$path"
  done
}

# --- the command line

common_usage() {
  cat <<'USAGE'
what to do (without any: set the runner up, or bring it up to date)
  --check                  say what is not as it was set up, and what mends it; changes nothing, exits with 1 if there is something
  --uninstall              remove all that was set up here
  cleanup --older-than AGE remove workspaces, logs, environments and images that are older than AGE (30d, 12h)
  jit                      take one job, with a just-in-time configuration from NOTEWRIGHT_RUNNER_TOKEN or standard input
  --dry-run                with any of these: say what would be done, and do nothing
  --root DIR               place the files below DIR and do no more: for those who build packages or images of it

the runner
  --url URL                repository, organization or enterprise whose jobs it takes
  --name NAME              its name at GitHub; default: this machine's
  --labels A,B             its labels; default: notewright, and what the machine has
  --group NAME             runner group of an organization
  --ephemeral              take one job, then be gone from GitHub; run this again with a new token for the next
  --jit                    register nothing: each job is taken by the command jit
  --token-stdin            read the registration token from standard input, not from NOTEWRIGHT_RUNNER_TOKEN

the model
  --model NAME             of `notewright models list`; none for no model; default: qwen3-4b
  --model-file FILE        take this file instead of fetching it; needs no network
  --model-sha256 DIGEST    what it must be; default: what notewright's table says

the network
  HTTP_PROXY, HTTPS_PROXY, NO_PROXY, PIP_INDEX_URL, UV_DEFAULT_INDEX and HF_ENDPOINT are obeyed here, and kept for jobs
  --ca-certificate FILE    trust this certificate too (PEM)
  --mirror URL             fetch the runner from here instead of https://github.com
  --runner-archive FILE    take this archive of the runner instead of fetching it
  --runner-version VERSION --runner-sha256 DIGEST
                           another runner than the one that was tried; both, as its release notes tell them
  --python PATH            Python 3.11 or newer; default: python3
USAGE
}

read_common() { # read_common ARGUMENTS…: sets taken to how many belong to one option; 0 for one that is not known here
  taken=2
  case $1 in
    --url | --name | --labels | --group | --model | --mirror | --root | --older-than | --python | --model-file | --model-sha256 \
      | --ca-certificate | --runner-archive | --runner-version | --runner-sha256)
      [[ $# -ge 2 && -n $2 ]] || wrong_call "$1 takes a value"
      ;;
  esac
  case $1 in
    --url) url=${2%/} ;;
    --name) name=$2 ;;
    --labels) labels=$2 ;;
    --group) group=$2 ;;
    --model) model=$2 ;;
    --mirror) mirror=${2%/} ;;
    --older-than) older_than=$2 ;;
    --python) given_python=$2 ;;
    --model-sha256) model_sha256=$2 ;;
    --runner-version) given_version=$2 ;;
    --runner-sha256) given_sha256=$2 ;;
    --root) root=$(absolute "$2") ;;
    --model-file) model_file=$(absolute "$2") ;;
    --ca-certificate) ca_certificate=$(absolute "$2") ;;
    --runner-archive) runner_archive=$(absolute "$2") ;;
    *) taken=1 ;;
  esac
  [[ $taken = 1 ]] || return 0
  case $1 in
    --check) command=check ;;
    --uninstall) command=uninstall ;;
    cleanup | jit) command=$1 ;;
    --dry-run) dry_run=yes ;;
    --ephemeral | --jit) registration=${1#--} ;;
    --token-stdin) token_stdin=yes ;;
    --help | -h) usage; exit 0 ;;
    *) taken=0 ;;
  esac
}

absolute() { case $1 in /*) printf '%s' "${1%/}" ;; *) printf '%s' "$PWD/${1%/}" ;; esac; }

settle() { # what follows from several options
  if [[ -n $given_version$given_sha256 ]]; then
    [[ -n $given_version && ${#given_sha256} = 64 ]] || wrong_call "--runner-version and --runner-sha256 go together, and a digest has 64 digits"
    runner_version=$given_version
  fi
  local file
  for file in "$model_file" "$ca_certificate" "$runner_archive"; do
    [[ -z $file || -r $file ]] || fail "there is no file $file" "check its path and its permissions"
  done
  case $url in
    '' | https://*/*) ;;
    *) wrong_call "--url is https://HOST/OWNER or https://HOST/OWNER/REPO, and not '$url'" ;;
  esac
  name=${name:-$(uname -n)}
}

main() {
  umask 022
  while [[ $# -gt 0 ]]; do
    read_common "$@"
    if [[ $taken = 0 ]]; then read_own "$@"; fi
    shift "$taken"
  done
  settle
  recall
  look_around
  [[ $command = check ]] || need_root
  case $command in
    install) install_steps ;;
    check)
      install_steps
      [[ $problems = 0 ]] || { say "$problems to mend"; exit 1; }
      ;;
    uninstall) uninstall_steps ;;
    cleanup) clean_up ;;
    jit) run_one_job ;;
  esac
}
