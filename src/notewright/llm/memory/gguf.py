"""GGUF model files, read by their header alone."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from notewright.errors import ModelError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_HINT = "download the model again and compare its size and SHA-256 with the publisher's"
# Formats of the fixed-size value types; 8 is a string and 9 an array (gguf.md, "gguf_metadata_value_type").
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# More values, tensors, vocabulary entries or dimensions than this are no model, only work for the reader.
_MOST_ITEMS = 4_000_000
_MOST_DIMENSIONS = 8
# Elements and bytes of a block, by tensor type (ggml.c, type_traits). A type not listed here counts as no bytes.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98),
    19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a model file says of itself. `context_length` is in tokens, 0 if it is not given."""

    name: str
    architecture: str
    context_length: int
    size_bytes: int


class _Malformed(Exception):
    """The header is not what GGUF writes."""


def read_header(path: Path) -> Header:
    """Read the header of a GGUF file without its weights, and check that the file is as long as the header says.

    Raises `ModelError` for a file that is missing, no GGUF, of an unknown version, malformed or cut short.
    """
    if not path.is_file():  # a pipe would wait for ever
        raise ModelError(f"there is no model file {path}", hint="check the path, or choose --engine none")
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC) + 4)
            _check_magic(path, head)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _read(path, _Cursor(content))
    except OSError as error:
        raise ModelError(f"cannot read the model file {path}: {error.strerror}", hint="name a readable GGUF file") from error
    except _Malformed as error:
        raise ModelError(f"the model file {path} is damaged: {error}", hint=_HINT) from error


class _Cursor:
    """A place in the file that moves forward as values are read, never past the end."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        self.position = len(_MAGIC) + 4
        self.size = len(content)

    def skip(self, count: int) -> int:
        """Move on by so many bytes; return where they began."""
        if count < 0 or self.position + count > self.size:
            raise _Malformed(f"it ends at {self.size} bytes, inside its header")
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
            raise _Malformed(f"it announces {number} values in one place")
        return number

    def text(self) -> str:
        """Read one string."""
        count = self.number("Q")
        start = self.skip(count)
        return self._content[start : start + count].decode("utf-8", "replace")

    def skip_value(self, kind: int) -> None:
        """Pass over one value of metadata."""
        if kind == _STRING:
            self.skip(self.number("Q"))
        elif kind == _ARRAY:
            self._skip_items(self.number("I"), self.count())
        elif kind in _SCALARS:
            self.skip(struct.calcsize("<" + _SCALARS[kind]))
        else:
            raise _Malformed(f"it holds a value of unknown type {kind}")

    def _skip_items(self, kind: int, count: int) -> None:
        if kind in _SCALARS:
            self.skip(count * struct.calcsize("<" + _SCALARS[kind]))
        elif kind == _STRING:  # a vocabulary: 150,000 of them is usual
            for _ in range(count):
                self.skip(self.number("Q"))
        else:
            raise _Malformed(f"it holds an array of unknown type {kind}")


def _check_magic(path: Path, head: bytes) -> None:
    if head.startswith(b"version "):
        raise ModelError(f"{path} is a Git LFS pointer, not the model itself", hint="fetch it with git lfs pull")
    if not head.startswith(_MAGIC) or len(head) < len(_MAGIC) + 4:
        raise ModelError(f"{path} is no GGUF file", hint="llama.cpp reads GGUF only: choose a file that ends in .gguf")
    version = int.from_bytes(head[4:], "little")
    if version not in _VERSIONS:
        raise ModelError(f"{path} is a GGUF file of version {version}; known are 2 and 3", hint="convert it with llama.cpp's current tools")


def _read(path: Path, cursor: _Cursor) -> Header:
    tensor_count, value_count = cursor.count(), cursor.count()
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for _ in range(value_count):
        key, kind = cursor.text(), cursor.number("I")
        if kind == _STRING and key.startswith("general."):
            texts[key] = cursor.text()
        elif kind in _SCALARS and _SCALARS[kind] in "BHIQ":
            numbers[key] = cursor.number(_SCALARS[kind])
        else:
            cursor.skip_value(kind)
    _check_length(cursor, tensor_count, numbers.get("general.alignment", 32))
    architecture = texts.get("general.architecture", "")
    context = numbers.get(f"{architecture}.context_length", 0)
    return Header(texts.get("general.name") or path.stem, architecture, context, cursor.size)


def _check_length(cursor: _Cursor, tensor_count: int, alignment: int) -> None:
    """Compare the file's size with where its last tensor ends."""
    if not tensor_count:
        raise _Malformed("it holds no weights")
    end = max(_tensor_end(cursor) for _ in range(tensor_count))
    least = -(-cursor.position // max(alignment, 1)) * max(alignment, 1) + end
    if cursor.size < least:
        raise _Malformed(f"it is cut short at {cursor.size} bytes of at least {least}")


def _tensor_end(cursor: _Cursor) -> int:
    """Read one tensor's description; return the offset behind its last byte."""
    cursor.skip(cursor.number("Q"))
    elements = 1
    for _ in range(cursor.count("I", most=_MOST_DIMENSIONS)):
        elements *= cursor.number("Q")
    kind, offset = cursor.number("I"), cursor.number("Q")
    per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
    return offset + -(-elements // per_block) * block_bytes
