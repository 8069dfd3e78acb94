"""Keys of `notes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from notewright.config.keys import STRICT, key


@dataclass(frozen=True, slots=True)
class NotesConfig:
    """Release notes."""

    __pydantic_config__: ClassVar = STRICT
    audiences: tuple[str, ...] = key(
        ("developer",), "executive | customer | developer | migration | security | support | social | your own prompt folders"
    )
    language: str = key("en", "of a model's sentences, such as de or pt-BR; checks that read English are off in others")
