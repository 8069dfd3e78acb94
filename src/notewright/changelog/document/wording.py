"""Wording: what an item of a changelog says without its scope, references and commit, as an override would say it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from notewright.changelog.document.pairing import commits_in, spellings
from notewright.changelog.section import Entry
from notewright.rendering.neutral import visible

_SCOPE = re.compile(r"(?:\*\*|__)(?!\s)([^*_]{1,80}?):?(?:\*\*|__):?[ \t]+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Wording:
    """A scope ("" for none), and a summary as a commit would write it. `exact` says that stage 2 writes such a summary the same way."""

    scope: str
    summary: str
    exact: bool


def read_wording(text: str, *, like: tuple[str, Entry] | None = None) -> Wording:
    """Read an item. `like` is our own text and its entry: what stands around the summary there is no part of it here either."""
    scope, rest = "", text
    if like:
        before, after = _around(*like)
        if before and rest.startswith(before):
            scope, rest = like[1].scope or "", rest[len(before) :]
        if after and rest.endswith(after):
            rest = rest[: len(rest) - len(after)]
    if not scope and (match := _SCOPE.match(rest)):
        scope, rest = plain_text(match[1]), rest[match.end() :]
    rest = _without_sources(rest.strip(), like[1] if like else None)
    summary = plain_text(rest)
    return Wording(scope, summary, exact=rest in spellings(summary))


def plain_text(markdown: str) -> str:
    """Return what Markdown of one line was written from: without escapes and entities, on one line."""
    return visible(html.unescape(_ESCAPED.sub(r"\1", markdown)))


def _around(text: str, entry: Entry) -> tuple[str, str]:
    for words in spellings(entry.summary):
        before, found, after = text.partition(words)
        if found:
            return before, after
    return "", ""


def _without_sources(text: str, entry: Entry | None) -> str:
    """Cut brackets off the end that name a commit or a reference; by position, for a pattern would try each bracket of a hostile line."""
    while text.endswith(")") and (start := _opening(text)) is not None:
        inside = text[start + 1 : -1]
        references = entry.references if entry else ()
        if not (commits_in(inside) or any(reference in inside for reference in references) or re.fullmatch(r"\[?#\d+\]?.*", inside)):
            break
        text = text[:start].rstrip()
    return text


def _opening(text: str) -> int | None:
    """Return where the bracket that the last one closes is opened."""
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[position], 0)
        if depth == 0:
            return position or None
    return None
