from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from notewright.control import Warned
from notewright.errors import CheckFailed
from tests.parts.plumbing import read_git
from tests.parts.repository import Repo
from tests.release.site import BRANCH, Site

GRACE = "Grace Hopper <grace@example.org>"
HOME = ".notewright/releases/0.2.0"
NOTES = f"{HOME}/developer.md"


@pytest.fixture
def opened(site: Site) -> Site:
    """A release whose pull request is open."""
    site.run()
    return site


def edit(site: Site, change: Callable[[str], str], *, path: str = NOTES, message: str = "Say it better") -> str:
    """Change a file on the release branch as a person, and push that."""
    clone = Repo.clone(site.git_server.url_of("acme/app"), site.output.parent / f"theirs-{len(list(site.output.parent.iterdir()))}")
    clone.git("switch", "--quiet", BRANCH)
    text = (clone.path / path).read_text()
    assert change(text) != text
    sha = clone.commit(message, {path: change(text)}, author=GRACE)
    site.git_server.push(clone, BRANCH)
    return sha


def reworded(text: str) -> str:
    return text.replace("an empty file", "files that hold nothing at all")


def sentences(site: Site) -> list[dict[str, Any]]:
    return list(json.loads(site.show(f"{BRANCH}:{HOME}/developer.json"))["sentences"])


def test_a_file_that_a_person_edited_is_theirs_and_never_rewritten(opened: Site) -> None:
    edit(opened, reworded)
    theirs = opened.show(f"{BRANCH}:{NOTES}")
    for _ in range(2):
        opened.push("feat: something new")
        assert opened.run().operation == "updated"
        assert opened.show(f"{BRANCH}:{NOTES}") == theirs
    assert "something new" in opened.show(f"{BRANCH}:CHANGELOG.md")


def test_taking_an_edit_up_twice_changes_nothing(opened: Site) -> None:
    edit(opened, reworded)
    assert opened.run().operation == "updated"
    branch, writes = opened.branch(), opened.writes()
    assert opened.run().operation == "unchanged"
    assert (opened.branch(), opened.writes()) == (branch, writes)


def test_what_a_person_worded_anew_is_marked_human_and_keeps_its_evidence(opened: Site) -> None:
    before = sentences(opened)
    edit(opened, reworded)
    opened.run()
    after = sentences(opened)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [(old["cites"], new["status"]) for old, new in changed] == [(new["cites"], "human") for _, new in changed]
    assert len(changed) == 1
    assert "hold nothing at all" in changed[0][1]["text"]


def test_the_release_commit_says_whose_words_it_carries(opened: Site) -> None:
    theirs = edit(opened, reworded)
    opened.run()
    bare = opened.git_server.path_of("acme/app")
    assert f"Co-authored-by: {GRACE}" in read_git(bare, "log", "-1", "--format=%B", BRANCH)
    assert read_git(bare, "rev-list", "--count", f"main..{BRANCH}") == "1"
    (record,) = json.loads(opened.show(f"{BRANCH}:{HOME}/suggestions.json"))["audiences"]
    assert (record["audience"], record["commit"], record["editor"]) == ("developer", theirs, GRACE)


def test_what_later_commits_add_is_suggested_and_not_written(opened: Site) -> None:
    edit(opened, reworded)
    opened.push("feat(cli): print the version (#13)")
    opened.run()
    (record,) = json.loads(opened.show(f"{BRANCH}:{HOME}/suggestions.json"))["audiences"]
    assert [sentence["text"] for sentence in record["suggested"]["sentences"]] == ["Print the version."]
    assert "rint the version" not in opened.show(f"{BRANCH}:{NOTES}")
    assert "Suggested for developer" in (opened.github.pull(1).body or "")


def test_a_suggestion_that_was_taken_over_is_no_suggestion_any_more(opened: Site) -> None:
    edit(opened, reworded)
    opened.push("feat(cli): print the version (#13)")
    opened.run()
    edit(opened, lambda text: f"{text}\n- Print the version.\n")
    opened.run()
    (record,) = json.loads(opened.show(f"{BRANCH}:{HOME}/suggestions.json"))["audiences"]
    assert record["suggested"]["sentences"] == []
    (told,) = [sentence for sentence in sentences(opened) if sentence["text"] == "Print the version."]
    assert told["status"] == "fallback"
    assert len(told["cites"]) == 1


def test_a_number_that_stands_nowhere_in_the_section_is_a_warning_and_stays(opened: Site) -> None:
    edit(opened, lambda text: f"{text}\nIt is now 40 times faster.\n")
    assert opened.run().operation == "updated"
    body = opened.github.pull(1).body or ""
    assert "It is now 40 times faster." in opened.show(f"{BRANCH}:{NOTES}")
    assert "40 times" in body.partition("Worth your eyes")[2].partition("<details")[0]


def test_a_breaking_change_that_a_person_left_out_is_pointed_at_and_suggested(site: Site) -> None:
    site.push("feat(config)!: read TOKEN only\n\nBREAKING CHANGE: `OLD_TOKEN` is ignored; set `TOKEN`.")
    site.run()
    home = next(line for line in read_git(site.git_server.path_of("acme/app"), "ls-tree", "-r", "--name-only", BRANCH).splitlines()
                if line.endswith("developer.md"))  # fmt: skip
    edit(site, lambda text: "\n".join(line for line in text.split("\n") if "TOKEN" not in line), path=home)
    assert site.run().operation == "updated"
    body = site.github.pull(1).body or ""
    assert "not told, though developer must know it" in body
    assert "TOKEN" in body.partition("Suggested for developer")[2].partition("</details>")[0]


