"""The recorded histories of real projects, replayed as git repositories."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HISTORIES = ("git-cliff", "flask", "poetry", "vue-core", "angular-cli")
_ROOT = Path(__file__).resolve().parents[2]


class HistoryMissing(Exception):
    """The recordings are not on this machine; the message says where they were looked for."""


def replay_history(name: str, *, cache: Path, shared: Path) -> Path:
    """Return the repository of the recorded history `name`, built once in `cache` by whichever process comes first.

    Callers must not write to it. Raises `HistoryMissing`.
    """
    target = cache / name
    if target.is_dir():
        return target
    tool, recording = _sources(name, shared)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f".{name}-") as scratch:
        built = Path(scratch) / name
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "LC_ALL": "C"}
        subprocess.run([sys.executable, str(tool), str(recording), str(built)], env=environment, check=True, timeout=600)
        try:
            built.rename(target)
        except OSError:  # another process was faster: its copy is the same
            assert target.is_dir()
    return target


def shared_folder() -> Path:
    """Return where the recordings are looked for: $NOTEWRIGHT_SHARED, else `shared` beside the checkout."""
    return Path(os.environ.get("NOTEWRIGHT_SHARED") or _ROOT.parent / "shared")


def _sources(name: str, shared: Path) -> tuple[Path, Path]:
    found = (shared / "tools" / "replay-history", shared / "data" / "history" / f"{name}.jsonl.gz")
    for path in found:
        if not path.is_file():
            raise HistoryMissing(f"no recorded history: {path} is missing (set NOTEWRIGHT_SHARED to the folder that has it)")
    return found
