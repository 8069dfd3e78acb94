from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner_setup.machine import Bare, Overlay, overlay_refusal, write_archive


@pytest.fixture
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    """This machine, with every change caught."""
    if refusal := overlay_refusal():
        pytest.skip(refusal)
    return Overlay(tmp_path_factory.mktemp("overlay"))


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    """A machine with what every system has, and no more."""
    return Bare(tmp_path / "bare")


@pytest.fixture
def runner(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Options that take the runner from a file, whose digest is right."""
    archive = tmp_path_factory.mktemp("with a space") / "runner.tar.gz"
    return ("--runner-archive", str(archive), "--runner-version", "9.9.9", "--runner-sha256", write_archive(archive))


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let one test at a time set a machine up: the scripts look for a job among all processes of this one, those of other tests too."""
    base = tmp_path_factory.getbasetemp()
    with ((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "runner-setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
