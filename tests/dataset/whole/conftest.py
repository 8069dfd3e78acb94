"""A real llama.cpp server for whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.llama import serve_model


@pytest.fixture(scope="session")
def llama_url(tiny_gguf: Path) -> Iterator[str]:
    """The tiny model on one slot: what it reads beside others changes nothing then."""
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    with serve_model(tiny_gguf) as url:
        yield url
