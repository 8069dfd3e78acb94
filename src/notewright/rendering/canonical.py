"""Canonical bytes: one JSON text and one digest for one value."""

from __future__ import annotations

import hashlib
import json


def canonical_json(value: object) -> bytes:
    """Encode as UTF-8 JSON with sorted keys, two-space indentation and a final newline: same value, same bytes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def canonical_line(value: object) -> bytes:
    """Encode as one line of UTF-8 JSON with sorted keys and a final newline (JSON Lines)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def digest(content: bytes) -> str:
    """Return "sha256:" and 64 lower-case hexadecimal digits."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
