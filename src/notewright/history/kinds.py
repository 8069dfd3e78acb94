"""Kinds: what an unconventional commit is, by labels, paths and words; rules that rather say nothing than guess."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from notewright.history.bumps import is_dependency_update
from notewright.history.places import DOCS, PRODUCT, TESTS, places_of

_HEAD_CHARACTERS = 300  # what a subject is about stands at its start; a megabyte of subject costs no more than this
_MANY_PATHS = 2000  # a commit that changes more is nothing that these rules should speak of

_Rows = tuple[tuple[str, str], ...]

# How often each row is right over real histories: `python bench/kinds.py --rules`.
# What a commit is whose paths all belong to places of the first set, and some to the second; the first row that fits decides.
_BY_PLACES = (
    ("test", {"tests"}, {"tests"}),
    ("ci", {"ci"}, {"ci"}),
    ("chore", {"ci", "tooling", "tests"}, {"ci", "tooling", "tests"}),
    ("deps", {"lock files"}, {"lock files"}),
    ("docs", {"docs", "changelog"}, {"docs"}),
)
_UNSEEN = frozenset({"test", "ci", "chore"})

# In all rows of words: the head of a subject in small letters, matched from its start; the first row that fits decides, and the group
# that matched names the rule. These decide before paths do.
_SURE: _Rows = (
    ("revert", r"(revert)(?:s|ed)? \""),
    ("security", r".*\b(cve-\d{4}-\d{4,}|ghsa(?:-[0-9a-z]{4}){3})\b"),
    ("chore", r"(?:prepare |cut |make )?(?:for |the )?(releases?):? (?:of )?(?:version )?v?\d+\.\d[\w.+-]*$"),
    ("chore", r"(prepare) (?:for )?(?:the )?(?:next |v?\d[\w.+-]* )?release(?: v?\d[\w.+-]*)?$"),
    ("chore", r"(v?\d+\.\d+(?:\.\d+)?(?:[.-]?(?:a|b|rc|alpha|beta|dev|next)[.-]?\d*)?)$"),
    ("chore", r"(bump)(?:s|ed)? (?:the )?version(?: number)?(?:$| (?:to )?v?\d+\.\d[\w.+-]*$)"),
)
# What is mended decides what a fix is: these users never meet, or words alone can't tell.
_NO_BUG = (
    r"(?!.*\b(?:typos?|spelling|grammar|wording|lint\w*|eslint|ruff|flake8|mypy|clippy|warnings?|format\w*|whitespace|indent\w*|style"
    r"|tests?|testing|testsuite|flaky|ci|travis|appveyor|circleci|workflows?|builds?|compilation|comments?|docs?|documentation|docstrings?"
    r"|readme|changelog|links?|urls?|examples?|types?|typings?|merge|conflicts?|snapshots?|coverage|release|deploy\w*|makefile|dockerfile"
    r"|scripts?|imports?|version|benchmarks?|fixtures?|review|gitignore|pep8|isort|black)\b)"
)
_WORDS: _Rows = (
    ("deprecate", r"(deprecate)[sd]?\b"),
    ("perf", r"(speed)(?:s|ed)? up\b"),
    ("perf", r"improve[sd]? (?:the )?(?:\w+ )?(performance)\b"),
    ("fix", rf"(?:bug ?)?(fix)(?:e[sd])?(?=$|[ :#]){_NO_BUG}"),
    ("fix", rf"(correctly|properly|should|shouldn't|ensure)[sd]?\b{_NO_BUG}"),
    ("fix", rf".*\b(crash|regression|memory leak|race condition|deadlock)(?:e?[sd]|es)?\b{_NO_BUG}"),
)
# Only where no paths are known: of a commit that touches the product as well, its subject says too little.
_WORDS_ALONE: _Rows = (
    ("docs", r"(?:add|update|improve|fix|clarify|expand|extend|correct|polish|rewrite)(?:s|es|ed|d)? (?:(?:the|a|some|more|typos? in) )*"
             r"(docs?|documentation|readme(?:\.\w+)?)(?: (?:for|of|on|about) .*)?$"),
)  # fmt: skip
# Words that need a witness: who mends the product adds a test, who adds to it documents that as well.
_WITH_TESTS: _Rows = (
    ("fix", rf"(handle|prevent|preserve|correct|ignore|resolve|respect|restore|don't|do not)[sd]?\b{_NO_BUG}"),
    ("fix", r"(?!add|allow|support|improve|use|cache|check|show|enable|introduce|implement|perf|refactor|move|remove)"
            rf".*\b(should|correctly|properly|during|when)\b{_NO_BUG}"),
)  # fmt: skip
_WITH_TESTS_AND_DOCS: _Rows = (("feat", r"(add|support|allow|introduce|implement|enable|expose)(?:s|ed|d)?\b"),)
# What only a change of the product can do.
_CLAIMS: _Rows = (*_WORDS, _WITH_TESTS[0], ("feat", rf"(support|allow|introduce|implement|expose)(?:s|ed|d)?\b{_NO_BUG}"))

_MARKS_BEFORE = re.compile(r"(?:\[[^\]]*\] ?|:[a-z_]+: ?|[^\w\s\"'(]+ ?)+")
_NUMBERS_BEHIND = re.compile(r"(?: ?\(#\d+\))+$")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a commit is: a type of Conventional Commits, the rule that said so, in words, and whether it breaks.

    `type` is None where nothing but a label for breaking changes is known.
    """

    type: str | None
    rule: str
    breaking: bool = False


