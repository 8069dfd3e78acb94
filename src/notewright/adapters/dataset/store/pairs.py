"""Pairs as they leave the store: in a total order, each with the first place that it comes from."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from operator import attrgetter

from notewright.adapters.dataset.store.reaching import BEGINNING, unpack_children
from notewright.adapters.dataset.store.standing import KnownVariant, read_variants
from notewright.adapters.dataset.store.values import Place
from notewright.dataset.pairs import Pair, StoredPair
from notewright.dataset.tasks import Stage

Accept = Callable[[Place], bool]
_Task = tuple[int, int, str, int]  # passage, variant, given, ordinal
_BITS = 8


def accept_all(place: Place) -> bool:  # noqa: ARG001  # the kind of a filter
    """Take every place."""
    return True


def read_pairs(connection: sqlite3.Connection, generation: int, accept: Accept) -> Iterator[StoredPair]:
    """Give the pairs of a generation in the order of repository, path (as bytes), line and key."""
    reading = _Reading(connection, read_variants(connection, generation))
    for place, unit in _places(connection):
        if accept(place):
            yield from reading.read_unit(place, unit)


def _places(connection: sqlite3.Connection) -> Iterator[tuple[Place, int]]:
    """Give the files in force that lead to a unit."""
    repositories = connection.execute(
        "SELECT r.url, s.commit_sha, s.id FROM repositories r JOIN snapshots s ON s.id = r.snapshot ORDER BY r.url"
    ).fetchall()
    for url, commit, snapshot in repositories:
        files = connection.execute(
            "SELECT path, oid, language, license, unit FROM files WHERE snapshot = ? AND unit IS NOT NULL ORDER BY path", (snapshot,)
        )
        for path, oid, language, license_, unit in files:
            yield Place(url, commit, path.decode("utf-8", "surrogateescape"), oid, language, license_), unit


class _Reading:
    """Reads unit after unit, and each passage once."""

    def __init__(self, connection: sqlite3.Connection, variants: dict[Stage, KnownVariant]) -> None:
        self._connection = connection
        self._variants = variants
        self._by_number = {known.id: known.variant for known in variants.values()}
        self._seen = bytearray()  # a bit for each passage: 100,000 of them take 12 kB

    def read_unit(self, place: Place, unit: int) -> list[StoredPair]:
        """Return the pairs of passages that no place before had."""
        cuts = [
            (passage, *rest)
            for passage, *rest in self._connection.execute(
                "SELECT c.passage, c.line_start, c.line_end, p.header, p.text FROM cuts c JOIN passages p ON p.id = c.passage "
                "WHERE c.unit = ? ORDER BY c.position",
                (unit,),
            )
            if self._is_new(passage)
        ]
        if not cuts:
            return []
        reached = self._reached(unit, [cut[0] for cut in cuts])
        found: dict[int, list[tuple[str, int, Pair]]] = {}
        for passage, key, variant, pair in self._pairs(unit, reached):
            found.setdefault(passage, []).append((key, variant, pair))
        pairs: list[StoredPair] = []
        for passage, line_start, line_end, header, text in cuts:
            if passage in found:
                shown = header, zlib.decompress(text).decode()
                pairs += [self._stored(place, unit, (line_start, line_end), shown, pair) for pair in found[passage]]
        return sorted(pairs, key=attrgetter("line_start", "key"))

    def _stored(self, place: Place, unit: int, lines: tuple[int, int], shown: tuple[str, str], pair: tuple[str, int, Pair]) -> StoredPair:
        key, number, decided = pair
        variant = self._by_number[number]
        return StoredPair(
            key=key,
            pair=decided,
            repository=place.repository,
            commit=place.commit,
            path=place.path,
            line_start=lines[0],
            line_end=lines[1],
            blob=place.blob,
            language=place.language,
            license=place.license,
            text=shown[1],
            header=shown[0],
            model=variant.model,
            prompt=variant.prompt,
            unit=unit,
        )

    def _reached(self, unit: int, passages: list[int]) -> set[int]:
        """Return the done tasks that this generation's variants lead to from passages."""
        known: dict[_Task, tuple[int, str]] = {}
        for id_, children, *name in self._connection.execute(
            "SELECT t.id, r.children, t.passage, t.variant, t.given, t.ordinal FROM tasks t JOIN results r ON r.task = t.id "
            "WHERE t.passage IN (SELECT passage FROM cuts WHERE unit = ?)",
            (unit,),
        ):
            passage, variant, given, ordinal = name
            known[passage, variant, given, ordinal] = id_, children
        reached: set[int] = set()
        for passage in passages:
            waiting = list(BEGINNING)
            while waiting:
                task = waiting.pop()
                variant = self._variants.get(task.stage)
                there = known.get((passage, variant.id, task.given, task.ordinal)) if variant else None
                if there is not None and there[0] not in reached:
                    reached.add(there[0])
                    waiting += unpack_children(there[1])
        return reached

    def _pairs(self, unit: int, reached: set[int]) -> Iterator[tuple[int, str, int, Pair]]:
        """Give a unit's pairs that reached tasks decided, with passage, key and variant."""
        rows = self._connection.execute(
            "SELECT t.passage, t.key, t.variant, t.id, p.ordinal, p.kind, p.question, p.answer, p.reason, p.detail, p.verdict, "
            "p.signature FROM tasks t JOIN pairs p ON p.task = t.id WHERE t.passage IN (SELECT passage FROM cuts WHERE unit = ?)",
            (unit,),
        )
        for passage, key, variant, task, ordinal, kind, question, answer, reason, detail, verdict, signature in rows:
            if task in reached:
                pair = Pair(kind, question, answer, reason, detail, verdict, signature, ordinal)
                yield passage, f"{key.hex()}{ordinal:04x}", variant, pair

    def _is_new(self, passage: int) -> bool:
        """Return whether the passage was not met before, and remember it."""
        place, bit = divmod(passage, _BITS)
        if place >= len(self._seen):
            self._seen.extend(bytes(place + 1 - len(self._seen)))
        before = self._seen[place]
        self._seen[place] |= 1 << bit
        return not before >> bit & 1
