"""Engines to test: a real llama.cpp server, and settings with short limits."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notewright.control import ignore
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.llama.server import LlamaServer
from notewright.llm.opening import Opening, open_bare, parse_engine
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


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as `tiny_gguf`, as MLX reads it."""
    from tests.parts.tiny_model import write_folder

    return write_folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def open_local(tiny_gguf: Path, tiny_folder: Path) -> Callable[..., Engine]:
    """Open a bare engine with the tiny model by its name, `embedded` for the server from the wheel; skip the test where its library is not
    installed. Keywords are settings."""
    places = {"embedded": f"llama_server:{tiny_gguf}", "llama_cpp": f"llama_cpp:{tiny_gguf}", "mlx": f"mlx:{tiny_folder}"}
    libraries = {"embedded": "xllamacpp", "llama_cpp": "llama_cpp", "mlx": "mlx_lm"}

    def open_one(name: str, **settings: Any) -> Engine:  # noqa: ANN401  # as EngineSettings takes them
        if importlib.util.find_spec(libraries[name]) is None:
            pytest.skip(f"{libraries[name]} is not installed")
        chosen = EngineSettings(**{"request_timeout_s": 30, "unload_after_s": 0, **settings})
        return open_bare(parse_engine(places[name]), Opening(chosen, Digests(None), ignore, 30))

    return open_one
