"""Encodings: the text of a file and the encoding that gives it back, or why there is none."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass

from notewright.dataset.drops import Drop

_POINTER = b"version https://git-lfs.github.com/spec/"
_MOST_POINTER_BYTES = 1_024  # Git LFS: a pointer file is smaller
# The longer mark first: that of UTF-32 begins with that of UTF-16. Each codec takes its mark away.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"\A(?:[^\n]{0,500}\n)?[^\n]{0,200}?coding[:=][ \t]{0,8}([-\w.]{1,40})")  # PEP 263
# What source files were written in before UTF-8; a guess among all that Python knows takes longer and is oftener wrong.
_OLD = ("cp1252", "iso8859_15", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp932", "euc_jp", "gb18030", "big5", "cp949")
_MOST_GUESSED_BYTES = 32_768
_FOREIGN_SHARE = 0.1  # of the lines beyond ASCII: so many are UTF-8 in no file of another encoding (a short line can be by chance)
_BEYOND = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, and the codec by which its bytes in the repository decode to it; one that ends in `-sig` or names no byte order took
    a mark away."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded | Drop:
    """Return the text of a file: UTF-8 where it is that, else by its mark, its declaration (PEP 263) or charset-normalizer's guess from
    the first lines that are not ASCII. A whole file decodes strictly, or it is dropped."""
    if content.startswith(_POINTER) and len(content) < _MOST_POINTER_BYTES:
        return Drop("lfs_pointer")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strict(content, encoding)
    if b"\0" in content or not _is_text(content):
        return Drop("binary")
    if content.startswith(codecs.BOM_UTF8):
        return _strict(content, "utf-8-sig")
    try:
        return Decoded(content.decode(), "utf-8")
    except UnicodeDecodeError:
        return Drop("encoding", "changes on the way") if _is_mixed(content) else _other(content)


def _is_text(content: bytes) -> bool:
    from identify import identify

    return identify.is_text(io.BytesIO(content))


def _is_mixed(content: bytes) -> bool:
    lines = _BEYOND.findall(content)
    return sum(map(_is_utf8, lines)) > _FOREIGN_SHARE * len(lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _other(content: bytes) -> Decoded | Drop:
    encoding = _declared(content) or _guessed(content)
    return _strict(content, encoding) if encoding else Drop("encoding", "cannot be told")


def _declared(content: bytes) -> str | None:
    """Return the encoding that one of the first two lines names, if it is one for text that we know."""
    if not (match := _DECLARED.match(content)):
        return None
    try:
        name = codecs.lookup(match[1].decode()).name
    except LookupError:
        return None
    return name if name in {codecs.lookup(known).name for known in (*_OLD, "iso8859_1", "iso8859_2")} else None


def _guessed(content: bytes) -> str | None:
    from charset_normalizer import from_bytes

    sample = b"\n".join(_BEYOND.findall(content))[:_MOST_GUESSED_BYTES]
    best = from_bytes(sample[: sample.rfind(b"\n")] if len(sample) == _MOST_GUESSED_BYTES else sample, cp_isolation=list(_OLD)).best()
    return None if best is None else codecs.lookup(best.encoding).name


def _strict(content: bytes, encoding: str) -> Decoded | Drop:
    """Decode all of it, to a text that can be written as UTF-8 and has no NUL."""
    try:
        text = content.decode(encoding)
        text.encode()
    except UnicodeError:
        return Drop("encoding", f"is not {encoding} throughout")
    return Drop("binary") if "\0" in text else Decoded(text, encoding)
