"""Everyday words: those that say nothing of what a question about code is about."""

from __future__ import annotations

import re

from notewright.dataset.gates.source import name_parts, stem

_NAME = re.compile(r"[^\W\d]\w*")
_ASKS = "when where which who whom whose what why how"
_WORDS = (
    "a an the this that these those it its they them their there here and or but nor so than then as at by for from in into of off"
    " on onto out over per to under up upon via with within without about after before between during through while if else whether"
    " because since until unless is are was were be been being am do does did done doing has have had having can could may might"
    " must shall should will would not no yes only also just very more most less least much many few some any all both each every"
    " either neither other another same such own too ever never always often still already yet again once i you we he she me my"
    " your our us him her one two first last next"
)
_OF_CODE = (
    "code source function functions method methods class classes module file program implementation implement snippet passage example"
    " value values variable parameter parameters argument arguments return returns returned call calls called caller use uses used using"
    " usage user get gets give gives given take takes make makes made mean means work works handle handles handling happen happens purpose"
    " role difference differ differs different between way ways case cases behave behavior behaviour explain describe specific type types"
    " show tell look kind thing things result results ensure ensures provide provides allow allows want need needs developer code's"
)
_TELLING = "not no never only without before after between first last other more less all none each"  # small, but another question
_SMALL = frozenset(_WORDS.split()) - frozenset(_TELLING.split())
EVERYDAY = frozenset(word for one in f"{_ASKS} {_WORDS} {_OF_CODE}".split() for word in (one, stem(one)))


def asked_stems(text: str) -> frozenset[str]:
    """Return the beginnings of the words of a question but the small ones: what is asked (how, why), and about what."""
    words = (part for name in _NAME.findall(text) for part in name_parts(name))
    return frozenset(stem(word) for word in words if word not in _SMALL)


def content_stems(text: str) -> frozenset[str]:
    """Return the beginnings of the words of a text that say what it is about, the parts of its names included."""
    words = (part for name in _NAME.findall(text) for part in name_parts(name))
    return frozenset(stem(word) for word in words if len(word) > 1 and word not in EVERYDAY and stem(word) not in EVERYDAY)
