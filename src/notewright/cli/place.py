"""The folder that a command is about."""

from __future__ import annotations

from pathlib import Path


def find_root(directory: Path) -> Path:
    """Return the repository's root, or the folder itself where there is no repository: a configuration can be used anywhere."""
    from notewright.adapters.repository import open_repository
    from notewright.errors import RepositoryError

    try:
        return open_repository(directory).root
    except RepositoryError:
        return directory
