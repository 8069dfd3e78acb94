"""Engines to test: a real llama.cpp server, and settings with short limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notewright.llm.digest import Digests
from notewright.llm.engines.llama_server import LlamaServer
from notewright.llm.settings import EngineSettings
from tests.parts.llama import serve_model


@pytest.fixture(scope="session")
def llama_url(tiny_gguf: Path) -> Iterator[str]:
    """A real llama.cpp server with the tiny model."""
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    with serve_model(tiny_gguf) as url:
        yield url


@pytest.fixture
def llama(llama_url: str) -> Iterator[LlamaServer]:
    """Our engine for it."""
    with closing(LlamaServer(llama_url, settings=EngineSettings(request_timeout_s=30), digests=Digests(None))) as engine:
        yield engine
