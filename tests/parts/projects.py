"""Repositories of other people's code: published sources, two versions of each as two commits."""

from __future__ import annotations

import os
from pathlib import Path

from tests.parts.repository import Repo

LANGUAGES = ("python", "javascript", "go")
_NAMED = os.environ.get("NOTEWRIGHT_SOURCES")  # looked up before the environment is cleaned
_CACHE = Path(os.environ.get("NOTEWRIGHT_CI_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notewright-ci")


def find_sources() -> Path | None:
    """Return the folder of NOTEWRIGHT_SOURCES, or what .ci/install-sources.sh left in the cache."""
    if _NAMED:
        return Path(_NAMED)
    return next((folder for folder in sorted(_CACHE.glob("sources-*")) if (folder / "go-2").is_dir()), None)


def make_project(sources: Path, language: str, path: Path) -> Repo:
    """Commit both versions of a project in a language."""
    repo = Repo(path)
    before: set[str] = set()
    for number in (1, 2):
        files = _read(sources / f"{language}-{number}")
        repo.commit(f"feat: version {number}", {**dict.fromkeys(before - files.keys()), **files})
        before = set(files)
    return repo


def _read(folder: Path) -> dict[str, str | bytes | None]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
