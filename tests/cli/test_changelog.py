"""`notewright changelog`, as people and programs see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from notewright.changelog.codec import read_section
from notewright.history.metadata import Metadata, PullRequest, metadata_json
from tests.parts.command import run_command
from tests.parts.repository import Repo


@pytest.fixture
def app(repo: Repo) -> Repo:
    """A project with one release and six commits after it."""
    repo.commit("feat: start")
    repo.tag("v1.0.0", annotated=True)
    repo.commit("feat(auth): add passkey login (#412)", author="Grace Hopper <grace@example.org>")
    repo.branch("topic")
    repo.commit("fix: handle an empty file")
    repo.branch("main")
    repo.merge("topic", "Merge pull request #413 from ada/topic")
    repo.commit("chore: tidy a very long subject that does not fit into its column")
    repo.commit("Improve startup")
    repo.commit("chore(release): 1.1.0\n\nNotewright-Release: 1.1.0")
    return repo


def short(repo: Repo, revision: str) -> str:
    return repo.sha(revision)[:7]


def test_the_section_of_what_is_unreleased_is_printed(app: Repo) -> None:
    done = run_command("changelog", cwd=app.path)
    assert (done.code, done.err) == (0, "")
    assert done.out.decode() == (
        "## Unreleased\n\n"
        f"### Features\n\n- **auth:** add passkey login (#412, {short(app, 'HEAD~4')})\n\n"
        f"### Fixes\n\n- handle an empty file (#413, {short(app, 'topic')})\n\n"
        f"### Other changes\n\n- Improve startup ({short(app, 'HEAD~1')})\n"
    )


def test_a_full_changelog_is_a_document(app: Repo) -> None:
    text = run_command("changelog", "--full", "--version", "1.1.0", cwd=app.path).out.decode()
    assert text.startswith("# Changelog\n\nAll notable changes to this project are documented in this file.\n\n## 1.1.0 - 2026-01-01\n\n")
    assert text.endswith(f"\n\n## 1.0.0 - 2026-01-01\n\n### Features\n\n- start ({short(app, 'v1.0.0')})\n")


def test_json_is_one_line_with_a_section_and_a_ledger_for_each_release(app: Repo) -> None:
    done = run_command("changelog", "--full", "--format", "json", cwd=app.path)
    assert done.out.endswith(b"\n")
    assert done.out.count(b"\n") == 1
    values = json.loads(done.out)
    assert (values["schema"], [release["version"] for release in values["releases"]]) == (1, [None, "1.0.0"])
    unreleased = values["releases"][0]
    assert unreleased["totals"] == {"commits": 6, "shown": 3, "folded": 1, "hidden": 2}
    assert unreleased["contributors"] == [
        {"name": "Ada Lovelace", "commits": 4, "new": False},
        {"name": "Grace Hopper", "commits": 1, "new": False},
    ]
    assert set(unreleased["ledger"][0]) >= {"sha", "outcome", "entries", "rule"}
    assert unreleased["ledger"][1]["entries"] == [unreleased["groups"][2]["entries"][0]["id"]]
    section = read_section(json.dumps({"schema": 1, **unreleased}).encode())
    assert [entry.authors for entry in section.entries()] == [("Grace Hopper",), ("Ada Lovelace",), ("Ada Lovelace",)]


def test_metadata_adds_links_pull_requests_and_newcomers(app: Repo) -> None:
    pull = PullRequest(413, "Handle an empty file", "ada", ("bug",), (app.sha("topic"),))
    metadata = Metadata("acme/app", "https://github.com/acme/app", "main", (pull,), (), frozenset({"Grace Hopper"}))
    (app.path / "metadata.json").write_bytes(metadata_json(metadata))
    text = run_command("changelog", "--metadata", "metadata.json", cwd=app.path).out.decode()
    assert (
        "- handle an empty file ([#413](https://github.com/acme/app/issues/413), "
        f"[{short(app, 'topic')}](https://github.com/acme/app/commit/{app.sha('topic')}))\n" in text
    )
    values = json.loads(run_command("changelog", "--metadata", "metadata.json", "--format", "json", cwd=app.path).out)
    assert [one["name"] for one in values["releases"][0]["contributors"] if one["new"]] == ["Grace Hopper"]


def test_the_configuration_is_obeyed(app: Repo, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        "changelog:\n  types: {fix: Mended}\n  hidden: [feat]\n  unconventional: hide\n  tag: 'release-{version}'\n"
        "  repository_url: https://github.com/acme/app\n"
    )
    text = run_command("changelog", "--config", tmp_path / "other.yaml", cwd=app.path).out.decode()
    assert [line for line in text.splitlines() if line.startswith("#")] == ["## Unreleased", "### Mended", "### Other changes"]
    assert "https://github.com/acme/app/commit/" in text


@pytest.mark.parametrize(
    ("arguments", "code", "told", "hint"),
    [
        pytest.param(
            ["--full", "--from", "v1.0.0"], 2, "--full and --from exclude each other",
            "leave one out; changelog.since cuts older history off", id="full and from",
        ),
        pytest.param(["--all-lines"], 2, "--all-lines goes with --full", "add --full", id="all lines alone"),
        pytest.param(
            ["--metadata", "none.json"], 4, "there is no metadata at none.json", "write it with `notewright release collect`", id="no metadata",  # noqa: E501  # a message, whole
        ),
        pytest.param(
            ["--metadata", "notes.txt"], 4, "the metadata cannot be read: it is not JSON: line 1, column 1",
            "write it anew with `notewright release collect`", id="no JSON",
        ),
        pytest.param(
            ["--config", "none.yaml"], 3, "there is no configuration at none.yaml", "write one with `notewright init`",
            id="no configuration",
        ),
        pytest.param(
            ["--version", "1.0.0"], 2, "1.0.0 is released already, by the tag v1.0.0", "ask for a version that has no tag yet",
            id="a version that is there",
        ),
        pytest.param(
            ["--write", "../out.md"], 2, "../out.md leads out of {repo}", "name a path inside the repository, without links out of it",
            id="a path outside",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_with_what_to_do(arguments: list[str], code: int, told: str, hint: str, app: Repo) -> None:
    (app.path / "notes.txt").write_text("x")
    done = run_command("changelog", *arguments, cwd=app.path)
    assert (done.code, done.out) == (code, b"")
    assert done.err == f"error: {told.format(repo=app.path.resolve())}\n  hint: {hint}\n"


def test_an_orphaned_branch_has_no_commits_yet(app: Repo) -> None:
    app.git("switch", "--quiet", "--orphan", "empty")
    done = run_command("changelog", cwd=app.path)
    assert (done.code, done.err) == (4, f"error: {app.path} has no commits yet\n  hint: commit something first\n")
    assert run_command("changelog", "--to", "main", cwd=app.path).code == 0


def test_a_repository_elsewhere_is_named_by_an_option(app: Repo, tmp_path: Path) -> None:
    here = run_command("changelog", cwd=app.path)
    assert run_command("changelog", "--repo", app.path, cwd=tmp_path) == here
