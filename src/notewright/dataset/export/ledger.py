"""The ledger of an export: what is remembered of each pair between the two readings of the store, some 60 bytes."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notewright.dataset.export.duplicates import Signatures, first_of_each, link_near
from notewright.dataset.export.forest import Forest
from notewright.dataset.export.reasons import REASONS
from notewright.dataset.export.splits import Level, Placed, Split, place_files
from notewright.dataset.pairs import StoredPair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Digests = NDArray[np.bytes_]

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Decisions:
    """What becomes of each pair, by its place in the reading: the position of its split, or -1 where it is dropped. `ids` are digests of
    their keys, `dropped` counts by reason, `level` what the splits keep whole."""

    split_of: NDArray[np.int8]
    ids: Digests
    dropped: dict[str, int]
    level: Level


class Ledger:
    """Takes note of pairs in the order of reading, then decides on all at once: in the order of their keys, so that it makes no
    difference when each was stored."""

    def __init__(self) -> None:
        self._keys = bytearray()
        self._dropped: dict[str, int] = {}
        self._admitted = array("i")  # the places of those that are not dropped; what follows is of them alone
        self._says = array("Q")  # eight bytes of a digest: among ten million texts two are taken for one once in 370,000 exports
        self._file_of = array("i")
        self._files: dict[int, int] = {}
        self._repository_of_file = array("i")
        self._repositories: dict[str, int] = {}
        self._texts = bytearray()
        self._file_of_text = array("i")
        self._last: StoredPair | None = None

    def add(self, stored: StoredPair, reason: str) -> None:
        """Note the next pair, and why it is dropped; empty for one that is kept so far."""
        place = len(self._keys) // DIGEST_BYTES
        self._keys += id_digest(stored.key)
        if reason:
            self._dropped[reason] = self._dropped.get(reason, 0) + 1
            return
        self._admitted.append(place)
        self._says.append(_number(f"{_normal(stored.pair.question)}\0{_normal(stored.pair.answer)}"))
        self._add_place(stored)

    def decide(self, signatures: Signatures, *, near: float, splits: tuple[Split, ...]) -> Decisions:
        """Drop what another pair says as well, by the words or, below a `near` of 1, nearly so, and give every other one its split. The one
        of the lowest key stays. `signatures` are of the pairs noted without a reason, in that order."""
        import numpy as np

        ids = _digests(self._keys)
        keys = ids[np.frombuffer(self._admitted, dtype=np.int32)] if self._admitted else ids[:0]
        firsts = first_of_each(np.frombuffer(self._says, dtype=np.uint64), keys)
        alone = np.arange(len(keys)) == firsts
        together = Forest(len(keys))
        together.link(firsts[~alone].tolist(), np.flatnonzero(~alone).tolist())
        if near < 1:
            link_near(together, signatures, np.flatnonzero(alone), keys, least=near)
        kept = alone & (np.arange(len(keys)) == first_of_each(together.roots(), keys))
        placed = self._place(together, kept, splits)
        split_of = np.full(len(ids), -1, dtype=np.int8)
        file_of = np.frombuffer(self._file_of, dtype=np.int32)
        split_of[np.frombuffer(self._admitted, dtype=np.int32)[kept]] = placed.split_of_file[file_of[kept]]
        dropped = {**self._dropped, "duplicate": int((~alone).sum()), "near_duplicate": int((alone & ~kept).sum())}
        order = (*REASONS, *sorted(dropped.keys() - REASONS.keys()))
        return Decisions(split_of, ids, {reason: dropped[reason] for reason in order if dropped.get(reason)}, placed.level)

    def _place(self, together: Forest, kept: NDArray[np.bool_], splits: tuple[Split, ...]) -> Placed:
        """Return where each file goes; those hold together that share pairs, or a passage."""
        import numpy as np

        file_of = np.frombuffer(self._file_of, dtype=np.int32)
        files = Forest(len(self._files))
        linked = file_of[together.roots()]
        apart = np.flatnonzero(linked != file_of)
        files.link(linked[apart].tolist(), file_of[apart].tolist())
        texts = _digests(self._texts)
        same = first_of_each(texts, texts)
        files.link(self._file_of_text, (self._file_of_text[first] for first in same.tolist()))
        return place_files(
            splits,
            digests=np.fromiter(self._files, np.uint64, len(self._files)),
            repositories=np.frombuffer(self._repository_of_file, dtype=np.int32),
            repository_digests=np.fromiter(map(_number, self._repositories), np.uint64, len(self._repositories)),
            rows=np.bincount(file_of[kept], minlength=len(self._files)).astype(np.int32),
            links=files,
        )

    def _add_place(self, stored: StoredPair) -> None:
        last, self._last = self._last, stored
        if last and (stored.path, stored.repository) == (last.path, last.repository):
            file = self._file_of[-1]
        else:
            file = self._files.setdefault(_number(f"{stored.repository}\0{stored.path}"), len(self._files))
            if file == len(self._repository_of_file):
                self._repository_of_file.append(self._repositories.setdefault(stored.repository, len(self._repositories)))
        if not (last and file == self._file_of[-1] and stored.text == last.text):
            self._texts += _digest(stored.text)
            self._file_of_text.append(file)
        self._file_of.append(file)


def id_digest(key: str) -> bytes:
    """Return the 16 bytes that a row is known by from one export to the next."""
    return _digest(key)


def _normal(text: str) -> str:
    return " ".join(text.split()).casefold()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _digests(content: bytearray) -> Digests:
    import numpy as np

    return np.frombuffer(content, dtype=f"S{DIGEST_BYTES}")
