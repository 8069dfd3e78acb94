"""Mounts: what a container sees of the machine, each thing at the path that it has outside."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from notewright.config.config import Config
from notewright.flows.models import models_path
from notewright.llm.opening import parse_engine

_SHARD = re.compile(r"-\d{5}(-of-\d{5}\.gguf)")


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or a folder of this machine, and where a container has it."""

    source: Path
    target: Path
    writable: bool = False

    def option(self) -> str:
        """Return the value of --mount, a line of CSV: a comma or a quote in a path stays part of it."""
        line = io.StringIO()
        fields = ["type=bind", f"source={self.source}", f"target={self.target}", *([] if self.writable else ["readonly"])]
        csv.writer(line, lineterminator="").writerow(fields)
        return line.getvalue()


def find_model_files(config: Config, *, engine: str | None) -> Iterator[Mount]:
    """Yield the files that the engine asked for reads: models with all their parts, scripts, tokenizers. Links are followed here, because
    where they lead is not in the container. Paths are taken from the working directory, as the engine takes them."""
    spec, small = config.engine_spec(engine), config.small_engine_spec(engine)
    named = [parse_engine(one).place for one in (spec, small) if one]
    if spec == "auto":
        named += [str(path) for path in sorted(models_path(config).glob("*.gguf"))] + [config.llm.model_name or ""]
    named.append(config.llm.tokenizer or "")
    for name in dict.fromkeys(named):
        path = Path(name).absolute()
        if name and path.is_file():
            yield from (Mount(part.resolve(), part) for part in _parts(path))


def _parts(path: Path) -> list[Path]:
    """Return the files of a model that is cut into several, else the file itself."""
    named = _SHARD.search(path.name)
    if named is None:
        return [path]
    start, end = path.name[: named.start()], named[1]
    parts = [part for part in path.parent.iterdir() if part.name.startswith(start) and part.name.endswith(end)]
    return sorted(part for part in parts if part.is_file())
