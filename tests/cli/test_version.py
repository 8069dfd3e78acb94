"""`notewright version`: the version on stdout, the reason on stderr."""

from __future__ import annotations

import json

import pytest

from tests.parts.command import run_command
from tests.parts.repository import Repo


@pytest.mark.parametrize(
    ("tag", "messages", "out", "told"),
    [
        pytest.param(None, ["chore: a"], "", "nothing to release yet\n", id="nothing yet"),
        pytest.param(None, ["feat: a"], "0.1.0\n", "after no release, first release\n", id="the first"),
        pytest.param("v1.2.3", [], "1.2.3\n", "nothing to release since v1.2.3\n", id="nothing since"),
        pytest.param("v1.2.3", ["fix: a", "feat: b"], "1.3.0\n", "after 1.2.3, minor: feat: b ({sha})\n", id="a feature"),
        pytest.param("1.2.3", ["feat!: a"], "2.0.0\n", "after 1.2.3, major: feat!: a ({sha})\n", id="a break"),
        pytest.param("v0.2.3", ["feat!: a"], "0.3.0\n", "after 0.2.3, minor: feat!: a ({sha})\n", id="a break before 1.0"),
    ],
)
def test_the_version_and_its_reason(tag: str | None, messages: list[str], out: str, told: str, repo: Repo) -> None:
    repo.commit("chore: start")
    if tag:
        repo.tag(tag)
    for message in messages:
        repo.commit(message)
    done = run_command("version", cwd=repo.path)
    assert (done.code, done.out.decode(), done.err) == (0, out, told.format(sha=repo.sha()[:7]))


def test_json_says_the_same(repo: Repo) -> None:
    repo.commit("feat: a")
    repo.tag("v1.0.0")
    nothing = json.loads(run_command("version", "--format", "json", cwd=repo.path).out)
    assert nothing == {"version": None, "tag": None, "previous": "v1.0.0", "level": None, "reason": "nothing to release", "commit": None}
    sha = repo.commit("fix: b")
    done = run_command("version", "--format", "json", cwd=repo.path)
    assert done.err == ""
    assert json.loads(done.out) == {
        "version": "1.0.1",
        "tag": "v1.0.1",
        "previous": "v1.0.0",
        "level": "patch",
        "commit": sha,
        "reason": f"patch: fix: b ({sha[:7]})",
    }
