"""Fetching a model with Ollama."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from notewright.control import Advanced, Cancel, Finished, Report, Started
from notewright.errors import ModelError
from notewright.llm.engines.ollama.choice import check_local, find_model
from notewright.llm.engines.ollama.client import stream
from notewright.llm.engines.ollama.models import OllamaModel, installed, read_version
from notewright.llm.failure import EngineFailed
from notewright.llm.settings import EngineSettings
from notewright.llm.wire.connection import Connection

if TYPE_CHECKING:
    from ollama import Client, ProgressResponse

_CHECK_S = 10.0
_UNREACHABLE = re.compile(r"dial tcp|no such host|network is unreachable|i/o timeout|TLS handshake|proxyconnect", re.IGNORECASE)
_UNKNOWN = re.compile(r"file does not exist|manifest unknown|not found", re.IGNORECASE)


def pull_model(name: str, *, settings: EngineSettings, report: Report, cancel: Cancel) -> OllamaModel:
    """Let the configured Ollama fetch a model, or what has changed of it, and return it. Every file is a step counted in bytes, and
    Ollama compares its SHA-256 with the one announced; what is there of a file stays there for the next time.

    Raises `ModelError`: without a network, for a name that its registry does not have, for a model of its cloud, and after
    `request_timeout_s` seconds without news; and `Cancelled`.
    """
    check_local(name, remote=False, allow_remote=settings.allow_remote)
    connection = Connection(settings.ollama_url, allow_remote=settings.allow_remote)
    read_version(connection, timeout_s=_CHECK_S)

    def ask(client: Client) -> Iterator[ProgressResponse]:
        return client.pull(name, stream=True)

    try:
        with closing(stream(connection, ask, idle_s=settings.request_timeout_s, cancel=cancel)) as news:
            _tell(news, report)
    except EngineFailed as error:
        raise _explain(name, error) from error
    return find_model(installed(connection, timeout_s=_CHECK_S), name, url=connection.url)


def _tell(news: Iterator[ProgressResponse], report: Report) -> None:
    """Report the files as they come, one after the other. Raises `EngineFailed` if the news end before success."""
    step, status = "", ""
    for one in news:
        status = one.status or ""
        if step and status != step:
            report(Finished(step))
            step = ""
        if one.total and not step:
            step = status
            report(Started(step, one.total))
        if step:
            report(Advanced(step, one.completed or 0))
    if status != "success":
        raise EngineFailed(f"Ollama stopped in the middle of {status or 'nothing'}", kind="connection", hint="pull again: it goes on there")


def _explain(name: str, error: EngineFailed) -> ModelError:
    if _UNREACHABLE.search(error.message):
        return ModelError(
            f"Ollama cannot fetch {name}: its registry is out of reach",
            hint="without a network: notewright models pull --from FILE --sha256 …, then --engine llama_server:FILE",
        )
    if _UNKNOWN.search(error.message):
        return ModelError(f"Ollama's registry has no model {name}", hint="look for its name and tag at https://ollama.com/library")
    return error
