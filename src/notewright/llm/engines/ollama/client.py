"""Ollama's own client, over a connection that keeps our promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.failure import EngineFailed
from notewright.llm.wire.connection import Connection
from notewright.llm.wire.refusal import explain_refusal, shorten

if TYPE_CHECKING:
    from ollama import Client

INSTALL_HINT = "pip install 'notewright[ollama]'"
Part = TypeVar("Part")


def stream(connection: Connection, ask: Callable[[Client], Iterator[Part]], *, idle_s: float, cancel: Cancel) -> Generator[Part]:
    """Give what `ask` gets from Ollama's client, as it arrives. Close the iterator to stop the server.

    The client speaks through `connection`: to no other host, with no proxy and no redirect, until nothing arrives for `idle_s` seconds
    or `cancel` asks to stop. Raises `ModelError` and `Cancelled`.
    """
    try:
        import ollama

        from notewright.llm.engines.ollama.transport import Transport
    except ImportError as error:
        raise ModelError("the client of Ollama is not installed", hint=INSTALL_HINT) from error
    with closing(ollama.Client("http://ollama", transport=Transport(connection, idle_s, cancel))) as client:
        try:
            yield from ask(client)
        except ollama.ResponseError as error:  # in the middle of a stream, where there is no status
            raise explain_refusal(connection.url, 500, json.dumps({"error": error.error}).encode()) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise EngineFailed(
                f"the server at {connection.url} answered what Ollama does not: {shorten(str(error))}",
                kind="connection",
                hint="is another program listening there?",
            ) from error
