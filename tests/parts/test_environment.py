"""Tests see nothing of the machine they run on."""

from __future__ import annotations

import os
from pathlib import Path


def test_no_token_or_setting_of_the_machine_is_visible() -> None:
    assert [name for name in os.environ if name.startswith(("GITHUB_", "ACTIONS_", "NOTEWRIGHT_", "GIT_"))] == []


def test_home_and_its_folders_are_empty_and_the_tests_own() -> None:
    assert list(Path.home().iterdir()) == []
    assert Path(os.environ["XDG_CACHE_HOME"]).parent == Path.home()
