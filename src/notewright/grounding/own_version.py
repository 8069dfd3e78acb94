"""Own version: the release that the sentences are about, which they may name though no entry does."""

from __future__ import annotations

import re

from notewright.grounding.tokens import Token

_CALLED = re.compile(r"\b(?:version|release)\W*$", re.IGNORECASE)
_FIRST_WORDS = re.compile(r"(?:[^\W\d][\w'-]*\W+){0,3}[vV]?$")
_OF_ANOTHER = re.compile(r"(?:\b[A-Z][\w.]*|\b(?:needs?|requires?|minimum|least|or|than|to))\W*[vV]?$")  # "needs Postgres 8.4"
_GOES = re.compile(r"\b(?:before|until|since|through|from|deprecated|removed|removal|goes|go|gone|end|ends|drop|dropped)\b", re.IGNORECASE)


def names_release(token: Token, line: str, release: str | None) -> bool:
    """Return whether a token of a line is the version of the release, or what it begins with, said of the release: "Added in 5.12:" or
    "the highlights of version 12" in the notes of 5.12.0 and 12.0.0. When something else began or ends is for entries to say."""
    if release is None or token.kind not in ("version", "number"):
        return False
    said, own = (text.casefold().removeprefix("v") for text in (token.text, release))
    before = line[: token.start]
    if not (own == said or own.startswith((f"{said}.", f"{said}-", f"{said}rc", f"{said}b"))) or _GOES.search(before):
        return False
    if _CALLED.search(before) is not None:
        return True
    return "." in said and (_FIRST_WORDS.fullmatch(before) is not None or _OF_ANOTHER.search(before) is None)
