"""Files of ours that come back from outside, read strictly: exactly what we write, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from notewright.errors import CheckFailed

T = TypeVar("T")
_MOST_BYTES = 8 << 20


def read_written(content: bytes, adapter: TypeAdapter[T], encode: Callable[[T], bytes], *, name: str, writer: str, hint: str) -> T:
    """Read the file `name`, which anybody may have written, as the value that `writer` encodes. Raises `CheckFailed`, with `hint`, for
    everything that `encode` does not write."""
    if len(content) > _MOST_BYTES:
        raise CheckFailed(f"{name} is larger than {_MOST_BYTES >> 20} MiB", hint=hint)
    try:
        value = adapter.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CheckFailed(f"{name} is not what {writer} writes: {where or 'the file'}: {first['msg']}", hint=hint) from error
    if encode(value) != content:
        raise CheckFailed(f"{name} is not in canonical form", hint=hint)
    return value
