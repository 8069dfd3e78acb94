"""The programs of .ci/install-scanners.sh."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.house.architecture import ROOT


def _find() -> Path | None:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notewright-ci"
    found = Path(os.environ.get("NOTEWRIGHT_CI_CACHE") or cache).glob("scanners-*/whole")
    return max((mark.parent / "bin" for mark in found), key=lambda path: path.stat().st_mtime, default=None)


_PROGRAMS = _find()  # looked up before the environment is cleaned


def scan(program: str, *arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run one of them over files; skip the test where it is not installed."""
    if _PROGRAMS is None:
        pytest.skip("there are no scanners: .ci/install-scanners.sh installs them")
    environment = {**os.environ, "PATH": f"{_PROGRAMS}:{os.environ['PATH']}"}
    command = [str(_PROGRAMS / program), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=180, check=False)
