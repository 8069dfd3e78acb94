"""Licences: SPDX expressions, what a file says of its own licence, and whether a list allows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from notewright.dataset.licence_words import named_in

UNREADABLE = "LicenseRef-unreadable"  # something is said of the licence that is no expression of known identifiers: no list allows it
_MOST_CHARACTERS = 300
_MOST_OPEN = 20  # parentheses
_TAG = "SPDX-License-Identifier:"
_CLOSERS = re.compile(r"\*/|-->|\"\"\"|'''|[\"'`#<>{}\\]|\*\)|//")
_WORD = re.compile(r"[()]|[^\s()]+")
_AGAIN = re.compile(r"-(?:only|or-later)$|\+$")


def expression(text: str) -> str | None:
    """Return a licence expression as SPDX writes it (SPDX 2.3, annex D), or None where it is none of known identifiers."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(text) > _MOST_CHARACTERS or text.count("(") > _MOST_OPEN:
        return None
    try:
        return _bare(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return None


def _bare(text: str) -> str:
    """Return an expression without parentheses around all of it."""
    depth, inner = 0, text.startswith("(") and text.endswith(")")
    for character in text[:-1]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        inner = inner and depth > 0
    return _bare(text[1:-1]) if inner else text


def all_of(licences: Iterable[str]) -> str:
    """Return the expression that asks for each of several, sorted: where two are said, both hold. Empty for none."""
    wanted = sorted({licence for licence in licences if licence}, key=lambda licence: (licence.lower(), licence))
    return wanted[0] if len(wanted) == 1 else " AND ".join(f"({licence})" if " OR " in licence else licence for licence in wanted)


def licence_of(text: str) -> str:
    """Return the licence that a file says it has, by SPDX tags and by the words of licences; empty where it says none."""
    return all_of([*_tagged(text), *named_in(text)])


def _tagged(text: str) -> list[str]:
    """Return the expressions of all SPDX tags. One that cannot be read counts: nobody can tell what it allows."""
    found, at = [], text.find(_TAG)
    while at >= 0:
        end = text.find("\n", at)
        value = text[at + len(_TAG) : min(at + _MOST_CHARACTERS, end if end >= 0 else len(text))]
        if words := _CLOSERS.split(value)[0].strip(" \t\r;:*-=|!%"):
            found.append(expression(words) or UNREADABLE)
        at = text.find(_TAG, at + 1)
    return sorted(set(found))


class Allowed:
    """A list of licences that are allowed, all of them where it is empty, and whether what says none is."""

    def __init__(self, licences: Iterable[str], *, unknown: bool) -> None:
        self._ids = frozenset(licence.lower() for licence in licences)
        self._unknown = unknown
        self.admits: Callable[[str], bool] = lru_cache(maxsize=4_096)(self._admits)
        """Tell whether what an expression offers is allowed: all that it joins by AND, one of what it joins by OR."""

    def _admits(self, licence: str) -> bool:
        if not licence:
            return self._unknown
        return not self._ids or self._judge(licence)

    def _judge(self, licence: str) -> bool:
        """Judge an expression in its canonical form: WITH before AND before OR."""
        stack: list[list[list[bool]]] = [[[]]]  # open parentheses, of alternatives, of what each asks for
        words = iter(_WORD.findall(licence))
        for word in words:
            if word == "(":
                stack.append([[]])
            elif word == ")":
                group = stack.pop()
                stack[-1][-1].append(any(map(all, group)))
            elif word == "OR":
                stack[-1].append([])
            elif word == "WITH":
                next(words)  # an exception only gives leave for more
            elif word != "AND":
                stack[-1][-1].append(self._has(word.lower()))
        return any(map(all, stack[0]))

    def _has(self, name: str) -> bool:
        """Tell whether an identifier is on the list: `-only`, `-or-later` and `+` all let one take the version that is named."""
        base = _AGAIN.sub("", name)
        if name.endswith(("-or-later", "+")):
            return not self._ids.isdisjoint({base, f"{base}-only", f"{base}-or-later", f"{base}+"})
        return not self._ids.isdisjoint({base, f"{base}-only"})
