"""Phrases: words and word beginnings of a reviewed list, found in a text in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from notewright.grounding.wording import plain

_KEY = 2  # letters that every phrase begins with and is found by
_WORD_START = re.compile(r"(?<!\w)\w")
_SEPARATOR = re.compile(r"[-_/]")


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of the list `name` at a place of the read text, in lower case and without hyphens."""

    name: str
    text: str
    start: int


class Phrases:
    """Lists of phrases by name, separated by commas. A star stands for any ending of a word: "deprecat*"; hyphens and blanks are the
    same. At one place each list says its longest phrase."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        by_start: dict[str, dict[str, list[str]]] = {}
        for name, phrases in lists.items():
            for phrase in split_phrases(phrases):
                by_start.setdefault(phrase[:_KEY], {}).setdefault(name, []).append(phrase)
        self._patterns = {
            key: tuple((name, _pattern(phrases)) for name, phrases in lists_here.items()) for key, lists_here in by_start.items()
        }

    def find(self, text: str) -> Iterator[Found]:
        """Yield every phrase in a text as `simple` spells it, in its order."""
        for match in _WORD_START.finditer(text):
            for name, pattern in self._patterns.get(text[match.start() : match.start() + _KEY], ()):
                if found := pattern.match(text, match.start()):
                    yield Found(name, found[0], match.start())


def split_phrases(phrases: str) -> list[str]:
    """Return the phrases of a list, which stand between commas."""
    return [" ".join(phrase.split()) for phrase in phrases.split(",") if phrase.strip()]


def simple(text: str) -> str:
    """Return a text as phrases are found in it: plain spelling, lower case, without hyphens and code marks."""
    return " ".join(_SEPARATOR.sub(" ", plain(text).casefold().replace("`", " ")).split())


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile("(?:" + "|".join(re.escape(phrase).replace(r"\*", r"\w*") for phrase in longest_first) + r")(?!\w)")
