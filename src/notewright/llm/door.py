"""The one door to every model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from notewright.control import Cancel, Report, ignore
from notewright.errors import ModelError, UsageError
from notewright.llm.budget import Budgeted
from notewright.llm.cache import Cached, ResponseCache
from notewright.llm.cache_file import CacheFile
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.llm.usage import Recorded, Usage
from notewright.prompting.request import Reply, Request

_BUILT = "none, auto, llama_server:PATH.gguf, llama_server:URL, scripted:FILE"
_PLANNED = ("ollama", "llama_cpp", "mlx", "openai")
_PROBE_S = 2.0


@dataclass(frozen=True, slots=True)
class Opened:
    """The engine that answers, or None, why it is this one (for people), and what its calls cost."""

    engine: Engine | None
    reason: str
    usage: Usage


def open_engine(spec: str, *, settings: EngineSettings, report: Report = ignore) -> Opened:
    """Open the engine that `spec` names: none, auto, llama_server:PATH.gguf, llama_server:URL (a bare llama_server means
    `settings.server_url`) or scripted:FILE.

    Its calls are recorded ▸ cached ▸ kept within the window ▸ asked of the engine. `auto` never fails: it takes the first that
    is there, else None. Raises `UsageError` for a name that this version does not know, `ModelError` where the engine named is
    not there. Loads no model yet, and no HTTP client for none and scripted.
    """
    name, _, place = spec.partition(":")
    if name in ("none", "auto") and not place:
        return Opened(None, "no model was asked for", Usage()) if name == "none" else _open_first(settings, report)
    if name == "scripted" and place:
        return _open_script(Path(place), settings)
    if spec == "llama_server":
        return _open_llama(settings.server_url, f"{spec} at {settings.server_url} was asked for", settings, report)
    if name == "llama_server" and place:
        return _open_llama(place, f"{spec} was asked for", settings, report)
    if name in _PLANNED:
        raise UsageError(f"the engine {name} is not built in this version", hint=f"choose one of {_BUILT}")
    raise UsageError(f"there is no engine {spec!r}", hint=f"choose one of {_BUILT}")


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


def _open_first(settings: EngineSettings, report: Report) -> Opened:
    """Open what is there: a running server, else the first usable model of the folder, else nothing."""
    lacking: list[str] = []
    try:
        return _open_llama(settings.server_url, f"a llama.cpp server runs at {settings.server_url}", settings, report, probe_s=_PROBE_S)
    except ModelError as error:
        lacking.append(error.message)
    models = sorted(settings.models_dir.glob("*.gguf")) if settings.models_dir else []
    for model in models:
        try:
            return _open_llama(str(model), f"{model.name} is the first usable model in {settings.models_dir}", settings, report)
        except ModelError as error:
            lacking.append(error.message + (f" ({error.hint})" if error.hint else ""))
    if not models:
        lacking.append(f"no GGUF model in {settings.models_dir}" if settings.models_dir else "no model folder is set")
    return Opened(None, "; ".join(lacking), Usage())


def _open_script(path: Path, settings: EngineSettings) -> Opened:
    from notewright.llm.scripted import Scripted

    # no cache: a script may answer the same question differently, and that is what it is for
    usage = Usage()
    layers = Recorded(Budgeted(Scripted(path), settings), usage)
    return Opened(_Configured(layers, settings, lambda: None), f"the script {path} was asked for", usage)


def _open_llama(place: str, reason: str, settings: EngineSettings, report: Report, *, probe_s: float | None = None) -> Opened:
    file = CacheFile(settings.cache_path, report) if settings.cache_path else None
    engine = _find_llama(place, settings, Digests(file), probe_s)
    layers: Engine = Budgeted(engine, settings)
    if file and settings.cache_mb:
        layers = Cached(layers, ResponseCache(file, most_bytes=settings.cache_mb << 20))
    usage = Usage()
    return Opened(_Configured(Recorded(layers, usage), settings, file.close if file else lambda: None), reason, usage)


def _find_llama(place: str, settings: EngineSettings, digests: Digests, probe_s: float | None) -> Engine:
    """Return the engine. Raises `ModelError` now if the server does not answer or the file is no model."""
    if not place.startswith(("http://", "https://")):
        from notewright.llm.embedded import EmbeddedLlama

        return EmbeddedLlama(Path(place), settings=settings, digests=digests)
    from notewright.llm.llama_server import LlamaServer

    server = LlamaServer(place, settings=settings, digests=digests)
    try:
        server.check(timeout_s=probe_s or settings.request_timeout_s)
    except ModelError:
        server.close()
        raise
    return server
