"""Reasons why a pair is dropped, and what is said to a model that may try again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

# The words are stored, counted and compared between runs: one that is in use is never given another meaning.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "missing": "The model wrote fewer questions than it was asked for.",
        "repeated": "Another question about the same passage asks the same.",
        "off_topic": "The question names nothing that the passage is about.",
        "too_short": "The text is too short to say anything.",
        "too_long": "The text was cut off where its room ended.",
        "refusal": "The model refused, or says that it does not know.",
        "residue": "The text holds control tokens, invisible characters or talk to a model.",
        "self_reference": "The text speaks of a passage that its reader does not see.",
        "echo": "The answer only repeats the question.",
        "code": "A line of code in the answer is none of the passage's.",
        "identifier": "The text uses a name, an address or a quoted value that the passage does not have.",
        "number": "The answer gives a number that the passage does not have.",
        "judge": "The judge, who sees the passage, refused the pair.",
    }
)

_MENDED = {
    "too_short": "It says too little: answer in full sentences.",
    "too_long": "It is far too long: give the main point alone.",
    "self_reference": 'It says "{}", but who reads it sees no passage: name what is meant.',
    "echo": "It only repeats the question: say what the code does.",
    "code": "Its code has this line, which is not in the passage: {}. Quote lines unchanged, or leave the code out.",
    "identifier": "It uses {}, which the passage does not have: leave it out, or use the passage's own names and values.",
    "number": "It gives {}, which is no number of the passage: leave it out, or give the passage's own.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a question or an answer: one of `REASONS`, and what exactly."""

    reason: str
    detail: str = ""


def can_mend(faults: Sequence[Fault]) -> bool:
    """Return whether another answer to the same question may be free of all these faults."""
    return all(fault.reason in _MENDED for fault in faults)


def diagnose(faults: Sequence[Fault]) -> str:
    """Return what is told to the model that is to answer again."""
    return " ".join(_MENDED[fault.reason].format(fault.detail) for fault in faults)
