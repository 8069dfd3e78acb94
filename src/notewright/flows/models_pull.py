"""Fetching a model: by Ollama, from the hub, or from a file that somebody brought."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from notewright.adapters.catalog import Candidate, Catalog
from notewright.adapters.hub import describe_file, fetch_file, opened_alone
from notewright.config.config import Config
from notewright.control import Advanced, Cancel, Finished, Report, Started
from notewright.errors import ModelError, StorageError, UsageError
from notewright.flows.models import engine_settings, models_path
from notewright.llm.memory.fit import gigabytes
from notewright.llm.memory.gguf import read_header

_SHA256 = re.compile(r"(sha256:)?(?P<digits>[0-9a-f]{64})", re.IGNORECASE)
_CHUNK_BYTES = 1 << 20
_SPARE_BYTES = 64 << 20
_OLLAMA = "ollama:"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is here now, and how `--engine` names it. `fresh` says that it was not here before, `compared` that somebody told the
    digest before."""

    engine: str
    digest: str
    size_bytes: int
    fresh: bool
    compared: bool = True


def pull_model(
    config: Config, catalog: Catalog, *, name: str | None, sha256: str | None, source: Path | None, report: Report, cancel: Cancel
) -> Pulled:
    """Fetch ollama:NAME, a model of the table, or owner/repository/file.gguf of the hub; or take `source`. A file is compared with its
    digest, and read as a GGUF file, before it is among the others.

    Raises `UsageError`, `ModelError` (no network, no such model, another digest, no model at all), `StorageError` and `Cancelled`.
    """
    wanted = _read_digest(sha256)
    if name is not None and name.startswith(_OLLAMA):
        if source or wanted:
            raise UsageError("Ollama compares digests by itself", hint="leave --from and --sha256 out, or name the file without ollama:")
        return _pull_by_ollama(config, name.removeprefix(_OLLAMA), report, cancel)
    candidate = catalog.find(name) if name is not None and "/" not in name else None
    wanted = wanted or (candidate.sha256 if candidate else "")
    folder = models_path(config)
    if source is not None:
        return _take(source, folder / _file_name(name, candidate, source), wanted, _Steps(report, cancel))
    if name is None:
        raise UsageError("nothing is named to be pulled", hint="name a model of `notewright models list`, or a file with --from")
    place = candidate.file if candidate else name
    return _fetch(place, folder / _file_name(place, candidate, None), wanted, _Steps(report, cancel))


class _Steps:
    """What is told of a transfer while it goes on."""

    def __init__(self, report: Report, cancel: Cancel) -> None:
        self.report = report
        self._cancel = cancel

    @contextmanager
    def step(self, name: str, size_bytes: int) -> Iterator[Callable[[int], None]]:
        """Give how to tell the bytes so far. Raises `Cancelled` there."""
        self.report(Started(name, size_bytes))

        def advanced(done: int) -> None:
            self._cancel.check()
            self.report(Advanced(name, done))

        yield advanced
        self.report(Finished(name, gigabytes(size_bytes)))


def _pull_by_ollama(config: Config, name: str, report: Report, cancel: Cancel) -> Pulled:
    from notewright.llm.engines.ollama.pull import pull_model

    model = pull_model(name, settings=engine_settings(config), report=report, cancel=cancel)
    return Pulled(f"{_OLLAMA}{model.name}", model.digest, model.size_bytes, fresh=True)


def _fetch(place: str, target: Path, wanted: str, steps: _Steps) -> Pulled:
    if wanted and target.is_file() and _digest(target, steps) == wanted:
        return _pulled(target, wanted, fresh=False)
    file = describe_file(place)
    wanted = wanted or file.sha256
    _check_room(target.parent, 0)
    # another content gets another part: a transfer goes on only with what it began with
    part = target.with_name(f".{target.name}.{hashlib.sha256(file.stamp.encode()).hexdigest()[:12]}.part")
    with opened_alone(part) as content:
        if target.is_file() and wanted and _digest(target, steps) == wanted:
            part.unlink()
            return _pulled(target, wanted, fresh=False)
        _check_room(target.parent, file.size_bytes - part.stat().st_size)
        with steps.step("fetch", file.size_bytes) as advanced:
            fetch_file(file, content, advanced=advanced)
        return _admit(part, target, wanted, _digest(part, steps))


