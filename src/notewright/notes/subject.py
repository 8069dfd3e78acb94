"""The subject of an entry as text for a sentence: without references and marks of tools, its markup and pings shown as code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notewright.grounding.residue import without_templates
from notewright.rendering.neutral import neutral_code, visible

_reference = r"(?:(?:[\w.-]+/[\w.-]+)?#\d+|GH-\d+|https?://\S+/(?:issues|pull|commit|merge_requests)/\w+)"
_references = rf"{_reference}(?:(?:,| and|,? &)? {_reference})*"
_TAIL = re.compile(
    rf"\s*(?:\((?:(?i:close[sd]?|fix(?:e[sd])?|resolve[sd]?|see|refs?|issues?|pr|part of|for|and|,)[\s:]*)*{_references}\)"
    rf"|[,;]?\s(?i:close[sd]?|fix(?:e[sd])?|resolve[sd]?|see|refs?):? {_references}"
    rf"|\s{_references}"
    r"|\s*\[(?i:ci[ -]skip|skip[ -]ci|no[ -]ci|skip actions|security)\]"
    r"|(?<!\.)\.|[,;:!])$"
)
_HEAD = re.compile(rf"^{_references}\s*[-:]\s+")
_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_WRAPPED = re.compile(r"([\"'(\[{*_,;:]*)(.*?)([\"')\]}*_,.;:!?]*)", re.DOTALL)
# A word that would link, ping, render, command or number something
_LIVE = re.compile(
    r"<(?=[A-Za-z/!?])|(?<!\w)@\w|#\d|://|\][(\[]|!\[|::|\$\{\{|\{\{|\{%|&#?\w+;|^/[a-z]|^[=~-]{3,}"
    r"|(?i:^(?:www\.|gh-\d|javascript:|data:|vbscript:|file:|mailto:))|\w@\w"
)
_BULLET = re.compile(r"^\s*(?:(?:[-*+>|]|\d+[.)]|#{1,6})\s+)+")
_MARK = re.compile(r"^\[(?i:security)\]:?\s+")
_LABEL = re.compile(r"^\[([\w /-]{1,40})\]:?\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"(])")


def clean(subject: str) -> str:
    """Return a subject without its final stop, the references and tool marks at its end, and with everything that GitHub or a terminal
    would act on as code. It is one line, and empty where nothing is left."""
    text = _HEAD.sub("", _BULLET.sub("", without_templates(visible(subject))), count=1)
    text = _LABEL.sub(r"\1: ", _MARK.sub("", text))
    shorter = _TAIL.sub("", text)
    while shorter != text:
        text, shorter = shorter, _TAIL.sub("", shorter)
    return "".join(part if is_code else _prose(part) for part, is_code in _parts(text)).strip()


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences of a text's first paragraph, each cleaned and with a final stop. Code blocks and tables are no sentences."""
    return _sentences(re.split(r"\n\s*\n|\n\s*(?:```|~~~|\|)", text.strip(), maxsplit=1)[0])


def all_sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences of all paragraphs that are prose; each item of a list is one."""
    prose = re.sub(r"(?ms)^\s*(```|~~~).*?(?:^\s*\1|\Z)|^\s*\|.*?$", "\n\n", text)
    pieces = re.split(r"\n\s*\n|\n(?=\s*[-*+] )", prose)
    found = (sentence for piece in pieces for sentence in _sentences(piece) if _says_something(sentence))
    return tuple(dict.fromkeys(found))


def _says_something(sentence: str) -> bool:
    """Whether it is more than an address, or the opening of a list."""
    return not sentence.endswith(":.") and len(re.findall(r"\w+", "".join(part for part, code in _parts(sentence) if not code))) > 0


def _sentences(paragraph: str) -> tuple[str, ...]:
    line = " ".join(_BULLET.sub("", part) for part in paragraph.splitlines())
    cleaned = (clean(part) for part in _SENTENCE_END.split(visible(line)))
    return tuple(finish(part) for part in cleaned if part)


def finish(text: str) -> str:
    """Return a text as a sentence: its first letter a capital, if that is an ordinary word, and a stop at its end."""
    first = re.match(r"[a-z]{2,}(?:['-][a-z]+)*(?=[\s,:;.!?]|$)", text)
    start = text[0].upper() + text[1:] if first else text
    return start if start.endswith((".", "!", "?", "\u2026")) else f"{start}."


def shorten(text: str, *, most_words: int) -> str:
    """Return at most so many words, an ellipsis in place of the rest. A code span is never cut; empty if the first is too long."""
    if len(text.split()) <= most_words:
        return text
    kept = ""
    for part, is_code in _parts(text):
        for piece in (part,) if is_code else re.findall(r"\S+\s*|\s+", part):
            if len((kept + piece).split()) > most_words:
                kept = kept.rstrip(" ,;:.(-")
                return f"{kept}\u2026" if kept else ""
            kept += piece
    return kept


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the code spans of a text (True) and the prose between them (False)."""
    start = 0
    for span in _SPAN.finditer(text):
        yield text[start : span.start()], False
        yield span[0], True
        start = span.end()
    yield text[start:], False


def _prose(text: str) -> str:
    return re.sub(r"\S+", lambda word: _word(word[0]), text.replace("`", "'"))


def _word(word: str) -> str:
    if not _LIVE.search(word):
        return word
    wrapped = _WRAPPED.fullmatch(word)
    assert wrapped
    head, middle, tail = wrapped.groups()
    outside = not middle or _LIVE.search(head) or _LIVE.search(tail)
    return neutral_code(word) if outside else f"{head}{neutral_code(middle)}{tail}"
