"""Places: where the strings of a TOML or JSON text stand, so that one can be changed and every other character stays."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# A token is matched once and never given back, so a long text costs its length. A string of several lines may end in up to five quotes:
# the last three of them close it.
_TOML = re.compile(
    r"""(?P<skip>[ \t\r]++|\#[^\n]*+)
    | (?P<string>\"{3}(?:[^"\\]|\\.|"(?!""))*+\"{3}"{0,2} | '{3}(?:[^']|'(?!''))*+'{3}'{0,2} | "(?:[^"\\\n]|\\.)*+" | '[^'\n]*+')
    | (?P<mark>[\n\[\]{}=,.])
    | (?P<bare>[^\s\#"'\[\]{}=,.]++)""",
    re.VERBOSE | re.DOTALL,
)
_JSON = re.compile(r'(?P<string>"(?:[^"\\]|\\.)*+")|(?P<mark>[\[\]{},])', re.DOTALL)
_OPENING = re.compile(r"""("{3}|'{3})(?:\r?\n)?|(["'])""")  # a line end right after it is no part of the string
_DEEPEST = 4

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A string of a text: the keys and indexes that lead to it, and where its characters are, quotes left out."""

    path: Path
    start: int
    end: int


def replace_places(text: str, places: Iterable[Place], value: str) -> str:
    """Write `value` in each place."""
    pieces: list[str] = []
    at = 0
    for place in sorted(places, key=lambda place: place.start):
        pieces += (text[at : place.start], value)
        at = place.end
    return "".join((*pieces, text[at:]))


def toml_places(text: str) -> Iterator[Place]:
    """Yield the strings of a TOML text that `tomllib` reads, in their order; what stands in a list of values is left out."""
    return _Toml(text).places()


def json_places(text: str) -> Iterator[Place]:
    """Yield the strings of a JSON text that `json` reads, in their order, at most four levels deep."""
    path: list[str | int] = []  # of each open object its key, of each open list its index
    awaits_key = False
    for token in _JSON.finditer(text):
        match token[0]:
            case "{":
                path.append("")
                awaits_key = True
            case "[":
                path.append(0)
            case "}" | "]":
                path.pop()
                awaits_key = False
            case ",":
                last = path[-1]
                awaits_key = isinstance(last, str)
                if not isinstance(last, str):
                    path[-1] = last + 1
            case quoted if awaits_key:
                path[-1] = _unquoted(quoted)
                awaits_key = False
            case _ if len(path) <= _DEEPEST:
                yield Place(tuple(path), token.start() + 1, token.end() - 1)


class _Toml:
    """Walks through the statements of a valid TOML text."""

    def __init__(self, text: str) -> None:
        self._tokens = [token for token in _TOML.finditer(text) if token.lastgroup != "skip"]
        self._at = 0
        self._table: Path = ()
        self._lists: dict[Path, int] = {}  # [[name]]: how many there were

    def places(self) -> Iterator[Place]:
        while self._at < len(self._tokens):
            if self._peek() == "\n":
                self._at += 1
            elif self._peek() == "[":
                self._enter_table()
            else:
                yield from self._pair(self._table)

    def _enter_table(self) -> None:
        first = self._tokens[self._at]
        self._at += 1
        # only two brackets side by side make a list of tables, and no key begins with one
        in_list = self._peek() == "[" and self._tokens[self._at].start() == first.end()
        self._at += in_list
        table: Path = ()
        keys = self._keys(until="]")
        for depth, key in enumerate(keys, start=1):
            table = (*table, key)
            if in_list and depth == len(keys):
                self._lists[table] = self._lists.get(table, 0) + 1
            if table in self._lists:
                table = (*table, self._lists[table] - 1)
        self._table = table
        self._at += in_list

    def _pair(self, table: Path) -> Iterator[Place]:
        path = (*table, *self._keys(until="="))
        token = self._tokens[self._at]
        if token.lastgroup == "string":
            self._at += 1
            opening = _OPENING.match(token[0])
            assert opening, "every string has one"
            yield Place(path, token.start() + opening.end(), token.end() - len(opening[1] or opening[2]))
        elif token[0] == "{":
            yield from self._inline_table(path)
        elif token[0] == "[":
            self._skip_list()
        else:
            while self._peek() not in ("\n", ",", "}", ""):
                self._at += 1

    def _inline_table(self, path: Path) -> Iterator[Place]:
        self._at += 1
        while self._peek() != "}":
            if self._peek() in (",", "\n"):
                self._at += 1
            else:
                yield from self._pair(path)
        self._at += 1

    def _skip_list(self) -> None:
        depth = 0
        while True:
            depth += {"[": 1, "]": -1}.get(self._peek(), 0)
            self._at += 1
            if not depth:
                return

    def _keys(self, *, until: str) -> list[str]:
        """Read a dotted key and the mark after it."""
        keys = []
        while (word := self._peek()) != until:
            if word != ".":
                keys.append(_unquoted(word))
            self._at += 1
        self._at += 1
        return keys

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""


def _unquoted(word: str) -> str:
    """Return what a key says; JSON's strings are TOML's as well, but for an escaped slash and halves of surrogate pairs, in no key here."""
    if not word.startswith(('"', "'")):
        return word
    if "\\" not in word or word.startswith("'"):
        return word[1:-1]
    try:
        return str(tomllib.loads(f"key = {word}")["key"])
    except tomllib.TOMLDecodeError:
        return word[1:-1]
