"""Units: what a blob in a language was cut into, whichever repositories hold it."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from notewright.adapters.dataset.store.values import NewPassage
from notewright.dataset.passage import PassageText


class Unit(NamedTuple):
    """A unit in the store. `dropped` says why it has no passages; `new` that it was not there before."""

    id: int
    dropped: str
    new: bool = False


def find_unit(connection: sqlite3.Connection, oid: str, language: str, cutter: str) -> Unit | None:
    """Return the unit, which need not be cut again; None where it never was."""
    row = connection.execute(
        "SELECT id, dropped FROM units WHERE oid = ? AND language = ? AND cutter = ?", (oid, language, cutter)
    ).fetchone()
    return Unit(*row) if row else None


def add_unit(connection: sqlite3.Connection, oid: str, language: str, cutter: str, passages: Sequence[NewPassage], *, dropped: str) -> Unit:
    """Write a unit with its passages, as a part of the caller's transaction; one that is there stays as it is."""
    if (there := find_unit(connection, oid, language, cutter)) is not None:
        return there
    (unit,) = connection.execute(
        "INSERT INTO units (oid, language, cutter, dropped, in_use, seeded) VALUES (?, ?, ?, ?, 0, 0) RETURNING id",
        (oid, language, cutter, dropped),
    ).fetchone()
    connection.executemany(
        "INSERT INTO cuts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(unit, position, *_cut(connection, passage)) for position, passage in enumerate(passages)],
    )
    return Unit(int(unit), dropped, new=True)


def _cut(connection: sqlite3.Connection, new: NewPassage) -> tuple[int | str | None, ...]:
    cut = new.passage
    if (new.text is None) != bool(new.dropped):
        raise ValueError("a passage has a text, or a reason why it was dropped")
    passage = None if new.text is None else _add_passage(connection, new.text)
    return (cut.start, cut.end, cut.line_start, cut.line_end, cut.tokens, cut.definition, passage, new.dropped)


def _add_passage(connection: sqlite3.Connection, text: PassageText) -> int:
    """Return the number of a passage. The path of the first one that reads so is the one that a model is shown."""
    row = connection.execute("SELECT id FROM passages WHERE digest = ?", (text.digest,)).fetchone()
    if row is None:
        row = connection.execute(
            "INSERT INTO passages (digest, language, path, header, text) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (text.digest, text.language, text.path, text.header, zlib.compress(text.text.encode())),
        ).fetchone()
    return int(row[0])
