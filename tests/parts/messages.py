"""Messages for parsers: hostile shapes of any size, and random mixtures of the grammar's pieces."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_SHA = "0123456789abcdef0123456789abcdef01234567"

# A head once, then a piece over and over up to the wanted size, then an end.
_SHAPES: dict[str, tuple[str, str, str]] = {
    "header: a long word before a reference": ("feat: ", "a", " #1"),
    "header: a long path before a reference": ("feat: ", "a/", " #1"),
    "header: number signs": ("feat: ", "#", "1"),
    "header: references": ("feat: ", "#1 ", ""),
    "header: references of repositories": ("feat: ", "o/r#1 ", ""),
    "header: GH references": ("feat: ", "GH-1 ", ""),
    "header: addresses of issues": ("feat: ", "http://a/b/issues/", "1"),
    "header: whole addresses of issues": ("feat: ", "https://h/a/b/issues/1 ", ""),
    "header: address of words": ("feat: ", "https://a.", "#1"),
    "header: blanks after the colon": ("feat:", " ", "a"),
    "header: blanks before nothing": ("feat:", " ", ""),
    "header: scopes in scopes": ("a(", "()", ""),
    "header: scopes never closed": ("a(", "(x", ""),
    "header: parentheses opened": ("a", "(", ""),
    "header: a scope of parentheses": ("a(", "(b)", "): c"),
    "header: a type without end": ("a", "-", ""),
    "header: bangs": ("a", "!", ": b"),
    "header: colons": ("a", ":", " b"),
    "header: reverts": ("", 'Revert "', ""),
    "blanks only": ("", " ", ""),
    "line ends only": ("", "\n", ""),
    "CR only": ("", "\r", ""),
    "CR between words": ("", "a\r", ""),
    "CRLF between words": ("feat: a", "\r\nb", ""),
    "one long line": ("feat: a\n\n", "lorem ipsum ", ""),
    "one long word": ("feat: a\n\n", "a", ""),
    "blank lines, then a word": ("feat: a\n", "\n", "b"),
    "lines of blanks, then a word": ("feat: a\n", " \n", "b"),
    "a line of blanks, then a word": ("feat: a\n\nb", " ", "c"),
    "lines that end with blanks": ("feat: a\n\n", "a \n", ""),
    "paragraphs": ("feat: a\n\n", "a\n\n", ""),
    "unicode": ("feat: a\n\n", "\N{COLLISION SYMBOL}é日\N{ZERO WIDTH JOINER}\n", ""),
    "unicode digits": ("feat: a\n\nfix #1", "\N{ARABIC-INDIC DIGIT ONE}", " #"),
    "line separators": ("feat: a\n\n", "\N{LINE SEPARATOR}\x85\x0b", "b"),
    "list of number signs": ("feat: a\n\n", "#", "1"),
    "number signs and digits": ("feat: a\n\n", "#1", ""),
    "parentheses": ("feat: a\n\n", "(((", " #1"),
    "keywords without references": ("feat: a\n\n", "fix ", " #1"),
    "keywords and colons": ("feat: a\n\n", "fixes: ", "#1"),
    "keywords run together": ("feat: a\n\n", "fix", " #1"),
    "keywords and blanks": ("feat: a\n\nfix", " ", "x #1"),
    "closing words": ("feat: a\n\n", "closes #1, ", ""),
    "closing lines": ("feat: a\n\n", "closes #1\n", ""),
    "a list of references": ("feat: a\n\nfix ", "#1 and ", ""),
    "a list of references by comma": ("feat: a\n\nfix ", "#1,", ""),
    "a list of references over lines": ("feat: a\n\nfix ", "#1,\n", ""),
    "a long word after a reference": ("feat: a\n\nfix #1", "a", ""),
    "blanks after a reference": ("feat: a\n\nfix #1", " ", "x #1"),
    "paths in prose": ("feat: a\n\n", "x/", "#1"),
    "paths after a keyword": ("feat: a\n\nfix ", "x/", "#1"),
    "words after a keyword": ("feat: a\n\nfix ", "x", "/x#1"),
    "hyphens after a keyword": ("feat: a\n\nfix ", "-", "/x#1"),
    "GH references": ("feat: a\n\n", "GH-1 ", "#1"),
    "GH references after keywords": ("feat: a\n\n", "fix GH-1 ", ""),
    "addresses": ("feat: a\n\nCloses: ", "http://a/b/issues/", "1"),
    "whole addresses": ("feat: a\n\nCloses: ", "https://h/a/b/issues/1 ", ""),
    "addresses without schemes": ("feat: a\n\nCloses: ", "://", "#1"),
    "hosts": ("feat: a\n\nCloses: https://", "a.", "/a/b/issues/1"),
    "trailers": ("feat: a\n\n", "a-b: c\n", ""),
    "trailers of one letter": ("feat: a\n\n", "A: b\n", ""),
    "trailers that refer": ("feat: a\n\n", "Refs: #1\n", ""),
    "trailers of references": ("feat: a\n\n", "Refs #1\n", ""),
    "known trailers": ("feat: a\n\nprose\n", "Acked-by: b\n", ""),
    "empty trailers": ("feat: a\n\n", "Acked-by:\n", "Refs: #1"),
    "trailers, then prose": ("feat: a\n\n", "Acked-by: b\n", "prose"),
    "a token of hyphens": ("feat: a\n\nA", "-", ""),
    "a token of words": ("feat: a\n\nA-", "a-", ""),
    "a trailer without end": ("feat: a\n\nA-by: b\n", " c\n", ""),
    "a trailer of blanks": ("feat: a\n\nA-by:", " ", "b"),
    "indented lines": ("feat: a\n\n", "  b\n", ""),
    "change lines": ("feat: a\n\n", "fix(a): b\n", ""),
    "scopes of change lines": ("feat: a\n\nfix(", "a", ""),
    "cherry-picks": ("feat: a\n\n", f"(cherry picked from commit {_SHA})\n", ""),
    "breaks": ("feat: a\n\n", "BREAKING CHANGE: ", ""),
    "lines of breaks": ("feat: a\n\n", "BREAKING CHANGE: b\n", ""),
    "empty breaks": ("feat: a\n\n", "BREAKING CHANGE:\n", ""),
    "paragraphs of breaks": ("feat: a\n\n", "BREAKING CHANGE: b\n\n", ""),
    "breaks and trailers": ("feat: a\n\n", "BREAKING CHANGE: b\nRefs: #1\n", ""),
    "a break without end": ("feat: a\n\nBREAKING CHANGE: b\n", "c\n", ""),
    "a break of blank lines": ("feat: a\n\nBREAKING CHANGE:", "\n", "c"),
    "a break of known trailers": ("feat: a\n\nBREAKING CHANGE: b\n", "Closes #1\n\n", ""),
    "breaks in prose": ("feat: a\n\n", "a BREAKING CHANGE ", ""),
    "breaks behind blanks": ("feat: a\n\n", " ", "BREAKING CHANGE: b"),
    "breaks behind hyphens": ("feat: a\n\n", "- ", "BREAKING CHANGE: b"),
    "reverts of nothing": ("feat: a\n\n", "This reverts commit ", ""),
    "reverts of object names": ("feat: a\n\n", f"This reverts commit {_SHA}.\n", ""),
    "a revert of many": ("feat: a\n\nThis reverts commits ", f"{_SHA}, ", ""),
    "a revert of short names": ("feat: a\n\nThis reverts commits ", "abcdef0 and ", ""),
    "a revert of hexadecimal digits": ("feat: a\n\nThis reverts commit ", "0123456789abcdef", ""),
    "a revert of blanks": ("feat: a\n\nThis reverts commit", " ", "abcdef0"),
    "a revert and blanks": ("feat: a\n\nThis reverts commit abcdef0", " ", "x"),
    "a typed revert of many": ("revert: a\n\nRefs: ", "abcdef0, ", ""),
    "controls": ("feat: a\n\n", "\x01\x1b[0m\x7f", ""),
    "surrogates": ("feat: a\n\n", "\ud800", ""),
}
SHAPES = tuple(_SHAPES)


def hostile(shape: str, size: int) -> str:
    """Return a message of at most `size` characters and the few that its head and end need."""
    head, piece, end = _SHAPES[shape]
    return head + piece * (size // len(piece)) + end


_TYPES = (
    "feat",
    "fix",
    "perf",
    "docs",
    "revert",
    "chore",
    "Feat",
    "build-deps",
    "BREAKING-CHANGE",
    "✨",
    "2757472",
    "fixup! feat",
    "",
    "https",
)
_SCOPES = ("", "", "(api)", "()", "(a(b))", "(a/b-c.d_e*@f)", "(größe)", "( )", "(a", "(a)(b)")
_COLONS = (": ", ": ", ": ", "!: ", ":", "!!: ", " : ", "：", ":\N{NO-BREAK SPACE}", "://", "::")
_PIECES = (
    *(
        "add import (#12)",
        "drop v1",
        "a: b",
        'Revert "feat: a"',
        'Reapply "feat: a"',
        "bump x from 1.0 to 2.0",
        "Merge pull request #1 from a/b",
    ),
    *("BREAKING CHANGE: env vars win", "BREAKING-CHANGE:", "BREAKING CHANGE #1", "* BREAKING CHANGE: x", "breaking change: no"),
    *(
        "Closes #1, #2 and o/r#3",
        "fixes: GH-4",
        "See #5",
        "Refs: #6",
        "Refs #7",
        "Closes https://h.example/o/r/issues/8",
        "closes",
        "#9",
        "GH-",
    ),
    *(
        f"This reverts commit {_SHA}.",
        "This reverts commits abcdef0, 1234567 and",
        f"(cherry picked from commit {_SHA})",
        "Refs: 676104e, a215868",
    ),
    *(
        "Reviewed-by: Z <z@example.org>",
        "Co-authored-by: A",
        "Notewright-Release: 1.0.0",
        "Note: see x",
        "Acked-by:",
        "  goes on",
        "\tgoes on",
    ),
    *("* feat: one", "- fix(b): two", "fix: no trailer", "plain words, and more of them", "foo(bar(", "# heading", "---------", "```"),
    *(
        "\N{COLLISION SYMBOL}",
        "👩\N{ZERO WIDTH JOINER}🚀",
        "日本語",
        "\ufeff",
        "\u202e",
        "\ufffd",
        "\x1b[31m",
        "\x7f",
        "\x0b",
        "\x85",
        "\u2028",
        "\ud800",
    ),
)
_ENDS = ("\n", "\n", "\n", "\n\n", "\n\n", " ", "", "\r\n", "\r\n\r\n", "\r", " \n", "\n\n\n", "\t\n")


def messages(count: int, *, seed: int) -> Iterator[str]:
    """Yield `count` messages, always the same for a seed: mixtures of the grammar's pieces and of what is hostile; no NUL, where git
    ends a message."""
    random = Random(seed)
    draw = random.random
    types, scopes, colons, pieces, ends = map(len, (_TYPES, _SCOPES, _COLONS, _PIECES, _ENDS))
    for _ in range(count):
        parts = [_TYPES[int(draw() * types)], _SCOPES[int(draw() * scopes)], _COLONS[int(draw() * colons)]]
        for _ in range(int(draw() * draw() * 12)):
            parts += (_PIECES[int(draw() * pieces)], _ENDS[int(draw() * ends)])
        if draw() < 0.05:  # anything at all
            parts.append(random.randbytes(int(draw() * 24)).replace(b"\0", b"").decode("utf-8", "replace"))
        yield "".join(parts)
