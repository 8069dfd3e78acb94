"""Messages are read by rule, and none is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.conventional import CommitMessage, parse_change, parse_message
from tests.parts.cost import assert_in_proportion
from tests.parts.histories import shared_folder

_SHA = "0123456789abcdef0123456789abcdef01234567"
_CASES = shared_folder() / "cases" / "conventional-commits.jsonl"


def said(message: str) -> dict[str, Any]:
    """What a message says, as the contract of `commit parse` writes it."""
    values = parse_message(message)._asdict()
    return {name: [list(one) if isinstance(one, tuple) else one for one in v] if isinstance(v, tuple) else v for name, v in values.items()}


def decided() -> list[Any]:
    if not _CASES.is_file():
        reason = f"no decided cases: {_CASES} is missing (set NOTEWRIGHT_SHARED to the folder that has it)"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="shared-cases")]
    return [pytest.param(case, id=case["id"]) for case in map(json.loads, _CASES.read_text("utf-8").splitlines())]


@pytest.mark.parametrize("case", decided())
def test_a_decided_case_of_the_project_reads_as_decided(case: dict[str, Any]) -> None:
    values = said(case["message"])
    assert {name: values[name] for name in case["expect"]} == case["expect"]


PLAIN = {"conventional": False, "type": None, "scope": None, "description": None}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("Fix(Ui): A", {"type": "Fix", "scope": "Ui", "description": "A"}, id="case is kept"),
        pytest.param("x: a", {"type": "x", "description": "a"}, id="one letter is a type"),
        pytest.param("feat2: a", {"type": "feat2", "description": "a"}, id="digits may follow in a type"),
        pytest.param("build_deps-dev: a", {"type": "build_deps-dev", "description": "a"}, id="hyphens and underlines belong to a type"),
        pytest.param("-feat: a", PLAIN, id="a type starts with a letter"),
        pytest.param("fété: a", PLAIN, id="a type is ASCII"),
        pytest.param("feat:\ta", {"type": "feat", "description": "a"}, id="a tab after the colon"),
        pytest.param("feat:a", {"type": "feat", "description": "a"}, id="nothing after the colon"),
        pytest.param("feat\N{FULLWIDTH COLON} a", PLAIN, id="only an ASCII colon separates"),
        pytest.param("https://example.org/a", PLAIN, id="an address is no type"),
        pytest.param("std::vector grows", PLAIN, id="a C++ name is no type"),
        pytest.param("Merge pull request #1 from a/b", PLAIN, id="a merge is prose"),
        pytest.param("feat(a(b)c): x", {"scope": "a(b)c", "description": "x"}, id="one level of parentheses in a scope"),
        pytest.param("feat(a(b(c))): x", PLAIN, id="two levels are none"),
        pytest.param("feat( a ): x", {"scope": "a"}, id="blanks around a scope go"),
        pytest.param("feat( )!: x", {"type": "feat", "scope": None, "breaking": True}, id="a blank scope is none"),
        pytest.param("feat(größe/→): ü", {"scope": "größe/→", "description": "ü"}, id="scopes and descriptions may be in any script"),
        pytest.param("feat(a)(b): x", PLAIN, id="two scopes are none"),
        pytest.param("feat(a: x", PLAIN, id="an open scope is none"),
        pytest.param("feat(a)!!: x", PLAIN, id="two marks are none"),
        pytest.param("feat!(a): x", PLAIN, id="a mark before the scope is none"),
        pytest.param("  feat: a", {"type": "feat", "description": "a"}, id="blanks before the header go"),
        pytest.param("feat: :bug: a", {"description": ":bug: a"}, id="a description may start with an emoji code"),
        pytest.param("feat: 💥", {"description": "💥"}, id="one character is a description"),
    ],
)
def test_a_header_is_read_by_its_form(header: str, expected: dict[str, Any]) -> None:
    values = said(header)
    assert {name: values[name] for name in expected} == expected
    assert values["conventional"] is (values["type"] is not None)


@pytest.mark.parametrize(
    ("message", "breaking", "text"),
    [
        pytest.param("fix!: a\n\nbody", True, "a", id="a mark alone tells the description"),
        pytest.param("fix!: a\n\nBREAKING CHANGE:", True, "a", id="an empty footer tells nothing better"),
        pytest.param("Plain words\n\nBREAKING CHANGE: b", True, "b", id="an unconventional header may break too"),
        pytest.param("Plain words\n\nBREAKING CHANGE:", True, None, id="a break may have no words"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\n\nc\n\nd", True, "b\n\nc\n\nd", id="a break runs over blank lines"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\n\nNote: c\n\nRefs: #1", True, "b\n\nNote: c", id="only a trailer ends it"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\nBREAKING CHANGE: c", True, "b\nc", id="two breaks are joined"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\nRefs: #1\nBREAKING CHANGE: c", True, "b\nc", id="a trailer between two breaks"),
        pytest.param("fix: a\n\n- BREAKING CHANGE: b", True, "b", id="a break as a list item"),
        pytest.param("fix: a\n\n  BREAKING CHANGE: b", True, "b", id="an indented break"),
        pytest.param("fix: a\n\nBREAKING CHANGE #12", True, "#12", id="the separator of a reference"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\nfix: c", True, "b\nfix: c", id="a change line is part of the break"),
        pytest.param("fix: a\n\nBREAKING: b", False, None, id="half the token is none"),
        pytest.param("fix: a\n\nBreaking Change: b", False, None, id="the token is upper case"),
        pytest.param("fix: a\n\nNO BREAKING CHANGE: b", False, None, id="the token starts its line"),
    ],
)
def test_a_break_is_never_lost(message: str, breaking: bool, text: str | None) -> None:
    values = parse_message(message)
    assert (values.breaking, values.breaking_description) == (breaking, text)


@pytest.mark.parametrize(
    ("rest", "body", "trailers"),
    [
        pytest.param("Refs: #1\nReviewed-by: Z", None, [["Refs", "#1"], ["Reviewed-by", "Z"]], id="a paragraph of trailers"),
        pytest.param("why\n\nRefs: #1", "why", [["Refs", "#1"]], id="a body, then trailers"),
        pytest.param("why\nSigned-off-by: Z", "why", [["Signed-off-by", "Z"]], id="a known trailer right below prose"),
        pytest.param("why\nNote: that", "why\nNote: that", [], id="an unknown word right below prose is prose"),
        pytest.param("Refs: #1\nand prose", "Refs: #1\nand prose", [], id="prose after trailers makes all prose"),
        pytest.param("Refs: #1\n\nprose", "Refs: #1\n\nprose", [], id="trailers stand in the last paragraph only"),
        pytest.param("Note: a\n  b\n\tc", None, [["Note", "a\nb\nc"]], id="an indented line goes on"),
        pytest.param("Closes #1", None, [["Closes", "#1"]], id="a reference separates too"),
        pytest.param("Co-authored-by: Z <z@example.org>", None, [["Co-authored-by", "Z <z@example.org>"]], id="a person"),
        pytest.param("See-also: https://example.org/a", None, [["See-also", "https://example.org/a"]], id="an address as value"),
        pytest.param("a b: c", "a b: c", [], id="a token has no blank"),
        pytest.param("fix: not a trailer", "fix: not a trailer", [], id="a change line is no trailer"),
        pytest.param(
            f"why\n(cherry picked from commit {_SHA})", "why", [], id="git's own line below prose ends the body and is no trailer"
        ),
        pytest.param("BREAKING CHANGE: b\nfix: c\nReviewed-by: Z", None, [["Reviewed-by", "Z"]], id="a change line inside a break"),
        pytest.param("A: 1\nA: 2", None, [["A", "1"], ["A", "2"]], id="a token may come twice"),
        pytest.param("\n \n\t\n", None, [], id="blank lines are nothing"),
    ],
)
def test_trailers_are_parted_from_the_body(rest: str, body: str | None, trailers: list[list[str]]) -> None:
    values = said(f"feat: a\n\n{rest}")
    assert (values["body"], values["trailers"]) == (body, trailers)


@pytest.mark.parametrize(
    ("message", "references"),
    [
        pytest.param("fix: a (#1) (#2)", ["#1", "#2"], id="any in the header"),
        pytest.param("fix: a (GH-7, o/r#3)", ["GH-7", "o/r#3"], id="all three forms"),
        pytest.param("Merge pull request #12 from o/topic", ["#12"], id="a merge's own"),
        pytest.param("fix: a\n\nCloses #1, #2 and #3 & o/r#4", ["#1", "#2", "#3", "o/r#4"], id="a list after a closing keyword"),
        pytest.param("fix: a\n\nthis FIXES: #9", ["#9"], id="a keyword in any case, with a colon"),
        pytest.param("fix: a\n\nresolves issue #9", ["#9"], id="the word issue between"),
        pytest.param("fix: a\n\nsee the thread at #9", [], id="prose that only mentions one"),
        pytest.param("fix: a\n\nSee #9", ["#9"], id="a line that refers"),
        pytest.param("fix: a\n\nRefs: #9\nPart-of: o/r#1", ["#9", "o/r#1"], id="trailers that refer"),
        pytest.param("fix: a\n\nReviewed-by: Z of #9", [], id="a trailer that does not"),
        pytest.param("fix: a (#1)\n\nCloses #1", ["#1"], id="each once"),
        pytest.param("fix: a\n\nCloses: https://github.com/o/r/issues/5", ["o/r#5"], id="an issue's address"),
        pytest.param("fix: a\n\nCloses: https://github.com/o/r/pull/5", ["o/r#5"], id="a pull request's address"),
        pytest.param("fix: a\n\nCloses: https://git.example.org:8443/o/r/-/merge_requests/5", ["o/r#5"], id="a merge request's address"),
        pytest.param("fix: C#7 and F#4", [], id="a language is no reference"),
        pytest.param("fix: show &#39; as it is", [], id="an entity is no reference"),
        pytest.param("fix: link https://example.org/a/b#12", [], id="a part of a page is no reference"),
        pytest.param("fix: adapt to core-lib#442", [], id="another project's issue is not ours"),
        pytest.param("fix: a #12th", [], id="a number ends at a word's end"),
        pytest.param("fix: a #١٢", [], id="only ASCII digits count"),
    ],
)
def test_references_are_those_that_github_would_see(message: str, references: list[str]) -> None:
    assert list(parse_message(message).references) == references


@pytest.mark.parametrize(
    ("message", "reverts"),
    [
        pytest.param(f'Revert "x"\n\nThis reverts commit {_SHA}, reversing\nchanges made to abc.', [_SHA], id="a reverted merge"),
        pytest.param("revert: x\n\nThis reverts commits 676104e, a215868 and 1234567.", ["676104e", "a215868", "1234567"], id="several"),
        pytest.param("revert: x\n\nRefs: 676104e, a215868", ["676104e", "a215868"], id="the specification's own example"),
        pytest.param("Revert: x\n\nrefs: 676104e", ["676104e"], id="in any case"),
        pytest.param("fix: x\n\nRefs: 676104e", [], id="Refs of another type reverts nothing"),
        pytest.param("fix: x\n\nThis reverts the idea.", [], id="prose reverts nothing"),
    ],
)
def test_a_revert_names_its_commits(message: str, reverts: list[str]) -> None:
    assert list(parse_message(message).reverts) == reverts


@pytest.mark.parametrize(
    ("message", "header", "body"),
    [
        pytest.param("", "", None, id="empty"),
        pytest.param(" \r\n\t\n", "", None, id="blank"),
        pytest.param("\r\n\r\nfeat: a\r\n\r\nb\r\nc\r\n", "feat: a", "b\nc", id="CRLF"),
        pytest.param("feat: a\r\rb", "feat: a", "b", id="old Mac line ends"),
        pytest.param("\N{ZERO WIDTH NO-BREAK SPACE}feat: a", "\N{ZERO WIDTH NO-BREAK SPACE}feat: a", None, id="a mark before it is kept"),
        pytest.param("\N{REPLACEMENT CHARACTER}\n\nb", "\N{REPLACEMENT CHARACTER}", "b", id="bytes that were no text"),
        pytest.param("a\N{LINE SEPARATOR}b\n\nc", "a\N{LINE SEPARATOR}b", "c", id="only line ends of git end a header"),
    ],
)
def test_every_text_has_a_header_and_perhaps_a_body(message: str, header: str, body: str | None) -> None:
    values = parse_message(message)
    assert (values.header, values.body) == (header, body)


_PIECES = st.sampled_from(
    [
        *("feat", "fix", "revert", "Refs", "refs", "Closes", "closes", "BREAKING CHANGE", "BREAKING-CHANGE", "Notewright-Release"),
        *("(a)", "(", ")", "!", ":", ": ", " #", "#1", "GH-2", "o/r#3", "https://github.com/o/r/pull/4", "This reverts commit 676104e"),
        *("\n", "\n\n", "\r\n", "\r", " ", "\t", "- ", "\0", "\x0b", "\x85", "\u2028", "\ud800", "é", "Reviewed-by: Z", "676104e", "a"),
    ]
)
_MESSAGES = st.one_of(st.text(max_size=60), st.lists(st.one_of(_PIECES, _PIECES, st.text(max_size=3)), max_size=24).map("".join))


@given(_MESSAGES)
def test_every_text_is_a_message_whose_parts_agree(message: str) -> None:
    values = parse_message(message)
    assert values.conventional is (values.type is not None) is (values.description is not None)
    assert values.scope is None or (values.conventional and values.scope.strip() == values.scope != "")
    assert values.breaking or values.breaking_description is None
    assert values.breaking_description != ""
    assert values.description is None or values.description == values.description.strip(" \t") != ""
    assert values.subject == (values.description if values.conventional else values.header)
    assert "\n" not in values.header
    assert values.body is None or (values.body.strip() and values.body.strip("\n") == values.body)
    assert all(token and value.strip() and not token.startswith("BREAKING") for token, value in values.trailers)
    assert len(set(values.references)) == len(values.references)
    assert len(set(values.reverts)) == len(values.reverts)


@given(_MESSAGES)
@example("fix: a\n\nCloses: https://github.com/o/r/pull/5")  # lost by the quick look, as were the two below
@example("revert: a\n\nrefs: 676104e")
@example("chore(release): 1.0.0\n\nNotewright-Release:\t1.0.0")
def test_the_quick_look_at_a_body_misses_nothing_that_a_changelog_needs(message: str) -> None:
    whole, quick = parse_message(message), parse_change(message)
    for name in ("header", "conventional", "type", "scope", "description", "breaking", "breaking_description", "references", "reverts"):
        assert getattr(quick, name) == getattr(whole, name), name
    assert {value for value in whole.trailers if value[0] == "Notewright-Release"} <= set(quick.trailers)


@pytest.mark.parametrize(
    ("message", "released"),
    [
        pytest.param("chore(release): 1.4.0\n\nNotewright-Release: 1.4.0", "1.4.0", id="ours"),
        pytest.param("chore(release): 1.4.0 (#9)\n\nNotewright-Release: 1.4.0\nSigned-off-by: Z", "1.4.0", id="squashed by GitHub"),
        pytest.param("chore(release): 1.4.0", None, id="without the trailer"),
        pytest.param("feat: hide me\n\nNotewright-Release: 1.4.0", None, id="the trailer alone hides nothing"),
        pytest.param("chore(release): 1.4.0\n\nNotewright-Release: 1.3.0", None, id="another version"),
    ],
)
def test_our_own_release_commit_is_known_by_header_and_trailer_together(message: str, released: str | None) -> None:
    assert read_change(Commit(_SHA, (), "Ada", "ada@example.org", 0, message)).released == released


@pytest.mark.parametrize("parents", [pytest.param((), id="root"), pytest.param(("a",), id="plain"), pytest.param(("a", "b"), id="merge")])
def test_a_merge_is_known_by_its_parents(parents: tuple[str, ...]) -> None:
    assert read_change(Commit(_SHA, parents, "Ada", "ada@example.org", 7, "x")).is_merge is (len(parents) > 1)


HOSTILE = {
    "a long word before a reference": lambda size: "feat: " + "a" * size + " #1",
    "a long path before a reference": lambda size: "feat: " + "a/" * (size // 2) + " #1",
    "a long word after a reference": lambda size: "feat: a\n\nfix #1" + "a" * size,
    "a long token that is no trailer": lambda size: "feat: a\n\nA" + "-" * size,
    "a token of many words": lambda size: "feat: a\n\nA-" + "a-" * (size // 2),
    "blanks before nothing": lambda size: "feat: a\n\nfix #1" + " " * size + "x #1",
    "keywords without references": lambda size: "feat: a\n\n" + "fix " * (size // 4) + " #1",
    "a list of references": lambda size: "feat: a\n\nfix " + "#1 and " * (size // 7),
    "reverts of nothing": lambda size: "feat: a\n\n" + "This reverts commit " * (size // 20),
    "a revert of blanks": lambda size: "feat: a\n\nThis reverts commit abcdef0" + " " * size + "x",
    "scopes in scopes": lambda size: "a(" + "()" * (size // 2),
    "scopes never closed": lambda size: "a(" + "(x" * (size // 2),
    "many trailers": lambda size: "feat: a\n\n" + "A: b\n" * (size // 5),
    "many breaks": lambda size: "feat: a\n\n" + "BREAKING CHANGE: b\n" * (size // 19),
    "a trailer without end": lambda size: "feat: a\n\nA-by: b\n" + " c\n" * (size // 3),
    "blank lines": lambda size: "feat: a\n" + " \n" * (size // 2) + "b",
}


@pytest.mark.parametrize("read", [pytest.param(parse_message, id="whole"), pytest.param(parse_change, id="quick")])
@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in HOSTILE.items()])
def test_a_hostile_megabyte_costs_in_proportion(make: Callable[[int], str], read: Callable[[str], CommitMessage]) -> None:
    assert_in_proportion(read, make, size=62_500)
