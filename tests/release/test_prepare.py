from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.control import Cancel, Event, Warned
from notewright.errors import Cancelled, CheckFailed, ConfigError, RepositoryError, UsageError
from notewright.flows.prepare import prepare_release
from notewright.llm.door import open_engine
from notewright.llm.settings import EngineSettings
from notewright.review.proposal import read_proposal
from tests.parts.repository import Repo
from tests.release.site import Site


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_folder_holds_the_whole_proposal_and_its_digests(site: Site) -> None:
    site.config = replace(site.config, notes=replace(site.config.notes, audiences=("developer", "customer", "executive")))
    site.prepare(metadata=site.collect())
    files = files_of(site.output)
    notes = {f"notes/{name}.{kind}" for name in ("customer", "developer", "executive") for kind in ("json", "md")}
    assert set(files) == notes | {
        *("section.json", "section.md", "ledger.json", "CHANGELOG.md", "metadata.json", "proposal.json"),
        *("usage.json", "body.md", "audit.html", ".gitignore"),
    }
    proposal = read_proposal(files["proposal.json"])
    assert {file.name for file in (*proposal.files, *proposal.views)} == set(files) - {".gitignore", "proposal.json"}
    assert (proposal.version, proposal.tag, proposal.base.name, proposal.base.commit) == ("0.2.0", "v0.2.0", "main", site.work.sha())


def test_the_same_history_gives_the_same_bytes(site: Site) -> None:
    site.prepare()
    first = files_of(site.output)
    (site.work.path / "app.py").write_text("edited\n")
    site.work.git("config", "user.name", "Somebody Else")
    site.prepare()
    assert files_of(site.output) == first


def test_neither_a_token_nor_a_network_is_needed(site: Site) -> None:
    calls = len(site.git_server.calls)
    site.prepare()
    assert site.github.calls == []
    assert len(site.git_server.calls) == calls


def test_nothing_that_shows_is_a_proposal_of_nothing(site: Site) -> None:
    site.tag("v0.2.0")
    site.push("chore: tidy again")
    prepared = site.prepare()
    assert prepared.proposal.version is None
    assert sorted(files_of(site.output)) == [".gitignore", "ledger.json", "proposal.json", "section.json"]
    assert len(json.loads((site.output / "ledger.json").read_bytes())["ledger"]) == 1


def test_a_failure_leaves_the_older_proposal_as_it_was(site: Site) -> None:
    site.prepare()
    before = files_of(site.output)
    with pytest.raises(UsageError):
        site.prepare(version="not a version")
    assert files_of(site.output) == before


def test_a_cancelled_run_leaves_the_older_proposal_as_it_was(site: Site) -> None:
    site.prepare()
    before = files_of(site.output)
    site.push("feat: more")
    cancel = Cancel()

    def stop_at_notes(event: Event) -> None:
        if getattr(event, "step", "") == "notes":
            cancel.request()

    with pytest.raises(Cancelled):
        prepare_release(
            site.repository, site.config, output=site.output, access=site.access(), metadata=None, version=None,
            audiences=[site.prompts().audience("developer")], opened=open_engine("none", settings=EngineSettings()),
            report=stop_at_notes, cancel=cancel,
        )  # fmt: skip
    assert files_of(site.output) == before


def test_a_model_that_fails_costs_only_its_own_sentences(site: Site, tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"match": "", "error": "the model died"}) + "\n")
    prepared = site.prepare(engine=f"scripted:{script}")
    assert {sentence.status for sentence in prepared.notes[0].sentences} == {"fallback"}
    assert site.propose().operation == "created"
    assert "the model's own did not stand (engine): written by rule" in (site.github.pull(1).body or "")


