"""The one door to every model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from notewright.control import Cancel, Report, ignore
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.finding import find_engine
from notewright.llm.layers.budget import Budgeted
from notewright.llm.layers.cache import Cached, ResponseCache
from notewright.llm.layers.cache_file import CacheFile
from notewright.llm.layers.layer import Layer
from notewright.llm.layers.usage import Recorded, Usage
from notewright.llm.opening import Opening, open_bare, parse_engine
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Reply, Request


@dataclass(frozen=True, slots=True)
class Opened:
    """The engine that answers, or None, why it is this one (for people), and what its calls cost."""

    engine: Engine | None
    reason: str
    usage: Usage


def open_engine(spec: str, *, small: str | None = None, settings: EngineSettings, report: Report = ignore) -> Opened:  # noqa: ARG001
    """Open the engine that `spec` names, as `llm.opening.FORMS` writes them; a name alone means its default place.

    Its calls are recorded ▸ cached ▸ kept within the window ▸ asked of the engine. `auto` never fails: it takes the first that
    is there, else None. Raises `UsageError` for a name that this version does not know, `ModelError` where the engine named is
    not there. Loads no model yet, and no HTTP client for none and scripted.
    """
    name = parse_engine(spec)
    if name.name == "none":
        return Opened(None, "no model was asked for", Usage())
    # a script may answer the same question differently, and that is what it is for
    file = CacheFile(settings.cache_path, report) if settings.cache_path and name.name != "scripted" else None
    opening = Opening(settings, Digests(file), report, settings.request_timeout_s)
    if name.name == "auto":
        bare, reason = find_engine(opening)
    else:
        bare, reason = open_bare(name, opening), f"{spec} was asked for"
    usage = Usage()
    if bare is None:
        return Opened(None, reason, usage)
    layers: Engine = Budgeted(bare, settings)
    if file and settings.cache_mb:
        layers = Cached(layers, ResponseCache(file, most_bytes=settings.cache_mb << 20))
    return Opened(_Configured(Recorded(layers, usage), settings, file.close if file else lambda: None), reason, usage)


class _Configured(Layer):
    """The outermost layer: applies the user's settings to every request, and closes what was opened."""

    def __init__(self, inner: Engine, settings: EngineSettings, close: Callable[[], None]) -> None:
        super().__init__(inner)
        self._settings = settings
        self._close = close

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer as the user set it."""
        chosen = self._settings
        return self.inner.chat(
            replace(
                request,
                timeout_s=chosen.request_timeout_s,
                temperature=request.temperature if chosen.temperature is None else chosen.temperature,
                seed=request.seed if chosen.seed is None else chosen.seed,
            ),
            cancel,
        )

    def close(self) -> None:
        """Close the engine, then the cache."""
        super().close()
        self._close()
