"""GraphQL documents, read strictly: what the fake GitHub understands of the language, and a syntax error for everything else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'[\s,]*(?:#[^\n]*\s*)*(?P<token>\.\.\.|[{}()\[\]:!$=]|"(?:[^"\\\n]|\\.)*"|-?\d+|[_A-Za-z]\w*|$)', re.ASCII)
_NAME = re.compile(r"[_A-Za-z]\w*", re.ASCII)


class SyntaxProblem(Exception):
    """The document is not GraphQL, or not the part of it that is understood here."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A use of a variable as a value."""

    name: str


@dataclass(slots=True)
class Field:
    """A field of a selection; `inner` is None where there are no braces. `on` is the type that the selection is limited to."""

    name: str
    alias: str
    args: Mapping[str, Any]
    inner: list[Field] | None
    on: str | None = None


@dataclass(slots=True)
class Document:
    """One query. `variables` maps names to types, as written."""

    variables: dict[str, str] = field(default_factory=dict)
    fields: list[Field] = field(default_factory=list)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        place = 0
        while match := _TOKEN.match(text, place):
            self._tokens.append(match["token"])
            place = match.end()
            if not match["token"]:
                break
        else:
            raise SyntaxProblem(f"Expected one of SCHEMA, SCALAR, TYPE at {text[place : place + 20]!r}")
        self._place = 0

    def peek(self) -> str:
        return self._tokens[self._place]

    def take(self, *expected: str) -> str:
        token = self.peek()
        if expected and token not in expected:
            raise SyntaxProblem(f"Expected {' or '.join(expected)}, actual: {token or 'the end'!r}")
        self._place += 1
        return token

    def name(self) -> str:
        token = self.take()
        if not _NAME.fullmatch(token):
            raise SyntaxProblem(f"Expected a name, actual: {token!r}")
        return token

    def document(self) -> Document:
        document = Document()
        self.take("query")
        if self.peek() == "(":
            self.take("(")
            while self.peek() != ")":
                self.take("$")
                name = self.name()
                self.take(":")
                document.variables[name] = self.name() + (self.take("!") if self.peek() == "!" else "")
            self.take(")")
        document.fields = self._selection()
        self.take("")
        return document

    def _selection(self) -> list[Field]:
        fields: list[Field] = []
        self.take("{")
        while self.peek() != "}":
            if self.peek() == "...":
                self.take("...")
                self.take("on")
                kind = self.name()
                for one in self._selection():
                    one.on = kind
                    fields.append(one)
            else:
                fields.append(self._field())
        self.take("}")
        if not fields:
            raise SyntaxProblem("Expected a field, actual: '}'")
        return fields

    def _field(self) -> Field:
        alias = name = self.name()
        if self.peek() == ":":
            self.take(":")
            name = self.name()
        args = self._pairs("(", ")") if self.peek() == "(" else {}
        return Field(name, alias, args, self._selection() if self.peek() == "{" else None)

    def _pairs(self, start: str, end: str) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        self.take(start)
        while self.peek() != end:
            name = self.name()
            self.take(":")
            pairs[name] = self._value()
        self.take(end)
        return pairs

    def _value(self) -> Any:  # noqa: ANN401  # any value of JSON, or a variable
        token = self.peek()
        if token == "{":
            return self._pairs("{", "}")
        self.take()
        if token == "$":
            return Variable(self.name())
        if token.startswith('"') or token.lstrip("-").isdecimal():
            return json.loads(token)
        raise SyntaxProblem(f"Expected a value, actual: {token!r}")


def read_document(text: str) -> Document:
    """Read a query. Raises `SyntaxProblem`."""
    return _Reader(text).document()
