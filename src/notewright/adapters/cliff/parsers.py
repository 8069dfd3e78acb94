"""The commit parsers of git-cliff, tried on headers to see which group each type and scope ends in."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# Types that a project may use without saying so, in the order of a changelog.
TYPES = ("feat", "fix", "perf", "security", "deprecate", "docs", "refactor", "style", "test", "build", "ci", "chore", "revert")
DEPENDENCY_SCOPES = frozenset({"deps", "deps-dev", "dependencies", "dependency"})
# What git-cliff does without commit_parsers (its embedded configuration, 2.10 to 2.14).
DEFAULTS: tuple[dict[str, Any], ...] = (
    {"message": "^feat", "group": "<!-- 0 -->🚀 Features"},
    {"message": "^fix", "group": "<!-- 1 -->🐛 Bug Fixes"},
    {"message": "^doc", "group": "<!-- 3 -->📚 Documentation"},
    {"message": "^perf", "group": "<!-- 4 -->⚡ Performance"},
    {"message": "^refactor", "group": "<!-- 2 -->🚜 Refactor"},
    {"message": "^style", "group": "<!-- 5 -->🎨 Styling"},
    {"message": "^test", "group": "<!-- 6 -->🧪 Testing"},
    {"message": r"^chore\(deps.*\)", "skip": True},
    {"message": "^chore|^ci", "group": "<!-- 7 -->⚙️ Miscellaneous Tasks"},
    {"message": "^revert", "group": "<!-- 9 -->◀️ Revert"},
    {"message": ".*", "group": "<!-- 10 -->💼 Other"},
)
_STRANGE, _STRANGE_SCOPE = "zqx", "zqy"  # a type and a scope that nobody has
_COMMENT = re.compile(r"<!--\s*(\d*).*?-->|<[^<>]*>")
_WORD = re.compile(r"(?<![\\\w\[-])[a-z][a-z-]{1,20}")
_SCOPE_WORDS = re.compile(r"\\\(\(?(?:\?:)?([\w|-]+)")


@dataclass(frozen=True, slots=True)
class Probe:
    """A commit that parsers are tried on: a short header, so that no pattern takes long, and no body."""

    message: str
    scope: str | None = None
    breaking: bool = False


@dataclass(frozen=True)
class Parser:
    """One entry of commit_parsers. `number` is its place, from 1; `problem` says why none of its patterns can be tried."""

    number: int
    values: Mapping[str, Any]
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    problem: str | None = None

    @property
    def skips(self) -> bool:
        """Whether commits that it matches are left out."""
        return self.values.get("skip") is True

    @property
    def group(self) -> str | None:
        """The group as written; None where it names none, or makes it of what it found."""
        group = self.values.get("group")
        return group if isinstance(group, str) and "$" not in group and title_of(group) else None

    @property
    def label(self) -> str:
        """How a list calls the parser: its place, what it matches and its group."""
        said = [f"{key} = {value!r}" for key, value in self.values.items() if isinstance(value, str)]
        return f"git.commit_parsers {self.number} ({', '.join(said)[:160]})"

    def matches(self, probe: Probe) -> bool:
        """Whether git-cliff would take the commit for this parser's, by any of its patterns (git-cliff tries them one by one)."""
        texts = {"message": probe.message, "body": "", "field": self._field(probe)}
        return any(text is not None and key in self.patterns and self.patterns[key].search(text) for key, text in texts.items())

    def _field(self, probe: Probe) -> str | None:
        known = {"message": probe.message, "scope": probe.scope, "breaking": str(probe.breaking).lower()}
        return known.get(str(self.values.get("field")))


