"""Classification: which group a change belongs to, or why it is not shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from notewright.changelog.rules import Rules
from notewright.changelog.section import Outcome
from notewright.history.changes import Change

BREAKING_TITLE = "Breaking changes"
REVERTS_TITLE = "Reverts"
OTHER_TITLE = "Other changes"

_DEPENDENCY_SCOPES = frozenset({"deps", "deps-dev", "dependencies", "dependency", "deps-peer"})
_DEPENDENCY = re.compile(r"(?i)(?:bump|update|upgrade)s? (?:dependency )?\S+ (?:from \S+ )?to v?\d")
_REVERT = re.compile(r'Revert(?:s)? "')
_SECURITY = re.compile(r"\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one change: a group's title where it is shown, and the rule that decided, in words."""

    outcome: Outcome
    title: str | None
    rule: str


def is_security(change: Change) -> bool:
    """Whether a change says that it mends security: by type, scope or an advisory's number."""
    message = change.message
    words = {(message.type or "").lower(), (message.scope or "").lower()}
    return "security" in words or bool("-" in message.header and _SECURITY.search(message.header))


def classify(change: Change, rules: Rules) -> Verdict:
    """Decide by the first rule that fits. Breaking and security changes show whatever their type."""
    message = change.message
    if change.released:
        return Verdict("hidden", None, f"own release commit of {change.released}")
    if message.breaking:
        return Verdict("shown", BREAKING_TITLE, "breaking change")
    if change.is_merge and not message.conventional:
        return Verdict("folded", None, "merge commit: its branch's commits stand for it")
    kind = (message.type or "").lower()
    titles = _titles(rules)
    if is_security(change):
        return Verdict("shown", titles.get("security", titles.get(kind, OTHER_TITLE)), "security change")
    if is_dependency_update(change):
        return _dependency(rules)
    if kind in titles:
        return Verdict("shown", titles[kind], f"type {kind}")
    if kind in _hidden(rules):
        return Verdict("hidden", None, f"hidden type {kind}")
    if kind == "revert" or _REVERT.match(message.header):
        return Verdict("shown", REVERTS_TITLE, "revert")
    return _other(kind, rules)


def is_dependency_update(change: Change) -> bool:
    """Whether a change only moves a dependency to another version."""
    message = change.message
    if (message.type or "").lower() == "deps" or (message.scope or "").lower() in _DEPENDENCY_SCOPES:
        return True
    return _DEPENDENCY.match(message.subject) is not None


def group_titles(rules: Rules) -> tuple[str, ...]:
    """The order of groups: breaking first, types as configured, then dependencies, reverts and the rest."""
    dependencies = (rules.dependencies,) if rules.dependencies else ()
    titles = (BREAKING_TITLE, *(title for _, title in rules.types), *dependencies, REVERTS_TITLE, OTHER_TITLE)
    return tuple(dict.fromkeys(titles))


@cache
def _titles(rules: Rules) -> dict[str, str]:
    return {type_.lower(): title for type_, title in rules.types}


@cache
def _hidden(rules: Rules) -> frozenset[str]:
    return frozenset(type_.lower() for type_ in rules.hidden)


def _other(kind: str, rules: Rules) -> Verdict:
    if kind:
        return Verdict("shown", OTHER_TITLE, f"type {kind}, which no rule names")
    return (
        Verdict("shown", OTHER_TITLE, "not conventional") if rules.unconventional == "show" else Verdict("hidden", None, "not conventional")
    )


def _dependency(rules: Rules) -> Verdict:
    if rules.dependencies is None:
        return Verdict("hidden", None, "dependency update")
    return Verdict("shown", rules.dependencies, "dependency update")
