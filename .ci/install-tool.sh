#!/usr/bin/env bash
# Build or unpack a tool that the tests run and print its path: .ci/install-tool.sh act|actionlint|chromium|podman-compose
# act runs workflows without GitHub, actionlint reads them, chromium shows pages. Once a version and machine (act takes about a minute).
set -euo pipefail

# Each makes the program $1 in the folder it is called in.
make_go() {
  GOBIN=$PWD GOFLAGS=-buildvcs=false CGO_ENABLED=0 go install "$package@$version"
}

make_chromium() { # as functions in a cloud run it: headless, obeying --remote-debugging-pipe alone, with the libraries and fonts a bare machine lacks
  npm install --silent --no-audit --no-fund --prefix npm "$package@$version"
  echo 'import chromium from "@sparticuz/chromium"; await chromium.executablePath()' >npm/unpack.mjs
  mkdir unpacked
  TMPDIR=$PWD/unpacked AWS_LAMBDA_JS_RUNTIME=nodejs22.x node npm/unpack.mjs
  rm -r npm
  cat >unpacked/fonts/fonts.conf <<'FONTS'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
FONTS
  cat >chromium <<'SCRIPT'
#!/usr/bin/env bash
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)/unpacked
FONTCONFIG_FILE=$here/fonts/fonts.conf LD_LIBRARY_PATH=$here/al2023/lib exec "$here/chromium" "$@"
SCRIPT
  chmod +x chromium
}

make_podman_compose() { # runs compose files where podman is, and no Docker
  python3 -m pip install --quiet --disable-pip-version-check --only-binary=:all: --target packages "$package==$version"
  cat >podman-compose <<'SCRIPT'
#!/usr/bin/env bash
PYTHONPATH=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)/packages exec python3 -m podman_compose "$@"
SCRIPT
  chmod +x podman-compose
}

case ${1:-} in
  act) version=v0.2.89 package=github.com/nektos/act make=make_go ;;
  actionlint) version=v1.7.12 package=github.com/rhysd/actionlint/cmd/actionlint make=make_go ;;
  chromium) version=153.0.0 package=@sparticuz/chromium make=make_chromium ;;
  podman-compose) version=1.5.0 package=podman-compose make=make_podman_compose ;;
  *) echo "usage: $0 act|actionlint|chromium|podman-compose" >&2; exit 2 ;;
esac
folder=${NOTEWRIGHT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notewright-ci}/$1-$version

if [[ ! -x $folder/$1 ]]; then
  mkdir -p "${folder%/*}"
  build=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$build"' EXIT
  chmod 755 "$build"
  (cd "$build" && "$make") >&2
  rm -rf "$folder" # half a build of an older script
  mv -T "$build" "$folder" 2>/dev/null || [[ -x $folder/$1 ]] # a rename is atomic: nobody ever finds half a program
fi
echo "$folder/$1"
