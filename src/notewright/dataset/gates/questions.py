"""Gates for a question: it is about its passage, says so without it, and asks for something new."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import chain

from notewright.dataset.gates.everyday import asked_stems, content_stems
from notewright.dataset.gates.names import unknown_names
from notewright.dataset.gates.parts import Parts, take_apart
from notewright.dataset.gates.reasons import Fault
from notewright.dataset.gates.source import Source
from notewright.dataset.gates.wording import wording_faults

_FEWEST_WORDS = 3
_FEWEST_SHARED = 2
_NAME = re.compile(r"[^\W\d]\w{2,}")


def question_fault(question: str, source: Source, *, most_characters: int, asked: Collection[frozenset[str]] = ()) -> Fault | None:
    """Return what is wrong with a question, None for one that may be answered. `asked` are the `question_key`s of those before it. Values
    that it supposes ("what if n is 7?") may be made up."""
    return next(chain(_faults(question, source, most_characters), _repeated(question, asked)), None)


def question_key(question: str) -> frozenset[str]:
    """Return what a question asks, without its order, its small words and their endings: two with the same key are the same."""
    return asked_stems(question)


def _faults(question: str, source: Source, most_characters: int) -> Iterator[Fault]:
    if len(question.split()) < _FEWEST_WORDS:
        yield Fault("too_short")
    if len(question) >= most_characters:
        yield Fault("too_long")
    parts = take_apart(question)
    yield from wording_faults(question, parts.prose, source)
    yield from unknown_names(parts, source, values=False)
    if not _is_about(question, parts, source):
        yield Fault("off_topic")


def _is_about(question: str, parts: Parts, source: Source) -> bool:
    """A name of the source between backticks, or one with marks or capitals, says it alone; of plain words it takes two, or half of them
    where there are few."""
    quoted = {name for span in parts.spans for name in _NAME.findall(span)}
    named = (match[0] for match in _NAME.finditer(question) if match[0] in source.names and (match.start() or not match[0].istitle()))
    if any(name in quoted or not name.isalpha() or not name.islower() for name in named):
        return True
    rare = content_stems(question)
    return len(rare & source.stems) >= max(1, min(_FEWEST_SHARED, (len(rare) + 1) // 2))


def _repeated(question: str, asked: Collection[frozenset[str]]) -> Iterator[Fault]:
    if question_key(question) in asked:
        yield Fault("repeated")
