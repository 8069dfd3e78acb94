"""Machines to set up as runners: an overlay of this one, where every change is caught, and a bare one whose programs are stand-ins."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.house.architecture import ROOT

SETUP = ROOT / "runner-setup"
_TIMEOUT_S = 280
# What the scripts take from every system; whatever else they call is a stand-in, or missing.
_EVERYWHERE = (
    "awk", "bash", "basename", "cat", "chmod", "chown", "cmp", "cp", "curl", "cut", "df", "dirname", "env", "find", "grep", "gzip", "head",
    "id", "ln", "ls", "mkdir", "mv", "printf", "readlink", "rm", "sed", "sh", "sha256sum", "sort", "tar", "tr", "touch",
)  # fmt: skip
# Enters an overlay of this machine: what is changed there lands in a folder, and this machine stays as it is. Not by chroot, in which the
# kernel lets nobody make a user namespace, and so podman no container.
_ENTER = """
set -e
folder=$1; shift
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/work" "$folder/machine"
for part in proc dev sys; do mount --rbind "/$part" "$folder/machine/$part"; done
cd "$folder/machine"
pivot_root . mnt
cd /
umount --lazy /mnt
exec "$@"
"""
_LISTENER = """#!/usr/bin/env bash
# Stands in for GitHub's runner: it registers as that does, and writes down what it was told and how.
set -eu
cd "${BASH_SOURCE[0]%/*}/.."
command=$1; shift
case $command in
  configure)
    [[ ${ACTIONS_RUNNER_INPUT_TOKEN-} = good-* ]] || { echo "Http response code: NotFound" >&2; exit 1; }
    printf '%s\\n' "$@" >.runner
    touch .credentials
    for process in /proc/[0-9]*; do tr '\\0' ' ' <"$process/cmdline" && echo; done >_diag/processes 2>/dev/null || true
    ;;
  remove) rm -f .runner .credentials _diag/removed; touch /tmp/removed-at-github ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a script ended and what it said."""

    code: int
    out: str
    err: str


@functools.cache
def overlay_refusal() -> str:
    """Return why no overlay of this machine can be entered; "" where one can."""
    if os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "an overlay of this machine is mounted by root alone"
    missing = [name for name in ("unshare", "pivot_root", "useradd", "runuser", "systemctl") if shutil.which(name) is None]
    if missing:
        return f"there is no {missing[0]}"
    tried = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "d=$(mktemp -d) && mount -t tmpfs none $d && mkdir $d/u $d/w $d/m && "
         "mount -t overlay overlay -o lowerdir=/,upperdir=$d/u,workdir=$d/w $d/m && test -d $d/m/etc"],
        capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    return "" if tried.returncode == 0 else "this kernel mounts no overlay here"


class Overlay:
    """This machine, with every change kept in a folder: real accounts, real ownership, real unit files, and systemd not running."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("changes", "work", "machine"):
            (folder / name).mkdir(parents=True)
        self.changes = folder / "changes"

    def run(self, *arguments: str | Path, stdin: str = "", env: Mapping[str, str] | None = None) -> Ran:
        """Run a command as root of the machine."""
        command = ["unshare", "--mount", "bash", "-c", _ENTER, "enter", self._folder, *arguments]
        return _run(command, stdin=stdin, env={"PATH": os.environ["PATH"], "HOME": "/root", **(env or {})})

    def files(self) -> dict[str, tuple[str, int, int, str]]:
        """Return what was changed or made, by path: mode, owner, group, and content or target. Folders that exist anyway are left out."""
        found = {}
        for path in sorted(self.changes.rglob("*")):
            about = path.lstat()
            name = f"/{path.relative_to(self.changes)}"
            if stat.S_ISCHR(about.st_mode) or (path.is_dir() and Path(name).is_dir()):  # an overlay marks what is gone by a device
                continue
            content = str(path.readlink()) if path.is_symlink() else "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = (oct(stat.S_IMODE(about.st_mode)), about.st_uid, about.st_gid, content)
        return found


class Bare:
    """A machine on which a script finds only what it is given: links to what every system has, and stand-ins for the rest."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "programs"
        self.programs.mkdir(parents=True)
        for name in _EVERYWHERE:
            found = shutil.which(name)
            assert found, name
            (self.programs / name).symlink_to(found)

    def stand_in(self, name: str, script: str) -> None:
        """Let a program do what a line of shell says."""
        path = self.programs / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{self.programs}/bash\n{script}\n", "utf-8")
        path.chmod(0o755)

    def without(self, name: str) -> None:
        """Take a program away."""
        (self.programs / name).unlink()

    def run(self, script: str, *arguments: str | Path, stdin: str = "", env: Mapping[str, str] | None = None) -> Ran:
        """Run linux.sh or macos.sh."""
        bash = shutil.which("bash")
        assert bash
        return _run([bash, SETUP / script, *arguments], stdin=stdin, env={"PATH": str(self.programs), "HOME": "/nowhere", **(env or {})})


def _run(command: list[str | Path], *, stdin: str, env: Mapping[str, str]) -> Ran:
    done = subprocess.run(
        [str(part) for part in command], input=stdin.encode(), env=env, cwd="/", capture_output=True, timeout=_TIMEOUT_S, check=False
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def write_archive(path: Path, *, version: str = "1") -> str:
    """Write an archive with the names that GitHub's runner has in its own, and return its SHA-256."""
    scripts = dict.fromkeys(("bin/runsvc.sh", "bin/installdependencies.sh", "config.sh", "run.sh"), b"#!/usr/bin/env bash\n")
    content = {**scripts, "bin/Runner.Listener": _LISTENER.encode(), "externals/node20/bin/node": version.encode()}
    with tarfile.open(path, "w:gz") as archive:
        for name, body in content.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size, entry.mode, entry.uid, entry.gid = len(body), 0o755, 1001, 127
            archive.addfile(entry, io.BytesIO(body))
    return hashlib.sha256(path.read_bytes()).hexdigest()
