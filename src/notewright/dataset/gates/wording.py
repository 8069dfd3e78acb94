"""Wording that no pair may have: refusals, talk of a passage that nobody sees, and what a model was told by what it read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notewright.dataset.asking.shown import shown
from notewright.dataset.gates.reasons import Fault
from notewright.dataset.gates.source import Source

_WHERE = r"(?:(?:in|by|from) )?(?:the|this) (?:given |provided )?(?:passage|code|snippet|text|context|excerpt|source)"
_REFUSAL = re.compile(
    r"\bas an? (?:ai|assistant|(?:large )?language model)\b|\bi(?:'m| am) (?:an? (?:ai|assistant|language model)|sorry|unable|not able)\b"
    r"|\bi (?:cannot|can't|can not|could not|couldn't|do not (?:have|know)|don't (?:have|know)|apologi[sz]e)\b"
    r"|^(?:sorry|unfortunately,? i)\b"
    r"|\bunable to (?:answer|determine (?:this|that|the answer))\b|\b(?:not enough|insufficient) (?:information|context|detail)\b"
    rf"|\bcannot (?:be )?(?:answered?|determined?|inferr?e?d?)(?: this| that)? {_WHERE}\b"
    rf"|\bno (?:information|context|details?) [\w ]{{0,40}}{_WHERE}\b"
    rf"|\bnot (?:specified|mentioned|stated|provided|described|shown) {_WHERE}\b"
    r"|\b(?:does|do) not (?:provide|contain|include|give) (?:enough|sufficient|any) (?:information|context|details?)\b",
    re.IGNORECASE,
)
_GIVEN = r"(?:provided|given|supplied|presented|following|preceding|above|displayed)"
_THING = (
    r"(?:code|source|text|context|file|function|class|method|snippet|passage|excerpt|fragment|example|documentation|implementation|block"
    r"|lines?)"
)
_SELF_REFERENCE = re.compile(
    rf"\b(?:the|this|that|your) {_GIVEN} (?:\w+ )?{_THING}\b|\b(?:the|this|that) (?:\w+ )?{_THING} (?:{_GIVEN}|shown|below|here)\b"
    r"|\b(?:code|source) (?:snippet|passage|excerpt|fragment|block|sample)s?\b"
    r"|\b(?:as|is|are) (?:shown|seen|given|described|mentioned|defined|listed|stated) (?:above|below|earlier|here)\b",
    re.IGNORECASE,
)
# Here "the text" may be one that is parsed and "the context" one of a request: where the code has a name for the thing, that is meant
_SELF_OR_THING = re.compile(
    r"\b(?:the|this) (snippet|passage|excerpt)\b|\b(?:according to|based on|from|in) (?:the|this) (context|code|text)\b(?! \w+er\b| of\b)"
    r"|\b(?:(?:does|do|is|are|of) the|this) (code)\b",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"(?:^|\n)\s*(?:system|assistant|user|human|### ?(?:instruction|response))\s*:"
    r"|\b(?:ignore|disregard|forget|override)\s(?:\w+\s){0,3}(?:previous|prior|above|earlier|system) (?:\w+\s)?"
    r"(?:instructions?|prompts?|rules?|messages?)\b"
    r"|\b(?:system|developer|hidden) prompt\b|\bas instructed\b|\bmy (?:instructions|training|guidelines)\b|\bjailbreak\b"
    r"|\b(?:hope this helps|let me know if|feel free to ask|happy to help)\b|^(?:sure|certainly|of course|absolutely)[,!] ",
    re.IGNORECASE,
)


def wording_faults(text: str, prose: str, source: Source) -> Iterator[Fault]:
    """Yield a fault for what a text holds of refusals, talk, control tokens and references to itself; `prose` is the text without its
    code."""
    if match := _REFUSAL.search(prose):
        yield Fault("refusal", match[0].strip())
    if shown(text) != text.replace("\r\n", "\n"):
        yield Fault("residue", "a control token or an invisible character")
    elif match := _TALK.search(prose):
        yield Fault("residue", match[0].strip())
    if (match := _SELF_REFERENCE.search(prose)) or (match := _told_of(prose, source)):
        yield Fault("self_reference", match[0])


def _told_of(prose: str, source: Source) -> re.Match[str] | None:
    found = _SELF_OR_THING.finditer(prose)
    return next((match for match in found if (match[1] or match[2] or match[3]).casefold() not in source.words), None)
