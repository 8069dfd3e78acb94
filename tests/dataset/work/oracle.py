"""An engine that answers by digest, stages that make questions, answers, repairs and verdicts of it, and a store of small passages."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.store import Store, open_store
from notewright.adapters.dataset.store.values import FileRecord, Generation, NewPassage
from notewright.control import Cancel, ignore
from notewright.dataset.pairs import Pair
from notewright.dataset.passage import Passage, PassageText
from notewright.dataset.stages import StageWork
from notewright.dataset.tasks import Done, NewTask, Stage, Variant
from notewright.errors import ModelError
from notewright.flows.dataset.work import Limits, Worked, work
from notewright.llm.engine import Engine
from notewright.prompting.request import Identity, Message, Messages, Reply, Request

QUESTIONS = 3
URL = "https://example.org/one"


def digest_of(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


class Oracle:
    """Answers with the digest of the prompt, and writes each call to `log` before it answers. `fault` may give an error to raise instead,
    knowing the prompt's digest and how often it was asked before."""

    def __init__(
        self,
        log: Path | None = None,
        *,
        slots: int = 4,
        delay_s: float = 0.0,
        fault: Callable[[str, int], ModelError | None] = lambda _prompt, _before: None,
    ) -> None:
        self.slots = slots
        self.requests: list[Request] = []
        self._log = None if log is None else os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._delay_s = delay_s
        self._fault = fault
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()

    def identity(self) -> Identity:
        return Identity("oracle", "digest", "", 0, "")

    def count(self, messages: Messages) -> int | None:  # noqa: ARG002  # the protocol's
        return None

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        prompt = digest_of(*(message.content for message in request.messages))
        if self._log is not None:
            os.write(self._log, f"{prompt}\n".encode())
        with self._lock:
            self.requests.append(request)
            before, self._asked[prompt] = self._asked[prompt], self._asked[prompt] + 1
        if self._delay_s:
            time.sleep(self._delay_s)
        cancel.check()
        if (error := self._fault(prompt, before)) is not None:
            raise error
        return Reply(prompt[:12], "stop", 100, 60, 12, 0.25)

    def close(self) -> None:
        pass


class Asked:
    """A stage that asks the oracle, and makes of its answer what its name says. `prompt` is a version of its prompt."""

    def __init__(self, stage: Stage, prompt: str = "") -> None:
        self._stage = stage
        self._prompt = prompt

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request | None:
        said = f"{self._stage}{self._prompt} {given} {ordinal}"
        return Request(self._stage, (Message("system", passage.text), Message("user", said)), {}, 100)

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:  # noqa: ARG002  # the protocol's
        assert reply_text
        result = json.dumps({"said": reply_text})
        if self._stage == "questions":
            return Done(result, tuple(NewTask("answer", f"{reply_text} {number}?", number) for number in range(QUESTIONS)))
        if self._stage == "answer" and reply_text[0] in "0123":
            return Done(result, (NewTask("repair", f"{given} {reply_text}", ordinal),))
        if self._stage == "answer" and reply_text[0] in "4567":
            return Done(result, (NewTask("judge", f"{given} {reply_text}", ordinal),))
        reason = "judge" if reply_text[0] in "89ab" and self._stage == "judge" else ""
        return Done(
            result, (), (Pair("what", given, reply_text, reason, verdict=self._stage, signature=reply_text.encode(), ordinal=ordinal),)
        )


class Extracted:
    """A stage that asks nobody."""

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request | None:  # noqa: ARG002  # the protocol's
        return None

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:  # noqa: ARG002  # the protocol's
        assert reply_text is None
        pairs = tuple(Pair("extracted", f"What is {number}?", passage.text, ordinal=number) for number in range(2))
        return Done("{}", (), pairs)


def generation(**prompts: str) -> Generation:
    """All stages that ask, with versions of their prompts."""
    stages: tuple[Stage, ...] = ("questions", "answer", "repair", "judge")
    return Generation(tuple(Variant(stage, digest_of(stage, prompts.get(stage, "")), prompts.get(stage, "")) for stage in stages), "cut")


def stages(**prompts: str) -> dict[Stage, StageWork]:
    names: tuple[Stage, ...] = ("questions", "answer", "repair", "judge")
    return {stage: Asked(stage, prompts.get(stage, "")) for stage in names}


EXTRACTING = Generation((Variant("extract", "1"),))


def text_of(name: str, number: int) -> PassageText:
    text = f"passage {number} of {name}\n"
    return PassageText(digest_of(text), text, "import os", "python", name)


def fill(store: Store, names: list[str], *, passages: int = 3, url: str = URL, commit: str = "c1", paths: list[str] | None = None) -> None:
    """Prepare a repository with a file for each name, whose content only the name tells."""
    with store.grouped():
        records = []
        for name, path in zip(names, paths or names, strict=True):
            cut = [NewPassage(Passage(n * 20, n * 20 + 20, n + 1, n + 1, 5), text_of(name, n)) for n in range(passages)]
            unit = store.add_unit(digest_of(name)[:40], "python", "cut", cut)
            records.append(FileRecord(path.encode(), digest_of(name)[:40], unit.id, "", "python", "MIT"))
    store.replace_provenance(url, commit=commit, prepared_digest="settings", files=records)


def run(store: Store, engine: Engine | None, *, cancel: Cancel | None = None, limits: Limits | None = None, **prompts: str) -> Worked:
    """Do all that is asked in this generation."""
    chosen = limits or Limits(max_concurrent=4)
    return work(store, generation(**prompts), stages(**prompts), engine, limits=chosen, report=ignore, cancel=cancel or Cancel())


def run_once(database: Path, log: Path, *, delay_s: float) -> None:
    """Open the store and do what is left: what a child process does until it is killed."""
    store = open_store(database, label="test")
    try:
        run(store, Oracle(log, delay_s=delay_s))
    finally:
        store.close()


def told(database: Path) -> bytes:
    """All pairs in their total order, as bytes."""
    rows = (asdict(row) for row in Reader(database).rows())
    return "\n".join(json.dumps(row, sort_keys=True, default=bytes.hex) for row in rows).encode()
