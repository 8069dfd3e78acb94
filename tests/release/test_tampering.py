"""What an attacker, or an accident, tries between prepare and propose."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notewright.control import Cancel
from notewright.errors import CheckFailed, UsageError
from notewright.flows.draft import draft_release
from notewright.notes.document import read_notes
from notewright.rendering.canonical import canonical_json, digest
from notewright.review.folder import Told, build_folder
from notewright.review.proposal import read_proposal
from tests.release.site import Site

VIEWS = ("usage.json", "body.md", "audit.html")
SCRIPT = [{"cites": [1], "text": "You can now sign in with a passkey."}, {"cites": [2], "text": "Fixed: handle an empty file."}]


@pytest.fixture
def prepared(site: Site) -> Site:
    site.prepare(metadata=site.collect())
    return site


@pytest.fixture
def modelled(site: Site, tmp_path: Path) -> Site:
    """A proposal whose notes a model wrote."""
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"match": "", "reply": SCRIPT}) + "\n")
    notes = site.prepare(metadata=site.collect(), engine=f"scripted:{script}").notes
    assert {sentence.status for sentence in notes[0].sentences} >= {"model"}
    return site


def forge(site: Site) -> None:
    """Make every digest of the manifest right again, as an attacker does."""
    path = site.output / "proposal.json"
    manifest = json.loads(path.read_bytes())
    for files in (manifest["files"], manifest["views"]):
        for file in files:
            file["digest"] = digest((site.output / file["name"]).read_bytes())
    path.write_bytes(canonical_json(manifest))


def edit_json(site: Site, name: str, change: Callable[[Any], object]) -> None:
    value = json.loads((site.output / name).read_bytes())
    change(value)
    (site.output / name).write_bytes(canonical_json(value))


def refused(site: Site, told: str) -> None:
    writes = site.writes()
    with pytest.raises((CheckFailed, UsageError), match=told) as caught:
        site.propose()
    assert caught.value.hint
    assert site.writes() == writes
    assert site.branch() is None
    assert site.github.pulls() == []


FILES = ("section.json", "section.md", "ledger.json", "CHANGELOG.md", "metadata.json", "notes/developer.md", "notes/developer.json", *VIEWS)


@pytest.mark.parametrize("name", FILES)
def test_a_file_whose_bytes_changed_is_refused(prepared: Site, name: str) -> None:
    path = prepared.output / name
    path.write_bytes(path.read_bytes() + b"\n")
    refused(prepared, f"{name} is not the file that was prepared")


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_is_refused(prepared: Site, name: str) -> None:
    (prepared.output / name).unlink()
    refused(prepared, f"{name} is missing")


@pytest.mark.parametrize(
    "name", ["section.json", "section.md", "ledger.json", "CHANGELOG.md", "notes/developer.md", "body.md", "audit.html"]
)
def test_a_changed_file_with_forged_digests_is_refused_by_its_name(prepared: Site, name: str) -> None:
    path = prepared.output / name
    path.write_bytes(path.read_bytes().replace(b"passkey", b"backdoor"))
    forge(prepared)
    refused(prepared, f"{name} is not ")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda v: v.update(version="9.9.9"), "version", id="version"),
        pytest.param(lambda v: v.update(requested_version="9.9.9"), "version", id="version asked for"),
        pytest.param(lambda v: v.update(tag="v9.9.9"), "tag", id="tag"),
        pytest.param(lambda v: v.update(branch="main"), "branch", id="branch"),
        pytest.param(lambda v: v.update(repository="https://github.com/evil/app"), "is for https://github.com/evil/app", id="repository"),
        pytest.param(lambda v: v["base"].update(name="gh-pages"), "body.md|audit.html", id="base"),
        pytest.param(lambda v: v["base"].update(commit="0" * 40), "was prepared at 0000000", id="base commit"),
        pytest.param(lambda v: v.update(start=None), "start", id="start"),
        pytest.param(lambda v: v.update(end="0" * 40), "end", id="end"),
        pytest.param(lambda v: v.update(date="1999-01-01"), "date", id="date"),
        pytest.param(lambda v: v.update(tags=[]), "tags", id="tags"),
        pytest.param(lambda v: v["rules"].update(hidden=["fix"]), "rules", id="rules"),
        pytest.param(lambda v: v.update(since="HEAD~1"), "since", id="since"),
        pytest.param(lambda v: v.update(changelog_file=".github/workflows/x.yml"), "changelog_file", id="changelog file"),
        pytest.param(lambda v: v.update(metadata=None), "metadata", id="metadata"),
        pytest.param(lambda v: v.update(tool="9.9.9"), "tool", id="tool"),
        pytest.param(lambda v: v["prompts"][0].update(digest="sha256:" + "0" * 64), "prompt of developer", id="prompt"),
        pytest.param(lambda v: v["prompts"].append(v["prompts"][0]), "prompts", id="a prompt twice"),
        pytest.param(lambda v: v.update(prompts=[]), "notes/developer.json is not", id="no prompts"),
        pytest.param(lambda v: v.update(files=v["files"][1:]), "CHANGELOG.md is not", id="a file unlisted"),
        pytest.param(lambda v: v["files"].append({"name": "x.sh", "digest": "sha256:" + "0" * 64}), "x.sh is missing", id="one too many"),
    ],
)  # fmt: skip
def test_a_manifest_that_says_something_else_is_refused(prepared: Site, change: Callable[[Any], object], told: str) -> None:
    edit_json(prepared, "proposal.json", change)
    refused(prepared, told)


def rebuild(site: Site, change: Callable[[Any], Any]) -> None:
    """Change the notes and make every other file follow from that, as an attacker with our own code does."""
    prepared = read_proposal((site.output / "proposal.json").read_bytes())
    metadata, url = (site.output / "metadata.json").read_bytes(), site.access().url
    draft = draft_release(
        site.repository, site.config, base="main", url=url, metadata=metadata, version=None, report=site.report, cancel=Cancel()
    )
    notes = change(read_notes((site.output / "notes/developer.json").read_bytes()))
    proposal = replace(draft.proposal, prompts=prepared.prompts, model=prepared.model)
    told = (Told(notes, site.prompts().audience("developer").policy),)
    for name, content in build_folder(draft.sources(proposal, told=told, usage=(site.output / "usage.json").read_bytes())).items():
        (site.output / name).write_bytes(content)


def with_sentence(position: int, **fields: object) -> Callable[[Any], Any]:
    def change(notes: Any) -> Any:  # noqa: ANN401  # notes with anything in them
        sentences = list(notes.sentences)
        sentences[position] = replace(sentences[position], **fields)
        return replace(notes, sentences=tuple(sentences))

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(with_sentence(0, text="Sign-in is 40 times faster."), "sentence 1: .*40", id="a number nobody wrote"),
        pytest.param(with_sentence(0, text="See https://evil.example.org for more."), "sentence 1", id="a link"),
        pytest.param(with_sentence(0, cites=("c-00000000",)), "sentence 1: known-ids", id="an entry that is none"),
        pytest.param(with_sentence(0, cites=()), "sentence 1: cites", id="nothing cited"),
        pytest.param(with_sentence(0, status="human", text="Anything goes."), "nobody edits notes before", id="called a person's"),
        pytest.param(with_sentence(0, status="fallback", text="Sign in."), "no rule makes it", id="called a rule's"),
        pytest.param(lambda notes: replace(notes, audience="executive"), "developer.json is not among the files", id="another audience's"),
        pytest.param(lambda notes: replace(notes, version="9.9.9"), "notes of 9.9.9", id="another version's"),
    ],
)
def test_forged_notes_of_a_model_are_checked_sentence_by_sentence(modelled: Site, change: Callable[[Any], Any], told: str) -> None:
    rebuild(modelled, lambda notes: notes)
    assert modelled.propose().operation == "created", "what is only rebuilt stands"
    modelled.github.edit(1, state="closed")
    modelled.work.git("push", "--quiet", str(modelled.git_server.path_of("acme/app")), ":notewright/release")
    modelled.github.hub.pulls.clear()
    rebuild(modelled, change)
    refused(modelled, told)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(with_sentence(0, text="You can now use passkeys."), id="other words"),
        pytest.param(lambda notes: replace(notes, sentences=notes.sentences[::-1]), id="another order"),
        pytest.param(lambda notes: replace(notes, sentences=notes.sentences[1:]), id="a sentence less"),
        pytest.param(with_sentence(0, status="model"), id="called a model's"),
        pytest.param(with_sentence(0, rule="number"), id="with a reason"),
    ],
)
def test_without_a_model_notes_are_exactly_what_rules_make(prepared: Site, change: Callable[[Any], Any]) -> None:
    rebuild(prepared, change)
    refused(prepared, "not what rules make")


def test_metadata_of_another_repository_is_refused(prepared: Site) -> None:
    edit_json(prepared, "metadata.json", lambda value: value.update(url="https://github.com/evil/app"))
    forge(prepared)
    edit_json(prepared, "proposal.json", lambda value: value.update(metadata=digest((prepared.output / "metadata.json").read_bytes())))
    refused(prepared, "the metadata is about https://github.com/evil/app")


def test_other_metadata_needs_other_files(prepared: Site) -> None:
    edit_json(prepared, "metadata.json", lambda value: value.update(newcomers=["Ada Lovelace"]))
    forge(prepared)
    edit_json(prepared, "proposal.json", lambda value: value.update(metadata=digest((prepared.output / "metadata.json").read_bytes())))
    refused(prepared, "is not ")


@pytest.mark.case(35)
def test_a_link_in_place_of_a_file_is_refused(prepared: Site, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes((prepared.output / "section.json").read_bytes())
    (prepared.output / "section.json").unlink()
    (prepared.output / "section.json").symlink_to(tmp_path / "elsewhere")
    refused(prepared, "is a link")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"null", b"x" * 100])
def test_a_file_that_is_no_manifest_is_refused(prepared: Site, content: bytes) -> None:
    (prepared.output / "proposal.json").write_bytes(content)
    refused(prepared, "proposal.json is not what prepare writes")


def test_a_folder_that_is_no_proposal_is_refused(site: Site) -> None:
    refused(site, "is no proposal")


def test_files_that_the_manifest_does_not_list_mean_nothing(prepared: Site) -> None:
    (prepared.output / "notes/executive.json").write_text("{}")
    (prepared.output / "run.sh").write_text("rm -rf /")
    assert prepared.propose().operation == "created"
    assert "run.sh" not in prepared.work.git("ls-tree", "-r", "--name-only", prepared.branch() or "")


def test_usage_only_says_what_it_cost(prepared: Site) -> None:
    edit_json(prepared, "usage.json", lambda value: value["totals"].update(prompt_tokens=-5))
    forge(prepared)
    refused(prepared, "usage.json is not what prepare writes")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("notewright.yaml", id="the configuration"),
        pytest.param(".notewright/prompts/notes/developer/prompt.yaml", id="a prompt"),
    ],
)
def test_what_decides_about_a_release_is_read_from_the_base(prepared: Site, name: str) -> None:
    path = prepared.work.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changelog: {hidden: [fix]}\n")
    refused(prepared, f"{name} here is not the one in commit")
