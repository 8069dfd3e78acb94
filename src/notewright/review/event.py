"""The payload of an event, as GitHub gives it to the workflow that it starts."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from notewright.errors import UsageError

T = TypeVar("T")


def read_event(payload: bytes, adapter: TypeAdapter[T], *, name: str, what: str) -> T:
    """Read what is needed of the payload of an event `name`, which tells of `what`. Raises `UsageError` for what is no such payload."""
    try:
        return adapter.validate_json(payload)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise UsageError(
            f"the event is not one of a {what}: {where or 'the file'} is not as GitHub writes it", hint=f"run this in a workflow on {name}"
        ) from error
