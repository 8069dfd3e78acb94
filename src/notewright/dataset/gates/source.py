"""What a passage has that an answer may say: its names, words, numbers and code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from notewright.dataset.gates.language_words import language_words, library_words
from notewright.dataset.gates.numerals import numbers_of
from notewright.dataset.passage import PassageText

_NAME = re.compile(r"[^\W\d]\w*")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")
_TOKENS = re.compile(r"\w+|[^\w\s]")
_APART = "\x1f"
_ENDINGS = re.compile(r"(?:ations?|ings?|ions?|ers?|ed|es|s|e)$")
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Source:
    """A passage with what surrounds it. `names` are spelled as there, `words` are these and their parts in small letters, `stems` their
    beginnings; `numbers` are values. `tokens` is the code with a mark after each token, however it is laid out."""

    names: frozenset[str]
    words: frozenset[str]
    stems: frozenset[str]
    numbers: frozenset[float]
    tokens: str
    text: str
    language_words: frozenset[str]
    library_words: frozenset[str]


@lru_cache(maxsize=64)  # all pairs of a passage are held against the same source, and workers stay on their passage
def source_of(passage: PassageText) -> Source:
    """Read a passage, its header and its path, once."""
    text = f"{passage.path}\n{passage.header}\n{passage.text}"
    names = frozenset(_NAME.findall(text))
    words = frozenset(word for name in names for word in name_parts(name))
    stems = frozenset(map(stem, words))
    return Source(
        names, words, stems, numbers_of(text), code_tokens(text), text, language_words(passage.language), library_words(passage.language)
    )


@lru_cache(maxsize=1 << 12)  # names come again too
def name_parts(name: str) -> tuple[str, ...]:
    """Return a name in small letters, and the words it is made of where there are several."""
    if "_" in name or not (name.islower() or name.isupper()):
        return (name.casefold(), *map(str.casefold, _HUMPS.findall(name)))
    return (name.casefold(),)


def code_tokens(text: str) -> str:
    """Return code with a mark around each of its tokens: what is written in other lines and with other blanks is the same."""
    joined = _APART.join(_TOKENS.findall(text))
    for bracket in ")]}":
        joined = joined.replace(f",{_APART}{bracket}", bracket)  # a comma that only the many-line form has
    return f"{_APART}{joined}{_APART}"


@lru_cache(maxsize=1 << 12)  # the words of code are few, and come again with every passage
def stem(word: str) -> str:
    """Return the beginning of a word, which its other forms have too."""
    short = _ENDINGS.sub("", word)
    return short if len(short) >= _SHORTEST_STEM else word
