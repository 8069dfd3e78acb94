"""Ignoring: what the .gitignore and .gitattributes files of a repository say of a path, as git reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MOST_FILE_BYTES = 256_000
_MOST_PATTERN_CHARACTERS = 500
# A pattern is matched by a backtracking expression, whose cost grows with the power of its wildcards: 255 letters against 8 take hours.
_MOST_WILDCARDS = 3
_WILDCARDS = re.compile(r"\*+")
_UNSET = ("-", "!")
_FALSE = frozenset({"false", "0", "no", "off"})


def compile_patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return the patterns of lines in the syntax of .gitignore (gitignore(5)). Raises `ValueError` where one is none."""
    from pathspec import GitIgnoreSpec

    # what lies in a folder is matched by "/*" too, and the folder itself by neither, which "/**" in pathspec does
    return GitIgnoreSpec.from_lines([re.sub(r"/\*\*$", "/*", line) for line in lines])


class IgnoreFiles:
    """The .gitignore files of a repository: their paths and contents. Patterns are compiled once and folders decided once.

    A hostile pattern, with too many wildcards or none that git would know, ignores nothing.
    """

    def __init__(self, files: Mapping[bytes, bytes]) -> None:
        self._lines = {_folder(path): tuple(_gitignore_lines(content)) for path, content in files.items()}
        self._specs: dict[str, GitIgnoreSpec] = {}
        self._ignored: dict[str, bool] = {"": False}

    def ignores(self, path: str) -> bool:
        """Tell whether a path, or a folder on the way to it, is ignored: git looks into no ignored folder, whatever is said there."""
        if not self._lines:
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
        """Ask the file of the nearest folder first; the first that speaks of the path decides."""
        end = path.rfind("/", 0, len(path) - 1) + 1
        while True:
            if path[:end] in self._lines and (include := self._spec(path[:end]).check_file(path[end:]).include) is not None:
                return include
            if not end:
                return False
            end = path.rfind("/", 0, end - 1) + 1

    def _spec(self, folder: str) -> GitIgnoreSpec:
        if folder not in self._specs:
            self._specs[folder] = compile_patterns(self._lines[folder])
        return self._specs[folder]


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
                yield folder, compile_patterns(lines)


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
    """Tell whether a line can be asked of every path, and is one that pathspec takes."""
    if len(pattern) > _MOST_PATTERN_CHARACTERS or len(_WILDCARDS.findall(pattern)) > _MOST_WILDCARDS:
        return False
    try:
        compile_patterns([pattern])
    except ValueError:
        return False
    return True
