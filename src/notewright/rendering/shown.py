"""Markdown of a person, shown with its headings, items and bold words, and with nothing that it could do."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from notewright.rendering.neutral import neutral_code, neutral_text

_LINE = re.compile(r"(?P<indent>[ \t]*)(?:(?P<heading>#{1,6})[ \t]+|(?P<item>[-*+]|\d{1,9}[.)])[ \t]+)?(?P<text>.*)")
_SPAN = re.compile(r"\*\*(?P<bold>[^*\n]{1,500})\*\*|\[(?P<words>[^\[\]\n]{0,500})\]\((?P<url>[^()\s]{0,2000})\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_HEADING = "####"  # below those of the page that it is shown on


def neutral_markdown(markdown: str) -> str:
    """Return Markdown that reads like the one given and does nothing: the address of a link is shown as code, everything else is
    `neutral_text` (security cases 7-14)."""
    return "\n".join(map(_line, markdown.replace("\r\n", "\n").split("\n")))


def _line(line: str) -> str:
    found = _LINE.fullmatch(line)
    if found is None or not found["text"].strip():
        return ""
    text = "".join(_spans(found["text"]))
    if found["heading"]:
        return f"{_HEADING} {text}"
    return f"{'  ' if found['indent'] else ''}- {text}" if found["item"] else text


def _spans(text: str) -> Iterator[str]:
    start = 0
    for span in _SPAN.finditer(text):
        yield _words(text[start : span.start()])
        start = span.end()
        bold = span["bold"] and _words(span["bold"]).strip()
        yield f"**{bold}**" if bold else _words(span["words"] or "")
        yield f" ({neutral_code(span['url'])})" if span["url"] else ""
    yield _words(text[start:])


def _words(text: str) -> str:
    """Neutralise a piece of a line, with the blanks around it; what is escaped already is not escaped again."""
    shown = neutral_text(html.unescape(_ESCAPED.sub(r"\1", text)))
    return f"{' ' if text[:1].isspace() else ''}{shown}{' ' if shown and text[-1:].isspace() else ''}"
