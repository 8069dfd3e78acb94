"""Headings: which release a heading of a changelog names, in any usual layout."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notewright.history.versions import Version, parse_version

UNRELEASED = "unreleased"

_DAY = r"\d{4}-\d{2}-\d{2}"
# What may stand before a name: anchors, emphasis, an opening bracket, emoji. Possessive: no heading is read twice.
_DECORATION = re.compile(r"(?:<a\b[^<>]*+>(?:</a>)?|:\w++:|[^\w@<])*+")
_WORD = re.compile(r"[^\s\](),*`~<>]++")
_GAP = re.compile(r"[\s\](),*`~:/\u2013\u2014-]*+")
_UNRELEASED = re.compile(r"unreleased\b", re.IGNORECASE)
_DATE = re.compile(_DAY)
_LABEL = re.compile(r"(?:version|release):?", re.IGNORECASE)
_NAMED = re.compile(r"(@?[A-Za-z][\w./-]*?)[@/_-]v?(\d+\.[^\s@]*)")
_NAME = re.compile(r"@?[A-Za-z][\w./-]*")
_TITLES = frozenset(
    {"changelog", "changes", "history", "news", "notes", "roadmap", "upgrading", "since", "before", "until", "from", "to", "in"}
)
# "1.0 to 2.0" is about two releases, and is neither
_ONWARDS = re.compile(r"\s*(?:to|and|or|through|→|[-\u2013]>|\.\.\.?)(?![A-Za-z])", re.IGNORECASE)
# What may follow where the words before leave doubt: nothing, a date, something in brackets or behind a dash.
_CLOSED = re.compile(rf"\]?\s*(?:$|[-\u2013\u2014/:,(\[<*`~]|{_DAY})")


@dataclass(frozen=True, slots=True)
class Named:
    """What a heading names: a version (None: Unreleased), and the component in front of it, in lower case ("" for none)."""

    version: Version | None
    component: str = ""

    @property
    def name(self) -> str:
        """The version in lower case, or UNRELEASED: what a region is called."""
        return self.version.text.lower() if self.version else UNRELEASED


def read_heading(content: str) -> Named | None:
    """Read a heading's text: "1.0.0", "[v1.0.0](…) (2020-01-01)", "Version 1.0", "core 1.2.0", "@acme/core@1.2.0",
    "2020-01-01, Version 1.0", "[Unreleased]"; None for any other. A bare number, or a word and a version, only count alone or
    before a date or brackets: "Python 3.12 support" names no release."""
    start = _end(_DECORATION, content, 0)
    if _UNRELEASED.match(content, start):
        return Named(None)
    word, end = _word(content, start)
    if not _DATE.fullmatch(word):
        return _read_release(content, word, end)
    named = _read_release(content, *_word(content, _end(_GAP, content, end)))  # Node.js: "2023-10-05, Version 20.8.0"
    version = None if named else parse_version(word)  # a release that is called by its day
    return Named(version) if version else named


def _read_release(content: str, word: str, end: int) -> Named | None:
    """Read a release's name that begins with `word`, which ends at `end`."""
    labelled = _LABEL.fullmatch(word) is not None
    if labelled:
        word, end = _word(content, _end(_GAP, content, end))
    if version := _version(word):
        closed = labelled or "." in word or _CLOSED.match(content, end)
        return Named(version) if closed and not _ONWARDS.match(content, end) else None
    return _read_component(content, word, end)


def _read_component(content: str, word: str, end: int) -> Named | None:
    """Read "core-v1.2.0", or "core 1.2.0", where `word` ends at `end`."""
    if "\n" in content:  # an underlined heading with words above: "See also", "1.0"
        return None
    match = _NAMED.fullmatch(word)
    name, text = (match[1], match[2]) if match else (word.removesuffix(":"), "")
    if not match:
        if not _NAME.fullmatch(name) or name.lower() in _TITLES:
            return None
        text, end = _word(content, _end(_GAP, content, end))
    version = _version(text) if "." in text else None
    return Named(version, name.lower()) if version and _CLOSED.match(content, end) else None


def _version(word: str) -> Version | None:
    text = word.rstrip(":.;")
    return None if _DATE.fullmatch(text) else parse_version(text[1:] if text[:1] in ("v", "V") else text)


def _word(content: str, start: int) -> tuple[str, int]:
    match = _WORD.match(content, start)
    return (match[0], match.end()) if match else ("", start)


def _end(pattern: re.Pattern[str], content: str, start: int) -> int:
    match = pattern.match(content, start)
    return match.end() if match else start
