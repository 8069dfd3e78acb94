"""An evaluation as figures in a file, and compared with those of an earlier one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from notewright.errors import UsageError
from notewright.flows.models_eval import Evaluation, Scores
from notewright.rendering.canonical import canonical_json
from notewright.system.files import read_bytes

_READ = ConfigDict(extra="ignore")
# How much worse a figure may be before it is a regression. Shares by so many hundredths; a sentence more or less is chance.
SHARES = {"valid": 0.02, "grounded": 0.03, "covered": 0.05, "required": 0.03, "answered": 0.1, "right": 0.1}
# Speeds and memory by a part of what they were, and only on the same machine.
SPEEDS = {"read_per_second": 0.3, "written_per_second": 0.3}
MEMORY = 0.15


@dataclass(frozen=True, slots=True)
class Figures:
    """What two evaluations are compared by: shares from 0 to 1, None of nothing; tokens a second; bytes; seconds."""

    __pydantic_config__: ClassVar[ConfigDict] = _READ
    valid: float | None
    grounded: float | None
    covered: float | None
    required: float | None
    answered: float | None
    right: float | None
    read_per_second: float | None
    written_per_second: float | None
    memory_bytes: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier evaluation, as far as it is compared."""

    __pydantic_config__: ClassVar[ConfigDict] = _READ
    schema: Literal[1]
    set: str
    machine: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Regression:
    """A figure that is worse than it was by more than is tolerated; `tolerated` says how much that is, for people."""

    figure: str
    before: float
    now: float
    tolerated: str


def figures_of(evaluation: Evaluation) -> Figures:
    """Return the figures of an evaluation."""
    scores = evaluation.scores
    return Figures(
        valid=_share(scores.valid, scores.calls),
        grounded=_share(scores.grounded, scores.sentences),
        covered=_share(scores.covered, scores.entries),
        required=_share(scores.required_covered, scores.required),
        answered=_share(scores.answered, scores.passages),
        right=_share(scores.right, scores.passages),
        read_per_second=_rounded(evaluation.read_per_second),
        written_per_second=_rounded(evaluation.written_per_second),
        memory_bytes=evaluation.memory_bytes,
        seconds=round(evaluation.seconds, 1),
    )


def evaluation_json(evaluation: Evaluation) -> bytes:
    """Return an evaluation as canonical bytes, which `read_baseline` reads."""
    return canonical_json(
        {
            "schema": 1,
            "engine": asdict(evaluation.engine),
            "set": evaluation.set_digest,
            "prompt": evaluation.prompt_digest,
            "machine": evaluation.machine,
            "figures": asdict(figures_of(evaluation)),
            "counts": asdict(evaluation.scores),
            "projects": [{"name": name, **_told(scores)} for name, scores in evaluation.projects],
        }
    )


def read_baseline(path: Path) -> Baseline:
    """Read an earlier evaluation. Raises `UsageError` for a file that is absent, or none."""
    content = read_bytes(path)
    if content is None:
        raise UsageError(f"there is no file {path}", hint="`notewright models eval --output FILE` writes one")
    try:
        return TypeAdapter(Baseline).validate_json(content)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "the file"
        raise UsageError(
            f"{path} is no evaluation: {place}: {wrong['msg']}", hint="`notewright models eval --output FILE` writes one"
        ) from error


def compare(evaluation: Evaluation, baseline: Baseline) -> tuple[Regression, ...]:
    """Return what is worse than it was, in a fixed order. Raises `UsageError` for a baseline that was measured with another set."""
    if baseline.set != evaluation.set_digest:
        raise UsageError("the baseline was measured with other sections or passages", hint="measure it again with this version")
    now, before = figures_of(evaluation), baseline.figures
    found = [_compare(name, before, now, most, relative=False) for name, most in SHARES.items()]
    if baseline.machine == evaluation.machine:
        found += [_compare(name, before, now, most, relative=True) for name, most in SPEEDS.items()]
        if before.memory_bytes and now.memory_bytes and now.memory_bytes > before.memory_bytes * (1 + MEMORY):
            found.append(Regression("memory_bytes", before.memory_bytes, now.memory_bytes, f"{MEMORY:.0%} more"))
    return tuple(one for one in found if one)


def _compare(name: str, before: Figures, now: Figures, most: float, *, relative: bool) -> Regression | None:
    old, new = getattr(before, name), getattr(now, name)
    if old is None or new is None or new >= old - (old * most if relative else most) - 1e-9:
        return None
    return Regression(name, old, new, f"{most:.0%} less" if relative else f"{most:.2f} less")


def _told(scores: Scores) -> dict[str, int]:
    return {name: count for name, count in asdict(scores).items() if count}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _rounded(speed: float | None) -> float | None:
    return None if speed is None else round(speed, 1)
