"""Canonical bytes: one JSON text and one digest for one value."""

from __future__ import annotations

import hashlib
import json


class UnfitValue(ValueError):
    """A JSON text holds something else than its reader takes; the message is a clause that says what."""


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


def json_fault(error: Exception) -> str:
    """Say what is wrong with a JSON text, as a clause about "it", given what `json.loads` or reading its values raised."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON: line {error.lineno:,}, column {error.colno:,}"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8: byte {error.start + 1:,}"
    if isinstance(error, RecursionError):
        return "its lists or objects are nested too deeply"
    if isinstance(error, KeyError):
        return f'it lacks "{error.args[0]}"'
    return str(error) if isinstance(error, ValueError) else "a value in it is of another kind than its key asks for"
