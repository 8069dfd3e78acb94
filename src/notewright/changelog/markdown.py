"""Markdown of a section: entries as list items, commit text made harmless, links built by code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notewright.changelog.links import Links
from notewright.changelog.section import Entry, Group, Section
from notewright.rendering.neutral import neutral_text

DOCUMENT_HEAD = "# Changelog\n\nAll notable changes to this project are documented in this file.\n"
_SHORT = 7


def render_section(section: Section, *, links: Links | None = None, first_release_limit: int | None = None) -> str:
    """Render one section, ending in one newline. A group of a release without predecessor shows at most
    `first_release_limit` entries and says how many more there are; nothing else is ever left out."""
    limit = first_release_limit if section.previous is None else None
    blocks = [f"## {_heading(section, links)}", *(_group(group, links, limit) for group in section.groups)]
    if not section.groups:
        blocks.append("No changes that users would notice.")
    return "\n\n".join(blocks) + "\n"


def render_document(sections: Iterable[str]) -> str:
    """Join rendered sections, newest first, under the title of a changelog."""
    return "\n".join((DOCUMENT_HEAD, *sections))


def render_entry(entry: Entry, links: Links | None) -> str:
    """Render one entry without its bullet: scope, summary, references and the anchor commit."""
    name = neutral_text(entry.scope or "")
    scope = f"**{name}:** " if name else ""
    sources = ", ".join((*(_reference(reference, links) for reference in entry.references), _commit(entry.commits[0], links)))
    return f"{scope}{neutral_text(entry.summary)} ({sources})".lstrip()


def _heading(section: Section, links: Links | None) -> str:
    if section.version is None:
        return "Unreleased"
    title = neutral_text(section.version)
    if links and section.tag:
        address = links.compare(section.previous, section.tag) if section.previous else links.release(section.tag)
        title = f"[{title}]({address})"
    return f"{title} - {section.date}" if section.date else title


def _group(group: Group, links: Links | None, limit: int | None) -> str:
    return "\n".join((f"### {neutral_text(group.title)}", "", *_items(group.entries, links, limit)))


def _items(entries: tuple[Entry, ...], links: Links | None, limit: int | None) -> Iterator[str]:
    for entry in entries[:limit]:
        yield f"- {render_entry(entry, links)}"
        if text := neutral_text(entry.breaking_text or ""):
            yield f"  - {text}"
    if limit is not None and len(entries) > limit:
        yield f"- … and {len(entries) - limit} more, in the first release's ledger"


def _reference(reference: str, links: Links | None) -> str:
    address = links.reference(reference) if links else None
    shown = reference.replace("_", "\\_")  # an owner's or a repository's name may look like emphasis
    return f"[{shown}]({address})" if address else shown


def _commit(sha: str, links: Links | None) -> str:
    short = sha[:_SHORT]
    return f"[{short}]({links.commit(sha)})" if links else short
