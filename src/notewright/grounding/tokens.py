"""The grammar of hard tokens: what a sentence may only say if its entries say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from notewright.grounding.dates import DATE, date_parts
from notewright.grounding.quantities import NUMBER, QUANTITY, RATE, number_keys, quantity_keys, rate_keys
from notewright.grounding.wording import plain

Kind = Literal["url", "code", "advisory", "reference", "date", "version", "rate", "quantity", "number", "identifier"]


@dataclass(frozen=True, slots=True)
class Token:
    """One hard token. `text` is as written, in plain spelling, a code span without its backticks. `keys` are its readings: two tokens
    with a key in common say the same. Textual kinds (url, code, advisory, identifier) have their text as the key. `start` and `end`
    are places in the plain spelling of the whole text."""

    kind: Kind
    text: str
    keys: frozenset[str]
    start: int
    end: int

    @property
    def is_code(self) -> bool:
        """Whether people who read no code would stumble: code, addresses, and names with marks inside. "PostgreSQL" is a name to them."""
        marked = self.kind == "identifier" and re.search(r"[_.$:@/()]|^-", self.text) is not None
        return marked or self.kind in ("code", "reference", "url")


# Everyday words that only look like identifiers: abbreviations, words for emphasis, and short forms that name no particular thing.
_ORDINARY = frozenset(
    "e.g i.e a.m p.m u.s etc vs ok api apis ui ux cli url urls id ids pr prs os ci ide faq todo it i a and or not no never all must new"
    " note warning important breaking only always".split()
)

# One token class a line, in order: the first that matches at a place takes it. Each may hold parts that a later one would read
# (a URL holds a path and numbers; a code span holds anything), so the order is the meaning.
_URL = r"(?:https?|ftp|file|data|javascript|mailto):[^\s<>\"'`)\]}]*[^\s<>\"'`)\]}.,;:!?]|\bwww\.[\w./-]*\w|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_CODE = r"(?P<fence>`+)(?!`)(?P<inside>.+?)(?<!`)(?P=fence)(?!`)"
_ADVISORY = r"\b(?i:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|CWE-\d+)\b"
_REFERENCE = (
    r"(?<![\w#&/])(?:[\w.-]+/[\w.-]+)?#\d+\b|\bGH-\d+\b|(?<![\w])!\d+\b"
    r"|\b(?i:issues?|prs?|pull requests?|tickets?|mrs?|merge requests?) (?i:number |no\. ?)?\d+\b"
    r"|\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b"
)
_SUFFIX = r"(?:[-+.]?(?:alpha|beta|canary|next|nightly|snapshot|post|dev|pre|rc|a|b|M)(?:[-.]?\d+)?(?:[.+-]\w+)*|[-+]\w+(?:[.-]\w+)*)"
_VERSION = (
    rf"(?<![\w.])(?:[vV]\d+(?:\.\d+)*|\d+(?:\.\d+){{2,}}|\d+\.\d+(?=(?:a|b|rc|dev|-alpha|-beta|-rc)\d?))(?i:{_SUFFIX})?(?!\w)"
    r"|(?<![\w.])[vV]?\d+(?:\.\d+)*\.[xX*](?!\w)"
)
_IDENTIFIERS = (
    r"\b(?:Ctrl|Control|Shift|Alt|Option|Cmd|Command|Meta|Super|Win)(?:[+-][A-Z]\w*)+",  # keys pressed together
    r"(?<![\w-])--[A-Za-z][\w-]*|(?<![\w-])-[A-Za-z](?![\w-])",  # flags
    r"\$\{?\w+\}?|%[A-Z_]{2,}%",  # environment variables
    r"(?<![\w.=-])[A-Za-z][\w.-]*=[\"']?[\w./-]*\w[\"']?",  # a name with its value
    r"(?<!\w)@[\w-]+/[\w.-]*\w",  # packages
    r"(?<![\w.])(?:~|\.{1,2})?/[\w@{}:.-]*\w(?:/[\w@{}:.-]*\w)*/?",  # paths from a root
    r"\b[\w.-]+/[\w./-]*(?:\.[a-z]\w*|_\w+|/[\w.-]+)\b",  # paths in a tree: an extension, an underscore or two slashes
    r"(?<![\w.]):\d{2,5}(?:/[\w./-]*\w)?",  # a port, and a path there
    r"\b[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)*\(\)",  # calls
    r"(?<!\w)\.?[A-Za-z_][\w-]*(?:(?:\.|::)[A-Za-z_][\w-]*)+(?:\.\d+)*(?!\w)|(?<![\w.])\.[A-Za-z][\w-]+",  # dotted names, dot files
    r"\b\w*[^\W_]_\w+|(?<!\w)_+[A-Za-z]\w*",  # snake_case, CONSTANT_CASE
    r"\b[A-Za-z]+-?\d[\w-]*\w\b|\b[A-Za-z]+-?\d\b|\b\d+[A-Za-z]\w*",  # letters and digits: UTF-8, Grid12, 2FA
    r"\b[a-z]+[A-Z]\w*|\b[A-Z]\w*[a-z]\w*[A-Z]\w*|\b[A-Z]{2,}[a-z]{2,}\w*",  # camelCase, PascalCase, STRtree
    r"\b[A-Z]{2,}-[A-Z]\b|\b[A-Z]{2,}s?\b|\b[A-Z]/[A-Z]\b",  # acronyms
)
_CLASSES = (
    ("url", _URL),
    ("code", _CODE),
    ("advisory", _ADVISORY),
    ("reference", _REFERENCE),
    ("date", DATE),
    ("version", _VERSION),
    ("rate", RATE),
    ("quantity", QUANTITY),
    ("number", NUMBER),
    ("identifier", "|".join(_IDENTIFIERS)),
)
_GRAMMAR = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _CLASSES))
_NAME_BEFORE = re.compile(r"(?:\b(?:version|release)|\b[A-Z]\w*(?:\.\w+)?)(?: and| or|,| to| from)? (?:\d[\d.]*(?:,| and| or) )*$")


@lru_cache(maxsize=1 << 14)  # an entry's words are read again for each sentence about it, by several rules
def scan(text: str) -> tuple[Token, ...]:
    """Return the hard tokens of a text in their order. What a code span holds is one token; `scan` it for its parts."""
    line = plain(text)
    found = (_token(match, line) for match in _GRAMMAR.finditer(line))
    return tuple(token for token in found if not (token.kind == "identifier" and token.text.casefold().rstrip(".") in _ORDINARY))


def without_code(text: str, *, instead: str = " ") -> str:
    """Return the prose of a text, with something instead of each code span."""
    return re.sub(_CODE, instead, text)


def without_amounts(text: str) -> str:
    """Return a text in plain spelling with blanks for its numbers and units: every other character stays in its place."""
    line = plain(text)
    for token in scan(line):
        if token.kind in ("number", "quantity", "rate"):
            line = line[: token.start] + " " * (token.end - token.start) + line[token.end :]
    return line


def _token(match: re.Match[str], line: str) -> Token:
    kind, text = cast(Kind, match.lastgroup if match.lastgroup in _KINDS else "code"), match[0]
    if kind == "code":
        text = plain(match["inside"])
    if kind == "number" and re.fullmatch(r"[\d.]+", text) and _NAME_BEFORE.search(line, 0, match.start()):
        kind = "version"  # Safari 17, Python 3.8 and 3.9
    return Token(kind, text, _keys(kind, text), match.start(), match.end())


def _keys(kind: Kind, text: str) -> frozenset[str]:
    match kind:
        case "date":
            return date_parts(text)
        case "version":
            return version_keys(text)
        case "rate":
            return rate_keys(text)
        case "quantity":
            return quantity_keys(text)
        case "number":
            return number_keys(text)
        case "reference":
            return frozenset({reference_key(text)})
        case _:
            return frozenset({text})


def version_keys(text: str) -> frozenset[str]:
    """Return the keys of a version, without its `v`: `n:1.7.20`, which plain numbers have too, and `v:1.7.20`, which a fact's longer
    version also has for what it begins with."""
    bare = re.sub(r"^[vV](?=\d)", "", text).casefold()
    return frozenset({f"n:{bare}", f"v:{bare}"})


def reference_key(text: str) -> str:
    """Return one spelling for references to the same thing: "#7" for "GH-7", "PR 7" and "#7"; a foreign repository stays named."""
    number = re.fullmatch(r"(?i:GH-|[#!]|[a-z ]+ (?:no\. ?)?)(\d+)", text)
    return f"#{number[1]}" if number else text


_KINDS = frozenset(kind for kind, _ in _CLASSES)
