"""What a model thought aloud before its reply."""

from __future__ import annotations

import re

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
_THOUGHT = re.compile(r"\A\s*<think>")


def strip_thoughts(text: str) -> str:
    """Return the text without the thoughts that it begins with; unchanged where they do not end."""
    return _THOUGHTS.sub("", text, count=1)


def is_thought(text: str) -> bool:
    """Return whether the text begins with thoughts."""
    return _THOUGHT.match(text) is not None
