"""Promises of the changelog, on generated histories in real git."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from notewright.adapters.repository import Repository, open_repository
from notewright.changelog.codec import ledger_json, section_json
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.control import Cancel, ignore
from notewright.flows.changelog import Selection, read_releases, read_section
from notewright.history.metadata import Metadata, PullRequest
from tests.parts.generated import STEPS, History, Step, TagOn
from tests.parts.plumbing import run_git
from tests.parts.truth import Told, below, told, truths

RULES = Rules()


@contextmanager
def written(history: History, *, notes: Mapping[str, str] | None = None) -> Iterator[Repository]:
    """A history as a repository on disk, for as long as it is looked at."""
    with tempfile.TemporaryDirectory() as scratch:
        yield open_repository(history.write(Path(scratch) / "repo", notes=notes))


def full(repository: Repository, metadata: Metadata | None = None) -> tuple[Section, ...]:
    return read_releases(repository, RULES, Selection(), metadata=metadata, report=ignore, cancel=Cancel())


def released(history: History) -> list[tuple[TagOn | None, Section]]:
    """Every section of the full changelog beside its tag; None for what is unreleased."""
    with written(history) as repository:
        sections = full(repository)
    tags = {tag.name: tag for tag in history.tags}
    return [(tags[section.tag] if section.tag else None, section) for section in sections]


def as_bytes(section: Section) -> bytes:
    return section_json(section) + ledger_json(section)


@given(STEPS)
def test_every_commit_is_accounted_for_once_in_one_release_and_the_totals_add_up(steps: list[Step]) -> None:
    history = History.of(steps)
    sections = released(history)
    assert Counter(line.sha for _, section in sections for line in section.ledger) == Counter(history.head.reach)
    for tag, section in sections:
        tip = tag.node if tag else history.head
        own = {line.sha for line in section.ledger}
        assert own <= tip.reach.difference(*(other.node.reach for other in below(history, tag)))
        outcomes = Counter(line.outcome for line in section.ledger)
        totals = section.totals
        assert (totals.commits, totals.shown, totals.folded, totals.hidden) == (
            len(own), outcomes["shown"], outcomes["folded"], outcomes["hidden"],
        )  # fmt: skip
        assert all(line.rule for line in section.ledger)
        ids = [entry.id for entry in section.entries()]
        assert len(set(ids)) == len(ids)
        assert {entry for line in section.ledger if line.outcome == "shown" for entry in line.entries} == set(ids)
        assert all(set(entry.commits) <= history.nodes.keys() for entry in section.entries())


@settings(max_examples=250)
@given(STEPS)
def test_a_release_tells_each_change_that_its_files_gained_once_and_none_that_they_had_or_never_got(steps: list[Step]) -> None:
    history = History.of(steps)
    for tag, section in released(history):
        counts = told(history, section, tag.node if tag else history.head, RULES.reverts)
        for path, truth in truths(history, tag, section):
            if truth == "lost":
                continue
            wanted = Told(int(truth == "gained" and history.shown[path]), 0)
            assert counts.get(path, Told(0, 0)) == wanted, (tag and tag.name, path, truth)


@settings(max_examples=120)
@given(STEPS)
def test_what_an_earlier_release_brought_and_this_one_took_away_is_listed_as_reverted(steps: list[Step]) -> None:
    history = History.of(steps)
    for tag, section in released(history):
        counts = told(history, section, tag.node if tag else history.head, RULES.reverts)
        for path, truth in truths(history, tag, section):
            if truth == "lost" and history.shown[path]:
                assert counts.get(path) == Told(0, 1), (tag and tag.name, path)


@settings(max_examples=40)
@given(STEPS)
def test_one_more_commit_changes_only_what_is_unreleased(steps: list[Step]) -> None:
    history = History.of(steps)
    history.current = "main"
    before = {tag.name: as_bytes(section) for tag, section in released(history) if tag}
    for more in (Step("change"), Step("undo"), Step("cherry")):
        history.do(more)
        assert {tag.name: as_bytes(section) for tag, section in released(history) if tag} == before, more


@settings(max_examples=40)
@given(STEPS)
def test_a_section_read_alone_is_the_same_as_in_the_full_changelog(steps: list[Step]) -> None:
    history = History.of(steps)
    with written(history) as repository:
        for section in full(repository):
            until = section.tag or "HEAD"
            (alone,) = read_section(repository, RULES, Selection(until=until), report=ignore, cancel=Cancel())
            assert as_bytes(alone) == as_bytes(section), until


NOTES = (
    "reword: in other words",
    "type: feat",
    "breaking: true",
    "security: true",
    "hide: true",
    "scope: elsewhere",
    "add: one more thing",
)
TITLES = ("feat: a title", "fix(web)!: another", "no type at all")
LABELS = ((), ("bug",), ("breaking",), ("documentation", "wontfix"))


@settings(max_examples=40)
@given(STEPS, st.lists(st.tuples(st.integers(0, 9), st.sampled_from(NOTES)), max_size=4), st.integers(0, 11))
def test_an_entry_keeps_its_id_whatever_people_and_pull_requests_say_of_it(
    steps: list[Step], said: list[tuple[int, str]], seed: int
) -> None:
    history = History.of(steps)
    shas = [sha for sha in history.nodes if sha in history.head.reach]
    notes = {shas[number % len(shas)]: f"{text}\nby: Ada\nwhy: because\n" for number, text in said}
    pulls = tuple(
        PullRequest(number, TITLES[(number + seed) % 3], "ada", LABELS[(number + seed) % 4], (sha,)) for number, sha in enumerate(shas, 900)
    )
    metadata = Metadata("acme/app", "https://github.com/acme/app", "main", pulls, newcomers=frozenset({"Ada Lovelace"}))
    with written(history) as plain, written(history, notes=notes) as corrected:
        wanted = ids_by_commit(full(plain))
        for found in (ids_by_commit(full(plain, metadata)), ids_by_commit(full(corrected))):
            for sha in wanted.keys() & found.keys():
                assert found[sha] <= wanted[sha] or found[sha] >= wanted[sha]


def ids_by_commit(sections: tuple[Section, ...]) -> dict[str, set[str]]:
    """The ids of the entries that stand for each commit."""
    ids: dict[str, set[str]] = {}
    for entry in (entry for section in sections for entry in section.entries()):
        ids.setdefault(entry.commits[0], set()).add(entry.id)
    return ids


@settings(max_examples=15)
@given(STEPS)
def test_neither_the_order_of_refs_nor_a_clone_changes_a_byte(steps: list[Step]) -> None:
    history = History.of(steps)
    wanted = [as_bytes(section) for _, section in released(history)]
    with tempfile.TemporaryDirectory() as scratch:
        other = history.write(Path(scratch) / "other", backwards=True)
        assert [as_bytes(section) for section in full(open_repository(other))] == wanted
        clone = Path(scratch) / "clone"
        run_git(Path(scratch), "clone", "--quiet", "--bare", "--no-local", str(other), str(clone))
        assert [as_bytes(section) for section in full(open_repository(clone))] == wanted


@settings(max_examples=5)
@given(STEPS)
def test_generated_histories_are_sound_to_git(steps: list[Step]) -> None:
    with written(History.of(steps)) as repository:
        assert not run_git(repository.root, "fsck", "--strict", "--no-progress", "--no-dangling")
