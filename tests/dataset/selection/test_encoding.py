"""Every text that can be read is read, gives back the bytes that git shows, and what cannot is dropped with the reason."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.dataset.drops import Drop
from notewright.dataset.encoding import Decoded, decode
from tests.parts.cost import assert_in_proportion

_GERMAN = "# Größe der Fläche, für Übungen geprüft\nmaß = 1\n" * 20
_RUSSIAN = "# Размер окна, проверяется при запуске программы\nx = 1\n" * 20
_JAPANESE = "# この関数はファイルの大きさを返します。注意して使ってください。\nx = 1\n" * 20
_CHINESE = "# 这个函数返回文件的大小,请小心使用它。\nx = 1\n" * 20


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"x = 1\n", "utf-8"),
        (_GERMAN.encode(), "utf-8"),
        ("joined \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301 \u2028 \u202e\r\n\r".encode(), "utf-8"),
        (codecs.BOM_UTF8 + _GERMAN.encode(), "utf-8-sig"),
        (_GERMAN.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + _GERMAN.encode("utf-16-be"), "utf-16"),
        (_GERMAN.encode("utf-32"), "utf-32"),
        (b"# -*- coding: latin-1 -*-\n" + _GERMAN.encode("latin-1"), "iso8859-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n" + _RUSSIAN.encode("cp1251"), "cp1251"),
        (_RUSSIAN.encode("cp1251"), "cp1251"),
        (_RUSSIAN.encode("koi8_r"), "koi8-r"),
        (_JAPANESE.encode("cp932"), "cp932"),
        (_JAPANESE.encode("euc_jp"), "euc_jp"),
        (_CHINESE.encode("gb18030"), "gb18030"),
    ],
)
def test_a_text_is_read_in_its_encoding_and_gives_its_bytes_back(content: bytes, encoding: str) -> None:
    decoded = decode(content)
    assert isinstance(decoded, Decoded)
    assert (decoded.encoding, decoded.text) == (encoding, content.decode(encoding))
    assert not decoded.text.startswith("\ufeff")


def test_western_letters_are_read_as_such() -> None:
    decoded = decode(_GERMAN.encode("cp1252"))
    assert isinstance(decoded, Decoded)
    assert decoded.text == _GERMAN


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x7fELF\x02\x01\x01\0\0", "binary"),
        (b"x = 1\n" * 1000 + b"\0", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        (b"\x01\x02\x03\x04", "binary"),
        ("x\0y".encode("utf-16"), "binary"),
        (_GERMAN.encode() + _GERMAN.encode("cp1252"), "encoding"),
        (_GERMAN.encode("cp1252") + _GERMAN.encode(), "encoding"),
        (_RUSSIAN.encode() + _RUSSIAN.encode("koi8_r"), "encoding"),
        (_GERMAN.encode() + _GERMAN.encode("utf-16"), "binary"),
        (codecs.BOM_UTF8 + _GERMAN.encode("cp1252"), "encoding"),
        (codecs.BOM_UTF16_LE + b"x", "encoding"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8x\x00", "encoding"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "lfs_pointer"),
    ],
)
def test_what_cannot_be_read_is_dropped_with_the_reason(content: bytes, reason: str) -> None:
    dropped = decode(content)
    assert isinstance(dropped, Drop), dropped
    assert dropped.reason == reason


@pytest.mark.parametrize("name", [b"rot13", b"zlib", b"unicode_escape", b"idna", b"utf-7", b"undefined", b"no-such", b"\xff", b"x" * 39])
def test_a_file_cannot_choose_a_codec_that_is_none_for_text(name: bytes) -> None:
    decode(b"# coding: " + name + b"\n" + _GERMAN.encode("cp1252"))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_a_reason(content: bytes) -> None:
    decoded = decode(content)
    if isinstance(decoded, Decoded):
        assert content.decode(decoded.encoding) == decoded.text
        decoded.text.encode()


@given(st.text(min_size=1).filter(lambda text: text.isprintable() or text.isspace()))
def test_all_that_is_utf_8_is_read_as_utf_8(text: str) -> None:
    decoded = decode(text.encode())
    assert decoded == Decoded(text, "utf-8") or "\ufeff" in text or any(ord(character) < 0x20 for character in text)


def test_reading_costs_in_proportion() -> None:
    pieces = [b"\xe4", b"\xc3\xa4\n\xe4\n", b"\xff\xfe", b"coding:", b"\xe4\xf6\xfc " * 5 + b"\n"]
    assert_in_proportion(
        lambda texts: [decode(text) for text in texts], lambda size: [piece * (size // len(piece)) for piece in pieces], size=20_000
    )
