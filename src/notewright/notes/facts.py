"""The facts of a section: what stage 3 may know of its entries."""

from __future__ import annotations

from notewright.changelog.section import Entry, Section
from notewright.grounding.attribution import Facts
from notewright.grounding.facts import Fact


def facts_of(section: Section) -> Facts:
    """Return a fact for each entry by its id, in the section's order."""
    return Facts({entry.id: fact_of(entry) for entry in section.entries()}, release=section.version)


def fact_of(entry: Entry) -> Fact:
    """Return what a sentence about the entry may draw on. Authors are no part of it: code names people."""
    return Fact(
        entry.id,
        entry.type,
        entry.scope,
        entry.summary,
        entry.breaking,
        entry.breaking_text,
        entry.security,
        entry.references,
        entry.commits,
    )
