"""The job that a step works in: its inputs, the folder that it shares with the other steps, its log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from notewright.action.inputs import Inputs
from notewright.action.journal import Journal, Part
from notewright.control import Cancel
from notewright.errors import UsageError
from notewright.system.files import read_bytes, write_atomic

WORK = "NOTEWRIGHT_WORK_DIR"
_STEPS = ("collect", "prepare", "propose")


@dataclass(frozen=True, slots=True)
class Job:
    """What a step has. `work` is a folder of this call of the action alone, gone when the job ends."""

    environment: Mapping[str, str]
    inputs: Inputs
    work: Path
    journal: Journal
    cancel: Cancel

    @property
    def metadata(self) -> Path:
        """Where collect leaves what GitHub knows."""
        return self.work / "metadata.json"

    @property
    def output(self) -> Path:
        """The folder that prepare writes: a proposal, which propose reads, a dataset, or notes."""
        return self.inputs.output or self.own_output

    @property
    def own_output(self) -> Path:
        """The one that goes with the job, where the inputs name none."""
        return self.work / {"release": "proposal", "dataset": "dataset"}.get(self.inputs.command, "notes")

    @property
    def runner(self) -> str:
        """The name of the machine, "" where it has none."""
        return self.environment.get("RUNNER_NAME", "")

    def save_parts(self, step: str) -> None:
        """Leave what this step did for the summary that the last one writes."""
        write_atomic(self.work / f"{step}.json", json.dumps([asdict(part) for part in self.journal.parts]).encode())

    def parts(self) -> tuple[Part, ...]:
        """Return what the steps so far did, this one included; what is not as a step wrote it is left out."""
        earlier = (read_parts(read_bytes(self.work / f"{step}.json") or b"[]") for step in _STEPS)
        return (*(part for parts in earlier for part in parts), *self.journal.parts)


def find_work(environment: Mapping[str, str]) -> Path:
    """Return the folder that set-up made. Raises `UsageError` where there is none."""
    place = environment.get(WORK, "")
    if not place or not Path(place).is_dir():
        raise UsageError(f"there is no folder to work in: {WORK} names none", hint="run set-up first, as action.yml does")
    return Path(place)


def read_parts(content: bytes) -> tuple[Part, ...]:
    """Read what a step did; nothing where it is not as a step wrote it."""
    try:
        return tuple(Part(str(part["name"]), float(part["seconds"]), str(part["what"])) for part in json.loads(content))
    except (ValueError, TypeError, KeyError):
        return ()
