"""Where the work stands: the latest generation, and how each of its stages is done."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from notewright.dataset.tasks import Stage, Variant

# what a passage begins with
FIRST: Final[tuple[Stage, ...]] = ("extract", "questions")


@dataclass(frozen=True, slots=True)
class KnownVariant:
    """A variant with its number in this store."""

    id: int
    variant: Variant


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest generation, 0 before the first. Its tasks are those whose epoch is this `epoch`, which grows with every choice of a
    generation: none is marked for an earlier one."""

    generation: int
    epoch: int
    variants: Mapping[Stage, KnownVariant]

    @property
    def stages(self) -> dict[int, Stage]:
        """The stages by the number of their variant."""
        return {known.id: stage for stage, known in self.variants.items()}


def read_standing(connection: sqlite3.Connection) -> Standing:
    """Return where the work stands."""
    state = dict(connection.execute("SELECT name, value FROM state"))
    return Standing(state["generation"], state["epoch"], read_variants(connection, state["generation"]))


def read_variants(connection: sqlite3.Connection, generation: int) -> dict[Stage, KnownVariant]:
    """Return how a generation's stages are done, in the order of their names; none for one that is not there."""
    rows = connection.execute(
        "SELECT v.stage, v.id, v.digest, v.prompt, v.model FROM generation_variants g JOIN variants v ON v.id = g.variant "
        "WHERE g.generation = ? ORDER BY v.stage",
        (generation,),
    )
    return {cast(Stage, stage): KnownVariant(number, Variant(cast(Stage, stage), *rest)) for stage, number, *rest in rows}
