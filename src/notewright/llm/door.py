"""The one door to every model."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from notewright.control import Report, ignore
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
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
from notewright.llm.memory.guard import Guarded, MemoryGuard
from notewright.llm.opening import Opening, open_bare, parse_engine
from notewright.llm.settings import EngineSettings


@dataclass(frozen=True, slots=True)
class Opened:
    """The engine that answers, or None, why it is this one (for people), and what its calls cost."""

    engine: Engine | None
    reason: str
    usage: Usage


@runtime_checkable
class _Holding(Protocol):
    """An engine that holds a model in this machine's memory."""

    def unload(self) -> None: ...


def open_engine(spec: str, *, small: str | None = None, settings: EngineSettings, report: Report = ignore) -> Opened:
    """Open the engine that `spec` names, as `llm.opening.FORMS` writes them, and the `small` one for simple requests; a name alone means
    its default place.

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
        # a script may answer the same question differently, and that is what it is for
        cache = _cache(file, settings) if file and name.name != "scripted" else None
        guard = MemoryGuard(report)
        lesser = open_bare(parse_engine(small), opening) if small and parse_engine(small) != name else None
        ladder = Ladder(lesser and _layered(lesser, settings, cache, guard), _layered(bare, settings, cache, guard), settings, report)
        layers = Recorded(Timed(ladder, settings), usage)
        opened.pop_all()
        return Opened(Tasked(layers, settings, file.close if file else lambda: None), _reasons(reason, small, lesser), usage)


def _layered(bare: Engine, settings: EngineSettings, cache: ResponseCache | None, guard: MemoryGuard) -> Engine:
    """Put around one engine what each has for itself, the innermost first."""
    layers: Engine = Budgeted(Retrying(Breaking(RateLimited(Validated(bare), settings), settings), settings), settings)
    if isinstance(bare, _Holding):
        layers = Guarded(layers, guard, bare.unload)
    return Cached(layers, cache) if cache else layers


def _cache(file: CacheFile, settings: EngineSettings) -> ResponseCache | None:
    if not settings.cache_mb:
        return None
    return ResponseCache(file, most_bytes=settings.cache_mb << 20, ttl_days=settings.cache_ttl_days)


def _reasons(reason: str, small: str | None, lesser: Engine | None) -> str:
    return f"{reason}, and {small} for what is simple" if lesser else reason
