"""One spelling for text that is compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_SPELLING = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u02bc\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u00d7": "x",
        "\u2192": "->",
        "\u21d2": "->",
        "\u2026": "...",
        "\u00b5": "\u03bc",
    }
)
_BY = re.compile(r"(?<![\w.-])([1-9]\d*) ?x ?(?=\d+(?!\w))")  # no 0x10, and nothing inside a longer name
# Words that hold English sentences together, and those that any release note may use: with one of them a text is at least meant as one
_COMMON_WORDS = frozenset(
    """
    a about add added after again all allow allowed also always an and any anymore are as at be because been before better between both
    but by can change changed clear could do does down each easier every everywhere faster fewer fix fixed for from gone had has have how
    if improve improved in instead into is it its larger less longer may more most must new no not now of old on once one only or other
    our out over people quicker remove removed same so some stay such support supported than that the their them then there these they
    this those through to too twice under until up use used was we were what when where which while who will with without would you your
    """.split()
)
# A piece between blanks that text is made of: it neither begins with what closes or separates, nor ends with what opens
_READABLE = re.compile(r"(?![)\]},;!?^|\\]|[.:]\W)[^\w\s]*\w(?:\S*[^\s([{.,;:!?])?[.,;:!?]*|[-&+/=<>*]+|([\"'])\S+\1[.,;:!?]*")
_MOST_KEPT = 1 << 14  # every entry is compared with several sentences, each several times
_STEM = 5  # letters that inflection leaves alone, mostly
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def plain(text: str) -> str:
    """Return one line with straight quotes, plain dashes and arrows, "3 x 4" for every spelling of it, single spaces, and composed
    characters."""
    if not text.isascii():  # nothing else has another form
        text = unicodedata.normalize("NFKC", text).translate(_SPELLING)
    line = " ".join(text.split())
    return _BY.sub(r"\1 x ", line) if "x" in line else line


@lru_cache(maxsize=_MOST_KEPT)
def words(text: str) -> tuple[str, ...]:
    """Return the words in lower case, without punctuation: what two sentences share when only their typography differs."""
    return tuple(_WORD.findall(plain(text).casefold()))


def is_readable(text: str, sources: Iterable[str]) -> bool:
    """Return whether a text is made of words, as far as can be told without a dictionary: its pieces look like words, and it shares
    one with the sources or has a common word. Noise is not. A code span counts as one piece."""
    pieces = re.sub("`[^`]*`", "code", plain(text)).split()
    strange = sum(_READABLE.fullmatch(piece) is None for piece in pieces)
    said = {part for word in words(text) for part in (word, word.partition("'")[0])}
    known = {word[:_STEM] for source in sources for word in words(source)}
    return 3 * strange <= len(pieces) and any(word in _COMMON_WORDS or word[:_STEM] in known for word in said)


def contains(text: str, part: str) -> bool:
    """Return whether `part` stands in `text` as a whole: no letter, digit or underscore continues it at either end, and no further
    hyphenated word continues a flag such as `--format`."""
    if not part or part not in text:
        return False
    head = r"(?<![\w-])" if part[0] == "-" else r"(?<!\w)" if _continues(part[0]) else ""
    tail = (r"(?![\w]|-\w)" if part[0] == "-" else r"(?!\w)") if _continues(part[-1]) else ""
    return re.search(head + re.escape(part) + tail, text) is not None


def _continues(character: str) -> bool:
    return character.isalnum() or character == "_"
