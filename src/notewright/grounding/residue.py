"""Residue of injection: markup, pings, commands and talk to a model or a reviewer, which no sentence of notes may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from notewright.grounding.tokens import without_code
from notewright.grounding.wording import plain

_CODE_MARK = "\u00a4"  # neither a letter nor a blank, so that what stands beside a code span is judged as it will be shown

# What GitHub, a terminal or a chat template would act on. Code spans are exempt where their content is shown as it is.
_MARKUP = (
    ("mention", r"(?<![\w`/])@(?!\s)[A-Za-z0-9][\w-]*(?:/[\w.-]+)?"),
    ("closing keyword", r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s*:?\s+(?:[\w.-]+/[\w.-]+)?(?:#\d+|GH-\d+|https?://\S+)"),
    ("HTML", r"(?i)<(?:/?[a-z!?][^>]*>?|!--)|&(?:#x?[0-9a-f]+|[a-z]{2,8});"),
    ("image", r"!\["),
    ("link", r"\][(\[]|\[[^\]]*\]:|(?i:\b(?:javascript|data|vbscript|file):[\w/])"),
    ("block markup", r"^\s*(?:#{1,6}\s|>|[-*+]\s|\d+[.)]\s|`{3}|~{3}|\||={3,}|-{3,})"),
    ("broken code span", r"`.*"),
    ("command", r"^\s*/[a-z]|::[a-z][\w-]*(?:\s[^:]*)?::|##\[\w+\]|\$\{\{|\{\{|\{%"),
)
# Everywhere, in code too: through a chat template these words become control tokens
TEMPLATE = r"(?i)<\|[^|>\n]*\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?think>|<\uff5c|\u2581(?:begin|end)\u2581of"
# Sentences of release notes speak of software; these speak to whoever reads or writes the notes. Allowed where the entry itself says so:
# there are projects about prompts and reviews.
_ADDRESS = (
    ("chat role", r"(?i)(?:^|[.!?]\s+|\s#+\s*|[(\[])(?:system|assistant|user|human|instructions?|response)\s*:\s"),
    ("chat role", r"(?i)\[(?:system|assistant|human|instructions?|prompt|developer)\]"),
    (
        "instruction",
        r"(?i)\b(?:ignor|disregard|forget|overrid|bypass)\w*\s(?:\w+\s){0,4}"
        r"(?:instruct|rule|prompt|guideline|direction|constraint|everything)\w*(?:\s(?:above|before))?",
    ),
    (
        "instruction",
        r"(?i)\b(?:output|print|reply|respond|answer|return|say|write|repeat)\s+(?:with\s+)?"
        r"(?:only|just|exactly(?! as\b)|nothing but|verbatim)\b(?:\s\w+)?",
    ),
    ("instruction", r"(?i)\b(?:system|developer|hidden|initial) (?:prompt|message|instructions?)\b|\bnew (?:instructions?|rules?)\b\s*:"),
    ("instruction", r"(?i)\bas an? (?:AI|assistant|(?:large )?language model)\b|\bI(?:'m| am) (?:an? (?:AI|assistant)|unable|sorry)\b"),
    (
        "instruction",
        r"(?i)\b(?:you are|act as|pretend to be|role-?play as) (?:now )?(?:an? |the )?(?:\w+ )?(?:assistant|AI|model|DAN|chatbot)\b",
    ),
    (
        "approval",
        r"(?i)\b(?:approve|merge|tick|accept|sign off(?: on)?) (?:this|these|the|all|every|each|any)(?: of the)? "
        r"(?:\w+ )?(?:pull request|PR|release|notes?|sentences?|claims?|box(?:es)?|checklist|audit)\b",
    ),
    ("approval", r"\bLGTM\b"),
    (
        "approval",
        r"(?i)\b(?:safe|ready|ok(?:ay)?) to (?:merge|approve|publish without)\b"
        r"|\bno (?:further )?review (?:is )?(?:needed|required|necessary)\b",
    ),
    ("instruction", r"(?i)\b(?:begin|start|end) of (?:the )?(?:system )?(?:prompt|instructions?|context)\b|\bjailbreak\b|\bDAN mode\b"),
    (
        "instruction",
        r"(?i)\b(?:do not|don't|never) (?:mention|reveal|tell|include|list|report|disclose) (?:this|these|the|any(?:thing)?)(?: \w+)? "
        r"(?:to (?:the )?(?:user|reader|reviewer)s?|in (?:the|your) (?:notes|summary|answer|reply|output))\b",
    ),
    (
        "model talk",
        r"(?i)(?:^|[.!?] +)(?:sure|certainly|of course|absolutely)[,!] "
        r"|^here(?: is|'s| are) (?:the|your|a|some) (?:\w+ )?(?:release notes?|summary|sentences?|json|rewritten|revised)\b",
    ),
    ("model talk", r"(?i)\b(?:hope this helps|let me know if|feel free to ask|my training|knowledge cutoff|happy to help)\b"),
    (
        "talk to the reader",
        r"(?i)\b(?:send|forward|post|paste|e-?mail) your (?:\w+ )?(?:passwords?|tokens?|keys?|credentials?|secrets?)\b",
    ),
    (
        "talk to the reader",
        r"(?i)\b(?:note to|dear|attention,?) (?:the )?(?:reviewer|maintainer|assistant|model|AI)s?\b|\b(?:reviewer|maintainer)s?:\s",
    ),
)


def residue(text: str, *, source: str) -> Iterator[str]:
    """Yield what of a sentence is markup, a ping, a command or talk to a model, as "class: words". `source` is the text of the cited
    facts: talk that stands there word by word is quoted, and so no residue; markup always is."""
    yield from _invisible(text)
    if "\n" in text or "\r" in text:
        yield "line break: a sentence is one line"
    line = text.replace("\n", " ")
    prose = without_code(line, instead=_CODE_MARK)
    yield from (f"{name}: {match}" for name, match in _matches(_MARKUP, prose))
    yield from (f"{name}: {match}" for name, match in _matches((("chat template", TEMPLATE),), line))
    quoted = plain(source).casefold()
    for name, match in _matches(_ADDRESS, plain(line)):
        if match.casefold() not in quoted:
            yield f"{name}: {match}"


def without_templates(text: str) -> str:
    """Return a text without the control tokens of chat templates."""
    shorter = re.sub(TEMPLATE, "", text)
    return text if shorter == text else without_templates(shorter)  # what stood around one may form another


def _invisible(text: str) -> Iterator[str]:
    """Control and formatting characters: zero-width, bidirectional, tags, half surrogate pairs."""
    for character in sorted({character for character in text if _is_invisible(character)}):
        yield f"invisible character: U+{ord(character):04X}"


def _is_invisible(character: str) -> bool:
    allowed = "\n\r\u200d"  # line breaks have a rule of their own, and the joiner makes one emoji of several
    return character not in allowed and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _matches(patterns: tuple[tuple[str, str], ...], text: str) -> Iterator[tuple[str, str]]:
    for name, pattern in patterns:
        match = re.search(pattern, text)
        if match:
            yield name, match[0].strip()
