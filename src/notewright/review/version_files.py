"""Version files: files of the repository that hold the version, with a new one in its place and every other byte as it was."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from notewright.errors import ConfigError
from notewright.history.versions import is_pep440, is_semver, parse_version
from notewright.review.places import Path, Place, json_places, replace_places, toml_places

_BOM = "\ufeff"
_PATTERN_HINT = "give it as a mapping of file and pattern: a regular expression with one group, which the version stands in"
_UNSAFE = ("its version cannot be changed safely", "give the file with a pattern instead")
_KEEP_ONE = "keep one of them, or give the file with a pattern that finds the right one"


@dataclass(frozen=True, slots=True)
class VersionFile:
    """A file that holds the version: its path in the repository and, for a file of no known kind, a regular expression with one group."""

    path: str
    pattern: str | None = None

    @property
    def name(self) -> str:
        """The last part of the path, which says what kind of file it is."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: how it is read, where the version may stand in it, and which versions it takes. Only in a lock file does the
    version stand in all the places at once."""

    read: Callable[[str], Any]
    places: Callable[[str], Iterator[Place]]
    paths: tuple[Path, ...]
    allows: Callable[[str], bool]
    scheme: str = "semver"
    all_at_once: bool = False


_NPM_LOCK = _Kind(json.loads, json_places, (("version",), ("packages", "", "version")), is_semver, all_at_once=True)
_KINDS = {
    "pyproject.toml": _Kind(tomllib.loads, toml_places, (("project", "version"), ("tool", "poetry", "version")), is_pep440, "pep440"),
    "package.json": _Kind(json.loads, json_places, (("version",),), is_semver),
    "package-lock.json": _NPM_LOCK,
    "npm-shrinkwrap.json": _NPM_LOCK,
    "Cargo.toml": _Kind(tomllib.loads, toml_places, (("package", "version"), ("workspace", "package", "version")), is_semver),
    "Cargo.lock": _Kind(tomllib.loads, toml_places, (), is_semver, all_at_once=True),
}


def bump_files(files: Sequence[VersionFile], contents: Mapping[str, bytes | None], version: str) -> dict[str, bytes]:
    """Return the new bytes of each file by its path; only the version's own characters differ from `contents` (None: there is no such
    file). A file that has the version already stays as it is.

    Raises `ConfigError` for a file that is missing or of no known kind, or cannot be read; for a version that is not found, stands in two
    places or is not one that this kind of file takes; for a pattern that is none.
    """
    new: dict[str, bytes] = {}
    for file in files:
        old = new.get(file.path, contents.get(file.path))
        if old is None:
            _fail(file, "there is no such file in the commit", "commit it, or take it off release.version_files")
        new[file.path] = _bumped(file, old, version, cargo=_cargo_versions(file, files, contents))
    return new


@dataclass(frozen=True, slots=True)
class _Cargo:
    """What a Cargo.lock follows: packages by name, and versions that packages take over from their workspace."""

    names: frozenset[str]
    shared: frozenset[str]


def _bumped(file: VersionFile, content: bytes, version: str, *, cargo: _Cargo) -> bytes:
    if file.pattern is not None:
        text = content.decode("utf-8", "surrogateescape")
        return replace_places(text, [_find_by_pattern(file, file.pattern, text)], version).encode("utf-8", "surrogateescape")
    kind = _KINDS.get(file.name)
    if kind is None:
        _fail(file, f"of a file named {file.name} nothing says where its version stands", _PATTERN_HINT)
    if not kind.allows(version):
        _fail(file, f"it takes no {version}", f"set changelog.scheme to {kind.scheme}, or ask for another with --version")
    text = _decoded(file, content)
    data = _read(file, kind, text)
    paths = _cargo_lock_paths(file, data, cargo) if file.name == "Cargo.lock" else kind.paths
    places = _find(file, kind, text, data, paths)
    bumped = replace_places(text, places, version)
    _check(file, kind, data, bumped, {place.path: version for place in places})
    return (_BOM * content.startswith(_BOM.encode()) + bumped).encode()


def _find(file: VersionFile, kind: _Kind, text: str, data: Any, paths: Sequence[Path]) -> list[Place]:  # noqa: ANN401  # any document
    wanted = {path for path in paths if isinstance(_at(data, path), str)}
    places = [place for place in kind.places(text) if place.path in wanted]
    if not wanted:
        _fail(file, *_why_none(file, data))
    if len(places) < len(wanted):
        _fail(file, *_UNSAFE)
    if len(places) > (len(wanted) if kind.all_at_once else 1):
        lines = ", ".join(str(text.count("\n", 0, place.start) + 1) for place in places)
        _fail(file, f"its version stands in several places, lines {lines}", _KEEP_ONE)
    return places


def _why_none(file: VersionFile, data: Any) -> tuple[str, str]:  # noqa: ANN401  # any document
    dynamic = _at(data, ("project", "dynamic"))
    if file.name == "pyproject.toml" and isinstance(dynamic, list) and "version" in dynamic:
        return "its version is dynamic: the build reads it from elsewhere", (
            "list the file that it is read from instead, with a pattern; where the build takes it from the tag, list none"
        )
    if _at(data, ("package", "version", "workspace")) is True:
        return "its version is the workspace's", "list the Cargo.toml of the workspace instead"
    keys = " or ".join(".".join(map(str, path)) for path in _KINDS[file.name].paths)
    return f"it has no version: no {keys} that is a string", "write one there, or take the file off release.version_files"


def _check(file: VersionFile, kind: _Kind, data: Any, bumped: str, values: Mapping[Path, str]) -> None:  # noqa: ANN401  # any document
    """Hold the new text to the old one's data: that they differ in these values alone is the reason to trust the places found."""
    for path, value in values.items():
        _at(data, path[:-1])[path[-1]] = value
    # by their text, since a TOML nan differs from itself
    if repr(_read(file, kind, bumped)) != repr(data):
        _fail(file, *_UNSAFE)


