"""Explain: a table of every commit and what became of it, as wide as the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator

import click

from notewright.changelog.codec import SCHEMA, ledger_values
from notewright.changelog.section import LedgerLine, Section
from notewright.rendering.canonical import canonical_line
from notewright.rendering.neutral import neutral_log, visible

_COLOURS = {"shown": "green", "folded": "cyan", "hidden": "yellow"}
_GAP = "  "
_SHA, _OUTCOME = 7, 7
_ENTRIES = 7  # columns where there are none
_SLACK = 8  # characters read for each column of a subject: one that joins takes none
_NARROWEST = 50  # columns; below that the table is wider than the terminal rather than unreadable


def terminal_columns() -> int:
    """Return the width of the terminal that results go to; 80 where they go elsewhere, or as COLUMNS says."""
    return max(shutil.get_terminal_size((80, 24)).columns, _NARROWEST)


def wants_colour() -> bool:
    """Whether results go to a terminal whose user did not switch colours off (no-color.org)."""
    return bool(sys.stdout and sys.stdout.isatty()) and not os.environ.get("NO_COLOR")


def explain_table(sections: Iterable[Section], *, columns: int, colour: bool) -> Iterator[str]:
    """Yield the lines of a table for each section: a heading, the commits in the order of the log, and the totals. No line is wider than
    `columns`; subjects are cut, rules and entries go on below."""
    for number, section in enumerate(sections):
        widths = _widths(section, columns)
        if number:
            yield ""
        yield from _wrapped(_title(section), columns)
        yield _row(("commit", "outcome", "subject", "rule", "entries"), widths)
        for line in section.ledger:
            yield from _explain(line, widths, colour=colour)
        totals = section.totals
        commits = "commit" if totals.commits == 1 else "commits"
        yield f"{totals.commits:,} {commits}: {totals.shown:,} shown, {totals.folded:,} folded, {totals.hidden:,} hidden"


def explain_json(sections: Iterable[Section]) -> bytes:
    """Return the ledgers of sections as one line of JSON."""
    releases = [{"version": section.version, "tag": section.tag, "ledger": ledger_values(section)} for section in sections]
    return canonical_line({"schema": SCHEMA, "releases": releases})


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a wide character, none for one that joins the one before."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def cut(text: str, columns: int) -> str:
    """Return `text` in at most `columns` columns, with an ellipsis where some is left out."""
    head = _head(text, columns)
    return text if head == text else _head(text, columns - 1).rstrip() + "…"


def _widths(section: Section, columns: int) -> tuple[int, ...]:
    """Return the widths of a section's columns: rules have what the longest takes, up to half of what is left."""
    entries = max((len(entry) for line in section.ledger for entry in line.entries), default=_ENTRIES)
    entries = max(len("entries"), min(entries, columns // 4))
    room = columns - _SHA - _OUTCOME - entries - 4 * len(_GAP)
    rules = max((len(line.rule) for line in section.ledger), default=0)
    rules = max(len("rule"), min(rules, room // 2))
    return _SHA, _OUTCOME, room - rules, rules, entries


def _explain(line: LedgerLine, widths: tuple[int, ...], *, colour: bool) -> Iterator[str]:
    """Yield the rows of one commit: the first has its subject, the others what is left of its rule and entries."""
    rules = _wrapped(_harmless(line.rule), widths[3])
    entries = [cut(_harmless(entry), widths[4]) for entry in line.entries]
    subject = cut(_harmless(line.subject[: widths[2] * _SLACK]), widths[2])
    yield _row(
        (line.sha[:_SHA], line.outcome, subject, *_nth(rules, entries, 0)),
        widths,
        colour=_COLOURS[line.outcome] if colour else None,
    )
    for number in range(1, max(len(rules), len(entries))):
        yield _row(("", "", "", *_nth(rules, entries, number)), widths)


def _nth(rules: list[str], entries: list[str], number: int) -> tuple[str, str]:
    return rules[number] if number < len(rules) else "", entries[number] if number < len(entries) else ""


def _row(cells: tuple[str, ...], widths: tuple[int, ...], *, colour: str | None = None) -> str:
    padded = [cell + " " * (width - columns_of(cell)) for cell, width in zip(cells, widths, strict=True)]
    if colour:
        padded[1] = click.style(padded[1], fg=colour)
    return _GAP.join(padded).rstrip()


def _wrapped(text: str, columns: int) -> list[str]:
    """Break a text between words, and within a word that is wider than its column. No line begins with a command to a runner."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and columns_of(line) + 1 + columns_of(word) <= columns:
            line = f"{line} {word}"
            continue
        lines += [line] if line else []
        line = word
        while head := _head(line, columns):
            if head == line:
                break
            lines.append(head)
            line = line[len(head) :]
    # once more, line by line: what stood in the middle of the text may begin a line now
    return [cut(neutral_log(one), columns) for one in (*lines, line)]


def _head(text: str, columns: int) -> str:
    """Return as much of a text as fits."""
    if text.isascii():
        return text[:columns]
    for position, character in enumerate(text):
        columns -= _columns(character)
        if columns < 0:
            return text[:position]
    return text


def _harmless(text: str) -> str:
    """Return a text on one line that no terminal and no runner obeys."""
    return neutral_log(visible(text))


def _title(section: Section) -> str:
    dated = f" - {section.date}" if section.version and section.date else ""
    return _harmless(
        f"{section.version or 'Unreleased'}{dated}, {f'after {section.previous}' if section.previous else 'the first release'}"
    )


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me") or character in "\ufe0e\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
