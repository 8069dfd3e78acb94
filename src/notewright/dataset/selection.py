"""Selection: which files of a repository a dataset is made of, first by their names, then by what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType
from typing import Literal

from notewright.dataset.drops import Drop
from notewright.dataset.encoding import decode
from notewright.dataset.generated import has_dense_lines, is_generated, is_minified, is_vendored, says_generated
from notewright.dataset.ignoring import Attributes, IgnoreFiles, compile_patterns
from notewright.dataset.languages import language_of
from notewright.dataset.licences import Allowed, licence_of
from notewright.dataset.screened import Personal
from notewright.dataset.sensitive import is_sensitive
from notewright.screening.secrets import has_private_key

_RULES = 1  # raised whenever the same rules select other files than before: what was prepared by older ones is prepared anew
_MOST_PATH_BYTES = 1_000
_SYMLINK, _SUBMODULE = "120000", "160000"
_NOTHING: Mapping[bytes, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """What a file must be. Extensions are ends of names, whatever their case; patterns are in the syntax of .gitignore; licences are SPDX
    identifiers, and none of them means that any will do. `unknown_license` is for files of which nothing says the licence, `personal` for
    passages with e-mail and public network addresses."""

    allowed_extensions: tuple[str, ...]
    ignore_patterns: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    unknown_license: Literal["keep", "drop"] = "drop"
    personal: Personal = "redact"
    respect_gitignore: bool = True
    keep_generated: bool = False
    keep_vendored: bool = False
    max_file_bytes: int = 1_000_000

    @property
    def digest(self) -> str:
        """What else is selected by is known by: these rules, and how they are understood here."""
        return hashlib.sha256(repr((_RULES, astuple(self))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Selected:
    """A file that a dataset may be made of: its text in UTF-8, the codec by which its bytes in the repository decode to that text, its
    language, and its licence as an SPDX expression, empty where nothing says it."""

    text: bytes
    encoding: str
    language: str
    license: str


class Selector:
    """Judges the files of one repository at one commit. Takes the contents of its .gitignore and .gitattributes files by their paths, and
    its licences: that of the whole, and those of folders that have one of their own (`repository_licences.find_licences`)."""

    def __init__(
        self,
        rules: SelectionRules,
        gitignores: Mapping[bytes, bytes],
        repository_license: str | Mapping[str, str] = "",
        *,
        attributes: Mapping[bytes, bytes] = _NOTHING,
    ) -> None:
        self._rules = rules
        self._endings = tuple(ending.lower() for ending in rules.allowed_extensions)
        self._patterns = compile_patterns(rules.ignore_patterns)
        self._ignored = IgnoreFiles(gitignores if rules.respect_gitignore else {})
        self._attributes = Attributes(attributes)
        self._licences = {"": repository_license} if isinstance(repository_license, str) else dict(repository_license)
        self._allowed = Allowed(rules.licenses, unknown=rules.unknown_license == "keep")

    def by_path(self, path: bytes, mode: str, size: int) -> Drop | None:
        """Return why a file is left out by its name, mode and size in bytes alone; None for one whose content is to be looked at."""
        if mode in {_SYMLINK, _SUBMODULE}:
            return Drop("symlink" if mode == _SYMLINK else "submodule")
        if not (name := _printable(path)):
            return Drop("path")
        if is_sensitive(name):
            return Drop("sensitive")
        if not name.lower().endswith(self._endings):
            return Drop("extension")
        if not 0 < size <= self._rules.max_file_bytes:
            return Drop("too_large" if size else "empty")
        return self._written_elsewhere(name) or self._left_out(name)

    def by_content(self, path: bytes, content: bytes) -> Selected | Drop:
        """Return a file's text with what is known about it, or why it is left out. Asked only for what `by_path` let through."""
        if isinstance(decoded := decode(content), Drop):
            return decoded
        name, text = path.decode(), decoded.text.encode()
        if not text.strip():
            return Drop("empty")
        language = language_of(name, text)
        if has_dense_lines(text, language):
            return Drop("minified", "lines")
        if not self._rules.keep_generated and says_generated(text) and self._attributes.says("generated", name) is not False:
            return Drop("generated", "marker")
        if has_private_key(decoded.text):
            return Drop("secret", "private-key")
        licence = licence_of(decoded.text) or self._licence_at(name)
        if not self._allowed.admits(licence):
            return Drop("licence", licence or "unknown")
        return Selected(text, decoded.encoding, language, licence)

    def _written_elsewhere(self, name: str) -> Drop | None:
        """.gitattributes speak last: what they unset is kept whatever its name."""
        if not self._rules.keep_vendored and _said(self._attributes.says("vendored", name), otherwise=is_vendored(name)):
            return Drop("vendored")
        if not self._rules.keep_generated and _said(self._attributes.says("generated", name), otherwise=is_generated(name)):
            return Drop("generated", "name")
        return Drop("minified", "name") if is_minified(name) else None

    def _left_out(self, name: str) -> Drop | None:
        if self._patterns.match_file(name):
            return Drop("ignored")
        return Drop("gitignored") if self._ignored.ignores(name) else None

    def _licence_at(self, name: str) -> str:
        """Return the licence of the nearest folder that has one."""
        end = name.rfind("/") + 1
        while name[:end] not in self._licences and end:
            end = name.rfind("/", 0, end - 1) + 1
        return self._licences.get(name[:end], "")


def _said(said: bool | None, *, otherwise: bool) -> bool:
    return otherwise if said is None else said


def _printable(path: bytes) -> str | None:
    """Return a path that can be shown: one without line ends, control and bidirectional characters (security case 14)."""
    try:
        name = path.decode()
    except UnicodeDecodeError:
        return None
    return (
        name if name.isprintable() and len(path) <= _MOST_PATH_BYTES and ".." not in name.split("/") and not name.startswith("/") else None
    )
