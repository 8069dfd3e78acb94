"""Engines: which are installed, which servers answer, and which one `auto` takes."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from notewright.control import ignore
from notewright.errors import NotewrightError
from notewright.llm.digest import Digests
from notewright.llm.engines.in_process import llama_cpp, mlx
from notewright.llm.engines.llama import embedded
from notewright.llm.engines.llama.properties import Properties, read_properties
from notewright.llm.engines.ollama import client
from notewright.llm.engines.ollama.models import OllamaModel, installed, read_version
from notewright.llm.finding import find_engine
from notewright.llm.opening import Opening
from notewright.llm.settings import EngineSettings
from notewright.llm.wire.connection import Connection

Found = TypeVar("Found")
_PROBE_S = 1.0  # of each server; a machine that drops packets shall not keep a person waiting
# engine → the libraries that it needs here, and how to get them
_LIBRARIES = {
    "llama_server": (("xllamacpp",), embedded.INSTALL_HINT),
    "llama_cpp": (("llama-cpp-python", "llguidance", "numpy"), llama_cpp.INSTALL_HINT),
    "mlx": (("mlx", "mlx-lm", "llguidance", "numpy"), mlx.INSTALL_HINT),
    "ollama": (("ollama",), client.INSTALL_HINT),
}


@dataclass(frozen=True, slots=True)
class Library:
    """What an engine needs on this machine: its libraries with their versions ("mlx 0.32.4"), those that are `missing`, and how to get
    them."""

    engine: str
    found: tuple[str, ...]
    missing: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True)
class Ollama:
    """A running Ollama."""

    version: str
    models: tuple[OllamaModel, ...]


@dataclass(frozen=True, slots=True)
class Servers:
    """What answers at the configured addresses, or why nothing does, and why `auto` takes what it takes: `auto_found` is False for
    nothing."""

    llama: Properties | str
    ollama: Ollama | str
    auto: str
    auto_found: bool


def list_libraries() -> tuple[Library, ...]:
    """Return what is installed for each engine that needs something here. Loads none of it."""
    return tuple(_library(name, libraries, hint) for name, (libraries, hint) in _LIBRARIES.items())


def probe_servers(settings: EngineSettings) -> Servers:
    """Ask all servers at the same time, for a second each at most."""
    with ThreadPoolExecutor(3) as pool:
        llama = pool.submit(_ask, lambda: _find_llama(settings))
        ollama = pool.submit(_ask, lambda: _find_ollama(settings))
        found, reason = pool.submit(_find_auto, settings).result()
        return Servers(llama.result(), ollama.result(), reason, found)


def _library(name: str, libraries: tuple[str, ...], hint: str) -> Library:
    versions = {one: _version(one) for one in libraries}
    found = tuple(f"{one} {version}" for one, version in versions.items() if version)
    return Library(name, found, tuple(one for one, version in versions.items() if not version), hint)


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _ask(look: Callable[[], Found]) -> Found | str:
    try:
        return look()
    except NotewrightError as error:
        return error.message


def _find_llama(settings: EngineSettings) -> Properties:
    connection = Connection(settings.server_url, allow_remote=settings.allow_remote, api_key=settings.api_key)
    return read_properties(connection, timeout_s=_PROBE_S)


def _find_ollama(settings: EngineSettings) -> Ollama:
    connection = Connection(settings.ollama_url, allow_remote=settings.allow_remote)
    version = read_version(connection, timeout_s=_PROBE_S)
    return Ollama(version, installed(connection, timeout_s=_PROBE_S))


def _find_auto(settings: EngineSettings) -> tuple[bool, str]:
    try:
        engine, reason = find_engine(Opening(settings, Digests(None), ignore, _PROBE_S))
    except NotewrightError as error:  # an address that is none is no ModelError
        return False, error.message
    if engine is not None:
        engine.close()
    return engine is not None, reason
