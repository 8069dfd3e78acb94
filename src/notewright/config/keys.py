"""How a key of the configuration is written down: its default and what it means."""

from __future__ import annotations

from dataclasses import field
from typing import Any

# no clock waits for ever, and no memory is endless: .inf and .nan of YAML are no numbers here
STRICT = {"extra": "forbid", "strict": False, "allow_inf_nan": False}


def key(default: Any, description: str) -> Any:  # noqa: ANN401  # as dataclasses.field
    """Declare a key with its default and a description for people."""
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata={"description": description})
    return field(default=default, metadata={"description": description})


def required(description: str) -> Any:  # noqa: ANN401  # as dataclasses.field
    """Declare a key that has no default."""
    return field(metadata={"description": description})
