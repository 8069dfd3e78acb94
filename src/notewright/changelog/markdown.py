"""Markdown of a section: entries as list items, commit text made harmless, links built by code."""

from __future__ import annotations

from collections.abc import Iterable

from notewright.changelog.links import Links
from notewright.changelog.presets import PRESETS, render_preset
from notewright.changelog.section import Section

DOCUMENT_HEAD = "# Changelog\n\nAll notable changes to this project are documented in this file.\n"


def render_section(
    section: Section, *, links: Links | None = None, first_release_limit: int | None = None, preset: str = "keepachangelog"
) -> str:
    """Render one section, ending in one newline. A group of a release without predecessor shows at most
    `first_release_limit` entries and says how many more there are; nothing else is ever left out."""
    limit = first_release_limit if section.previous is None else None
    return render_preset(PRESETS[preset], section, links=links, limit=limit)


def render_document(sections: Iterable[str]) -> str:
    """Join rendered sections, newest first, under the title of a changelog."""
    return "\n".join((DOCUMENT_HEAD, *sections))
