"""References: the issues and pull requests that a text names or closes."""

from __future__ import annotations

import re
from itertools import islice

# As GitHub reads them: "C#7", "&#39;" and a page's "…/x#12" are none. The look-behind also keeps the search linear: without it each
# letter of a long word would be tried as the start of an owner. Possessive repeats everywhere: going back could find nothing.
_WORD = "[A-Za-z0-9_.-]++"
_NAMED = rf"(?<![\w&/])(?:\#[0-9]++\b|GH-[0-9]++\b|(?<![.-]){_WORD}/{_WORD}\#[0-9]++\b)"
# GitHub's and GitLab's addresses; only before GitLab's "/-" may groups stand in groups.
_HOST = rf"\bhttps?://{_WORD}(?::[0-9]++)?"
_PATH = rf"{_WORD}/{_WORD}(?:(?:/{_WORD})*?/-(?=/))?"
_KIND = "(?:issues|pull|merge_requests)"
_ONE = rf"(?:{_NAMED}|{_HOST}/{_PATH}/{_KIND}/[0-9]++\b)"
# Most texts hold none but "#12", which this finds ten times as fast: `re` leaps from one "#" to the next.
_NUMBER = re.compile(r"(\#(?<![\w&/]\#)[0-9]++\b)()()")
_OWNED = re.compile(r"\#(?<=[A-Za-z0-9_.-]\#)[0-9]")
_REFERENCE = re.compile(rf"({_NAMED})|{_HOST}/({_PATH})/{_KIND}/([0-9]++)\b")
# GitHub's closing keywords, anywhere in a text; a list may follow ("Closes #1, #2 and #3"). It begins with a set of letters, because
# only then does `re` skip other text at once: half the time.
_CLOSING = re.compile(
    r"[CcFfRr](?<!\w[CcFfRr])(?i:(?<=c)lose[sd]?|(?<=f)ix(?:e[sd])?|(?<=r)esolve[sd]?)(?::[ \t]*+|[ \t]++)(?:(?i:issues?)[ \t]++)?"
    r"(?=[^\s#:/-]*+[#:/-])"  # most words after a keyword hold none of these, as every reference does: a fifth less time
    rf"({_ONE}(?:[ \t]*+(?:(?:,\n?|and\b|&)[ \t]*+)*+{_ONE})*+)"
)
_REFERRING = re.compile(
    r"(?i)(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|ref(?:s|erence|erences)?|see(?:-also)?|issues?|relate[sd]?(?:-to)?|part-of|supersedes|pr(?:-url)?|bug)$"
)
# Of longer headers and lists the rest is not searched, nor more lists: nobody types them, and hostile ones cost no more.
_MOST_CHARACTERS = 1 << 16
_MOST_LISTS = 1000


def may_refer(text: str) -> bool:
    """Whether a text holds what every reference holds: a cheap look before `named` and `closed`."""
    return "#" in text or "GH-" in text or "://" in text


def named(text: str) -> list[str]:
    """Return the references of a text in their order: "#12", "GH-7", "o/r#3"; an issue's address becomes "o/r#3"."""
    pattern = _REFERENCE if "GH-" in text or "://" in text or _OWNED.search(text) else _NUMBER
    found = pattern.finditer(text, 0, _MOST_CHARACTERS)
    cut = _MOST_CHARACTERS if len(text) > _MOST_CHARACTERS else -1  # what ends there may have lost digits
    return [match[1] or f"{match[2].removesuffix('/-')}#{match[3]}" for match in found if match.end() != cut]


def closed(text: str) -> list[str]:
    """Return the references after closing keywords, in their order; those that prose only mentions are none."""
    listed = [match[1] for match in islice(_CLOSING.finditer(text), _MOST_LISTS)]
    return named(" ".join(listed)) if listed else []


def cited(token: str, value: str) -> list[str]:
    """Return the references of a trailer: all of one that refers ("Refs", "See-also"), else those it closes."""
    refers = value.startswith("#") or _REFERRING.match(token)
    return named(value) if refers else closed(f"{token}: {value}")
