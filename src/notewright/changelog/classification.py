"""Classification: which group a change belongs to, or why it is not shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from notewright.changelog.rules import Rules
from notewright.changelog.section import Outcome
from notewright.history.bumps import is_dependency_update
from notewright.history.conventional import CommitMessage
from notewright.history.kinds import Kind, kind_of

_DEPENDENCY_SCOPES = frozenset({"deps", "deps-dev", "dependencies", "dependency", "deps-peer"})
_REVERT = re.compile(r'(?:Revert(?:s|ed)?|Back(?:s|ed)? out) "')
# What people write for the usual types.
_SPELLINGS = {
    spelling: kind
    for kind, spellings in {
        "chore": "chores",
        "deprecate": "deprecated deprecation",
        "docs": "doc docfix documentation",
        "feat": "feature features",
        "fix": "bug bugfix fixes hotfix",
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
# How a header of a dependency update can begin, behind its type.
_MAY_UPDATE = re.compile(
    r"(?i)(?:[a-z][\w-]*(?:\([^()]*\))?!?:\s*)?(?:bump|up[dg]|re[fgl]|rollback|pin|roll|lock|pre-|run|cargo|npm|replace|[`\[:⬆])"
)
_NO = ("no", "none", "false")
_ADVISORY = re.compile(r"\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})\b")


class Verdict(NamedTuple):
    """What becomes of one change: a group's title where it is shown, the type that its entry has, and the rule that decided, in words."""

    outcome: Outcome
    title: str | None
    rule: str
    type: str | None = None
    breaking: bool = False


class Classifier:
    """The rules of one configuration, ready to decide about many changes."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._titles = {name.lower(): title for name, title in rules.types}
        self._hidden = frozenset(name.lower() for name in rules.hidden)
        self._labels = {name.lower(): type_ for name, type_ in rules.labels}
        self._typed = lru_cache(maxsize=None)(self._by_type)  # types and scopes are few

    def type_of(self, message: CommitMessage) -> str:
        """Return a change's type in lower case, other spellings of a usual one as that one, unless a rule names them."""
        kind = (message.type or "").lower()
        return kind if kind in self._titles or kind in self._hidden else _SPELLINGS.get(kind, kind)

    def classify(self, message: CommitMessage, *, labels: Sequence[str] = (), paths: Sequence[str] = ()) -> Verdict:
        """Decide by the first rule that fits. Breaking and security changes show whatever their type. `labels`, those of the pull
        request, and `paths` are asked only about a change that has no type."""
        if message.type is not None:
            return self._decide(message, self.type_of(message), None)
        if _REVERT.match(message.header):
            return self._decide(message, "revert", None)
        kind = kind_of(message.subject, paths, labels, self._labels)
        return self._decide(message, (kind.type or "").lower() if kind else "", kind)

    def needs_paths(self, message: CommitMessage, labels: Sequence[str]) -> bool:
        """Whether the files of a change could decide where it belongs."""
        plain = message.type is None and not message.breaking and not _REVERT.match(message.header) and not is_security(message)
        return plain and kind_of(message.subject, (), labels, self._labels) is None

    def shows(self, message: CommitMessage) -> bool:
        """Whether a change with a type is shown."""
        return self.classify(message).outcome == "shown"

    def knows(self, type_: str) -> bool:
        """Whether a rule names this type, so that a line which begins with it is a change."""
        kind = _SPELLINGS.get(type_.lower(), type_.lower())
        return kind in self._titles or kind in self._hidden or kind in ("revert", "deps")

    def _decide(self, message: CommitMessage, kind: str, guess: Kind | None) -> Verdict:
        if message.breaking or (guess and guess.breaking):
            return Verdict(
                "shown", self._rules.breaking, guess.rule if guess and guess.breaking else "breaking change", kind or None, breaking=True
            )
        if is_security(message):
            title = self._titles.get("security", self._titles.get(kind, self._rules.other))
            return Verdict("shown", title, "security change", kind or None)
        if (message.scope or "").lower() in _DEPENDENCY_SCOPES or kind == "deps" or updates_dependencies(message.header):
            return self._dependency(kind)
        if kind in ("", "release") and "release" not in self._titles and _RELEASE.fullmatch(message.header):
            return Verdict("hidden", None, "release commit", kind or None)
        verdict = self._typed(kind, (message.scope or "").lower())
        return verdict._replace(rule=guess.rule) if guess and kind else verdict

    def _by_type(self, kind: str, scope: str) -> Verdict:
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

    def _dependency(self, kind: str) -> Verdict:
        if self._rules.dependencies is None:
            return Verdict("hidden", None, "dependency update", kind or None)
        return Verdict("shown", self._rules.dependencies, "dependency update", kind or None)


def is_security(message: CommitMessage) -> bool:
    """Whether a change says that it mends security: by a Security trailer, by type, scope or an advisory's number."""
    said = next((value for token, value in message.trailers if token.lower() == "security"), None) if message.trailers else None
    if said is not None:
        return said.lower() not in _NO
    if "security" in ((message.type or "").lower(), (message.scope or "").lower()):
        return True
    header = message.header
    return ("CVE-" in header or "GHSA-" in header) and _ADVISORY.search(header) is not None


def updates_dependencies(header: str) -> bool:
    """Whether a header says that dependencies moved; a look at how it begins spares most headers the reading."""
    return _MAY_UPDATE.match(header) is not None and _is_update(header)


_is_update = lru_cache(maxsize=8192)(is_dependency_update)  # bots write the same header again and again


def group_titles(rules: Rules) -> tuple[str, ...]:
    """The order of groups: breaking first, types as configured, then dependencies, reverts and the rest."""
    dependencies = (rules.dependencies,) if rules.dependencies else ()
    titles = (rules.breaking, *(title for _, title in rules.types), *dependencies, rules.reverts, rules.other)
    return tuple(dict.fromkeys(titles))
