"""Measuring a model where it runs: what it answers to a set of sections and passages, how fast, and in how much memory."""

from __future__ import annotations

import importlib
import os
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, cast

from notewright.adapters.evaluation import EvaluationSet, Passage
from notewright.changelog.section import Section
from notewright.config.config import Config
from notewright.control import Advanced, Cancel, Finished, Report, Started, ignore
from notewright.errors import ModelError
from notewright.flows.engines import Ollama, probe_servers
from notewright.flows.models import engine_settings
from notewright.flows.notes import prepare_notes
from notewright.grounding.checks import RULES, Claim, Said, Style, check_claim, verdict
from notewright.grounding.facts import Fact
from notewright.llm.door import open_engine
from notewright.llm.engine import Engine
from notewright.llm.layers.usage import Call, Usage
from notewright.llm.settings import EngineSettings
from notewright.notes.assembly import told_entries
from notewright.notes.audience import Audience
from notewright.notes.document import Notes
from notewright.notes.policy import required_entries
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Identity, Message, Request
from notewright.prompting.schema import choice_of, object_of, text_of
from notewright.system.machine import usable_cores

TASK = "eval"
_ANSWERED = ("ok", "unsure", "truncated", "invalid", "failed")  # outcomes of calls that a model was asked
_CHECKS = frozenset(name for name, _, blocking in RULES if blocking)
_BY_MODEL = ("model", "repaired")
_ANSWER_CHARACTERS = 300
_STYLE = Style(most_words=60, most_words_breaking=60, plain_words=False)
_READING_LINES = 24  # some 500 tokens: long enough to measure, and short for a processor


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts of what was asked and what came of it; shares follow from them.

    `grounded` of the model's `sentences` passed every blocking check at once. Of `entries` to tell `covered` were told by a sentence of the
    model, and of the `required` ones `required_covered`. Of `passages`, `answered` answers name nothing that the passage lacks, and
    `right` ones have all words that they need.
    """

    calls: int
    valid: int
    sentences: int
    grounded: int
    entries: int
    covered: int
    required: int
    required_covered: int
    passages: int
    answered: int
    right: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured. Tokens a second are None where the engine tells none; `memory_bytes` is what the model takes, None where it is in
    a server that does not tell; `machine` says which figures of two runs can be compared."""

    engine: Identity
    set_digest: str
    prompt_digest: str
    machine: str
    scores: Scores
    read_per_second: float | None
    written_per_second: float | None
    memory_bytes: int | None
    seconds: float
    projects: tuple[tuple[str, Scores], ...]


def evaluate_model(
    config: Config, chosen: EvaluationSet, audience: Audience, *, flag: str | None, report: Report = ignore, cancel: Cancel
) -> Evaluation:
    """Ask the engine that `--engine` names, else the one configured, past the response cache. Raises `ModelError` where there is none, or
    where it does not even answer once, and `Cancelled`."""
    settings = replace(engine_settings(config), cache_mb=0)
    before = _resident_bytes()
    started = time.monotonic()
    opened = open_engine(config.engine_spec(flag), settings=settings, report=report)
    if opened.engine is None:
        raise ModelError(f"there is no engine to measure: {opened.reason}", hint="name one with --engine")
    with closing(opened.engine) as engine:
        read_per_second = _measure_reading(engine, cancel)
        report(Started(TASK, len(chosen.sections) + len(chosen.passages)))
        projects = []
        for project, section in chosen.sections:
            projects.append((project, _score_section(section, audience, engine, opened.usage, cancel)))
            report(Advanced(TASK, len(projects)))
        for passage in chosen.passages:
            projects.append((f"passage: {passage.language}", _score_passage(passage, engine, opened.usage, cancel)))
            report(Advanced(TASK, len(projects)))
        report(Finished(TASK))
        who = engine.identity()
        memory = _model_bytes(who, settings, before)
    return Evaluation(
        engine=who,
        set_digest=chosen.digest,
        prompt_digest=audience.prompt.digest,
        machine=f"{platform.system()} {platform.machine()}, {usable_cores()} cores",
        scores=_sum([scores for _, scores in projects]),
        read_per_second=read_per_second,
        written_per_second=_writing_speed(opened.usage.calls, read_per_second),
        memory_bytes=memory,
        seconds=time.monotonic() - started,
        projects=tuple(projects),
    )


def _measure_reading(engine: Engine, cancel: Cancel) -> float | None:
    """Return the tokens of a prompt that the model reads in a second, by a long question with a short answer; None where it tells no
    tokens. Raises `ModelError`."""
    schema = object_of({"ok": choice_of(("yes",))})
    engine.chat(_request("Are you there?", schema), cancel)  # loads the model
    lines = (f"{number}: line {number * 7919 % 1000} of a text that nobody has read before." for number in range(_READING_LINES))
    reply = engine.chat(_request("\n".join(lines), schema), cancel)
    evaluated = reply.prompt_tokens - reply.cached_tokens
    return evaluated / reply.seconds if evaluated and reply.seconds else None


