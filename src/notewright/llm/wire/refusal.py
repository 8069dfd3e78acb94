"""What a model server says when it refuses, told to a person."""

from __future__ import annotations

import json

from notewright.errors import ModelError

_SHOWN_CHARACTERS = 300
_HINTS = {
    401: "it wants a key: start it without --api-key, for this machine only",
    403: "it wants a key: start it without --api-key, for this machine only",
    404: "it does not speak llama.cpp's API: is another program listening there?",
    429: "it is overloaded: try again later, or give it fewer jobs",
    503: "it is still loading its model, or busy: try again when GET /health answers ok",
}


def explain_refusal(url: str, status: int, content: bytes) -> ModelError:
    """Return the error for a reply of this HTTP status, with what its body says in llama.cpp's and OpenAI's form, or any."""
    try:
        said = json.loads(content)["error"]
        status, text = int(said.get("code", status)), str(said["message"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        text = content[:1000].decode("utf-8", "replace")
    line = shorten(text)
    hint = "redirects are not followed: name the server itself" if 300 <= status < 400 else _HINTS.get(status, "look at the server's log")
    return ModelError(f"the model server at {url} refused with {status}{': ' if line else ''}{line}", hint=hint)


def shorten(text: str) -> str:
    """Make one short printable line of a server's text."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(line.split())[:_SHOWN_CHARACTERS]
