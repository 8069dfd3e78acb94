"""Screening: what is held back of what is about to be published, whatever was found before a model saw it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from notewright.screening.personal import find_personal
from notewright.screening.secrets import find_secrets

# Says why a text in a language must not be published, in one word of REASONS; empty where it may
Screen = Callable[[str, str], str]


def build_screen(personal: Literal["redact", "drop", "keep"]) -> Screen:
    """Return what finds secrets and, unless they are kept, personal data. What was to be redacted is dropped where it is still there."""

    def screen(text: str, language: str) -> str:
        if find_secrets(text, language=language):
            return "secret"
        return "personal" if personal != "keep" and find_personal(text) else ""

    return screen
