"""Corrections: what people say of commits, and what the ledger says of it."""

from __future__ import annotations

import json

import pytest

from notewright.changelog.rules import Rules
from notewright.errors import ConfigError
from tests.parts.repository import Repo
from tests.parts.telling import tell


def correct(repo: Repo, *overrides: dict[str, object]) -> None:
    folder = repo.path / ".notewright"
    folder.mkdir(exist_ok=True)
    said = [{"by": "Ada", "why": "because", **one} for one in overrides]
    (folder / "overrides.yaml").write_text(json.dumps(said), encoding="utf-8")  # JSON is YAML


SAID = "by Ada: because"


@pytest.mark.parametrize(
    ("override", "entries", "outcome"),
    [
        pytest.param({"reword": "in other words"}, ["Features: in other words"], ("shown", f"changed {SAID}"), id="reword"),
        pytest.param({"type": "fix"}, ["Fixes: a"], ("shown", f"changed {SAID}"), id="retype"),
        pytest.param({"type": "chore"}, [], ("hidden", f"changed {SAID}"), id="retype to a hidden type"),
        pytest.param({"breaking": True}, ["Breaking changes: a"], ("shown", f"changed {SAID}"), id="breaking"),
        pytest.param({"breaking": "set B"}, ["Breaking changes: a"], ("shown", f"changed {SAID}"), id="breaking, with words"),
        pytest.param({"security": True}, ["Security: a"], ("shown", f"changed {SAID}"), id="security"),
        pytest.param({"hide": True}, [], ("hidden", f"hidden {SAID}"), id="hide"),
        pytest.param(
            {"add": "one more", "type": "fix"},
            ["Features: a", "Fixes: one more"],
            ("shown", f"type feat; with an entry added {SAID}"),
            id="add",
        ),
    ],
)
def test_what_a_person_says_is_told_and_the_ledger_says_who_and_why(
    repo: Repo, override: dict[str, object], entries: list[str], outcome: tuple[str, str]
) -> None:
    sha = repo.commit("feat: a")
    before = tell(repo).line(sha).entries
    correct(repo, {"commit": sha, **override})
    told = tell(repo)
    assert told.entries() == entries
    assert told.outcome(sha) == outcome
    assert not told.line(sha).entries or told.line(sha).entries[0] == before[0]


def test_a_scope_is_given_and_taken(repo: Repo) -> None:
    first, second = repo.commit("feat(x): a"), repo.commit("feat(x): b")
    correct(repo, {"commit": first, "scope": "y"}, {"commit": second, "scope": ""})
    told = tell(repo)
    assert (told.entry("a").scope, told.entry("b").scope) == ("y", None)


def test_a_merged_commit_stands_in_the_entry_of_the_other(repo: Repo) -> None:
    first, second = repo.commit("feat: a"), repo.commit("feat: b (#2)", author="Bob <b@example.org>")
    correct(repo, {"commit": second, "merge": first})
    told = tell(repo)
    assert told.entries() == ["Features: a"]
    entry = told.entry("a")
    assert (entry.commits, entry.references, entry.authors) == ((first, second), ("#2",), ("Ada Lovelace", "Bob"))
    assert told.outcome(second) == ("folded", f"merged into {first[:7]} {SAID}")
    assert told.standing(second) == ["a"]


def test_a_listed_change_is_changed_and_hidden_by_its_number(repo: Repo) -> None:
    sha = repo.commit("feat: a\n\n* fix: b\n* fix: c")
    ids = tell(repo).line(sha).entries
    correct(repo, {"commit": sha, "part": 1, "reword": "bee"}, {"commit": sha, "part": 2, "hide": True})
    told = tell(repo)
    assert told.entries() == ["Features: a", "Fixes: bee"]
    assert told.line(sha).entries == ids[:2]
    assert told.line(sha).rule == f"type feat; part 1 changed {SAID}; part 2 hidden {SAID}"
    correct(repo, {"commit": sha, "part": 3, "hide": True})
    with pytest.raises(ConfigError, match="lists 2 changes, part 3 is none"):
        tell(repo)


@pytest.mark.parametrize("header", ["feat: a", "All of it"])
def test_rewording_a_squashed_commit_leaves_its_listed_changes(repo: Repo, header: str) -> None:
    """They vanished when a person reworded the commit's own line."""
    sha = repo.commit(f"{header}\n\n* fix: b\n* fix: c")
    correct(repo, {"commit": sha, "reword": "in other words", "type": "feat"})
    assert tell(repo).entries() == ["Features: in other words", "Fixes: b", "Fixes: c"]


def test_rewording_a_merge_changes_its_words_and_nothing_else(repo: Repo) -> None:
    """The commits that its title had stood for came up as entries of their own."""
    repo.commit("chore: start")
    repo.branch("topic")
    repo.commit("wip")
    repo.commit("more")
    repo.branch("main")
    merge = repo.merge("topic", "Merge pull request #7 from o/topic\n\nfeat: a")
    before = tell(repo).entry("a")
    correct(repo, {"commit": merge, "reword": "in other words"})
    told = tell(repo)
    assert told.entries() == ["Features: in other words"]
    assert told.entry("in other words").id == before.id
    correct(repo, {"commit": merge, "type": "fix"})
    assert tell(repo).entries() == ["Fixes: a"]
    correct(repo, {"commit": merge, "hide": True})
    assert tell(repo).entries() == []


def test_rewording_an_update_leaves_the_others_in_its_line(repo: Repo) -> None:
    first = repo.commit("chore(deps): bump a from 1.0.0 to 2.0.0")
    repo.commit("chore(deps): bump a from 2.0.0 to 3.0.0")
    correct(repo, {"commit": first, "reword": "renew a"})
    assert tell(repo).entries() == ["Dependencies: renew a"]


def test_an_entry_can_be_added_to_a_commit_that_has_none(repo: Repo) -> None:
    """What was added to a merge commit or to a hidden one was never seen."""
    repo.commit("chore: start")
    repo.branch("topic")
    repo.commit("feat: a")
    repo.branch("main")
    merge, hidden = repo.merge("topic", "Merge branch 'topic'"), repo.commit("chore: b")
    correct(repo, {"commit": merge, "add": "all of it", "type": "feat"}, {"commit": hidden, "add": "for users", "type": "fix"})
    told = tell(repo)
    assert told.entries() == ["Features: a", "Features: all of it", "Fixes: for users"]
    assert told.line(merge).rule == f"merge commit: its branch's commits stand for it; with an entry added {SAID}"


def test_what_a_person_said_of_a_reverted_commit_stays_in_the_ledger(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    other = repo.commit("feat: b")
    revert = repo.commit('Revert "feat: a"')
    repo.commit('Revert "feat: b"')
    correct(repo, {"commit": sha, "reword": "in other words"}, {"commit": other, "hide": True})
    told = tell(repo)
    assert told.entries() == []
    assert told.outcome(sha) == ("folded", f"reverted by {revert[:7]} before its release; changed {SAID}")
    assert told.outcome(other) == ("hidden", f"hidden {SAID}")


def test_overrides_of_other_releases_change_nothing_here(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    repo.tag("v1.0.0")
    repo.commit("feat: b")
    correct(repo, {"commit": sha, "reword": "in other words"})
    told = tell(repo, Rules())
    assert (told.entries("v1.0.0"), told.entries()) == (["Features: in other words"], ["Features: b"])
