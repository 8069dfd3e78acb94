"""What stage 2 is told besides commits, in the steps of the action: components, overrides in git notes, and the layout."""

from __future__ import annotations

import pytest

from notewright.adapters.overrides import NOTES
from tests.action.stage import Ran, Stage
from tests.parts.plumbing import run_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_WRITE

CONFIG = """\
changelog:
  components:
    - {name: core, path: packages/core}
    - {name: app, path: packages/app, depends: [core]}
"""


def release(stage: Stage, **inputs: str) -> tuple[Ran, Ran, Ran]:
    """Run the three steps, each of which must go well."""
    steps = (stage.run("collect", token=TOKEN_WRITE, **inputs), stage.run("prepare", **inputs),
             stage.run("propose", token=TOKEN_WRITE, **inputs))  # fmt: skip
    assert [step.code for step in steps] == [0, 0, 0], [step.log for step in steps]
    return steps


@pytest.fixture
def parts(stage: Stage) -> Stage:
    """A repository of two components, of which one had a release."""
    stage.push("chore: begin with two parts", {"notewright.yaml": CONFIG, "packages/app/a": "1\n"})
    stage.tag("core-v1.0.0")
    stage.push("feat: parse twice as fast", {"packages/core/parse.py": "1\n"})
    return stage


def test_a_component_has_outputs_and_a_pull_request_of_its_own(parts: Stage) -> None:
    for name, version, previous in (("core", "1.1.0", "core-v1.0.0"), ("app", "0.1.0", "")):
        _, prepare, propose = release(parts, component=name)
        assert (prepare.outputs["version"], prepare.outputs["previous-version"]) == (version, previous)
        assert propose.outputs["pull-request-operation"] == "created"
    assert [pull.head_ref for pull in parts.github.pulls()] == ["notewright/release-core", "notewright/release-app"]
    assert "chore(release): app 0.1.0" in [pull.title for pull in parts.github.pulls()]


def test_a_component_s_changelog_is_written_where_it_belongs(parts: Stage) -> None:
    ran = parts.run("prepare", command="changelog", component="core", version="1.1.0")
    assert ran.code == 0, ran.log
    assert "parse twice as fast" in (parts.work.path / "packages/core/CHANGELOG.md").read_text()
    assert not (parts.work.path / "CHANGELOG.md").exists()


def test_a_component_that_is_none_is_told_with_the_nearest(parts: Stage) -> None:
    ran = parts.run("prepare", component="cor")
    assert ran.code == 3
    assert "did you mean core?" in ran.errors[0]


def test_notes_on_the_server_are_fetched_and_count(stage: Stage) -> None:
    other = Repo.clone(stage.git_server.url_of("acme/app"), stage.home / "other")
    other.git("notes", f"--ref={NOTES}", "add", "-m", "reword: sign in with a passkey\nwhy: shorter", "HEAD~2")
    stage.git_server.push(other, f"{NOTES}:{NOTES}")
    collect, *_ = release(stage)
    assert f"{NOTES} fetched" in collect.log
    (pull,) = stage.github.pulls()
    assert "sign in with a passkey" in (pull.body or "")
    run_git(stage.git_server.path_of("acme/app"), "update-ref", "-d", NOTES)
    collect, *_ = release(stage)
    assert f"{NOTES} fetched" not in collect.log
    assert "sign in with a passkey" not in (stage.github.pull(pull.number).body or ""), "what is gone there is gone here"


def test_the_changelog_has_the_configured_layout(stage: Stage) -> None:
    template = "## {{ version }}\n\n{% for group in groups %}\n* {{ group.title }}\n{% endfor %}\n"
    stage.push("chore: our layout", {"notewright.yaml": "changelog: {template: own.md.j2}\n", "own.md.j2": template})
    ran = stage.run("prepare", command="changelog", version="0.2.0")
    assert ran.code == 0, ran.log
    assert "## 0.2.0\n\n* Features\n* Fixes\n" in (stage.work.path / "CHANGELOG.md").read_text()
