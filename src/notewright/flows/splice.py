"""Splicing sections into a changelog file of the work tree."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.repository import Repository
from notewright.changelog.document.places import folded_prereleases
from notewright.changelog.document.splice import Edit, RenderedSection, refuse_foreign, splice_sections
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.changelog.upcoming import tag_form
from notewright.history.versions import parse_version
from notewright.system.files import read_bytes, resolve_inside, write_atomic


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """Whether the file changed, and the sections that a person edited and that stay as they are: their names, and what is in them."""

    changed: bool
    edited: tuple[str, ...]
    edits: tuple[Edit, ...] = ()


def splice_file(root: Path, name: str, sections: Sequence[tuple[str | None, str]], *, superseded: Collection[str] = ()) -> FileOutcome:
    """Put sections (version and Markdown, newest first) into the file `name` below `root`, atomically, and take sections of ours for the
    versions in `superseded` out. A missing file is made. Raises `UsageError` for a path out of the tree or a file that is no Markdown,
    `StorageError` where it cannot be written."""
    path = resolve_inside(root, name)
    content = read_bytes(path) or b""
    # surrogateescape: bytes that are not UTF-8 come back out as they went in
    document = content.decode("utf-8", "surrogateescape")
    refuse_foreign(name, document)
    spliced = splice_sections(document, [RenderedSection(*section) for section in sections], superseded=superseded)
    after = spliced.text.encode("utf-8", "surrogateescape")
    return FileOutcome(after != content and write_atomic(path, after), spliced.edited, spliced.edits)


def find_folded(repository: Repository, rules: Rules, sections: Sequence[Section]) -> tuple[str, ...]:
    """Return the pre-releases whose changes `sections` hold, by these rules: sections of their own are superseded."""
    if rules.prereleases != "fold":
        return ()
    told = [version for section in sections if section.version and (version := parse_version(section.version))]
    return folded_prereleases(told, [tag.version for tag in repository.tags(tag_form(rules))])
