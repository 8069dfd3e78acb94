"""The native environment: locked packages and this very source, installed once a version, outside every workspace."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from notewright.action.secret import scrub
from notewright.errors import StorageError, UsageError

_LOCKS = Path("locks")
# Where each part of the source lies in the checkout and, as in the wheel, in the installed package
_SOURCE = {"src/notewright": "notewright", "prompts": "notewright/_prompts", "workflows": "notewright/_workflows"}
_READY = ".ready"
_TIMEOUT_S = 1200.0
_NETWORK = "check that the runner reaches a package index (a proxy or a mirror is set as for pip and uv), and run the job again"


def ensure_environment(source: Path, state: Path, *, lock: str = "action", say: Callable[[str], None]) -> Path:
    """Return the Python of an environment with everything in locks/<lock>.txt and the package of `source`, made where there is none.

    Everything installed is checked against the lock's hashes; nothing is built. Jobs that start together wait for one of them. Raises
    `StorageError`, and `UsageError` where neither uv nor pip is there.
    """
    home = environment_of(source, state, lock=lock)
    python = home / "bin" / "python"
    try:
        with _alone(home.parent):
            if not ((home / _READY).exists() and python.exists()):  # the Python that it links to may be gone
                say(f"installing notewright into {home}: once for this version and this Python")
                shutil.rmtree(home, ignore_errors=True)  # what a killed job left
                _install(source, home, python, lock=lock, uv=_find_uv(source, state))
                (home / _READY).touch()
    except OSError as error:
        raise StorageError(
            f"cannot write {state}: {error.strerror}", hint="check the disk, or choose another folder with state-dir"
        ) from error
    return python


def environment_of(source: Path, state: Path, *, lock: str = "action") -> Path:
    """Return where the environment belongs: its name digests the lock, the source, the interpreter and the machine."""
    digest = hashlib.sha256()
    interpreter = (sysconfig.get_config_var("SOABI"), sys.version, os.path.realpath(sys.executable), platform.machine())
    digest.update(repr(interpreter).encode())
    for path in (_lock(source, lock), *_files(source)):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(source).as_posix()}\0{len(content)}\0".encode() + content)
    return state / "environments" / digest.hexdigest()[:20]


def _lock(source: Path, name: str) -> Path:
    return source / _LOCKS / f"{name}.txt"


def _files(source: Path) -> Iterator[Path]:
    for folder in _SOURCE:
        yield from sorted(path for path in (source / folder).rglob("*") if path.is_file() and path.parent.name != "__pycache__")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one job at a time work in a folder; the system lets go of the lock when a job dies."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(source: Path, home: Path, python: Path, *, lock: str, uv: Path) -> None:
    # the interpreter itself, or the environment would hang on the link that a tool or another environment calls it by
    _run([os.path.realpath(sys.executable), "-m", "venv", "--without-pip", "--symlinks"], [str(home)], folder=home.parent)
    _run(
        [str(uv), "pip", "sync", "--quiet", "--no-build", "--require-hashes", "--compile-bytecode"],
        [f"--python={python}", str(_lock(source, lock))],
        folder=home,  # or uv would obey a configuration that it finds in the workspace
    )
    packages = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(home)}))
    for origin, target in _SOURCE.items():
        shutil.copytree(source / origin, packages / target, ignore=shutil.ignore_patterns("__pycache__"))
    _run([str(python), "-m", "compileall", "-q"], [str(packages / "notewright")], folder=home)


def _find_uv(source: Path, state: Path) -> Path:
    """Return uv: the runner's own, else the one of locks/dev.txt, installed by pip with its hashes."""
    if found := shutil.which("uv"):
        return Path(found)
    requirement = _uv_requirement(_lock(source, "dev").read_text("utf-8"))
    home = state / "tools" / f"uv-{hashlib.sha256(requirement.encode()).hexdigest()[:20]}"
    uv = home / "bin" / "uv"
    if not uv.exists():
        _install_uv(requirement, home)
    return uv


def _install_uv(requirement: str, home: Path) -> None:
    scratch = home.with_suffix(".new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    (scratch / "uv.txt").write_text(requirement, "utf-8")
    _run(
        [str(_find_pip(scratch)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"],
        ["--only-binary=:all:", f"--target={scratch}", f"--requirement={scratch / 'uv.txt'}"],
        folder=scratch,
    )
    scratch.rename(home)


def _find_pip(scratch: Path) -> Path:
    """Return a Python that has pip: the one that runs, else one made beside it."""
    if importlib.util.find_spec("pip"):
        return Path(sys.executable)
    try:
        venv.create(scratch / "pip", symlinks=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise UsageError("this runner has neither uv nor pip", hint="install uv, or set Python up with actions/setup-python") from error
    return scratch / "pip" / "bin" / "python"


def _uv_requirement(lock: str) -> str:
    lines = lock.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    end = next((number for number in range(start + 1, len(lines)) if not lines[number].startswith(" ")), len(lines))
    return "\n".join(lines[start:end]) + "\n"


def _run(command: list[str], arguments: list[str], *, folder: Path) -> None:
    what = " ".join(Path(part).name for part in command[:3])
    try:
        done = subprocess.run(
            [*command, *arguments], cwd=folder, env=scrub(os.environ), capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise StorageError(f"{what} did not end within {_TIMEOUT_S:g} s", hint=_NETWORK) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise StorageError(f"{what} failed: {' '.join(said[-8:])[:1500]}", hint=_NETWORK)
