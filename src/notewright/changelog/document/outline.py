"""Outline: the list items of a section's Markdown, the titles they stand under, and the words between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}\#{1,6}(?:[ \t]+(.*))?$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*$")
_ITEM = re.compile(r"([ \t]*)(?:[-*+•]|\d{1,9}[.)])[ \t]+(.*)$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_TITLE = re.compile(r"(?:\*\*|__)(?!\s)(.{1,80}?):?(?:\*\*|__):?$|([^\s.!?][^.!?\n]{0,60}):$")
_NESTED = 2  # columns


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: the title it stands under ("" for none), its text on one line, and what is nested in it."""

    title: str
    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prose:
    """Words that are no item: a paragraph, a table, code. `below` is the number of items above them."""

    title: str
    text: str
    below: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A section's heading, its titles, items and other words, each in their order."""

    heading: str
    titles: tuple[str, ...]
    items: tuple[Item, ...]
    prose: tuple[Prose, ...]


def read_outline(markdown: str) -> Outline:
    """Read a section's Markdown, with Unix line ends, in one pass. Total: what is no heading and no item is prose."""
    reader = _Reader()
    for line in markdown.split("\n"):
        reader.take(line)
    reader.close()
    heading, *titles = reader.titles or [""]
    return Outline(heading, tuple(titles), tuple(reader.items), tuple(reader.prose))


class _Reader:
    """Takes a section line by line. A paragraph or an item grows until a blank line or another block ends it."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.items: list[Item] = []
        self.prose: list[Prose] = []
        self._paragraph: list[str] = []
        self._item: list[str] | None = None  # its text, line by line
        self._details: list[list[str]] = []
        self._fence = ""
        self._blank = False

    def take(self, line: str) -> None:
        if self._fence or _FENCE.match(line):
            self._take_code(line)
        elif not line.strip():
            self._end_paragraph()
            self._blank = True
            return
        elif match := _HEADING.match(line):
            self._take_title((match[1] or "").rstrip("# \t"))
        elif _UNDERLINE.match(line) and self._paragraph:
            title, self._paragraph = " ".join(self._paragraph), []
            self._take_title(title)
        elif match := _ITEM.match(line):
            self._take_item(len(match[1].expandtabs(4)), match[2].strip())
        else:
            self._take_words(line)
        self._blank = False

    def close(self) -> None:
        self._end_paragraph()
        self._end_item()

    def _take_code(self, line: str) -> None:
        self._paragraph.append(line)
        match = _FENCE.match(line)
        if not self._fence:
            self._fence = match[1] if match else ""
        elif match and match[1].startswith(self._fence) and line.strip() == match[1]:
            self._fence = ""

    def _take_title(self, title: str) -> None:
        self.close()
        self.titles.append(title.strip())

    def _take_item(self, indent: int, text: str) -> None:
        self._end_paragraph()
        if indent >= _NESTED and self._item is not None:
            self._details.append([text])
            return
        self._end_item()
        self._item = [text]

    def _take_words(self, line: str) -> None:
        nested = self._item is not None and not self._paragraph
        if nested and self._item is not None and not self._blank:
            (self._details[-1] if self._details else self._item).append(line.strip())
        elif nested and line.startswith(("  ", "\t")):
            self._details.append([line.strip()])
        else:
            self._end_item()
            self._paragraph.append(line)

    def _end_paragraph(self) -> None:
        if not self._paragraph or self._fence:
            return
        text = "\n".join(self._paragraph).strip()
        self._paragraph = []
        match = _TITLE.match(text)
        if match and self.titles:
            self._end_item()
            self.titles.append(match[1] or match[2])
        else:
            self.prose.append(Prose(self._title(), text, len(self.items) + (self._item is not None)))

    def _end_item(self) -> None:
        if self._item is not None:
            details = tuple(" ".join(lines) for lines in self._details)
            self.items.append(Item(self._title(), " ".join(self._item), details))
        self._item, self._details = None, []

    def _title(self) -> str:
        return self.titles[-1] if len(self.titles) > 1 else ""
