"""What a report takes from an artifact: the counts of its rows, as its manifest has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from notewright.dataset.export.reasons import REASONS
from notewright.dataset.report.figures import Drop, Tally
from notewright.rendering.canonical import UnfitValue, json_fault

_KNOWN = "An earlier release has it."


@dataclass(frozen=True, slots=True)
class Artifact:
    """The counts of an artifact. `drops` are of pairs that passed the gates and are not in it."""

    generation: str = ""
    rows: int = 0
    languages: Tally = ()
    types: Tally = ()
    verdicts: Tally = ()
    licenses: Tally = ()
    splits: Tally = ()
    repositories: Tally = ()
    drops: tuple[Drop, ...] = ()


def read_artifact(manifest: bytes) -> Artifact:
    """Read a manifest. Raises `UnfitValue` for anything else, with a clause that says what is wrong with it."""
    try:
        value = json.loads(manifest)
        dropped = {reason: int(count) for reason, count in value["dropped"].items() if reason in REASONS}
        return Artifact(
            generation=str(value["generation"]),
            rows=int(value["rows"]),
            languages=_tally(value["languages"]),
            types=_tally(value["types"]),
            verdicts=_tally(value["verdicts"]),
            licenses=_tally(value["licenses"]),
            splits=_tally(value["splits"]),
            repositories=tuple((str(each["repository"]), int(each["rows"])) for each in value["repositories"]),
            drops=(
                *(Drop("rows", reason, count, REASONS[reason]) for reason, count in dropped.items()),
                Drop("rows", "known", int(value["pairs"]) - int(value["rows"]), _KNOWN),
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnfitValue(json_fault(error)) from error


def _tally(counts: dict[str, Any]) -> Tally:
    return tuple((str(name), int(count)) for name, count in counts.items())
