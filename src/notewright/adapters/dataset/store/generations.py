"""Generations: the choice of how every stage is done, and the tasks that follow from it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from notewright.adapters.dataset.store.counters import Tally
from notewright.adapters.dataset.store.migrations import ASIDE, READY
from notewright.adapters.dataset.store.reaching import Reaching, Want, by_stage
from notewright.adapters.dataset.store.standing import FIRST, Standing, read_standing, read_variants
from notewright.adapters.dataset.store.values import Generation, RecordedGeneration
from notewright.dataset.tasks import Stage, Variant

_UNITS = 200  # in one transaction, which others wait for: some milliseconds
_PASSAGES = 500  # looked at together: their tasks lie in memory


def choose_generation(connection: sqlite3.Connection, generation: Generation, standing: Standing) -> None:
    """Make a generation the latest one: nothing where it is already, and with the tasks of the one before set aside where it is not."""
    stages = [variant.stage for variant in generation.variants]
    if len(set(stages)) != len(stages) or not set(FIRST) & set(stages):
        raise ValueError("a generation has one variant of a stage at most, and one that a passage begins with")
    number = _add_generation(connection, generation)
    if number == standing.generation:
        return
    connection.execute("UPDATE tasks SET state = ? WHERE state = ?", (ASIDE, READY))
    connection.execute("UPDATE units SET seeded = 0 WHERE seeded = 1")
    # counted anew: other passages may be in use by now
    connection.execute("DELETE FROM counters WHERE generation = ?", (number,))
    connection.execute("UPDATE state SET value = ? WHERE name = 'generation'", (number,))
    connection.execute("UPDATE state SET value = value + 1 WHERE name = 'epoch'")


def seed_units(connection: sqlite3.Connection, standing: Standing) -> tuple[Counter[Stage], Counter[Stage]] | None:
    """Reach the tasks of some units that are in use and were not looked at yet; return how many are new and how many reused, by stage,
    or None where no such unit is left."""
    units = [unit for (unit,) in connection.execute("SELECT id FROM units WHERE in_use = 1 AND seeded = 0 LIMIT ?", (_UNITS,))]
    if not units:
        return None
    tally = Tally()
    wants = _wants(connection, units)
    new: Counter[Stage] = Counter()
    reused: Counter[Stage] = Counter()
    while some := list(islice(wants, _PASSAGES)):
        reached = Reaching(connection, standing, some).reach(tally)
        new.update(by_stage(reached.new))
        reused.update(by_stage(reached.reused))
    tally.write(connection, standing.generation)
    connection.executemany("UPDATE units SET seeded = 1 WHERE id = ?", [(unit,) for unit in units])
    return new, reused


def _wants(connection: sqlite3.Connection, units: list[int]) -> Iterator[Want]:
    seen: set[int] = set()
    for unit in units:
        for passage, digest in connection.execute(
            "SELECT p.id, p.digest FROM cuts c JOIN passages p ON p.id = c.passage WHERE c.unit = ? ORDER BY c.position", (unit,)
        ):
            if passage not in seen:
                seen.add(passage)
                yield Want(passage, digest)


def read_generations(connection: sqlite3.Connection) -> list[RecordedGeneration]:
    """Return all generations, in the order of their first start."""
    latest = read_standing(connection).generation
    rows = connection.execute("SELECT id, cutter, started_at FROM generations ORDER BY id").fetchall()
    return [
        RecordedGeneration(
            id_,
            Generation(tuple(known.variant for known in read_variants(connection, id_).values()), cutter),
            datetime.fromisoformat(started_at),
            latest=id_ == latest,
        )
        for id_, cutter, started_at in rows
    ]


def _add_generation(connection: sqlite3.Connection, generation: Generation) -> int:
    digest = _digest(generation)
    found = connection.execute("SELECT id FROM generations WHERE digest = ?", (digest,)).fetchone()
    if found is not None:
        return int(found[0])
    started_at = datetime.now(UTC).isoformat()
    (number,) = connection.execute(
        "INSERT INTO generations (digest, cutter, started_at) VALUES (?, ?, ?) RETURNING id", (digest, generation.cutter, started_at)
    ).fetchone()
    for variant in generation.variants:
        connection.execute("INSERT INTO generation_variants VALUES (?, ?, ?)", (number, variant.stage, _add_variant(connection, variant)))
    return int(number)


def _add_variant(connection: sqlite3.Connection, variant: Variant) -> int:
    connection.execute(
        "INSERT OR IGNORE INTO variants (stage, digest, prompt, model) VALUES (?, ?, ?, ?)",
        (variant.stage, variant.digest, variant.prompt, variant.model),
    )
    (number,) = connection.execute("SELECT id FROM variants WHERE stage = ? AND digest = ?", (variant.stage, variant.digest)).fetchone()
    return int(number)


def _digest(generation: Generation) -> str:
    parts = [generation.cutter, *(f"{variant.stage} {variant.digest}" for variant in sorted(generation.variants, key=lambda v: v.stage))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
