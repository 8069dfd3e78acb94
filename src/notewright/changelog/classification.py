"""Classification: which group a change belongs to, or why it is not shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from notewright.changelog.rules import Rules
from notewright.changelog.section import Outcome
from notewright.history.bumps import read_update
from notewright.history.conventional import CommitMessage, parse_change
from notewright.history.kinds import kind_of

_DEPENDENCY_SCOPES = frozenset({"deps", "deps-dev", "dependencies", "dependency", "deps-peer"})
_MOST_NESTED = 20
_REVERT_TYPE = re.compile(r"revert(?:\([^()]*\))?!?:[ \t]*", re.IGNORECASE)
_REVERT = re.compile(r'(?:Revert(?:s|ed)?|Back(?:s|ed)? out) "')
# What people write for the usual types.
_SPELLINGS = {
    spelling: kind
    for kind, spellings in {
        "chore": "chores",
        "deprecate": "deprecated deprecation",
        "docs": "doc docfix documentation",
        "feat": "feature features",
        "fix": "bug bugfix fixed fixes hotfix",
        "perf": "performance",
        "refactor": "refact refactoring",
        "style": "styles",
        "test": "testing tests",
    }.items()
    for spelling in spellings.split()
}
# Releases made by other tools and by hand; nothing but a version may stand there.
_RELEASE = re.compile(
    r"(?i)(?:(?:chore|build|ci)?\(?release\)?:? |(?:bump|set|prepare) version (?:to )?|version )?"
    r"v?\d+(?:\.\d+){1,3}(?:[-.]?[a-z][\w.-]*)?(?: \(#\d+\))?"
)
_VERSIONED = re.compile(r"\bv?\d+\.\d+|\bversion bump\b", re.IGNORECASE)
# How the words of a dependency update can begin.
_UPDATES = ("bum", "upd", "upg", "ref", "reg", "rel", "rep", "rol", "pin", "loc", "pre", "run", "car", "npm", "[", "`", ":", "⬆")
_NO = ("no", "none", "false")
_MENDING = "[security]"  # Renovate's mark of an update that mends something
_ADVISORY = re.compile(r"\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})\b")


class Verdict(NamedTuple):
    """What becomes of one change: a group's title where it is shown, the type that its entry has, and the rule that decided, in words."""

    outcome: Outcome
    title: str | None
    rule: str
    type: str | None = None
    breaking: bool = False
    security: bool = False
    dependency: bool = False


class _Usual(NamedTuple):
    """What a type with a scope says by itself: its verdict, whether it says that security or dependencies are meant, and whether
    a header may still say the latter."""

    verdict: Verdict
    security: bool
    dependency: bool
    open: bool


