from __future__ import annotations

import pytest

from notewright.notes.forms import shapes
from notewright.notes.verbs import past, third_person
from tests.parts.sections import entry


@pytest.mark.parametrize(
    ("kind", "subject", "form", "text"),
    [
        pytest.param("feat", "add passkey login", "done", "added passkey login", id="past"),
        pytest.param("feat", "Add passkey login (#412)", "done", "added passkey login", id="past-of-a-capital"),
        pytest.param("feat", "drop SQLite backend", "done", "dropped SQLite backend", id="doubled-letter"),
        pytest.param("feat", "rewrite the parser", "done", "rewrote the parser", id="irregular"),
        pytest.param("fix", "handle nested tags", "does", "handles nested tags", id="present"),
        pytest.param("fix", "properly handle nested tags", "does", "properly handles nested tags", id="adverb"),
        pytest.param("fix", "do not expose keys to forks", "stopped", "exposes keys to forks", id="negative"),
        pytest.param("feat", "allow users to mute threads", "capability", "mute threads", id="allow-people"),
        pytest.param("feat", "add an option to hide the banner", "capability", "hide the banner", id="option-to"),
        pytest.param("feat", "add option to config file", "done", "added option to config file", id="option-to-a-thing"),
        pytest.param("feat", "allow returning the bumped version", "possible", "returning the bumped version", id="gerund"),
        pytest.param("feat", "allow missing values", "does", "allows missing values", id="adjective-in-ing"),
        pytest.param("feat", "support Python 3.14", "support", "Python 3.14", id="support"),
        pytest.param("feat", "add experimental support for Ruby", "support", "Ruby", id="add-support"),
        pytest.param("fix", "crash when a range is empty", "issue", "a crash when a range is empty", id="fault"),
        pytest.param("fix", "fix infinite loop in the parser", "issue", "an infinite loop in the parser", id="fix-a-fault"),
        pytest.param("fix", "fix the crash of `x`", "issue", "the crash of `x`", id="fix-with-article"),
        pytest.param("fix", "keys are lost after a restart", "issue", "an issue where keys are lost after a restart", id="faulty-clause"),
        pytest.param("fix", "keys are masked in logs", "plain", "keys are masked in logs", id="a-remedy-is-no-fault"),
        pytest.param("fix", "keys are no longer lost", "plain", "keys are no longer lost", id="a-negated-fault-is-no-fault"),
        pytest.param("fix", "crash reporter", "plain", "crash reporter", id="a-compound-is-no-fault"),
        pytest.param("feat", "cache invalidation API", "plain", "cache invalidation API", id="a-noun-that-is-a-verb-too"),
        pytest.param("feat", "drop shadow on cards", "plain", "drop shadow on cards", id="compound"),
        pytest.param("feat", "flaky test report", "plain", "flaky test report", id="noun"),
        pytest.param("revert", "add passkey login", "plain", "reverted: add passkey login", id="a-revert-adds-nothing"),
        pytest.param("revert", 'Revert "add x"', "plain", 'Revert "add x"', id="git-s-revert"),
    ],
)
def test_the_best_form_of_a_subject_keeps_its_meaning(kind: str, subject: str, form: str, text: str) -> None:
    first = next(shapes(entry(subject, type=kind)))
    assert (first.form, first.text) == (form, text)


@pytest.mark.parametrize("subject", ["add x", "fix crash", "weird thing", "allow users to y z"])
def test_the_plain_form_is_always_there_and_last(subject: str) -> None:
    found = list(shapes(entry(subject)))
    assert found[-1].form == "plain"
    assert found[-1].text == subject


def test_an_empty_subject_has_no_form() -> None:
    assert list(shapes(entry(" (#12). "))) == []


@pytest.mark.parametrize(
    ("verb", "expected"), [("add", "added"), ("apply", "applied"), ("replace", "replaced"), ("drop", "dropped"), ("make", "made")]
)
def test_a_verb_has_its_past(verb: str, expected: str) -> None:
    assert past(verb) == expected


@pytest.mark.parametrize(
    ("verb", "expected"), [("expose", "exposes"), ("match", "matches"), ("try", "tries"), ("show", "shows"), ("have", "has")]
)
def test_a_verb_has_its_third_person(verb: str, expected: str) -> None:
    assert third_person(verb) == expected