def _take(source: Path, target: Path, wanted: str, steps: _Steps) -> Pulled:
    if not wanted:
        raise UsageError(f"no digest is given for {source}", hint="give --sha256 with the one that its publisher tells")
    if not source.is_file():
        raise UsageError(f"there is no file {source}", hint="name the file that was downloaded")
    if target.exists() and source.samefile(target):
        return _check_in_place(target, wanted, steps)
    _check_room(target.parent, source.stat().st_size)
    part = target.with_name(f".{target.name}.part")
    try:
        with source.open("rb") as content, part.open("wb") as copy:
            found = _hash(content, "copy", source.stat().st_size, steps, copy)
        return _admit(part, target, wanted, found)
    except OSError as error:
        raise StorageError(f"cannot copy {source}: {error.strerror}", hint="free some space, or set llm.models_dir") from error
    finally:
        part.unlink(missing_ok=True)


def _check_in_place(target: Path, wanted: str, steps: _Steps) -> Pulled:
    if (found := _digest(target, steps)) != wanted:
        raise _other_digest(target, wanted, found)
    read_header(target)
    return _pulled(target, wanted, fresh=False)


def _admit(part: Path, target: Path, wanted: str, found: str) -> Pulled:
    """Let a whole file in, if it is what was asked for, and remove it if not."""
    try:
        if wanted and found != wanted:
            raise _other_digest(target, wanted, found)
        read_header(part)
    except ModelError:
        part.unlink()
        raise
    part.replace(target)
    return replace(_pulled(target, found, fresh=True), compared=bool(wanted))


def _other_digest(target: Path, wanted: str, found: str) -> ModelError:
    return ModelError(
        f"{target.name} is not the file that was asked for: its SHA-256 is {found}, not {wanted}",
        hint="nothing of it is used; pull again, or look whether its publisher has changed it",
    )


def _pulled(path: Path, digest: str, *, fresh: bool) -> Pulled:
    return Pulled(f"llama_server:{path}", f"sha256:{digest}", path.stat().st_size, fresh)


def _digest(path: Path, steps: _Steps) -> str:
    try:
        with path.open("rb") as content:
            return _hash(content, "compare", path.stat().st_size, steps)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error


def _hash(content: IO[bytes], name: str, size_bytes: int, steps: _Steps, copy: IO[bytes] | None = None) -> str:
    seen = hashlib.sha256()
    done = 0
    with steps.step(name, size_bytes) as advanced:
        while chunk := content.read(_CHUNK_BYTES):
            seen.update(chunk)
            if copy:
                copy.write(chunk)
            done += len(chunk)
            advanced(done)
    return seen.hexdigest()


def _check_room(folder: Path, size_bytes: int) -> None:
    """Raise `StorageError` unless there is room for so much more."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageError(
            f"cannot make the model folder {folder}: {error.strerror}", hint="set llm.models_dir to one that can be"
        ) from error
    if free < size_bytes + _SPARE_BYTES:
        raise StorageError(
            f"the model takes {gigabytes(size_bytes)}, and {gigabytes(free)} are free in {folder}",
            hint="free some space, or set llm.models_dir to another disk",
        )


def _file_name(name: str | None, candidate: Candidate | None, source: Path | None) -> str:
    if candidate:
        return candidate.file_name
    file = (name or str(source)).replace("\\", "/").rpartition("/")[2]
    if not file.endswith(".gguf") or file.startswith("."):
        raise UsageError(f"{file} is no name of a GGUF file", hint="it ends in .gguf")
    return file


def _read_digest(text: str | None) -> str:
    if text is None:
        return ""
    if (match := _SHA256.fullmatch(text.strip())) is None:
        raise UsageError(f"{text!r} is no SHA-256", hint="it has 64 digits from 0 to f")
    return match["digits"].lower()