class Classifier:
    """The rules of one configuration, ready to decide about many changes."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._titles = {name.lower(): title for name, title in rules.types}
        self._hidden = frozenset(name.lower() for name in rules.hidden)
        self._labels = {name.lower(): type_ for name, type_ in rules.labels}
        self._usual = lru_cache(maxsize=None)(self._by_type)  # types and scopes are few

    def classify(self, message: CommitMessage, *, labels: Sequence[str] = (), paths: Sequence[str] = ()) -> Verdict:
        """Decide by the first rule that fits. Breaking and security changes show whatever their type. `labels`, those of the pull
        request, and `paths` are asked only about a change that has no type."""
        if message.type is not None:
            return self._decide(message, self._usual(message.type, message.scope))
        if _REVERT.match(message.header):
            return self._decide(message, self._usual("revert", None))
        guess = kind_of(message.subject, paths, labels, self._labels)
        verdict = self._decide(message, self._usual((guess.type or "") if guess else "", None))
        if guess and guess.breaking and not verdict.breaking:
            return self._breaking(verdict.type, guess.rule)
        by_type = guess and guess.type and not verdict.breaking and not verdict.security
        return verdict._replace(rule=guess.rule) if by_type and guess else verdict

    def needs_paths(self, message: CommitMessage, labels: Sequence[str]) -> bool:
        """Whether the files of a change could decide where it belongs."""
        plain = message.type is None and not message.breaking and not _REVERT.match(message.header) and not is_security(message)
        return plain and kind_of(message.subject, (), labels, self._labels) is None

    def shows(self, message: CommitMessage) -> bool:
        """Whether a change with a type is shown."""
        return self.classify(message).outcome == "shown"

    def updates(self, message: CommitMessage) -> bool:
        """Whether a change only moves dependencies: by type, scope or words, which count for no type that has a group of its own."""
        usual = self._usual(message.type or "", message.scope)
        return usual.dependency or (usual.open and _says_update(message))

    def knows(self, type_: str) -> bool:
        """Whether a rule names this type, so that a line which begins with it is a change."""
        kind = self._kind(type_)
        return kind in self._titles or kind in self._hidden or kind in ("revert", "deps")

    def _decide(self, message: CommitMessage, usual: _Usual) -> Verdict:
        verdict = usual.verdict
        if message.breaking:
            return self._breaking(verdict.type, "breaking change")
        header = message.header
        may_be_security = usual.security or message.trailers or "CVE-" in header or "GHSA-" in header or _MENDING in header.lower()
        if may_be_security and is_security(message):
            title = self._titles.get("security", self._titles.get(verdict.type or "", self._rules.other))
            return Verdict("shown", title, "security change", verdict.type, security=True)
        if usual.dependency or (usual.open and _says_update(message)):
            return self._dependency(verdict.type)
        return self._quiet(message, verdict) if usual.open else verdict

    def _quiet(self, message: CommitMessage, verdict: Verdict) -> Verdict:
        """Hide releases made by other tools, and reverts of what nobody was told."""
        kind = verdict.type or ""
        if kind in ("", "release") and "release" not in self._titles and _is_release(kind, message):
            return Verdict("hidden", None, "release commit", verdict.type)
        if kind == "revert" and (hidden := self._undone_type(message)):
            return Verdict("hidden", None, f"reverts a change of hidden type {hidden}", kind)
        return verdict

    def _breaking(self, kind: str | None, rule: str) -> Verdict:
        return Verdict("shown", self._rules.breaking, rule, kind, breaking=True)

    def _dependency(self, kind: str | None) -> Verdict:
        if self._rules.dependencies is None:
            return Verdict("hidden", None, "dependency update", kind, dependency=True)
        return Verdict("shown", self._rules.dependencies, "dependency update", kind, dependency=True)

    def _kind(self, type_: str) -> str:
        """Return a type in lower case, other spellings of a usual one as that one, unless a rule names them."""
        kind = type_.lower()
        return kind if kind in self._titles or kind in self._hidden else _SPELLINGS.get(kind, kind)

    def _undone_type(self, message: CommitMessage) -> str | None:
        """Return the type of what a revert takes back, if changes of that type are hidden: readers never heard of it."""
        subject = message.subject
        for _ in range(_MOST_NESTED):
            quoted = _REVERT.match(subject) or _REVERT_TYPE.match(subject)
            if not quoted:
                break
            subject = subject[quoted.end() :]
        undone = parse_change(subject.lstrip('"'))
        hidden = undone.type is not None and self._kind(undone.type) != "revert" and self.classify(undone).outcome == "hidden"
        return self._kind(undone.type or "") if hidden else None

    def _by_type(self, type_: str, scope: str | None) -> _Usual:
        kind, scope = self._kind(type_), (scope or "").lower()
        verdict = self._verdict(kind, scope)
        return _Usual(verdict, "security" in (kind, scope), kind == "deps" or scope in _DEPENDENCY_SCOPES, kind not in self._titles)

    def _verdict(self, kind: str, scope: str) -> Verdict:
        """Decide by type and scope: what is named together comes before what is named alone."""
        together = f"{kind}({scope})"
        if scope and together in self._titles:
            return Verdict("shown", self._titles[together], f"type {together}", kind)
        hidden = next((name for name in (together, f"({scope})") if scope and name in self._hidden), None)
        if hidden:
            return Verdict("hidden", None, f"hidden {'type' if hidden == together else 'scope'} {hidden}", kind)
        if kind in self._titles:
            return Verdict("shown", self._titles[kind], f"type {kind}", kind)
        if kind in self._hidden:
            return Verdict("hidden", None, f"hidden type {kind}", kind)
        if kind == "revert":
            return Verdict("shown", self._rules.reverts, "revert", kind)
        if kind:
            return Verdict("shown", self._rules.other, f"type {kind}, which no rule names", kind)
        if self._rules.unconventional == "show":
            return Verdict("shown", self._rules.other, "not conventional")
        return Verdict("hidden", None, "not conventional")


def is_security(message: CommitMessage) -> bool:
    """Whether a change says that it mends security: by a Security trailer, by type, scope or an advisory's number."""
    said = next((value for token, value in message.trailers if token.lower() == "security"), None) if message.trailers else None
    if said is not None:
        return said.lower() not in _NO
    if "security" in ((message.type or "").lower(), (message.scope or "").lower()):
        return True
    header = message.header
    if _MENDING in header.lower():
        return True
    return ("CVE-" in header or "GHSA-" in header) and _ADVISORY.search(header) is not None


def _is_release(kind: str, message: CommitMessage) -> bool:
    """Whether a commit only makes a release: nothing but a version, or, of that type, words around one."""
    return _RELEASE.fullmatch(message.header) is not None or (kind == "release" and _VERSIONED.search(message.subject) is not None)


def _says_update(message: CommitMessage) -> bool:
    """Whether the words of a change say that dependencies moved; a look at how they begin spares most the reading."""
    return message.subject[:3].lower().startswith(_UPDATES) and read_update(message.header)[0]


def group_titles(rules: Rules) -> tuple[str, ...]:
    """The order of groups: breaking first, types as configured, then dependencies, reverts and the rest."""
    dependencies = (rules.dependencies,) if rules.dependencies else ()
    titles = (rules.breaking, *(title for _, title in rules.types), *dependencies, rules.reverts, rules.other)
    return tuple(dict.fromkeys(titles))
