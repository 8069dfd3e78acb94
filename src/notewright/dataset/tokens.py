"""Tokens: how large a passage is, by a pinned tokenizer or a pinned estimate."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from notewright.dataset.characters import whole_end

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_PIECE = 1 << 15  # bytes that are encoded at once: a merge of a whole file at once costs more, and holds all its offsets
_LONGEST_LINE = 8_192
_LONE = re.compile("[\udc80-\udcff]")
# Words of 8 letters, of 4 where they are capitals, single digits, two signs, ends of lines with the blank lines before them, blanks.
# Against a vocabulary of 32,000 trained on Python it counts 1.02 (JavaScript) to 1.26 (Python) times as many.
_ESTIMATE = re.compile(r" ?[A-Z]?[a-z]{1,8}| ?[A-Z]{1,4}|[0-9]| ?[!-/:-@\[-`{-~]{1,2}|\s*[\r\n]+|[ \t]+|.", re.DOTALL)


class PassageTokenizer(Protocol):
    """Measures texts, always alike: `digest` tells which tokenizer it is, in hex, and is another one where any count may differ."""

    @property
    def digest(self) -> str:
        """What the tokenizer is known by."""

    def count(self, text: str) -> int:
        """Return the number of tokens of a text by itself, nothing put around it and no special token recognised in it."""

    def ends(self, text: str) -> list[int]:
        """Return where the tokens of a text end, in characters, never falling. Those of a part by itself may differ by a few."""


class LoadedTokenizer:
    """A tokenizer of the library tokenizers. One that is given is changed and belongs to this from then on. Thread-safe."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        # files of embedding models bring both, and every longer text would count as 512
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        self.digest = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()

    def count(self, text: str) -> int:
        """Return the number of tokens of a text by itself."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def ends(self, text: str) -> list[int]:
        """Return where the tokens of a text end, in characters."""
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return list(accumulate((end for _, end in offsets), max))

    def as_json(self) -> str:
        """Return it as a tokenizer.json, for another process."""
        return self._tokenizer.to_str()


class EstimatedTokenizer:
    """Counts what a tokenizer of code would count, or somewhat more, where there is none: "estimate-1", which never changes."""

    digest = "estimate-1"

    def count(self, text: str) -> int:
        """Return the estimated number of tokens of a text."""
        return sum(1 for _ in _ESTIMATE.finditer(text))

    def ends(self, text: str) -> list[int]:
        """Return where the estimated tokens of a text end, in characters."""
        return [match.end() for match in _ESTIMATE.finditer(text)]


def token_ends(content: bytes, tokenizer: PassageTokenizer) -> list[int]:
    """Return where the tokens of a file end, in bytes, never falling: encoded once, in pieces of 32 kB that end with a line if they can."""
    ends: list[int] = []
    readable = make_readable(content)
    for start, end in _pieces(readable):
        text = readable[start:end].decode()
        found = tokenizer.ends(text)
        if len(text) != end - start:
            widths = [0, *accumulate(len(character.encode()) for character in text)]
            found = [widths[place] for place in found]
        ends.extend(start + place for place in found)
    return ends


def make_readable(content: bytes) -> bytes:
    """Return a file with a control character for every byte that is no UTF-8, as long as it was."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return _LONE.sub("\x1a", content.decode("utf-8", "surrogateescape")).encode()
    return content


def _pieces(content: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(content):
        end = start + _PIECE
        if end >= len(content):
            end = len(content)
        else:
            line = content.rfind(b"\n", start + _PIECE - _LONGEST_LINE, end) + 1
            end = line or whole_end(content, start, end)
        yield start, end
        start = end
