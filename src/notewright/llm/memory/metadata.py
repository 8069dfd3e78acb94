"""The binary form of a GGUF file: its values, and where its tensors lie."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from dataclasses import dataclass

MAGIC = b"GGUF"
# Formats of the fixed-size value types; 8 is a string and 9 an array (gguf.md, "gguf_metadata_value_type").
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# More values, tensors, vocabulary entries or dimensions than this are no model, only work for the reader.
_MOST_ITEMS = 4_000_000
_MOST_DIMENSIONS = 8
_MOST_LAYERS = 4096  # the longest array of numbers that says something of the layers, and the only ones that are read
# Elements and bytes of a block, by tensor type (ggml.c, type_traits). A type not listed here counts as no bytes.
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98),
    19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip


class Malformed(Exception):
    """The header is not what GGUF writes."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor as the header describes it. `kind` is its number in ggml, `shape` has the row's length first."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a header holds: its texts, its whole numbers (a list for one number a layer), and its tensors."""

    texts: dict[str, str]
    numbers: dict[str, tuple[int, ...]]
    tensors: tuple[Tensor, ...]


def read_metadata(content: mmap.mmap, wanted: Callable[[str], bool]) -> Metadata:
    """Read the values whose key is `wanted`, and all tensors; check that the file is as long as they say. Raises `Malformed`."""
    cursor = _Cursor(content)
    tensor_count, value_count = cursor.count(), cursor.count()
    texts: dict[str, str] = {}
    numbers: dict[str, tuple[int, ...]] = {}
    for _ in range(value_count):
        key, kind = cursor.text(), cursor.number("I")
        if kind == _STRING and wanted(key):
            texts[key] = cursor.text()
        elif kind in _SCALARS and _SCALARS[kind] in "BbHhIiQq?":
            numbers[key] = (cursor.number(_SCALARS[kind]),)
        elif kind == _ARRAY and wanted(key):
            numbers[key] = cursor.numbers()
        else:
            cursor.skip_value(kind)
    tensors = tuple(cursor.tensor() for _ in range(tensor_count))
    _check_length(cursor, tensors, max(numbers.get("general.alignment", (32,))[0], 1))
    return Metadata(texts, numbers, tensors)


def read_values(content: mmap.mmap, prefix: str) -> dict[str, object]:
    """Read the values whose key begins with `prefix`, arrays whole, and nothing behind them. Raises `Malformed`."""
    cursor = _Cursor(content)
    cursor.count()
    found: dict[str, object] = {}
    for _ in range(cursor.count()):
        key, kind = cursor.text(), cursor.number("I")
        if key.startswith(prefix):
            found[key] = cursor.value(kind)
        else:
            cursor.skip_value(kind)
    return found


class _Cursor:
    """A place in the file that moves forward as values are read, never past the end."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        self.position = len(MAGIC) + 4
        self.size = len(content)

    def skip(self, count: int) -> int:
        """Move on by so many bytes; return where they began."""
        if count < 0 or self.position + count > self.size:
            raise Malformed(f"it ends at {self.size} bytes, inside its header")
        self.position += count
        return self.position - count

    def number(self, form: str) -> int:
        """Read one little-endian number."""
        start = self.skip(struct.calcsize("<" + form))
        return int(struct.unpack_from("<" + form, self._content, start)[0])

    def count(self, form: str = "Q", *, most: int = _MOST_ITEMS) -> int:
        """Read a number of things to come."""
        number = self.number(form)
        if number > most:
            raise Malformed(f"it announces {number} values in one place")
        return number

    def text(self) -> str:
        """Read one string."""
        count = self.number("Q")
        start = self.skip(count)
        return self._content[start : start + count].decode("utf-8", "replace")

    def numbers(self) -> tuple[int, ...]:
        """Read an array of whole numbers, one a layer; pass over any other, and return nothing."""
        kind, count = self.number("I"), self.count()
        if kind in _SCALARS and _SCALARS[kind] not in "fd" and count <= _MOST_LAYERS:
            return tuple(self.number(_SCALARS[kind]) for _ in range(count))
        self._skip_items(kind, count)
        return ()

    def value(self, kind: int) -> object:
        """Read one value of metadata, an array whole."""
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            kind, count = self.number("I"), self.count()
            if kind == _ARRAY:
                raise Malformed("it holds an array of arrays")
            return [self.value(kind) for _ in range(count)]
        if kind not in _SCALARS:
            raise Malformed(f"it holds a value of unknown type {kind}")
        form = "<" + _SCALARS[kind]
        return struct.unpack_from(form, self._content, self.skip(struct.calcsize(form)))[0]

    def tensor(self) -> Tensor:
        """Read the description of one tensor."""
        name = self.text()
        shape = tuple(self.number("Q") for _ in range(self.count("I", most=_MOST_DIMENSIONS)))
        kind, offset = self.number("I"), self.number("Q")
        elements = 1
        for length in shape:
            elements *= length
        per_block, block_bytes = BLOCKS.get(kind, (1, 0))
        return Tensor(name, shape, kind, offset, -(-elements // per_block) * block_bytes)

    def skip_value(self, kind: int) -> None:
        """Pass over one value of metadata."""
        if kind == _STRING:
            self.skip(self.number("Q"))
        elif kind == _ARRAY:
            self._skip_items(self.number("I"), self.count())
        elif kind in _SCALARS:
            self.skip(struct.calcsize("<" + _SCALARS[kind]))
        else:
            raise Malformed(f"it holds a value of unknown type {kind}")

    def _skip_items(self, kind: int, count: int) -> None:
        if kind in _SCALARS:
            self.skip(count * struct.calcsize("<" + _SCALARS[kind]))
        elif kind == _STRING:  # a vocabulary: 150,000 of them is usual
            for _ in range(count):
                self.skip(self.number("Q"))
        else:
            raise Malformed(f"it holds an array of unknown type {kind}")


def _check_length(cursor: _Cursor, tensors: tuple[Tensor, ...], alignment: int) -> None:
    """Compare the file's size with where its last tensor ends."""
    if not tensors:
        raise Malformed("it holds no weights")
    end = max(tensor.offset + tensor.size_bytes for tensor in tensors)
    least = -(-cursor.position // alignment) * alignment + end
    if cursor.size < least:
        raise Malformed(f"it is cut short at {cursor.size} bytes of at least {least}")
