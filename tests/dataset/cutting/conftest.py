"""Tokenizers that passages are measured by, trained on this project's sources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from notewright.dataset.tokens import EstimatedTokenizer, LoadedTokenizer, PassageTokenizer
from tests.parts.trained import train_bytes, train_pieces

_SOURCES = Path(__file__).parents[3] / "src" / "notewright"


@pytest.fixture(scope="session")
def tokenizers() -> Mapping[str, PassageTokenizer]:
    texts = [path.read_text() for path in sorted((_SOURCES / "llm").rglob("*.py"))]
    return {
        "bytes": LoadedTokenizer(train_bytes(texts, size=4_000)),
        "pieces": LoadedTokenizer(train_pieces([text[:2_000] for text in texts], size=1_000)),
        "estimate": EstimatedTokenizer(),
    }


@pytest.fixture(scope="session", params=["bytes", "pieces", "estimate"])
def tokenizer(request: pytest.FixtureRequest, tokenizers: Mapping[str, PassageTokenizer]) -> PassageTokenizer:
    return tokenizers[request.param]