def kind_of(subject: str, paths: Sequence[str], labels: Sequence[str], mapping: Mapping[str, str]) -> Kind | None:
    """Return the kind of a commit whose header is not conventional; None where no rule is sure.

    Labels of its pull request decide first, then words that leave no doubt, then its paths (none for "not known"), then other words
    where the product is touched, some only if tests or documentation are as well. Linear in everything given.
    """
    label = kind_by_labels(labels, mapping)
    if label and label.type:
        return label
    found = _sure(_head(subject), subject) or _by_both(_head(subject), paths)
    if label and found:
        return replace(found, rule=f"{label.rule}, {found.rule}", breaking=True)
    return label or found


def kind_by_labels(labels: Sequence[str], rules_labels: Mapping[str, str]) -> Kind | None:
    """Return what labels say, compared without case: the first row of the mapping that fits decides, whatever the order of the labels.

    A label mapped to "!" says that the change breaks, and another one may say its type.
    """
    given = {label.strip().casefold() for label in labels}
    fitting = [(label, type_) for label, type_ in rules_labels.items() if label.strip().casefold() in given]
    breaking = next((label for label, type_ in fitting if type_ == "!"), None)
    named = next(((label, type_) for label, type_ in fitting if type_ != "!"), None)
    if named:
        return Kind(named[1], f"label {named[0]}", breaking is not None)
    return Kind(None, f"label {breaking}", breaking=True) if breaking is not None else None


def kind_by_paths(paths: Sequence[str]) -> Kind | None:
    """Return what the changed files say, where all of them stand in places of one sort; None otherwise, and for no paths."""
    return _by_places(_places(paths))


def kind_by_words(subject: str) -> Kind | None:
    """Return what the words of a subject say by themselves."""
    head = _head(subject)
    return _sure(head, subject) or _first((*_WORDS, *_WORDS_ALONE), head)


def _sure(head: str, subject: str) -> Kind | None:
    if found := _first(_SURE, head):
        return found
    return Kind("deps", "dependency update") if is_dependency_update(subject) else None


def _by_places(places: frozenset[str]) -> Kind | None:
    for type_, within, some in _BY_PLACES:
        if places <= within and places & some:
            return Kind(type_, f"paths {', '.join(sorted(places))}")
    return None


def _by_both(head: str, paths: Sequence[str]) -> Kind | None:
    """Return what paths and words say together."""
    places = _places(paths)
    if not places:
        return _first((*_WORDS, *_WORDS_ALONE), head)
    if found := _by_places(places):
        # a subject that claims more than its paths can keep is shown, lest something be hidden that users meet
        return None if found.type in _UNSEEN and _first(_CLAIMS, head) else found
    if PRODUCT not in places:
        return None
    if places >= {TESTS, DOCS} and (found := _first(_WITH_TESTS_AND_DOCS, head)):
        return replace(found, rule=f"{found.rule}, with tests and documentation")
    if found := _first(_WORDS, head):
        return found
    found = _first(_WITH_TESTS, head) if TESTS in places else None
    return replace(found, rule=f"{found.rule}, with tests") if found else None


def _places(paths: Sequence[str]) -> frozenset[str]:
    return places_of(paths) if len(paths) <= _MANY_PATHS else frozenset({PRODUCT})


def _first(rows: _Rows, head: str) -> Kind | None:
    for type_, pattern in rows:
        if match := _compiled(pattern).match(head):
            return Kind(type_, f"word {match[1]}")
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _head(subject: str) -> str:
    """Return the start of a subject in small letters, without marks before it ("[ui] ", ":bug: ") and numbers behind."""
    text = " ".join(subject[:_HEAD_CHARACTERS].lower().replace("\u2019", "'").split())
    marks = _MARKS_BEFORE.match(text)
    return _NUMBERS_BEHIND.sub("", text[marks.end() :] if marks else text)
