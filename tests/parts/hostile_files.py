"""Files that break cutters: ends of lines, joined characters, broken syntax, depth, endless lines, bytes that are no text."""

from __future__ import annotations

import random

_FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


def hostile_files(scale: int = 1) -> dict[str, bytes]:
    """Return hostile files by name, the same each time, from a few kilobytes on; at `scale` 20 a line has 200,000 characters."""
    chance = random.Random(4)
    return {
        "empty": b"",
        "one emoji": "\U0001f600".encode(),
        "BOM": b"\xef\xbb\xbf" + b"def f():\n    return 1\n" * 50 * scale,
        "CR": b"x = 1\r" * 500 * scale,
        "CRLF": b"def f():\r\n    return 1\r\n" * 100 * scale,
        "NUL": b"a\0b\n" * 500 * scale,
        "U+2028": "x = 'a\u2028b\u2029c\x85d\x0c'\n".encode() * 200 * scale,
        "joined emoji": (_FAMILY * 100 * scale).encode(),
        "flags": ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7" * 150 * scale).encode(),
        "combining marks": ("e" + "\u0301" * 40).encode() * 40 * scale,
        "endless marks": ("e" + "\u0301" * 2_000 * scale).encode(),
        "broken syntax": b"def f(:\n  class }{ [[\n" * 150 * scale,
        "deep brackets": b"(" * 5_000 * scale,
        "deep blocks": b"{\n" * 1_500 * scale + b"}\n" * 1_500 * scale,
        "deep indentation": b"".join(b" " * depth + b"if x:\n" for depth in range(80 + 40 * scale)),
        "digits": b"1" * 1_100 * scale,
        "one word": b"a" * 10_000 * scale,
        "one line": b"a b = c; " * (10_000 * scale // 9),
        "blanks": b" " * 10_000 * scale,
        "line feeds": b"\n" * 5_000 * scale,
        "signs": bytes(chance.choices(b"abc (){};=,.'\"", k=10_000 * scale)),
        "no text": bytes(chance.choices(range(256), k=5_000 * scale)),
        "Latin-1": "é\n".encode("latin-1") * 1_000 * scale,
        "half UTF-16": b"x = 1\n" * 200 * scale + "é = 2\n".encode("utf-16") * 100 * scale,
        "Japanese": "漢字かな交じり文。".encode() * 200 * scale,
    }
