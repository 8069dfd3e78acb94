"""Natures: what kind of change an entry tells, by its type, or by the word that its summary begins with."""

from __future__ import annotations

import re
from functools import lru_cache

from notewright.grounding.facts import Fact
from notewright.grounding.wording import plain

# Types as projects spell them; the first word is the nature
_SPELLINGS = """
feat feature features add added new adds
fix fixes fixed bugfix bug hotfix bugfixes
perf performance optimization optimisation
security sec vuln
deprecate deprecated deprecation deprecations
remove removed removal
deps build dependencies dependency bump requires
revert reverted reverts
"""
_NATURES = {spelling: line.split()[0] for line in _SPELLINGS.strip().splitlines() for spelling in line.split()}
_LABEL = re.compile(r"^(?P<label>[\w .`()/-]{1,24}):\s+(?=\S)")
_DEPRECATES = re.compile(r"\b(?:is|are|now) (?:now )?(?:deprecated|obsolete)\b")
# What stands before a summary: names of parts with a colon or in brackets, and words such as "Tweak" with a dash
_LABELS = re.compile(r"^(?:(?:\[[^\[\]]{1,24}\]|[A-Z][a-z]{2,12} -|[\w .`()/-]{1,32}:)\s+){1,3}(?=[^\d\s])")
_FIXES = re.compile(
    r"^(?:fix(?:e[sd])?|resolve[sd]?|repair(?:s|ed)?|address(?:es|ed)?)(?: for)?(?: -|:)? "
    r"(?:(?:(?:an?|the) )?(?:\w+ )?(?:issue|bug|problem|regression|error|case) (?:introduced in \S+ )?"
    r"(?:where|that|which|in which|when|causing)(?: caused)? )?",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 14)
def nature(fact: Fact) -> str | None:
    """Return the nature of the change: feat, fix, perf, security, deprecate, remove, deps, revert; None where neither type nor summary
    says."""
    if fact.type:
        return _NATURES.get(fact.type.casefold())
    line = plain(fact.summary)
    label = _LABEL.match(line)
    first = label["label"].casefold() if label else ""
    return _NATURES.get(first) or ("fix" if _FIXES.match(line) else None)


def deed(fact: Fact) -> str | None:
    """Return the nature of a change, and where its type says none ("chore") what the summary begins or ends with: "X is deprecated"."""
    if found := nature(fact):
        return found
    written = plain(fact.summary).casefold()
    return _NATURES.get(written.partition(" ")[0]) or ("deprecate" if _DEPRECATES.search(written) else None)


def bare_summary(fact: Fact) -> str:
    """Return the summary without labels such as "Bugfix: " or "net: tcp: ", and without a leading "fix"."""
    return _FIXES.sub("", _LABELS.sub("", plain(fact.summary)))
