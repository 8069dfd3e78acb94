"""Replies of the stages, read once more: what was stored or handed on is held to its schema like what has just arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from notewright.prompting.reply import InvalidReply, read_reply
from notewright.prompting.request import Reply
from notewright.prompting.schema import Schema


def read_value(reply_text: str | None, schema: Schema) -> Mapping[str, object]:
    """Return the object that a whole reply is. Raises `InvalidReply` for one that is no JSON or breaks the schema, and where there is
    none."""
    try:
        value = read_reply(Reply(reply_text or "", "stop", 0, 0, 0, 0.0), schema)
    except InvalidReply as error:
        error.reply = None  # only the caller knows what it cost
        raise
    return cast(Mapping[str, object], value)


def text_in(value: Mapping[str, object], name: str) -> str:
    """Return a text of a reply, its lines ended as in every file of ours and without blanks around it."""
    return str(value[name]).replace("\r\n", "\n").strip()
