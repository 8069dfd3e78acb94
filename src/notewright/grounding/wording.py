"""One spelling for text that is compared."""

from __future__ import annotations

import re
import unicodedata

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
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def plain(text: str) -> str:
    """Return one line with straight quotes, plain dashes and arrows, "3 x 4" for every spelling of it, single spaces, and composed
    characters."""
    line = _SPACES.sub(" ", unicodedata.normalize("NFKC", text).translate(_SPELLING)).strip()
    return _BY.sub(r"\1 x ", line)


def words(text: str) -> tuple[str, ...]:
    """Return the words in lower case, without punctuation: what two sentences share when only their typography differs."""
    return tuple(_WORD.findall(plain(text).casefold()))


def contains(text: str, part: str) -> bool:
    """Return whether `part` stands in `text` as a whole: no letter, digit or underscore continues it at either end, and no further
    hyphenated word continues a flag such as `--format`."""
    if not part:
        return False
    head = r"(?<![\w-])" if part[0] == "-" else r"(?<!\w)" if _continues(part[0]) else ""
    tail = (r"(?![\w]|-\w)" if part[0] == "-" else r"(?!\w)") if _continues(part[-1]) else ""
    return re.search(head + re.escape(part) + tail, text) is not None


def _continues(character: str) -> bool:
    return character.isalnum() or character == "_"
