"""The folder of a prompt, read whole and digested."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from notewright.errors import ConfigError
from notewright.rendering.canonical import canonical_json, digest
from notewright.system.files import read_bytes

SETTINGS = "prompt.yaml"
TEMPLATES = ("system.md.j2", "user.md.j2")
LEAD = "lead.md.j2"  # a template that may be there
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")

_MOST_FILES = 32
_MOST_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class PromptFolder:
    """A prompt's folder with the bytes of its files, by name in alphabetical order."""

    path: Path
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """The digest of all its files."""
        return digest(canonical_json({name: digest(content) for name, content in self.files.items()}))

    def text(self, name: str) -> str:
        """Return a file's text. Raises `ConfigError` where it is not there, or no UTF-8."""
        if name not in self.files:
            raise ConfigError(f"the prompt folder {self.path} has no {name}", hint="an override brings all files of its folder")
        try:
            return self.files[name].decode("utf-8")
        except UnicodeDecodeError as error:
            raise ConfigError(f"{self.path / name} is not UTF-8", hint="save it as UTF-8") from error


def read_folder(place: Path, path: Path) -> PromptFolder:
    """Read all files of a folder. Raises `ConfigError` for links out of the place and for more than a prompt needs."""
    paths = sorted(file for file in path.rglob("*") if not file.is_dir())
    if len(paths) > _MOST_FILES:
        raise ConfigError(f"the prompt folder {path} holds {len(paths)} files", hint=f"keep at most {_MOST_FILES}")
    for file in (path, *paths):
        if not file.resolve().is_relative_to(place.resolve()):
            raise ConfigError(f"{file} is a link out of {place}", hint="put the file itself there")
    return PromptFolder(path, {file.relative_to(path).as_posix(): _content(file) for file in paths})


def folders_in(path: Path) -> Iterator[Path]:
    """Yield the folders that may be prompts. Raises `ConfigError` where they cannot be listed."""
    try:
        yield from (entry for entry in path.iterdir() if entry.is_dir() and NAME.fullmatch(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error


def _content(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        raise ConfigError(f"{path} is no file of at most {_MOST_BYTES >> 10} KiB", hint="remove it from the prompt folder")
    return read_bytes(path) or b""
