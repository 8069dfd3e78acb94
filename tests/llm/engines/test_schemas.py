"""Three hundred schemas of the subset, whichever engine enforces them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Message, Request
from notewright.prompting.schema import reply_tokens
from tests.parts.schemas import schemas

_MESSAGES = (Message("system", "JSON."), Message("user", "Go."))
_COUNT = 300


@cache
def _generated() -> tuple[dict[str, object], ...]:
    """Return the same schemas in every run."""
    collected: list[dict[str, object]] = []

    @settings(max_examples=_COUNT, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(schemas)
    def collect(schema: dict[str, object]) -> None:
        collected.append(schema)

    collect()
    return tuple(collected)


@pytest.mark.parametrize("name", ["embedded", "llama_cpp", "mlx"])
def test_every_schema_of_the_subset_is_followed_within_the_tokens_that_it_reserves(open_local: Callable[..., Engine], name: str) -> None:
    assert len(_generated()) == _COUNT
    with closing(open_local(name)) as engine:
        for schema in _generated():
            reply = engine.chat(Request("notes", _MESSAGES, schema, reply_tokens(schema)), Cancel())
            read_reply(reply, schema)
            assert reply.generated_tokens <= reply_tokens(schema)
