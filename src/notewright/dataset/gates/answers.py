"""Gates for an answer: it says what its passage says, and says it to somebody who does not see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notewright.dataset.gates.code import foreign_code, own_comments
from notewright.dataset.gates.everyday import content_stems
from notewright.dataset.gates.names import EXAMPLE, names_in, unknown_names
from notewright.dataset.gates.numerals import numbers_of, unknown_numbers
from notewright.dataset.gates.parts import Parts, take_apart
from notewright.dataset.gates.reasons import Fault
from notewright.dataset.gates.source import Source, code_tokens
from notewright.dataset.gates.wording import wording_faults

_FEWEST_WORDS = 4
_MOST_NAMED = 5  # faults of one reason that are told together
_LIST_NUMBER = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")
_QUOTED = re.compile(r'"[^"\n]+"')
_DECIDES = re.compile(r"\b(?:yes|no|not|never|none|nothing|cannot|neither|only|always)\b", re.IGNORECASE)


def answer_faults(question: str, answer: str, source: Source, *, most_characters: int) -> tuple[Fault, ...]:
    """Return what is wrong with an answer to a question that passed its own gates: one fault a reason, the gravest first, with all that it
    is about; empty for one that is kept."""
    parts = take_apart(answer)
    found: dict[str, dict[str, None]] = {}
    for fault in _faults(question, answer, parts, source, most_characters):
        found.setdefault(fault.reason, {})[fault.detail] = None
    return tuple(Fault(reason, ", ".join(list(details)[:_MOST_NAMED])) for reason, details in found.items())


def _faults(question: str, answer: str, parts: Parts, source: Source, most_characters: int) -> Iterator[Fault]:
    yield from wording_faults(answer, parts.prose, source)
    if len(answer.split()) < _FEWEST_WORDS and not parts.lines:
        yield Fault("too_short")
    if len(answer) >= most_characters:  # a grammar ends a text there, in the middle of a word
        yield Fault("too_long")
    if _is_echo(question, answer, parts):
        yield Fault("echo")
    yield from foreign_code(parts, source)
    comments = own_comments(parts, source)
    told = Parts(f"{parts.prose}\n{comments}", parts.spans, (), open=False) if comments else parts
    yield from unknown_names(told, source, also=names_in(question))
    if not EXAMPLE.search(parts.prose):
        spans = (span for span in parts.spans if code_tokens(span) not in source.tokens)
        said = _LIST_NUMBER.sub(" ", "\n".join((told.prose, *spans)))
        yield from unknown_numbers(said, source.numbers | numbers_of(question))


def _is_echo(question: str, answer: str, parts: Parts) -> bool:
    adds_code = bool(parts.lines) or any(character.isdigit() for character in answer)
    adds_quote = any(span not in question for span in (*parts.spans, *(match[0] for match in _QUOTED.finditer(parts.prose))))
    return not adds_code and not adds_quote and not _DECIDES.search(answer) and content_stems(answer) <= content_stems(question)
