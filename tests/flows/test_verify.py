"""Verify: what decides about a release is what was committed."""

from __future__ import annotations

import pytest

from notewright.adapters.overrides import OVERRIDES
from notewright.adapters.repository import open_repository
from notewright.config.config import Config
from notewright.errors import CheckFailed
from notewright.flows.verify import check_committed
from tests.parts.repository import Repo


def test_overrides_that_are_not_the_committed_ones_are_refused(repo: Repo) -> None:
    repo.commit("feat: one", {OVERRIDES: "[]\n"})
    repository = open_repository(repo.path)
    check_committed(repository, Config())
    (repo.path / OVERRIDES).write_text("# other\n[]\n")
    with pytest.raises(CheckFailed, match=rf"{OVERRIDES} here is not the one in commit"):
        check_committed(repository, Config())
    (repo.path / OVERRIDES).unlink()
    with pytest.raises(CheckFailed, match=rf"{OVERRIDES} here is not the one in commit"):
        check_committed(repository, Config())
