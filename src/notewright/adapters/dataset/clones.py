"""Clones: a bare one of each source, whole and pinned to a commit, brought up to date without running anything of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.dataset import clone_folder
from notewright.adapters.dataset.clone_folder import PINNED
from notewright.adapters.dataset.update import UnusableError, Update
from notewright.adapters.dataset.watched import Limits
from notewright.control import Cancel
from notewright.dataset.sources import Source
from notewright.errors import ConfigError, RepositoryError, StorageError
from notewright.system.git import Git, GitFailed

_UNUSED_S = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Clone:
    """A source in a bare repository on this machine: every object that `commit` reaches is in it."""

    source: Source
    directory: Path
    commit: str


class Clones:
    """The bare clones in one folder."""

    def __init__(self, directory: Path, *, base: Path, login: tuple[str, str] | None = None, limits: Limits | None = None) -> None:
        """`base` is the folder that relative paths of sources begin at; `login` a server's address and the token for it alone."""
        self._directory = directory.absolute()
        self._base = base.absolute()
        self._login = login
        self._limits = limits or Limits()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out of the folder, made where there is none, and clear away what interrupted ones left. Raises `StorageError`."""
        import fcntl  # not on Windows, where the command line is tried without datasets

        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            lock = (self._directory / ".lock").open("ab")
        except OSError as error:
            raise StorageError(
                f"cannot write to {self._directory}: {error.strerror}", hint="name another folder with `dataset.repos_dir`"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StorageError(f"another run works in {self._directory}", hint="wait for it, or end it") from error
            clone_folder.remove_parts(self._directory)
            yield

    def check_apart(self, sources: Iterable[Source]) -> None:
        """Raise `ConfigError` where two sources are one repository, as paths through a link may be."""
        seen: dict[Path, Source] = {}
        for source in sources:
            if (other := seen.setdefault(self._folder(source), source)) is not source:
                raise ConfigError(f"{other.name} and {source.name} are the same repository", hint="keep one of the two")

    def update(self, source: Source, *, cancel: Cancel, percent: Callable[[int], None] = lambda _: None) -> Clone:
        """Bring a source up to date, in `held`; return its clone, pinned to what the server has now.

        The token is in no argument, file or error (security case 40). A clone that is damaged is made anew. Raises `RepositoryError`,
        `StorageError` and `Cancelled`; what stood there before stays then.
        """
        folder = self._folder(source)
        task = Update(source, self._address(source), self._login, self._limits, cancel=cancel, percent=percent)
        try:
            commit = self._refresh(task, folder) or self._clone(task, folder)
            os.utime(folder / "HEAD")  # tells when it was used
        except GitFailed as error:
            raise task.explained(error) or error from error
        except OSError as error:
            raise StorageError(f"{task.what}: {error.strerror}", hint=f"look at {self._directory}") from error
        return Clone(source, folder, commit)

    def find(self, source: Source) -> Clone | None:
        """Return the clone of a source as the last update left it, in `held`; None where there is none that can be used."""
        folder = self._folder(source)
        if not clone_folder.is_sound(folder):
            return None
        try:
            return Clone(source, folder, Git(folder, environment={"GIT_DIR": str(folder)}).line("rev-parse", "--verify", PINNED))
        except GitFailed:
            return None

    def remove_unused(self, sources: Iterable[Source], *, now_s: float) -> tuple[str, ...]:
        """Remove the clones, in `held`, that no run has used for a month and none of these sources needs; return their names."""
        used = {self._folder(source) for source in sources}
        old = [folder for folder in clone_folder.list_clones(self._directory, before_s=now_s - _UNUSED_S) if folder not in used]
        for folder in old:
            clone_folder.remove(folder)
        return tuple(folder.name for folder in old)

    def _refresh(self, task: Update, folder: Path) -> str | None:
        """Bring the clone that is there up to date; None where it is no good."""
        if not clone_folder.is_sound(folder):
            return None
        try:
            return task.bring(folder)
        except UnusableError:
            return None

    def _clone(self, task: Update, folder: Path) -> str:
        problem = ""
        for object_format in ("sha1", "sha256"):
            with clone_folder.temporary(self._directory) as part:
                clone_folder.begin(part, object_format)
                try:
                    commit = task.bring(part)
                except UnusableError as error:
                    problem = str(error)
                    if "mismatched algorithms" in problem:
                        continue
                    break
                clone_folder.put(part, folder)
                return commit
        raise RepositoryError(f"{task.what}: {problem}", hint="try `git clone` by hand: git says more there")

    def _folder(self, source: Source) -> Path:
        return self._directory / clone_folder.folder_name(str(self._path(source)) if source.is_local else source.name)

    def _address(self, source: Source) -> str:
        return str(self._path(source)) if source.is_local else source.url

    def _path(self, source: Source) -> Path:
        try:
            return (self._base / Path(source.url).expanduser()).resolve()
        except (OSError, RuntimeError) as error:
            raise ConfigError(f"cannot follow {source.url}: {error}", hint="correct the path in the list of repositories") from error
