"""Changes become a section, and each commit is accounted for."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.changelog.assembly import build_section
from notewright.changelog.classification import group_titles
from notewright.changelog.entries import entry_order
from notewright.changelog.items import know
from notewright.changelog.rules import Rules
from notewright.changelog.section import Entry, Section, Totals
from notewright.history.changes import Change, read_change
from notewright.history.commits import Commit
from notewright.history.metadata import Metadata, PullRequest
from tests.parts.cost import assert_in_proportion

RULES = Rules()
_DAY_S = 86_400


def change(message: str, *, number: int = 0, author: str = "Ada", parents: int = 1, at_s: int = 0) -> Change:
    sha = f"{number:040x}" if number else hashlib.sha1(message.encode()).hexdigest()
    return read_change(Commit(sha, ("p",) * parents, author, "", at_s, message))


def changes(*messages: str) -> list[Change]:
    return [change(message, number=number) for number, message in enumerate(messages, start=1)]


def only(section: Section) -> Entry:
    (entry,) = section.entries()
    return entry


def shown(section: Section) -> list[tuple[str, str]]:
    return [(group.title, entry.summary) for group in section.groups for entry in group.entries]


@pytest.mark.parametrize(
    ("message", "title"),
    [
        pytest.param("feat: a", "Features", id="a type"),
        pytest.param("FEAT(Ui): a", "Features", id="a type in any case"),
        pytest.param("security: a", "Security", id="security as a type"),
        pytest.param("deprecate: a", "Deprecations", id="deprecation"),
        pytest.param("chore!: a", "Breaking changes", id="a break of a hidden type"),
        pytest.param("chore: a\n\nBREAKING CHANGE: b", "Breaking changes", id="a break in a footer"),
        pytest.param("Words\n\nBREAKING CHANGE: b", "Breaking changes", id="a break without a type"),
        pytest.param("chore(security): a", "Security", id="security as a scope of a hidden type"),
        pytest.param("ci: mend CVE-2026-10412", "Security", id="an advisory's number"),
        pytest.param("mend GHSA-abcd-1234-wxyz", "Security", id="GitHub's number without a type"),
        pytest.param("chore(deps): bump a from 1 to 2", "Dependencies", id="a dependency of a hidden type"),
        pytest.param("build(deps-dev): whatever", "Dependencies", id="a scope of dependencies"),
        pytest.param("fix(deps): update a", "Dependencies", id="a dependency goes before its type"),
        pytest.param("deps: a", "Dependencies", id="a type of dependencies"),
        pytest.param("Bump lodash from 4.17.20 to 4.17.21", "Dependencies", id="a bot's words"),
        pytest.param("Update dependency vite to v5", "Dependencies", id="another bot's words"),
        pytest.param("revert: a", "Reverts", id="a revert by type"),
        pytest.param('Revert "feat: a"', "Reverts", id="git's own revert"),
        pytest.param("wip: a", "Other changes", id="an unknown type"),
        pytest.param("Improve startup", "Other changes", id="no type"),
        pytest.param("", "Other changes", id="no message"),
    ],
)
def test_a_change_stands_in_the_group_of_the_first_rule_that_fits(message: str, title: str) -> None:
    section = build_section(changes(message), RULES)
    assert [group.title for group in section.groups] == [title]
    assert section.ledger[0].outcome == "shown"


@pytest.mark.parametrize(
    ("message", "parents", "rules", "outcome", "rule"),
    [
        pytest.param("chore: a", 1, RULES, "hidden", "hidden type chore", id="a hidden type"),
        pytest.param("Chore: a", 1, replace(RULES, hidden=("CHORE",)), "hidden", "hidden type chore", id="in any case"),
        pytest.param(
            "chore(deps): bump a from 1 to 2", 1, replace(RULES, dependencies=None), "hidden", "dependency update", id="dependencies"
        ),
        pytest.param("Words", 1, replace(RULES, unconventional="hide"), "hidden", "not conventional", id="unconventional"),
        pytest.param("feat: a", 2, RULES, "shown", "type feat", id="a merge with a header of its own"),
        pytest.param("Merge x\n\nBREAKING CHANGE: b", 2, RULES, "shown", "breaking change", id="a merge that breaks"),
        pytest.param("wip: a", 1, RULES, "shown", "type wip, which no rule names", id="an unknown type"),
        pytest.param(
            "chore(release): 1.0.0\n\nNotewright-Release: 1.0.0", 1, RULES, "hidden", "own release commit of 1.0.0", id="our release commit"
        ),
        pytest.param(
            "chore(release)!: 1.0.0\n\nNotewright-Release: 1.0.0", 1, RULES, "shown", "breaking change", id="what only looks like ours"
        ),
    ],
)
def test_every_outcome_names_its_rule(message: str, parents: int, rules: Rules, outcome: str, rule: str) -> None:
    section = build_section([change(message, number=1, parents=parents)], rules)
    assert (section.ledger[0].outcome, section.ledger[0].rule) == (outcome, rule)
    assert section.totals == Totals(1, *(int(outcome == one) for one in ("shown", "folded", "hidden")))
    assert bool(section.ledger[0].entries) is (outcome == "shown")


def test_breaking_changes_come_first_then_types_as_configured_then_the_rest() -> None:
    rules = replace(RULES, types=(("fix", "Mended"), ("feat", "New")))
    section = build_section(changes("Words", "revert: r", "deps: d", "feat: n", "fix: m", "ci!: b"), rules)
    assert [group.title for group in section.groups] == ["Breaking changes", "Mended", "New", "Dependencies", "Reverts", "Other changes"]


def test_types_that_share_a_title_share_a_group() -> None:
    rules = replace(RULES, types=(("feat", "New"), ("perf", "New"), ("fix", "Other changes")))
    assert group_titles(rules) == ("Breaking changes", "New", "Other changes", "Dependencies", "Reverts")
    assert shown(build_section(changes("perf: b", "feat: a", "Words", "fix: c"), rules)) == [
        ("New", "a"),
        ("New", "b"),
        ("Other changes", "c"),
        ("Other changes", "Words"),
    ]


def test_a_security_change_without_a_security_group_stands_with_its_type() -> None:
    rules = replace(RULES, types=(("fix", "Fixes"),))
    section = build_section(changes("fix: CVE-2026-10412", "ci: CVE-2026-10413"), rules)
    assert shown(section) == [("Fixes", "CVE-2026-10412"), ("Other changes", "CVE-2026-10413")]
    assert all(entry.security for entry in section.entries())


@pytest.mark.parametrize(
    ("header", "summary", "references"),
    [
        pytest.param("feat: add import (#12)", "add import", ("#12",), id="one"),
        pytest.param("feat: add import (#12) (o/r#3)  (GH-7) ", "add import", ("#12", "o/r#3", "GH-7"), id="several at the end"),
        pytest.param("feat: add (#12) import", "add (#12) import", ("#12",), id="one within"),
        pytest.param("feat: add import (#12, #13)", "add import (#12, #13)", ("#12", "#13"), id="a list is words"),
        pytest.param("feat: add import(#12)", "add import", ("#12",), id="without a blank"),
        pytest.param("feat: (#12)", "feat: (#12)", ("#12",), id="nothing else"),
        pytest.param("feat: \u200b", "feat: \u200b", (), id="only hidden characters"),
        pytest.param("feat: a\u3000(#12)", "a", ("#12",), id="any blank"),
        pytest.param("feat: f()", "f()", (), id="a call"),
    ],
)
def test_references_at_the_end_of_a_summary_are_shown_apart(header: str, summary: str, references: tuple[str, ...]) -> None:
    entry = only(build_section(changes(header), RULES))
    assert (entry.summary, entry.references) == (summary, references)


@pytest.mark.parametrize("message", ["", "\n\n", "\u200b\n\nbody", "\x00"])
def test_a_commit_without_words_is_listed_all_the_same(message: str) -> None:
    assert only(build_section(changes(message), RULES)).summary == "(no message)"


def test_a_subject_of_references_costs_in_proportion() -> None:
    def work(subject: str) -> object:
        return build_section(changes(subject), RULES)

    for piece in (" (#1)", " ", "("):
        assert_in_proportion(work, lambda size, piece=piece: "feat: a" + piece * (size // len(piece)) + "x", size=16_000)  # type: ignore[misc]


def test_breaking_text_is_told_where_it_says_more_than_the_summary() -> None:
    bang, footer = build_section(changes("feat!: drop v1", "feat: x\n\nBREAKING CHANGE: set A\nto B"), RULES).entries()
    assert [(entry.breaking, entry.breaking_text) for entry in (bang, footer)] == [(True, None), (True, "set A\nto B")]


def test_entries_of_a_group_are_ordered_by_scope_words_and_commit() -> None:
    section = build_section(changes("feat: b", "feat: A", "feat(z): a", "feat(Y): c", "feat: a", "feat: a"), RULES)
    entries = list(section.entries())
    assert [(entry.scope, entry.summary) for entry in entries] == [
        (None, "A"),
        (None, "a"),
        (None, "a"),
        (None, "b"),
        ("Y", "c"),
        ("z", "a"),
    ]
    assert entries == sorted(entries, key=entry_order)
    assert entries[1].commits < entries[2].commits


def test_the_date_is_that_of_the_newest_commit_unless_a_release_has_one() -> None:
    some = [change("feat: a", number=1, at_s=3 * _DAY_S), change("feat: b", number=2, at_s=5 * _DAY_S), change("feat: c", number=3)]
    assert build_section(some, RULES).date == "1970-01-06"
    assert build_section(some, RULES, released_at=0).date == "1970-01-01"
    assert build_section([], RULES).date is None


@pytest.mark.parametrize("at_s", [253_402_300_800, 99_999_999_999_999, 2**64 - 1])
def test_a_date_beyond_the_calendar_is_its_last_day(at_s: int) -> None:
    """One commit dated in the year 10000 stopped everything with a traceback."""
    assert build_section([change("feat: a", at_s=at_s)], RULES).date == "9999-12-31"


def test_contributors_are_counted_by_commits_without_our_release_commits() -> None:
    some = [
        change("feat: a", number=1, author="Bob"),
        change("chore: b", number=2, author="Ada"),
        change("fix: c", number=3, author="Ada"),
        change("chore(release): 1.0.0\n\nNotewright-Release: 1.0.0", number=4, author="bot"),
        change("fix: d", number=5, author="Zoe"),
    ]
    metadata = Metadata("o/r", "u", "main", newcomers=frozenset({"Zoe", "Nobody"}))
    plain, known = build_section(some, RULES).contributors, build_section(some, RULES, known=know(metadata)).contributors
    assert [(one.name, one.commits, one.new) for one in plain] == [("Ada", 2, False), ("Bob", 1, False), ("Zoe", 1, False)]
    assert [(one.name, one.commits, one.new) for one in known] == [("Ada", 2, False), ("Bob", 1, False), ("Zoe", 1, True)]


def test_metadata_adds_the_pull_request_of_a_commit_once() -> None:
    first, second = changes("feat: a (#7)", "feat: b (#1)")
    metadata = Metadata("o/r", "u", "main", (PullRequest(7, "t", "x", (), (first.sha, second.sha)),))
    entries = build_section([first, second], RULES, known=know(metadata)).entries()
    assert [entry.references for entry in entries] == [("#7",), ("#1", "#7")]


_MESSAGES = st.sampled_from(
    [
        *("feat: a", "fix(b): c (#1)", "chore: d", "chore!: e", "Merge x", "Words", "", "security: f", "deps: g", "revert: h", "wip: i"),
        *("chore(release): 1.0.0\n\nNotewright-Release: 1.0.0", "fix: j\n\nBREAKING CHANGE: k", "feat: \u200b"),
    ]
)
_CHANGES = st.lists(
    st.builds(
        change,
        _MESSAGES,
        number=st.integers(1, 10**9),
        author=st.sampled_from("ABC"),
        parents=st.integers(0, 2),
        at_s=st.integers(0, 10**6),
    ),
    max_size=12,
    unique_by=lambda one: one.sha,
)
_RULES = st.builds(
    Rules,
    types=st.sampled_from([RULES.types, (("feat", "X"), ("fix", "X")), ()]),
    hidden=st.sampled_from([RULES.hidden, ("feat",), ()]),
    dependencies=st.sampled_from(["Dependencies", None]),
    unconventional=st.sampled_from(["show", "hide"]),
)


@given(_CHANGES, _RULES)
def test_every_commit_is_accounted_for_and_every_entry_stands_for_commits(some: list[Change], rules: Rules) -> None:
    section = build_section(some, rules)
    entries = {entry.id: entry for entry in section.entries()}
    assert [line.sha for line in section.ledger] == [one.sha for one in some]
    assert sorted(named for line in section.ledger for named in line.entries) == sorted(entries)
    assert len(entries) == len(list(section.entries()))
    assert all(line.sha in entries[named].commits for line in section.ledger for named in line.entries)
    assert all((line.outcome == "shown") is bool(line.entries) and line.rule for line in section.ledger)
    outcomes = Counter(line.outcome for line in section.ledger)
    assert section.totals == Totals(len(some), outcomes["shown"], outcomes["folded"], outcomes["hidden"])
    assert sum(one.commits for one in section.contributors) == sum(not one.released for one in some)
    assert all(group.entries for group in section.groups)
    assert [group.title for group in section.groups] == [
        title for title in group_titles(rules) if title in {g.title for g in section.groups}
    ]
    assert {one.sha for one in some if one.message.breaking and not one.released} <= {line.sha for line in section.ledger if line.entries}


@given(_CHANGES, st.data())
def test_an_entry_keeps_its_id_whatever_else_is_in_the_range(some: list[Change], data: st.DataObject) -> None:
    part = [one for one in some if data.draw(st.booleans())]
    ids = {line.sha: line.entries for line in build_section(some, RULES).ledger}
    assert {line.sha: line.entries for line in build_section(part, RULES).ledger} == {one.sha: ids[one.sha] for one in part}


def test_entries_whose_ids_would_collide_get_longer_ones() -> None:
    """50,000 commits are enough for two digests that start with the same eight digits: these are such two."""
    some = [change("feat: a", number=number) for number in (49_983, 53_471, 1)]
    first, second, other = (line.entries[0] for line in build_section(some, RULES).ledger)
    assert first[:10] == second[:10] == "c-5d3c6a99"
    assert first != second
    assert [len(one) for one in (first, second, other)] == [18, 18, 10]
