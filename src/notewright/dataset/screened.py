"""Screened text: what of a passage, a question or an answer may leave, with addresses taken out, or why it may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from notewright.dataset.drops import Drop
from notewright.screening.personal import find_personal, redact
from notewright.screening.secrets import find_secrets

Personal = Literal["redact", "drop", "keep"]


@dataclass(frozen=True, slots=True)
class Screened:
    """A text that may leave, line for line the one that was screened, and how many addresses were replaced in it."""

    text: str
    redacted: int = 0


def screen(text: str, *, personal: Personal, language: str = "") -> Screened | Drop:
    """Return a text as it may be shown to a model and published; one with a secret is dropped as a whole, since a name and what stands
    around it may tell as much. Screening what was screened changes nothing."""
    if secrets := find_secrets(text, language=language):
        return Drop("secret", secrets[0].kind)
    found = () if personal == "keep" else find_personal(text)
    if found and personal == "drop":
        return Drop("personal", found[0].kind)
    return Screened(redact(text, found), len(found))
