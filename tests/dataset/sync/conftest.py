"""Fixtures of clones: a folder of them, and what brings one source up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from notewright.adapters.dataset.clones import Clone, Clones
from notewright.adapters.dataset.watched import Limits
from notewright.control import Cancel
from notewright.dataset.sources import Source


class Update(Protocol):
    """Brings one source up to date, as a run of its own."""

    def __call__(
        self,
        url: str | Path,
        ref: str | None = None,
        *,
        token: tuple[str, str] | None = None,
        limits: Limits | None = None,
        cancel: Cancel | None = None,
    ) -> Clone:
        """Return the clone."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of clones, which is not there yet."""
    return tmp_path / "state" / "clones"


@pytest.fixture
def update(folder: Path, tmp_path: Path) -> Update:
    """Bring a source up to date in `folder`."""

    def run(
        url: str | Path,
        ref: str | None = None,
        *,
        token: tuple[str, str] | None = None,
        limits: Limits | None = None,
        cancel: Cancel | None = None,
    ) -> Clone:
        clones = Clones(folder, base=tmp_path, login=token, limits=limits)
        with clones.held():
            return clones.update(Source(str(url), ref), cancel=cancel or Cancel())

    return run