@dataclass(frozen=True)
class Parsers:
    """All entries, the first that matches deciding."""

    parsers: tuple[Parser, ...]

    def winner(self, probe: Probe) -> Parser | None:
        """The first parser that matches."""
        return next((parser for parser in self.parsers if parser.matches(probe)), None)

    def of_type(self, type_: str, scope: str | None = None) -> Parser | None:
        """The parser of a type and a scope."""
        return self.winner(Probe(f"{type_}({scope}): x" if scope else f"{type_}: x", scope))

    @cached_property
    def of_the_rest(self) -> Parser | None:
        """The parser of a type that none names."""
        return self.of_type(_STRANGE)

    @cached_property
    def of_unconventional(self) -> Parser | None:
        """The parser of a message without a type."""
        return self.winner(Probe(f"{_STRANGE} {_STRANGE_SCOPE}"))

    @cached_property
    def of_breaking(self) -> Parser | None:
        """The parser that breaking changes have to themselves."""
        strange = self.winner(Probe(f"{_STRANGE}!: x", breaking=True))
        same = self.winner(Probe("feat!: x", breaking=True)) is strange
        return strange if same and strange is not self.of_the_rest and strange is not self.of_type("feat") else None

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Types that are usual or that a pattern begins with, in a fixed order."""
        scopes = ("", *(f"({scope})" for scope in self.scopes))
        named = [
            word
            for parser in self.parsers
            if (pattern := parser.patterns.get("message"))
            for word in _WORD.findall(pattern.pattern)
            if any(pattern.search(f"{word}{scope}: x") for scope in scopes) and not pattern.search(f"{_STRANGE} {word}")
        ]
        return tuple(dict.fromkeys((*TYPES, *named)))

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """Scopes that a pattern names."""
        found = [
            word
            for parser in self.parsers
            if "message" in parser.patterns
            for words in _SCOPE_WORDS.findall(parser.patterns["message"].pattern)
            for word in words.split("|")
        ]
        fields = [
            p.patterns["field"].pattern.strip("^$") for p in self.parsers if p.values.get("field") == "scope" and "field" in p.patterns
        ]
        return tuple(dict.fromkeys(word for word in (*found, *fields) if re.fullmatch(r"[\w-]+", word)))

    def of_scoped(self, type_: str) -> Parser | None:
        """The parser of a type with a scope that none names."""
        return self.of_type(type_, _STRANGE_SCOPE)

    def deciding(self, type_: str) -> Parser | None:
        """The parser of a type, which ours has no rules for with and without a scope: of two, the one that shows more."""
        plain, scoped = self.of_type(type_), self.of_scoped(type_)
        return scoped if scoped and (plain is None or plain.skips) else plain

    @cached_property
    def tells_scopes_apart(self) -> bool:
        """Whether a type that none names goes elsewhere with a scope."""
        return self.of_the_rest is not self.of_scoped(_STRANGE)


def read_parsers(entries: Iterable[Mapping[str, Any]]) -> Parsers:
    """Compile the patterns of commit_parsers. One that Python does not understand is kept with its problem."""
    return Parsers(tuple(_read_parser(number, entry) for number, entry in enumerate(entries, start=1)))


def title_of(group: str) -> str:
    """Return a group's title: without the comment that orders it, and with a capital, as templates show it."""
    text = " ".join(_COMMENT.sub("", group).split())
    return text[:1].upper() + text[1:]


def order_of(group: str, written: str) -> tuple[object, ...]:
    """Return what groups are sorted by: the number in a comment, then `written` (their name or place)."""
    match = _COMMENT.search(group)
    return (int(match[1]) if match and match[1] else 1_000_000, written)


def compile_pattern(text: str) -> re.Pattern[str] | str:
    """Compile a pattern; the reason in words where Python's differ from Rust's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "[[:alpha:]]" is a class to Rust and a doubt to Python
            return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        return f"{text[:80]!r} is not understood: {error}"


def _read_parser(number: int, entry: Mapping[str, Any]) -> Parser:
    patterns: dict[str, re.Pattern[str]] = {}
    for key in ("message", "body", "footer", "pattern"):
        if key not in entry:
            continue
        compiled = compile_pattern(entry[key]) if isinstance(entry[key], str) else f"{key} is not a text"
        if isinstance(compiled, str):
            return Parser(number, entry, problem=compiled)
        patterns["field" if key == "pattern" else key] = compiled
    return Parser(number, entry, patterns)
