"""What a model server says when it refuses, told to a person."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from notewright.llm.failure import EngineFailed, Kind, classify
from notewright.prompting.budget import PromptTooLong

_SHOWN_CHARACTERS = 300
_STATUS_HINTS = {
    401: "it wants a key: name the variable that holds it in llm.api_key_env",
    403: "it wants a key: name the variable that holds it in llm.api_key_env",
    404: "it does not speak this API, or lacks the model: is another program listening there?",
    429: "it is overloaded: try again later, or give it fewer jobs",
    503: "it is still loading its model, or busy: try again when GET /health answers ok",
}
_MEMORY_HINT = "choose a smaller model or a smaller llm.context_window"
_TOO_LONG = re.compile(r"context (length|size|window)", re.IGNORECASE)


def explain_refusal(url: str, status: int, content: bytes, *, retry_after: str | None = None) -> EngineFailed:
    """Return the error for a reply of this HTTP status, with what its body says in llama.cpp's, OpenAI's, Ollama's, vLLM's or FastAPI's
    form, or any."""
    code, text = _read(content)
    status = code or status
    line = shorten(text)
    kind = classify(line, status)
    return EngineFailed(
        f"the model server at {url} refused with {status}{': ' if line else ''}{line}",
        kind=kind,
        hint=_hint(kind, status),
        retry_after_s=read_retry_after(retry_after, now=datetime.fromtimestamp(time.time(), UTC)),
    )


def read_retry_after(value: str | None, *, now: datetime) -> float | None:
    """Read Retry-After: seconds or an HTTP date (RFC 9110, section 10.2.3). None where it is absent or malformed; never negative."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
        return max((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def shorten(text: str) -> str:
    """Make one short printable line of a server's text."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(line.split())[:_SHOWN_CHARACTERS]


def explain_length(error: EngineFailed) -> None:
    """Raise `PromptTooLong` for a refusal that names the model's context: it is about this question, and a shorter one is answered."""
    if error.kind == "refused" and _TOO_LONG.search(error.message):
        raise PromptTooLong(error.message, hint="ask for less at once, or raise the server's context size") from error


def _read(content: bytes) -> tuple[int | None, str]:
    """Return the status that a body gives, which in a stream is the only one, and its words."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    match said:
        case {"error": str(text)} | {"detail": str(text)}:
            return None, text
        case {"error": {"message": text} as error} | ({"object": "error", "message": text} as error):  # the second is vLLM's up to 0.10
            code = error.get("code")
            return code if type(code) is int and 400 <= code < 600 else None, str(text)
        case {"detail": [*faults]}:  # FastAPI's, of a body that it does not understand
            return None, "; ".join(map(_tell_fault, faults))
    return None, content[:1000].decode("utf-8", "replace")


def _tell_fault(fault: object) -> str:
    match fault:
        case {"loc": [*place], "msg": str(text)}:
            return f"{'.'.join(map(str, place))}: {text}"
    return str(fault)


def _hint(kind: Kind, status: int) -> str:
    if kind == "out_of_memory":
        return _MEMORY_HINT
    return (
        "redirects are not followed: name the server itself"
        if 300 <= status < 400
        else _STATUS_HINTS.get(status, "look at the server's log")
    )
