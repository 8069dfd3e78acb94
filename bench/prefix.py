"""Prompt tokens that are really evaluated for a question and five answers: python -m bench.prefix [--model GGUF] [--check].

All six share a context of 1,500 tokens. The counts are each engine's own, with a tiny model unless one is named. With
--check it exits with 1 where more than 1.25 times the context and the questions are evaluated.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.door import open_engine
from notewright.llm.engine import Engine
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Messages, Request
from notewright.prompting.schema import list_of, object_of, text_of

MOST = 1.25
_CONTEXT_TOKENS = 1_500
_ANSWERS = 5
_QUESTION = object_of({"questions": list_of(text_of(at_most=60), at_least=_ANSWERS, at_most=_ANSWERS)})
_ANSWER = object_of({"answer": text_of(at_most=120)})
_LINE = "def parse_log(output: bytes) -> tuple[Commit, ...]:  # {}: git cuts a message at NUL, so no field can hold one\n"
_ENGINES = ("llama_server", "llama_cpp")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Tokens of an engine: the context that all prompts begin with, what each asks beyond it, all prompts together, and what of those was
    evaluated."""

    engine: str
    context: int
    questions: int
    prompts: int
    evaluated: int

    @property
    def ratio(self) -> float:
        """How often each token was evaluated that had to be at least once."""
        return self.evaluated / (self.context + self.questions)


def measure(name: str, model: Path) -> Evaluated:
    """Ask one engine a question and five answers. Raises `ModelError` where it is not installed."""
    opened = open_engine(f"{name}:{model}", settings=EngineSettings())
    assert opened.engine
    with closing(opened.engine) as engine:
        text = _context(engine)
        requests = [Request("questions", _ask(text, f"Write {_ANSWERS} questions."), _QUESTION, 4096)]
        requests += [Request("answers", _ask(text, f"Answer question {number} of the text."), _ANSWER, 4096) for number in range(_ANSWERS)]
        replies = [engine.chat(request, Cancel()) for request in requests]
        shared = _count(engine, _ask(text, ""))
    prompts = [reply.prompt_tokens for reply in replies]
    evaluated = sum(reply.prompt_tokens - reply.cached_tokens for reply in replies)
    return Evaluated(name, shared, sum(prompt - shared for prompt in prompts), sum(prompts), evaluated)


def main() -> int:
    """Print a row for each engine; return the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--model", type=Path, help="a GGUF file (default: a tiny one, written for this)")
    arguments.add_argument("--check", action="store_true", help="exit with 1 where a limit is passed")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_measure_all(options.model or _tiny(Path(folder))))
    print("| engine | context | questions | prompts | evaluated | evaluated ÷ (context + questions) | limit |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        print(f"| {row.engine} | {row.context} | {row.questions} | {row.prompts} | {row.evaluated} | {row.ratio:.2f} | {MOST} |")
    return int(options.check and (not rows or any(row.ratio > MOST for row in rows)))


def _measure_all(model: Path) -> Iterator[Evaluated]:
    for name in _ENGINES:
        try:
            yield measure(name, model)
        except ModelError as error:
            print(f"left out: {name}: {error.message} ({error.hint})", file=sys.stderr)


def _context(engine: Engine) -> str:
    """Return a text that makes a prompt of the wanted length."""
    text = ""
    number = 0
    while _count(engine, _ask(text, "")) < _CONTEXT_TOKENS:
        number += 1
        text += _LINE.format(number)
    return text


def _ask(text: str, question: str) -> Messages:
    """Return messages that begin alike: what varies comes last."""
    return (Message("system", "You read code and ask and answer questions about it."), Message("user", f"{text}\n{question}"))


def _count(engine: Engine, messages: Messages) -> int:
    tokens = engine.count(messages)
    assert tokens is not None
    return tokens


def _tiny(folder: Path) -> Path:
    from tests.parts.tiny_model import write_gguf

    return write_gguf(folder / "tiny.gguf")


if __name__ == "__main__":
    sys.exit(main())
