from __future__ import annotations

from pathlib import Path

import pytest

from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo
from tests.release.site import Site


@pytest.fixture
def site(github: FakeGitHub, git_server: GitServer, tmp_path: Path) -> Site:
    """A project with the release v0.1.0 and a feature, a fix and a chore after it."""
    work = Repo.clone(git_server.url_of("acme/app"), tmp_path / "work")
    made = Site(work, github, git_server, tmp_path / "proposal")
    made.tag("v0.1.0")
    made.push("feat(auth): add passkey login (#12)", {"auth.py": "1\n"}, author="Grace Hopper <grace@example.org>")
    made.push("fix: handle an empty file", {"app.py": "2\n"})
    made.push("chore: tidy", {"app.py": "3\n"})
    return made