def test_regenerating_gives_the_file_back_to_the_tool(opened: Site) -> None:
    ours = opened.show(f"{BRANCH}:{NOTES}")
    edit(opened, reworded)
    opened.run()
    opened.prepare(metadata=opened.collect(), regenerate=("developer",))
    assert opened.propose().operation == "updated"
    assert opened.show(f"{BRANCH}:{NOTES}") == ours
    branch = opened.branch()
    assert opened.run().operation == "unchanged"
    assert opened.branch() == branch


def test_regenerating_what_nobody_edited_says_so(opened: Site) -> None:
    told: list[object] = []
    opened.report = told.append
    opened.prepare(metadata=opened.collect(), regenerate=("developer",))
    assert any(isinstance(event, Warned) and "nobody edited them" in event.message for event in told)
    assert opened.propose().operation == "unchanged"


def test_an_edit_made_while_a_run_was_going_on_is_not_lost(opened: Site) -> None:
    opened.push("feat: something new")
    opened.prepare(metadata=opened.collect())
    theirs = edit(opened, reworded)
    with pytest.raises(CheckFailed, match="edited notes on notewright/release that this proposal does not have") as caught:
        opened.propose()
    assert "release collect" in (caught.value.hint or "")
    assert opened.branch() == theirs
    assert opened.run().operation == "updated"
    assert "nothing at all" in opened.show(f"{BRANCH}:{NOTES}")


def test_the_version_may_change_and_the_words_stay(opened: Site) -> None:
    edit(opened, reworded)
    opened.run(version="1.0.0")
    assert "nothing at all" in opened.show(f"{BRANCH}:.notewright/releases/1.0.0/developer.md")
    assert opened.run(version="1.0.0").operation == "unchanged"


def test_notes_of_an_audience_that_is_asked_for_no_more_are_not_dropped_silently(opened: Site) -> None:
    from dataclasses import replace

    edit(opened, reworded)
    opened.config = replace(opened.config, notes=replace(opened.config.notes, audiences=("customer",)))
    with pytest.raises(CheckFailed, match="were edited by Grace Hopper") as caught:
        opened.run()
    assert "--regenerate developer" in (caught.value.hint or "")


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_once_merged_the_edited_words_are_history(opened: Site, method: str) -> None:
    edit(opened, reworded)
    opened.run()
    opened.github.merge(1, method=method)
    opened.pull()
    opened.tag("v0.2.0")
    opened.push("feat: the next thing")
    assert opened.run().operation == "created"
    home = ".notewright/releases/0.3.0"
    assert "nothing at all" not in opened.show(f"{BRANCH}:{home}/developer.md")


@pytest.mark.case(42)
@pytest.mark.parametrize(
    ("path", "change"),
    [
        pytest.param(f"{HOME}/developer.json", lambda text: text.replace("fallback", "human"), id="the notes' evidence"),
        pytest.param(f"{HOME}/proposal.json", lambda text: text + " ", id="the manifest"),
        pytest.param("app.py", lambda text: text + "4\n", id="code"),
        pytest.param("CHANGELOG.md", lambda text: text + "mine\n", id="the changelog"),
    ],
)
def test_a_person_s_commit_to_any_other_path_stops_updates_and_names_it(opened: Site, path: str, change: Callable[[str], str]) -> None:
    edit(opened, reworded)
    theirs = edit(opened, change, path=path)
    opened.push("feat: something new")
    for _ in range(2):
        with pytest.raises(CheckFailed, match=f"{theirs[:7]} by Grace Hopper; nothing was written"):
            opened.run()
    (comment,) = opened.github.comments(1)
    assert f"It changes {path}" in comment.replace("\\", "")
    assert opened.branch() == theirs


def forged(site: Site, change: Callable[[Any], object]) -> None:
    """Change suggestions.json and its digest, as a step without a token could."""
    from notewright.rendering.canonical import canonical_json, digest

    value = json.loads((site.output / "suggestions.json").read_text())
    change(value["audiences"][0])
    content = canonical_json(value)
    (site.output / "suggestions.json").write_bytes(content)
    proposal = json.loads((site.output / "proposal.json").read_text())
    for file in proposal["files"]:
        if file["name"] == "suggestions.json":
            file["digest"] = digest(content)
    (site.output / "proposal.json").write_bytes(canonical_json(proposal))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda one: one.update(commit="0" * 40), id="another commit"),
        pytest.param(lambda one: one.update(editor="Mallory <m@example.org>"), id="another editor"),
        pytest.param(lambda one: one.update(seen=[]), id="other entries seen"),
        pytest.param(lambda one: one["origin"]["sentences"][0].update(text="Sign in as anybody."), id="another origin"),
        pytest.param(lambda one: one["suggested"]["sentences"].append(
            {"text": "Wire money to Mallory.", "cites": [], "status": "human"}), id="a suggestion of its own"),
    ],
)  # fmt: skip
def test_whose_notes_they_are_is_what_the_branch_says(opened: Site, change: Callable[[Any], object]) -> None:
    edit(opened, reworded)
    opened.prepare(metadata=opened.collect())
    forged(opened, change)
    branch = opened.branch()
    with pytest.raises(CheckFailed):
        opened.propose()
    assert opened.branch() == branch


def test_words_of_no_person_do_not_pass_as_a_person_s(opened: Site) -> None:
    edit(opened, reworded)
    opened.prepare(metadata=opened.collect())
    path = opened.output / "notes/developer.md"
    path.write_bytes(path.read_bytes() + b"Anything goes.\n")
    with pytest.raises(CheckFailed, match=r"notes/developer\.md is not the file that was prepared"):
        opened.propose()
