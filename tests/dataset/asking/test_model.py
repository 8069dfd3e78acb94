"""The stages asked of a real model in a real llama-server: it speaks nonsense, in the shape that was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notewright.adapters.prompts.prompts import Prompts
from notewright.control import Cancel
from notewright.dataset.asking.given import Answered, Question, Refused, write_given
from notewright.dataset.asking.plan import plan_asking
from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Stage
from notewright.llm.door import open_engine
from notewright.llm.engine import Engine
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Reply, Request

_OWN = Path(__file__).parents[3] / "prompts"
_PASSAGE = PassageText("d", (Path(__file__).parents[3] / "src/notewright/dataset/near.py").read_text("utf-8"), "", "python", "near.py")
_ASKED = ("What does `signature` return?", "Why is `_SEED` fixed?", "How are words cut?", "What if `rensa` is missing?", "What are bands?")


@pytest.fixture(scope="module")
def engine(tiny_gguf: Path) -> Iterator[Engine]:
    """A llama-server with the tiny model."""
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    opened = open_engine(f"llama_server:{tiny_gguf}", settings=EngineSettings(cache_mb=0))
    assert opened.engine
    with closing(opened.engine) as found:
        yield found


def ask(engine: Engine, request: Request | None) -> Reply:
    assert request
    return engine.chat(request, Cancel())


def test_every_reply_is_what_its_stage_reads_and_the_passage_is_read_once(engine: Engine) -> None:
    stages = plan_asking(Prompts([_OWN]).theme("default"), engine.identity(), questions=5, kinds=("what", "why", "how"), judge=True)
    given: list[tuple[Stage, str]] = [("questions", "")]
    given += [("answer", write_given(Question("what", question))) for question in _ASKED]
    given += [("repair", write_given(Refused("what", _ASKED[0], "It returns `Bytes`.", "It uses Bytes.")))]
    given += [("judge", write_given(Answered("what", _ASKED[0], "It returns `bytes`.")))]
    requests = [stages[stage].work.request(_PASSAGE, text, 0) for stage, text in given]
    replies = [ask(engine, request) for request in requests]
    for (stage, text), reply in zip(given, replies, strict=True):
        done = stages[stage].work.read(_PASSAGE, text, 0, reply.text)
        assert json.loads(done.result)
    shared = counted(engine, requests[0])
    prompts = sum(reply.prompt_tokens for reply in replies)
    evaluated = sum(reply.prompt_tokens - reply.cached_tokens for reply in replies)
    once = shared + sum(reply.prompt_tokens - shared for reply in replies)
    assert evaluated <= 1.3 * once < prompts, f"{evaluated} of {prompts} tokens, {once} at least"


def counted(engine: Engine, request: Request | None) -> int:
    """Return the tokens of what all prompts about the passage begin with."""
    assert request
    system, user = request.messages
    begins = user.content[: user.content.index("</passage>") + len("</passage>")]
    tokens = engine.count((system, Message("user", begins)))
    assert tokens
    return tokens