def _writing_speed(calls: Sequence[Call], read_per_second: float | None) -> float | None:
    """Return the tokens written in a second, reading taken off."""
    if read_per_second is None:
        return None
    asked = [call for call in calls if call.generated_tokens]
    reading_s = sum(call.prompt_tokens - call.cached_tokens for call in asked) / read_per_second
    writing_s = sum(call.seconds for call in asked) - reading_s
    return sum(call.generated_tokens for call in asked) / writing_s if writing_s > 0 else None


def _score_section(section: Section, audience: Audience, engine: Engine, usage: Usage, cancel: Cancel) -> Scores:
    before = len(usage.calls)
    (notes,) = prepare_notes(section, [audience], engine=engine, cancel=cancel)
    told = {entry.id for entry in told_entries(section, audience.policy)}
    required = {entry.id for entry in required_entries(section, audience.policy)}
    # a lead cites what others tell
    covered = {cite for sentence in notes.sentences if sentence.status in _BY_MODEL and not sentence.lead for cite in sentence.cites}
    good, bad = _count_sentences(notes)
    calls, valid = _count_valid(usage.calls[before:])
    return Scores(
        calls=calls,
        valid=valid,
        sentences=good + bad,
        grounded=good,
        entries=len(told),
        covered=len(told & covered),
        required=len(required),
        required_covered=len(required & covered),
        passages=0,
        answered=0,
        right=0,
    )


def _count_sentences(notes: Notes) -> tuple[int, int]:
    """Return how many sentences of the model stood at once, and how many did not: those that it mended, and entries that are told by rule
    because a sentence about them failed a check."""
    good = sum(sentence.status == "model" for sentence in notes.sentences)
    mended = sum(sentence.status == "repaired" for sentence in notes.sentences)
    bad = sum(len(sentence.cites) for sentence in notes.sentences if sentence.status == "fallback" and sentence.rule in _CHECKS)
    return good, mended + bad


def _score_passage(passage: Passage, engine: Engine, usage: Usage, cancel: Cancel) -> Scores:
    before = len(usage.calls)
    schema = object_of({"answer": text_of(at_most=_ANSWER_CHARACTERS)})
    request = _request(f"{passage.question}\n<passage>\n{passage.text}\n</passage>", schema)
    try:
        value = cast(dict[str, str], read_reply(engine.chat(request, cancel), schema))
        answer = value["answer"]
    except ModelError:
        answer = ""
    calls, valid = _count_valid(usage.calls[before:])
    right = all(word.casefold() in answer.casefold() for word in passage.needs)
    return Scores(calls, valid, 0, 0, 0, 0, 0, 0, passages=1, answered=int(_is_grounded(answer, passage)), right=int(right))


def _is_grounded(answer: str, passage: Passage) -> bool:
    """Return whether an answer passes every blocking check against its passage, as a sentence of notes does against its entries."""
    fact = Fact("passage", None, passage.language, passage.text, breaking=False, breaking_text=passage.question, security=False,
                references=(), commits=())  # fmt: skip
    claim = Claim(" ".join(answer.split()), (fact.id,))
    return bool(claim.text) and verdict(check_claim(claim, {fact.id: fact}, style=_STYLE, said=Said())) != "block"


def _count_valid(calls: Sequence[Call]) -> tuple[int, int]:
    asked = [call for call in calls if call.outcome in _ANSWERED]
    return len(asked), sum(call.outcome in ("ok", "unsure") for call in asked)


def _request(text: str, schema: dict[str, object]) -> Request:
    system = "Answer the question about the passage in one sentence, only from the passage. Reply with JSON only."
    return Request(TASK, (Message("system", system), Message("user", text)), schema, max_tokens=1_000)


def _sum(scores: Sequence[Scores]) -> Scores:
    return Scores(*(sum(getattr(one, name) for one in scores) for name in Scores.__slots__))


def _model_bytes(who: Identity, settings: EngineSettings, before: int) -> int | None:
    """Return what the model takes: of this process and its children what they have more than before, of Ollama what it says."""
    if who.engine == "ollama":
        found = probe_servers(settings).ollama
        models = found.models if isinstance(found, Ollama) else ()
        return next((one.loaded_bytes for one in models if one.digest == who.digest and one.loaded_bytes), None)
    if who.engine == "scripted":
        return None
    taken = _resident_bytes() - before
    return taken if taken > 0 and _is_local(who) else None


def _is_local(who: Identity) -> bool:
    return who.engine in ("llama_cpp", "mlx") or bool(_children())


def _resident_bytes() -> int:
    psutil: Any = importlib.import_module("psutil")  # has no types
    measure: Callable[[Any], int] = lambda one: int(one.memory_info().rss)  # noqa: E731
    return sum(map(measure, [psutil.Process(os.getpid()), *_children()]))


def _children() -> list[Any]:
    psutil: Any = importlib.import_module("psutil")
    return list(psutil.Process(os.getpid()).children(recursive=True))
