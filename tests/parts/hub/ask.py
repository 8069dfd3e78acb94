"""A request to the fake GitHub that is already known to be well-formed, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.parts.hub.state import Hub

Json = Any  # what json.loads gives


@dataclass(frozen=True, slots=True)
class Ask:
    """`args` are the values in the path, `login` is who asks ("" for nobody), `writes` what the token allows. The body of an upload is its
    bytes, of the kind `content_type`."""

    args: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    login: str
    writes: bool
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply. When its body, or the part of it named by `paged`, is a list, the server cuts it into pages."""

    body: Json
    status: int = 200
    paged: str | None = None


Handler = Callable[[Hub, Ask], Answer]