def test_notes_of_a_model_are_proposed_with_who_wrote_them(site: Site, tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    reply = [{"cites": [1], "text": "You can now sign in with a passkey."}, {"cites": [2], "text": "Handles 17 empty files."}]
    script.write_text(json.dumps({"match": "", "reply": reply}) + "\n")
    site.run(engine=f"scripted:{script}")
    body = site.github.pull(1).body or ""
    assert "**2 supported**: 1 as the model wrote them · 1 by rule" in body
    assert "script.jsonl (scripted), prompts `developer@" in body
    assert "17 empty" not in body.partition("**Evidence**")[0].partition("Worth your eyes")[2].partition("<details>")[2]
    writes = site.writes()
    assert site.run(engine=f"scripted:{script}").operation == "unchanged", "what a call costs differs from run to run"
    assert site.writes() == writes


def test_metadata_of_another_repository_is_refused(site: Site) -> None:
    other = site.collect().replace(b"acme/app", b"evil/app")
    with pytest.raises(CheckFailed, match="the metadata is about"):
        site.prepare(metadata=other)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema": 9}', b"\xff"])
def test_metadata_that_is_none_is_refused(site: Site, content: bytes) -> None:
    with pytest.raises(RepositoryError, match="metadata") as caught:
        site.prepare(metadata=content)
    assert "release collect" in (caught.value.hint or "")


@pytest.mark.parametrize("base", ["a..b", "$(touch x)", "main:refs/heads/x"])
def test_a_base_that_no_branch_can_be_is_refused_before_anything_is_made(site: Site, base: str) -> None:
    site.config = replace(site.config, release=replace(site.config.release, base=base))
    with pytest.raises(ConfigError, match=r"release\.base .* is no name for a branch"):
        site.prepare()


@pytest.mark.parametrize(
    ("branch", "told"),
    [
        pytest.param("main", "the branch released from", id="the base itself"),
        pytest.param("a..b", "no name for a branch", id="no name"),
        pytest.param("x:refs/heads/main", "no name for a branch", id="a refspec"),
    ],
)
def test_a_release_branch_that_cannot_be_is_a_matter_of_configuration(site: Site, branch: str, told: str) -> None:
    site.config = replace(site.config, release=replace(site.config.release, branch=branch))
    with pytest.raises(ConfigError, match=told):
        site.prepare()


@pytest.mark.case(26)
def test_a_changelog_that_is_a_link_is_not_followed(site: Site, tmp_path: Path) -> None:
    (tmp_path / "target.md").write_text("precious")
    (site.work.path / "CHANGELOG.md").symlink_to(tmp_path / "target.md")
    site.work.git("add", "CHANGELOG.md")
    site.push("docs: a link")
    with pytest.raises(RepositoryError, match=r"CHANGELOG\.md is no file"):
        site.prepare()
    assert (tmp_path / "target.md").read_text() == "precious"


@pytest.mark.parametrize("name", ["../CHANGELOG.md", "/etc/passwd", ".git/config"])
def test_a_changelog_out_of_the_tree_is_refused(site: Site, name: str) -> None:
    site.config = replace(site.config, changelog=replace(site.config.changelog, file=name))
    with pytest.raises(UsageError, match="leads out"):
        site.prepare()


def test_a_section_that_a_person_wrote_stays_and_is_told(site: Site) -> None:
    site.push("docs: my own words", {"CHANGELOG.md": "# Changelog\n\n## 0.2.0\n\nMy own words.\n"})
    told: list[Event] = []
    site.report = told.append
    prepared = site.prepare()
    assert prepared.draft.edited == ("0.2.0",)
    assert "My own words." in (site.output / "CHANGELOG.md").read_text()
    assert [event.message for event in told if isinstance(event, Warned)] == [
        "the section 0.2.0 of CHANGELOG.md was edited by a person and stays as it is"
    ]
    assert site.propose().operation == "created"


def test_on_no_branch_the_base_must_be_named(site: Site) -> None:
    site.work.git("switch", "--quiet", "--detach")
    site.work.git("remote", "set-head", "origin", "--delete")
    with pytest.raises(RepositoryError, match="no branch is checked out") as caught:
        site.prepare()
    assert "release.base" in (caught.value.hint or "")
    site.config = replace(site.config, release=replace(site.config.release, base="main"))
    assert site.prepare().proposal.base.name == "main"


def test_a_checkout_of_a_commit_takes_the_server_s_first_branch(site: Site) -> None:
    site.work.git("switch", "--quiet", "--detach")
    site.work.git("remote", "set-head", "origin", "main")
    assert site.prepare().proposal.base.name == "main"


def test_a_repository_without_commits_is_one_clear_error(site: Site, tmp_path: Path) -> None:
    site.work = Repo(tmp_path / "empty")
    with pytest.raises(RepositoryError, match="no commits yet"):
        site.prepare()


def test_a_first_release_takes_the_initial_version(site: Site) -> None:
    site.work.git("tag", "--delete", "v0.1.0")
    prepared = site.prepare()
    assert (prepared.proposal.version, prepared.proposal.start) == ("0.1.0", None)
    assert "0.1.0, the first release" in (site.output / "body.md").read_text()