def _find_by_pattern(file: VersionFile, pattern: str, text: str) -> Place:
    try:
        expression = re.compile(pattern, re.MULTILINE)
    except re.error as error:
        _fail(file, f"its pattern {pattern!r} is no regular expression: {error}", _PATTERN_HINT, error)
    if expression.groups != 1:
        _fail(file, f"its pattern {pattern!r} has {expression.groups} groups", _PATTERN_HINT)
    matches = [match for match in expression.finditer(text) if match.start(1) >= 0]
    # (.*) also finds the nothing at the end of a line
    found = [match for match in matches if match[1].strip()] or matches[:1]
    if len(found) != 1:
        lines = ", ".join(str(text.count("\n", 0, match.start(1)) + 1) for match in found[:10])
        where = f"is found in several places, lines {lines}" if found else "is found nowhere"
        _fail(file, f"its pattern {pattern!r} {where}", "write a pattern that finds the version exactly once")
    start, held = found[0].start(1), found[0][1]
    word = held.strip()
    if parse_version(word) is None:
        _fail(file, f"what its pattern {pattern!r} finds is no version: {held[:80]!r}", "let the group hold the version and nothing else")
    start += held.index(word)
    return Place((), start, start + len(word))


def _cargo_versions(file: VersionFile, files: Sequence[VersionFile], contents: Mapping[str, bytes | None]) -> _Cargo:
    """Read what the listed Cargo.toml files in and below the folder of a Cargo.lock say of their packages."""
    names, shared = set(), set()
    folder = file.path[: -len(file.name)]
    for other in files if file.name == "Cargo.lock" and file.pattern is None else ():
        content = contents.get(other.path)
        if other.name != "Cargo.toml" or not other.path.startswith(folder) or content is None:
            continue
        data = _read(other, _KINDS["Cargo.toml"], _decoded(other, content))
        if isinstance(_at(data, ("package", "version")), str):
            names.add(str(_at(data, ("package", "name"))))
        if isinstance(version := _at(data, ("workspace", "package", "version")), str):
            shared.add(version)
    return _Cargo(frozenset(names), frozenset(shared))


def _cargo_lock_paths(file: VersionFile, data: Any, cargo: _Cargo) -> tuple[Path, ...]:  # noqa: ANN401  # any document
    """Find the packages of this repository, which have no source, by their name or by the version of their workspace."""
    if not cargo.names and not cargo.shared:
        _fail(file, "no Cargo.toml beside or below it is a version file", "list that Cargo.toml in release.version_files as well")
    packages = data.get("package")
    entries = [entry if isinstance(entry, dict) else {} for entry in packages] if isinstance(packages, list) else []
    own = [
        number
        for number, entry in enumerate(entries)
        if "source" not in entry and (entry.get("name") in cargo.names or entry.get("version") in cargo.shared)
    ]
    lost = sorted(cargo.names - {str(entries[number].get("name")) for number in own})
    if lost or not own:
        _fail(
            file, f"it has no entry for {lost[0] if lost else 'a package of the workspace'}", "bring it up to date with `cargo update -w`"
        )
    return tuple(("package", number, "version") for number in own)


def _decoded(file: VersionFile, content: bytes) -> str:
    try:
        return content.decode().removeprefix(_BOM)
    except UnicodeDecodeError as error:
        _fail(file, "it is not UTF-8", "save it as UTF-8", error)


def _read(file: VersionFile, kind: _Kind, text: str) -> Any:  # noqa: ANN401  # any document
    try:
        data = kind.read(text)
        repr(data)  # what is too deep for this is too deep for the comparison
    except (ValueError, RecursionError) as error:  # both of TOML and JSON; an absurdly long number is a ValueError too
        language = "TOML" if kind.read is tomllib.loads else "JSON"
        _fail(file, f"it is not valid {language}: {' '.join(str(error).split())}", "mend it first", error)
    if not isinstance(data, dict):
        _fail(file, "it is no mapping of keys to values", "mend it first")
    return data


def _at(data: Any, path: Path) -> Any:  # noqa: ANN401  # any document
    """Return what stands at a path; None for nothing."""
    for key in path:
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def _fail(file: VersionFile, what: str, hint: str, error: Exception | None = None) -> NoReturn:
    raise ConfigError(f"release.version_files: {file.path}: {what}", hint=hint) from error
