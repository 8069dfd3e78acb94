"""Keys of `notes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from notewright.config.keys import STRICT, key


@dataclass(frozen=True, slots=True)
class NotesConfig:
    """Release notes."""

    __pydantic_config__: ClassVar = STRICT
    audiences: tuple[str, ...] = key(("developer",), "executive | customer | developer | your own prompt folders")
