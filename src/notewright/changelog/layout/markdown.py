"""Markdown of a section: in the layout of a preset, or of a template that the repository brings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from notewright.changelog.layout.links import Links
from notewright.changelog.layout.presets import (
    PRESETS,
    Preset,
    commit_words,
    comparison,
    left_out,
    reference_words,
    render_preset,
    underline,
)
from notewright.changelog.layout.template import SectionTemplate
from notewright.changelog.section import Entry, Group, Section

DOCUMENT_HEAD = "# Changelog\n\nAll notable changes to this project are documented in this file.\n"


def render_section(
    section: Section,
    *,
    links: Links | None = None,
    first_release_limit: int | None = None,
    preset: str = "keepachangelog",
    template: SectionTemplate | None = None,
) -> str:
    """Render one section, ending in one newline, as its preset looks, or as a template makes it of the preset's words.

    A group of a release without predecessor shows at most `first_release_limit` entries and says how many more there are; nothing else is
    ever left out. Raises `ConfigError` for a template that fails."""
    limit = first_release_limit if section.previous is None else None
    look = PRESETS[preset]
    if template is None:
        return render_preset(look, section, links=links, limit=limit)
    values = section_words(section, look, links=links, limit=limit)
    shown = [entry for group in values["groups"] for entry in group["entries"]]
    characters = sum(len(entry["item"]) + len(entry["breaking_text"]) + len(entry["summary"]) for entry in shown)
    return template.render(values, entries=len(shown), characters=characters)


def render_document(sections: Iterable[str]) -> str:
    """Join rendered sections, newest first, under the title of a changelog."""
    return "\n".join((DOCUMENT_HEAD, *sections))


def section_words(section: Section, preset: Preset, *, links: Links | None, limit: int | None) -> dict[str, Any]:
    """Return what a template is given: mappings, lists, numbers, and text that is harmless wherever Markdown has running text. What is
    absent is ""."""
    words = preset.words
    heading = preset.heading(section, links)
    compared = links.compare(section.previous, section.tag) if links and section.previous and section.tag else None
    return {
        "version": words(section.version or ""),
        "tag": words(section.tag or ""),
        "previous": words(section.previous or ""),
        "date": words(section.date or ""),
        "compare_url": compared or "",
        "heading": heading,
        "underline": underline(heading),
        "comparison": comparison(section, links),
        "groups": [_group_words(group, preset, links, limit) for group in section.groups],
        "contributors": [
            {"name": words(person.name), "commits": person.commits, "new": person.new} for person in section.contributors
        ],
        "totals": {name: getattr(section.totals, name) for name in ("commits", "shown", "folded", "hidden")},
    }  # fmt: skip


def _group_words(group: Group, preset: Preset, links: Links | None, limit: int | None) -> dict[str, Any]:
    return {
        "title": preset.title(group),
        "entries": [_entry_words(entry, preset, links) for entry in group.entries[:limit]],
        "more": left_out(group, limit),
    }


def _entry_words(entry: Entry, preset: Preset, links: Links | None) -> dict[str, Any]:
    words = preset.words
    sha = entry.commits[0]
    return {
        "id": words(entry.id),
        "type": words(entry.type or ""),
        "scope": words(entry.scope or ""),
        "summary": words(entry.summary),
        "breaking": entry.breaking,
        "breaking_text": words(entry.breaking_text or ""),
        "security": entry.security,
        "references": [
            {"text": reference_words(reference, None), "url": (links.reference(reference) if links else None) or ""}
            for reference in entry.references
        ],
        "commit": {"sha": words(sha), "short": commit_words(sha, None), "url": (links.commit(sha) if links else None) or ""},
        "authors": [words(author) for author in entry.authors],
        "item": preset.item(entry, links),
    }
