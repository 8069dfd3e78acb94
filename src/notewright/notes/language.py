"""Languages of notes: which are English, and which checks read nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the configuration, which every command reads, needs the form of a code alone
    from notewright.grounding.checks import Failure

ENGLISH = "en"
# Names, numbers, versions, references, code and attacks look alike in every language; what else is said does not
EVERY_LANGUAGE = frozenset("known-ids cites number version identifier reference date injection duplicate style plain-words".split())

_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def is_language(code: str) -> bool:
    """Return whether a text has the form of a language's code: "en", "pt-BR", "zh-Hant-TW" (RFC 5646)."""
    return _CODE.fullmatch(code) is not None


def is_english(code: str) -> bool:
    """Return whether a language is English, of whatever country."""
    return code.partition("-")[0] == ENGLISH


def in_language(failures: Iterable[Failure], code: str) -> tuple[Failure, ...]:
    """Return the failures that stand for a sentence in this language: those of checks that can read it."""
    return tuple(failure for failure in failures if is_english(code) or failure.rule in EVERY_LANGUAGE)
