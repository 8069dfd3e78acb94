"""Doctor: whether everything that notewright needs is here, and what to do where it is not."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from notewright import __version__
from notewright.adapters.access import read_access
from notewright.adapters.repository import open_repository
from notewright.config.config import FILE_NAME, Config
from notewright.config.reading import load_config
from notewright.errors import NotewrightError, RepositoryError
from notewright.flows.engines import Library, Servers, list_libraries, probe_servers
from notewright.flows.models import engine_settings, models_path, open_configured
from notewright.flows.reply_cache import inspect_replies
from notewright.flows.state import state_path
from notewright.llm.memory.fit import NOTHING, budget_of, gigabytes
from notewright.llm.memory.job_queue import describe_queue, read_queue
from notewright.llm.settings import EngineSettings
from notewright.system.cgroup import Memory
from notewright.system.git import Git
from notewright.system.memory import memory_limits

State = Literal["ok", "note", "problem"]
_GIT = (2, 30)
_PULL = "fetch one with `notewright models pull NAME`"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do about it ("" where nothing needs doing)."""

    name: str
    state: State
    detail: str
    hint: str = ""


def examine(directory: Path, *, config_file: Path | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at this installation, the repository, the engines, the machine and the folders that are written to; give each finding as soon as
    it is known. Loads no model, asks no host but the configured servers, and never fails."""
    yield Finding("notewright", "ok", f"{__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _attempt("git", _examine_git)
    yield _attempt("repository", lambda: _examine_repository(directory))
    config, said = _read_config(directory, config_file)
    yield said
    yield _attempt("github", lambda: _examine_github(directory, environ))
    yield from _examine_engines(config)
    yield from _examine_machine(config)
    yield _examine_models(models_path(config))
    yield _examine_state(state_path(config))
    yield _attempt("cache", lambda: _examine_cache(config))


def _attempt(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NotewrightError as error:
        return Finding(name, "problem", error.message, error.hint or "")


def _examine_git() -> Finding:
    said = Git(Path.cwd()).line("--version").removeprefix("git version ")
    version = tuple(int(part) for part in said.split()[0].split(".")[:2] if part.isdecimal())
    if version < _GIT:
        return Finding("git", "problem", said, "install git 2.30 or newer")
    return Finding("git", "ok", said)


def _examine_repository(directory: Path) -> Finding:
    try:
        repository = open_repository(directory)
    except RepositoryError as error:
        inside = directory.is_dir() and Git(directory).succeeds("rev-parse", "--git-dir")
        return Finding("repository", "problem" if inside else "note", error.message, error.hint or "")
    return Finding("repository", "ok", f"{repository.root}, with its whole history")


def _read_config(directory: Path, config_file: Path | None) -> tuple[Config, Finding]:
    """Return the configuration, the defaults where it is wrong."""
    try:
        root = open_repository(directory).root
    except RepositoryError:
        root = directory
    try:
        config = load_config(root, path=config_file)
        engine_settings(config)
    except NotewrightError as error:
        return Config(), Finding("config", "problem", error.message, error.hint or "")
    file = config_file or root / FILE_NAME
    if file.is_file():
        return config, Finding("config", "ok", f"{file}")
    return config, Finding("config", "note", f"there is no {FILE_NAME}: defaults hold", "`notewright init` writes one")


def _examine_github(directory: Path, environ: Mapping[str, str]) -> Finding:
    git = Git(directory)
    origin = git.line("config", "remote.origin.url") if git.succeeds("config", "remote.origin.url") else None
    access = read_access(environ, origin=origin)
    if access is None:
        return Finding("github", "note", "no repository on GitHub is known", "only `notewright release` needs one")
    if access.token is None:
        return Finding("github", "note", f"{access.repository}: no token is set", "only `notewright release` needs GITHUB_TOKEN")
    return Finding("github", "ok", f"{access.repository}: a token is set")


def _examine_engines(config: Config) -> Iterator[Finding]:
    settings = _settings(config)
    for library in list_libraries():
        yield _describe_library(library)
    servers = probe_servers(settings)
    yield from _describe_servers(servers, settings)
    if config.llm.backend in ("auto", "none"):
        yield _describe_auto(servers, asked=config.llm.backend == "auto")
    else:
        yield _attempt("engine", lambda: _examine_configured(config))
    if settings.allow_remote:
        yield Finding("remote", "note", "llm.allow_remote is true: prompts may leave this machine and its network")


def _settings(config: Config) -> EngineSettings:
    """Return the configured settings, or the defaults' where a variable that they name is not set."""
    try:
        return engine_settings(config)
    except NotewrightError:
        return engine_settings(Config())


def _describe_library(library: Library) -> Finding:
    if library.missing:
        return Finding(library.engine, "note", f"{' and '.join(library.missing)} not installed", library.hint)
    return Finding(library.engine, "ok", ", ".join(library.found))


def _describe_servers(servers: Servers, settings: EngineSettings) -> Iterator[Finding]:
    llama, ollama = servers.llama, servers.ollama
    if isinstance(llama, str):
        yield Finding("server_url", "note", llama)
    else:
        yield Finding("server_url", "ok", f"{Path(llama.model_path).name} at {settings.server_url}, {llama.runtime}")
    if isinstance(ollama, str):
        yield Finding("ollama_url", "note", ollama)
    else:
        count = len(ollama.models)
        yield Finding("ollama_url", "ok", f"{ollama.version} at {settings.ollama_url}, {count} {'model' if count == 1 else 'models'}")


def _describe_auto(servers: Servers, *, asked: bool) -> Finding:
    if not asked:
        return Finding("engine", "ok", "llm.backend is none: every sentence is made by rule")
    if servers.auto_found:
        return Finding("engine", "ok", f"auto: {servers.auto}")
    return Finding("engine", "note", "auto finds no engine: every sentence is made by rule", _PULL)


def _examine_configured(config: Config) -> Finding:
    with closing(open_configured(config)) as opened:
        return Finding("engine", "ok", opened.reason)


def _examine_machine(config: Config) -> Iterator[Finding]:
    settings = _settings(config)
    limits = memory_limits()
    budget = budget_of(limits, settings, taken=NOTHING)
    yield Finding("memory", "ok", f"{gigabytes(budget.ram_bytes)} may be taken by models: {_free(limits.ram)}")
    if limits.vram:
        yield Finding("card", "ok", f"{gigabytes(budget.vram_bytes)} may be taken by models: {_free(limits.vram)}")
    elif sys.platform != "darwin":
        yield Finding("card", "note", "no graphics card that tells its memory", "pip install 'notewright[models]' asks NVIDIA's driver")
    if settings.lock_path:
        queue = read_queue(settings.lock_path)
        waiting = "".join(f"; process {job.pid} ({job.label}) waits" for job in queue.waiters)
        yield Finding("lock", "note" if queue.holder else "ok", describe_queue(queue) + waiting)


def _free(memory: Memory) -> str:
    return f"{gigabytes(memory.free_bytes)} of {gigabytes(memory.total_bytes)} are free ({memory.source})"


def _examine_models(folder: Path) -> Finding:
    files = list(folder.glob("*.gguf"))
    size = gigabytes(sum(path.stat().st_size for path in files if path.is_file()))
    if not files:
        return Finding("models", "note", f"no model file in {folder}", _PULL)
    return Finding("models", "ok", f"{len(files)} in {folder}, {size}")


def _examine_state(folder: Path) -> Finding:
    """Look whether the folder can be written to, without making it."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding("state", "problem", f"{folder} cannot be written to", "set state_dir to a folder that can, or mend its permissions")
    return Finding("state", "ok", f"{folder}" + ("" if there == folder else " (made when it is needed)"))


def _examine_cache(config: Config) -> Finding:
    kept = inspect_replies(config)
    if not kept.limit_bytes:
        return Finding("cache", "note", "llm.cache_mb is 0: no reply is kept")
    size, most = (count / (1 << 20) for count in (kept.totals.size_bytes, kept.limit_bytes))
    return Finding("cache", "ok", f"{kept.totals.replies:,} replies, {size:,.1f} of {most:,.1f} MB")
