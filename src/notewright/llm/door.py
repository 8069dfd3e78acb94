"""The one door to every model."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from notewright.control import Report, ignore
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.scripted import Scripted
from notewright.llm.finding import find_engine
from notewright.llm.layers.breaker import Breaking
from notewright.llm.layers.budget import Budgeted
from notewright.llm.layers.cache import Cached, ResponseCache
from notewright.llm.layers.cache_file import CacheFile
from notewright.llm.layers.ladder import Ladder
from notewright.llm.layers.rate import RateLimited
from notewright.llm.layers.retry import Retrying
from notewright.llm.layers.tasks import Tasked
from notewright.llm.layers.timing import Timed
from notewright.llm.layers.usage import Recorded, Usage
from notewright.llm.layers.validation import Validated
from notewright.llm.memory.guard import Guarded, MemoryGuard, Unloadable
from notewright.llm.opening import Opening, open_bare, parse_engine
from notewright.llm.settings import EngineSettings


@dataclass(frozen=True, slots=True)
class Opened:
    """The engine that answers, or None, why it is this one (for people), and what its calls cost. Use it in `closing`."""

    engine: Engine | None
    reason: str
    usage: Usage

    def close(self) -> None:
        """Close the engine, if there is one."""
        if self.engine is not None:
            self.engine.close()


def open_engine(spec: str, *, small: str | None = None, settings: EngineSettings, report: Report = ignore, recorded: bool = True) -> Opened:
    """Open the engine that `spec` names, as `llm.opening.FORMS` writes them, and the `small` one for simple requests; a name alone means
    its default place. Unless they are `recorded`, what calls cost is kept by who makes them: a million would take hundreds of megabytes.

    A call is set for its task ▸ recorded ▸ held to the task's time ▸ given to the small or the large model, and there answered from the
    cache ▸ refused while memory is short ▸ kept within the window ▸ asked again where that can help ▸ refused by a breaker ▸ held back
    by a rate ▸ validated ▸ asked of the engine.

    `auto` never fails: it takes the first that is there, else None. Raises `UsageError` for a name that this version does not know,
    `ModelError` where the engine named is not there. Loads no model yet, and no HTTP client for none and scripted.
    """
    name = parse_engine(spec)
    usage = Usage()
    if name.name == "none":
        return Opened(None, "no model was asked for", usage)
    with ExitStack() as opened:
        file = CacheFile(settings.cache_path, report) if settings.cache_path else None
        if file:
            opened.callback(file.close)
        opening = Opening(settings, Digests(file), report, settings.request_timeout_s)
        bare, reason = find_engine(opening) if name.name == "auto" else (open_bare(name, opening), f"{spec} was asked for")
        if bare is None:
            return Opened(None, reason, usage)
        opened.callback(bare.close)
        lesser = open_bare(parse_engine(small), opening) if small and parse_engine(small) != name else None
        cache = (
            ResponseCache(file, most_bytes=settings.cache_mb << 20, ttl_days=settings.cache_ttl_days)
            if file and settings.cache_mb
            else None
        )
        ladder = Ladder(
            _layered(lesser, settings, cache, report) if lesser else None, _layered(bare, settings, cache, report), settings, report
        )
        opened.pop_all()
        timed = Timed(ladder, settings)
        layers = Tasked(Recorded(timed, usage) if recorded else timed, settings, file.close if file else lambda: None)
        return Opened(layers, f"{reason}, and {small} for what is simple" if lesser else reason, usage)


def _layered(bare: Engine, settings: EngineSettings, cache: ResponseCache | None, report: Report) -> Engine:
    """Put around one engine what each has for itself, the innermost first."""
    layers: Engine = Budgeted(Retrying(Breaking(RateLimited(Validated(bare), settings), settings), settings), settings)
    if isinstance(bare, Unloadable):  # looked at before the prompt is counted, which loads the model
        layers = Guarded(layers, MemoryGuard(report), bare.unload)
    # a script may answer the same question differently, and that is what it is for
    return Cached(layers, cache) if cache and not isinstance(bare, Scripted) else layers
