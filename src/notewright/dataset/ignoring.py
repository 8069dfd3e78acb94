"""Ignoring: what the .gitignore and .gitattributes files of a repository say of a path, as git reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MOST_FILE_BYTES = 256_000
_MOST_PATTERN_CHARACTERS = 500
# A pattern is matched by a backtracking expression, whose cost grows with the power of its wildcards: 255 letters against 8 take hours.
_MOST_WILDCARDS = 3  # stars in one part of a path, and parts that are two stars
_UNSET = ("-", "!")
_FALSE = frozenset({"false", "0", "no", "off"})


def compile_patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return the patterns of lines in the syntax of .gitignore (gitignore(5)), which also match what lies in a folder that they match.
    Raises `ValueError` where one is none."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(list(lines))


class IgnoreFiles:
    """The .gitignore files of a repository: their paths and contents. Patterns are compiled once and folders decided once.

    A hostile pattern, with too many wildcards or none that git would know, ignores nothing.
    """

    def __init__(self, files: Mapping[bytes, bytes]) -> None:
        self._contents = {_folder(path): content for path, content in files.items()}
        self._rules: dict[str, tuple[tuple[bool, re.Pattern[str]], ...]] = {}
        self._ignored: dict[str, bool] = {"": False}

    def ignores(self, path: str) -> bool:
        """Tell whether a path, or a folder on the way to it, is ignored: git looks into no ignored folder, whatever is said there."""
        if not self._contents:
            return False
        start = folder_end = path.rfind("/") + 1
        while path[:start] not in self._ignored:
            start = path.rfind("/", 0, start - 1) + 1
        ignored = self._ignored[path[:start]]
        while start < folder_end:
            start = path.find("/", start) + 1
            ignored = self._ignored[path[:start]] = ignored or self._matches(path[:start])
        return ignored or self._matches(path)

    def _matches(self, path: str) -> bool:
        """Ask the file of the nearest folder first, and its last line first: the first that speaks of the path decides."""
        end = path.rfind("/", 0, len(path) - 1) + 1
        while True:
            if path[:end] in self._contents:
                for ignores, pattern in self._rules_of(path[:end]):
                    if pattern.match(path, end):
                        return ignores
            if not end:
                return False
            end = path.rfind("/", 0, end - 1) + 1

    def _rules_of(self, folder: str) -> tuple[tuple[bool, re.Pattern[str]], ...]:
        if folder not in self._rules:
            self._rules[folder] = tuple(_rules(_gitignore_lines(self._contents[folder])))
        return self._rules[folder]


def _rules(lines: Iterable[str]) -> Iterator[tuple[bool, re.Pattern[str]]]:
    """Yield what lines ignore and what they take back, the last first: one expression for all that stand together."""
    expressions = [expression for line in lines if (expression := _expression(line))]
    for ignores, group in groupby(reversed(expressions), key=itemgetter(0)):
        yield ignores, re.compile("|".join(f"(?:{source})" for _, source in group))


def _expression(line: str) -> tuple[bool, str] | None:
    """Return whether a line ignores, and an expression for the path or folder itself that it names, from where its file lies.

    pathspec translates the line. Its own matching goes by whole paths, so a line that takes a folder back also takes back what others
    say of what lies in it, as git does not.
    """
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    folders_only = line.endswith("/**/")
    try:
        source, ignores = GitIgnoreSpecPattern.pattern_to_regex(line[:-1] if folders_only else line)
    except ValueError:
        return None
    if source is None or ignores is None:
        return None
    if source.endswith("/"):  # of a/**, all that lies in a
        source += ".+"
    whole = {".": ".*", "(?P<ps_d>/)": ".*/"}.get(source, source.removeprefix("^").replace("?P<ps_d>", "?:"))
    return ignores, rf"{whole}{'(?<=/)' if folders_only else ''}\Z"


class Attributes:
    """What the .gitattributes files of a repository say with `linguist-generated` and `linguist-vendored`."""

    def __init__(self, files: Mapping[bytes, bytes]) -> None:
        self._files = sorted(((_folder(path), content) for path, content in files.items()), key=lambda file: (-file[0].count("/"), file[0]))

    def says(self, attribute: str, path: str) -> bool | None:
        """Tell whether an attribute, without its `linguist-`, is set or unset for a path; None where no file speaks of it."""
        for folder, spec in self._generated if attribute == "generated" else self._vendored:
            if path.startswith(folder) and (include := spec.check_file(path[len(folder) :]).include) is not None:
                return include
        return None

    @cached_property
    def _generated(self) -> tuple[tuple[str, GitIgnoreSpec], ...]:
        return tuple(self._compiled("linguist-generated"))

    @cached_property
    def _vendored(self) -> tuple[tuple[str, GitIgnoreSpec], ...]:
        return tuple(self._compiled("linguist-vendored"))

    def _compiled(self, attribute: str) -> Iterator[tuple[str, GitIgnoreSpec]]:
        for folder, content in self._files:
            if lines := list(_attribute_lines(content, attribute)):
                yield folder, _compiled(lines)


def _folder(path: bytes) -> str:
    text = path.decode(errors="replace")
    return text[: text.rfind("/") + 1]


def _gitignore_lines(content: bytes) -> Iterator[str]:
    for line in content[:_MOST_FILE_BYTES].decode(errors="replace").removeprefix("\ufeff").split("\n"):
        if _is_cheap(pattern := line.removesuffix("\r")):
            yield pattern


def _attribute_lines(content: bytes, attribute: str) -> Iterator[str]:
    """Yield gitattributes(5) lines that set an attribute as patterns, those that unset it as negated ones."""
    for line in content[:_MOST_FILE_BYTES].decode(errors="replace").split("\n"):
        pattern, *attributes = line.split() or [""]
        if pattern.startswith(("#", "!", '"')) or not _is_cheap(pattern):
            continue
        for word in attributes:
            name, _, value = word.lstrip("-!").partition("=")
            if name == attribute:
                yield f"!{pattern}" if word.startswith(_UNSET) or value.lower() in _FALSE else pattern


def _is_cheap(pattern: str) -> bool:
    """Tell whether a line can be asked of every path."""
    parts = pattern.split("/")
    stars = max((part.count("*") for part in parts if part != "**"), default=0)
    return len(pattern) <= _MOST_PATTERN_CHARACTERS and max(stars, parts.count("**")) <= _MOST_WILDCARDS


def _compiled(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return the patterns of a file in a repository: lines that are none are left out, as git does."""
    try:
        return compile_patterns(lines)
    except ValueError:
        return compile_patterns([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        compile_patterns([line])
    except ValueError:
        return False
    return True
