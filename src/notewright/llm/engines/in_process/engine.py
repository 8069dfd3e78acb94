"""An engine whose model lives in this process: one call after another, a token at a time."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.confidence import Step, read_confidence
from notewright.llm.engines.in_process.guidance import Guide
from notewright.llm.engines.in_process.loaded import LoadedModel, Pulse
from notewright.llm.engines.in_process.sampling import Sampler
from notewright.llm.engines.resident import Guard, Resident
from notewright.llm.memory.fit import Fit
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.request import Finish, Identity, Messages, Reply, Request

_LOOK_EVERY_S = 0.05


class InProcess:
    """Asks a model that is loaded with the first question, unloaded when nobody asks any more, and loaded again when somebody does."""

    slots = 1

    def __init__(
        self, load: Callable[[Fit, Cancel], LoadedModel], guard: Guard[Fit], identify: Callable[[], Identity], *, unload_after_s: float
    ) -> None:
        self._identify = identify
        self._resident = Resident(load, guard, unload_after_s=unload_after_s)
        self._turn = threading.Lock()

    def identity(self) -> Identity:
        """Say who answers, from the files alone."""
        return self._identify()

    def count(self, messages: Messages) -> int:
        """Count prompt tokens exactly, chat template included. Loads the model."""
        with self._resident.use(Cancel()) as model:
            return len(model.skeleton.tokens(messages))

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer under the request's schema. Loads the model. Raises `ModelError`, `Cancelled`, `ValueError` for a schema outside the
        subset; a reply cut off ends with "length"."""
        cancel.check()
        started = time.monotonic()
        with self._resident.use(cancel) as model:
            tokens = model.skeleton.tokens(request.messages)
            with self._taking_turns(cancel):
                return self._answer(model, tokens, request, cancel, started)

    def unload(self) -> None:
        """Free the model's memory as soon as nobody uses it; it is loaded again when asked."""
        self._resident.unload()

    def close(self) -> None:
        """Free the model's memory, as soon as nobody uses it."""
        self._resident.close()

    def _answer(self, model: LoadedModel, tokens: list[int], request: Request, cancel: Cancel, started: float) -> Reply:
        if len(tokens) >= model.context:  # which may be less than asked for, where memory is short
            raise PromptTooLong(
                f"the prompt of {len(tokens)} tokens does not fit the context window of {model.context}", hint="ask for less"
            )
        pulse = Pulse(self.identity().model, timeout_s=request.timeout_s, cancel=cancel)
        guide = model.guidance.guide(request.schema)
        evaluated = model.read(tokens, pulse)
        generated, finish, steps = _generate(model, guide, request, min(request.max_tokens, model.context - len(tokens)), pulse)
        text = model.guidance.text(generated)
        return Reply(
            text=text,
            finish=finish,
            prompt_tokens=len(tokens),
            cached_tokens=len(tokens) - evaluated,
            generated_tokens=len(generated),
            seconds=time.monotonic() - started,
            confidence=read_confidence(text, request.schema, steps) if request.weigh and finish == "stop" else None,
        )

    @contextmanager
    def _taking_turns(self, cancel: Cancel) -> Iterator[None]:
        while not self._turn.acquire(timeout=_LOOK_EVERY_S):
            cancel.check()
        try:
            yield
        finally:
            self._turn.release()


def _generate(model: LoadedModel, guide: Guide, request: Request, most: int, pulse: Pulse) -> tuple[list[int], Finish, list[Step]]:
    """Return the reply's tokens, how it ended, and if it is to be weighed, how likely they were."""
    sampler = Sampler(request.temperature, request.seed)
    generated: list[int] = []
    steps: list[Step] = []
    while len(generated) < most:
        if generated:
            model.follow(generated[-1], pulse)
            pulse.beat()
        masked = guide.mask(model.logits())
        generated.append(sampler.choose(masked))
        if request.weigh:
            steps.append(model.guidance.step(generated[-1], masked))
        if guide.follow(generated[-1]):
            return generated, "stop", steps
    return generated, "length", steps


def check_installed(*libraries: str, hint: str) -> None:
    """Raise `ModelError` where a library is missing, without loading any."""
    for library in libraries:
        if importlib.util.find_spec(library) is None:
            raise ModelError(f"{library} is not installed", hint=hint)
