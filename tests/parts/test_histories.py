"""Recorded histories become repositories, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts.histories import HistoryMissing, replay_history
from tests.parts.plumbing import read_git


def test_a_recorded_history_is_a_whole_repository_built_once(recorded: Callable[[str], Path]) -> None:
    path = recorded("git-cliff")
    assert int(read_git(path, "rev-list", "--count", "--all")) > 1500
    assert "v2.0.0" in read_git(path, "tag").splitlines()
    built_at = path.stat().st_mtime_ns
    assert recorded("git-cliff").stat().st_mtime_ns == built_at


def test_a_missing_recording_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(HistoryMissing, match="tools/replay-history is missing"):
        replay_history("flask", cache=tmp_path, shared=tmp_path / "nowhere")
