"""Messages are read by rule, and none is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.conventional import parse_change, parse_message
from tests.parts.cost import assert_in_proportion
from tests.parts.histories import shared_folder
from tests.parts.messages import SHAPES, hostile, messages

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
        pytest.param("feat:\N{NO-BREAK SPACE}a", {"type": "feat", "description": "a"}, id="any blank may follow the colon"),
        pytest.param("feat!:a", {"description": "a", "breaking": True, "breaking_description": "a"}, id="nothing after mark and colon"),
        pytest.param("feat(a)! : b", PLAIN, id="a blank before the colon, after the mark"),
        pytest.param("feat : a", PLAIN, id="a blank before the colon"),
        pytest.param("feat(a) : b", PLAIN, id="a blank before the colon, after the scope"),
        pytest.param("feat!(a)!: b", PLAIN, id="marks on both sides"),
        pytest.param("!feat: a", PLAIN, id="a mark before the type"),
        pytest.param(": a", PLAIN, id="a colon alone"),
        pytest.param("(a): b", PLAIN, id="a scope alone"),
        pytest.param("feat", PLAIN, id="a type alone"),
        pytest.param("feat(a)!:", PLAIN, id="no description after the mark"),
        pytest.param("feat(a): \t ", PLAIN, id="blanks are no description"),
        pytest.param("feat\n: a", PLAIN, id="a header is one line"),
        pytest.param("feat[a]: b", PLAIN, id="other brackets are no scope"),
        pytest.param("feat/ui: a", PLAIN, id="a path is no type"),
        pytest.param("feat,fix: a", PLAIN, id="two types are none"),
        pytest.param("feat.ui: a", PLAIN, id="a name with a full stop is no type"),
        pytest.param("1.2.0: a", PLAIN, id="a version is no type"),
        pytest.param("修正: a", PLAIN, id="a word in another script is no type"),
        pytest.param(":sparkles: feat: a", PLAIN, id="an emoji code before the type"),
        pytest.param("* feat: a", PLAIN, id="a list item is no header"),
        pytest.param("> feat: a", PLAIN, id="a quotation is no header"),
        pytest.param('"feat: a"', PLAIN, id="quoted as a whole"),
        pytest.param("[feat] a", PLAIN, id="a label in brackets"),
        pytest.param("squash! feat: a", PLAIN, id="squash!"),
        pytest.param("amend! feat: a", PLAIN, id="amend!"),
        pytest.param('Reapply "feat: a"', PLAIN, id="git's own header of a revert of a revert"),
        pytest.param("C:\\a: b", PLAIN, id="a drive is no type"),
        pytest.param("feat(a)): b", PLAIN, id="a parenthesis too many"),
        pytest.param("feat(a b): c", {"scope": "a b"}, id="a blank within a scope"),
        pytest.param("feat(a:b): c", {"scope": "a:b", "description": "c"}, id="a colon within a scope"),
        pytest.param("feat(a!): b", {"scope": "a!", "breaking": False}, id="a mark within a scope breaks nothing"),
        pytest.param("feat(#12): a", {"scope": "#12", "references": ["#12"]}, id="a reference as scope"),
        pytest.param("feat()!: a", {"scope": None, "breaking": True}, id="a mark after an empty scope"),
        pytest.param("feat: a!", {"description": "a!", "breaking": False}, id="a mark in the description breaks nothing"),
        pytest.param("feat: fix: a", {"type": "feat", "description": "fix: a"}, id="the first type counts"),
        pytest.param(
            "revert(a)!: feat: b", {"type": "revert", "scope": "a", "description": "feat: b", "breaking": True}, id="a revert that breaks"
        ),
        pytest.param("i18n: a", {"type": "i18n"}, id="digits within a type"),
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
        pytest.param("BREAKING CHANGE: a", True, "a", id="a break as header"),
        pytest.param("BREAKING-CHANGE: a", True, "a", id="a break as type"),
        pytest.param("feat!: a\n\nBREAKING CHANGE:", True, "a", id="a break without words keeps the mark's"),
        pytest.param("fix: a\n\nBREAKING CHANGE:b", True, "b", id="no blank after the colon"),
        pytest.param("fix: a\n\nBREAKING CHANGE:\n- b\n- c", True, "- b\n- c", id="a list below the token"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\n  c", True, "b\n  c", id="indented lines keep their indentation"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\n\nBREAKING-CHANGE: c", True, "b\nc", id="two breaks in two paragraphs"),
        pytest.param("fix: a\n\nRefs: #1\nBREAKING CHANGE: b\nc", True, "b\nc", id="a break below a trailer"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\n\nCloses #1", True, "b", id="a trailer in the next paragraph ends it"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\n\nCloses #1\n\nAcked-by: Z", True, "b", id="trailers in two paragraphs"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b\n\nCloses #1\n\nc", True, "b\n\nc", id="words after a trailer are not lost"),
        pytest.param(f"fix: a\n\nBREAKING CHANGE: b\n(cherry picked from commit {_SHA})", True, "b", id="git's own line is no word of it"),
        pytest.param("fix: a\r\n\r\nBREAKING CHANGE: b\r\nc\r\n", True, "b\nc", id="CRLF in a break"),
        pytest.param("fix: a\n\nBREAKING CHANGE b", False, None, id="no separator"),
        pytest.param("fix: a\n\nBREAKING CHANGE : b", False, None, id="a blank before the separator"),
        pytest.param("fix: a\n\nBREAKING  CHANGE: b", False, None, id="two blanks within the token"),
        pytest.param("fix: a\n\nBREAKING_CHANGE: b", False, None, id="an underline within the token"),
        pytest.param("fix: a\n\nBREAKING-CHANGES: b", False, None, id="the plural with a hyphen"),
        pytest.param("fix: a\n\nBREAKING change: b", False, None, id="half of the token in upper case"),
        pytest.param("fix: a\n\n> BREAKING CHANGE: b", False, None, id="a quotation breaks nothing"),
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
        pytest.param("a\n\nFixes #1\n\nAcked-by: Z", "a\n\nFixes #1", [["Acked-by", "Z"]], id="a trailer above the last paragraph is body"),
        pytest.param("a: b\nc: d\ne", "a: b\nc: d\ne", [], id="one line of prose among unknown words"),
        pytest.param("---\nAcked-by: Z", "---", [["Acked-by", "Z"]], id="a rule is prose"),
        pytest.param("Reviewed-by:Z", "Reviewed-by:Z", [], id="a blank follows the colon"),
        pytest.param("Reviewed-by : Z", "Reviewed-by : Z", [], id="no blank before the colon"),
        pytest.param("Reviewed_by: Z", "Reviewed_by: Z", [], id="a token has no underline"),
        pytest.param("1st: a", "1st: a", [], id="a token starts with a letter"),
        pytest.param("std::a: b", "std::a: b", [], id="a C++ name is no token"),
        pytest.param("A: b: c", None, [["A", "b: c"]], id="the first colon separates"),
        pytest.param("A:\tb", None, [["A", "b"]], id="a tab after the colon"),
        pytest.param("Refs#1", "Refs#1", [], id="a blank before the number sign"),
        pytest.param("Refs: 1\n\n\n", None, [["Refs", "1"]], id="blank lines at the end"),
        pytest.param("Refs:\nAcked-by: Z", None, [["Acked-by", "Z"]], id="a template's empty trailer says nothing"),
        pytest.param("Refs:\n  #1", None, [["Refs", "#1"]], id="a value on the next line"),
        pytest.param("Change-Id: I1\nAcked-by: Z", None, [["Change-Id", "I1"], ["Acked-by", "Z"]], id="Gerrit's own"),
        pytest.param("feat: x\nfix: y", "feat: x\nfix: y", [], id="a list of changes is body"),
        pytest.param("* feat: x\n* fix: y", "* feat: x\n* fix: y", [], id="a marked list of changes is body"),
        pytest.param("    code\n    more", "    code\n    more", [], id="the indentation of a body is kept"),
        pytest.param("a  \nb\t\n\n\nc", "a\nb\n\n\nc", [], id="blanks at line ends go, blank lines stay"),
        pytest.param("\n\n\n\na", "a", [], id="blank lines before a body go"),
        pytest.param("# heading\n\na", "# heading\n\na", [], id="a number sign is no comment"),
        pytest.param(f"x\n\n(cherry picked from commit {_SHA})\nAcked-by: Z", "x", [["Acked-by", "Z"]], id="git's own line among trailers"),
        pytest.param("a\n\nBREAKING CHANGE: b\n\nc\n\nAcked-by: Z", "a", [["Acked-by", "Z"]], id="a body ends at a break"),
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
        pytest.param("fix: #7 a", ["#7"], id="at the start of a description"),
        pytest.param("fix: a (#1).", ["#1"], id="a full stop after it"),
        pytest.param("fix: a [#1]", ["#1"], id="in brackets"),
        pytest.param("#7: a", ["#7"], id="at the start of a header"),
        pytest.param('Revert "feat: a (#1)" (#2)', ["#1", "#2"], id="a revert's own and the reverted one's"),
        pytest.param("fix: a https://github.com/o/r/pull/5", ["o/r#5"], id="an address in the header"),
        pytest.param("fix: a\n\nRefs: #1\nCloses: #2\nCloses #3", ["#1", "#2", "#3"], id="in their order"),
        pytest.param("fix: a\n\nfixes #3\nand more\n\nRefs: #1", ["#3", "#1"], id="the body's before the trailers'"),
        pytest.param("fix: a\n\nCloses #1,\n#2", ["#1", "#2"], id="a list over two lines"),
        pytest.param("fix: a\n\nCloses #1,\n  #2", ["#1", "#2"], id="a list over two lines, indented"),
        pytest.param("fix: a\n\nCloses #1, #2, and #3", ["#1", "#2", "#3"], id="a comma before and"),
        pytest.param("fix: a\n\nCloses #1 #2", ["#1", "#2"], id="a list of blanks"),
        pytest.param("fix: a\n\nCloses #1, closes #2, resolves o/r#3", ["#1", "#2", "o/r#3"], id="a keyword for each"),
        pytest.param("fix: a\n\n- Closes #1\n- Fixes #2", ["#1", "#2"], id="keywords in a list"),
        pytest.param("fix: a\n\nthis (closes #1) does", ["#1"], id="a keyword in parentheses"),
        pytest.param("fix: a\n\nCloses:#1", ["#1"], id="nothing after a keyword's colon"),
        pytest.param("fix: a\n\nfix: #1", ["#1"], id="a keyword that is a type"),
        pytest.param("fix: a\n\nFixes https://github.com/o/r/issues/5#issuecomment-1", ["o/r#5"], id="a comment's address after a keyword"),
        pytest.param("fix: a\n\nCloses https://h.example/g/s/p/-/issues/5", ["g/s/p#5"], id="groups in groups"),
        pytest.param("fix: a\n\nPR-URL: https://github.com/o/r/pull/5", ["o/r#5"], id="a trailer with a pull request's address"),
        pytest.param("fix: a\n\nRefs: ABC-1, #2", ["#2"], id="among a tracker's keys"),
        pytest.param("fix: a\n\nBREAKING CHANGE: b, fixes #1", ["#1"], id="within a break"),
        pytest.param("fix: a\n\nReviewed-by: Z, fixes #1", ["#1"], id="a keyword within any trailer"),
        pytest.param("fix: a\n\nsee https://github.com/o/r/issues/5", [], id="prose that only mentions an address"),
        pytest.param("fix: a\n\nhttps://github.com/o/r/tree/main/issues/5", [], id="a path is no issue"),
        pytest.param("fix: a\n\nthe prefix #1 is old", [], id="a part of a word is no keyword"),
        pytest.param("fix: a\n\nbut fixing #1 took long", [], id="fixing is no keyword"),
        pytest.param("fix: a\n\nCloses ABC-1", [], id="a tracker's key is no reference"),
        pytest.param("fix: /x#1", [], id="a path before it"),
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
        pytest.param(f"x\n\nThis reverts commit\n{_SHA}.", [_SHA], id="over two lines"),
        pytest.param(f"x\n\nThis reverts commit `{_SHA}`.", [_SHA], id="quoted"),
        pytest.param("x\n\nThis reverts commit 676104e.\nThis reverts commit a215868.", ["676104e", "a215868"], id="a sentence for each"),
        pytest.param(f'Reapply "x"\n\nThis reverts commit {_SHA}.', [_SHA], id="a revert of a revert"),
        pytest.param("x\n\n* a\n\nThis reverts commit 676104e.\n\n* b", ["676104e"], id="within a squashed body"),
        pytest.param("x\n\nThis partially reverts commit 676104e.", [], id="a part is no revert"),
        pytest.param("x\n\nThis reverts commit 67610.", [], id="an object name has seven digits at least"),
        pytest.param("x\n\nThis reverts commit 676104exyz.", [], id="an object name is a word"),
        pytest.param(f"x\n\nThis reverts commit {_SHA * 2}.", [], id="an object name has 64 digits at most"),
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


def assert_the_quick_look_is_enough(message: str) -> None:
    whole, quick = parse_message(message), parse_change(message)
    assert quick.body is None
    assert quick in (whole._replace(body=None), whole._replace(body=None, trailers=()))
    if any(token.startswith("Notewright-") for token, _ in whole.trailers):
        assert quick.trailers == whole.trailers


@given(_MESSAGES)
@example("fix: a\n\nCloses: https://github.com/o/r/pull/5")  # lost by an earlier quick look, as were the two below
@example("revert: a\n\nrefs: 676104e")
@example("chore(release): 1.0.0\n\nNotewright-Release:\t1.0.0")
@example("revert: a\n \n")
def test_the_quick_look_at_a_body_misses_nothing_that_a_changelog_needs(message: str) -> None:
    assert_the_quick_look_is_enough(message)


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


def test_hostile_messages_cost_in_proportion() -> None:
    # all shapes at once, 4 s instead of 20: `python -m bench.parsing` names the one that is slow
    assert_in_proportion(
        lambda texts: [(parse_message(text), parse_change(text)) for text in texts.split("\0")],
        lambda size: "\0".join(hostile(shape, size) for shape in SHAPES),
        size=8_000,
    )


def test_random_messages_are_all_read_and_alike() -> None:
    for message in messages(3_000, seed=7):
        assert_the_quick_look_is_enough(message)
