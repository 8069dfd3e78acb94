"""Signatures on disk: 256 bytes a pair, which a large dataset has no memory for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from notewright.dataset.near import PERMUTATIONS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]
    Places = NDArray[np.int32]

_BYTES = PERMUTATIONS * 4
_READ_AT_ONCE = 4096
_NEAR = 32  # signatures: a read costs as much as copying so many


class SignatureFile:
    """A file of signatures, gone when the block ends. Raises `OSError` where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("x+b", buffering=1 << 20)
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._file.close()
        finally:
            self._path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return self._count

    def append(self, signature: bytes) -> None:
        """Add the signature of the next pair."""
        if len(signature) != _BYTES:
            raise ValueError(f"a signature has {_BYTES} bytes, this one {len(signature)}")
        self._file.write(signature)
        self._count += 1

    def blocks(self, first: int, width: int) -> Iterator[Numbers]:
        """Yield `width` numbers of each signature from the `first` on, of some thousands at a time."""
        import numpy as np

        self._file.seek(0)  # which also writes what is still in memory
        for _ in range(0, self._count, _READ_AT_ONCE):
            part = np.frombuffer(self._file.read(_READ_AT_ONCE * _BYTES), dtype="<u4").reshape(-1, PERMUTATIONS)
            yield part[:, first : first + width]

    def rows(self, places: Places) -> Numbers:
        """Return the signatures of these numbers."""
        import numpy as np

        found = np.empty((len(places), PERMUTATIONS), dtype=np.uint32)
        ends = [*np.flatnonzero(np.diff(places) > _NEAR) + 1, len(places)] if len(places) else []
        start = 0
        for end in ends:  # what lies near is read in one go
            first, last = int(places[start]), int(places[end - 1])
            content = os.pread(self._file.fileno(), (last + 1 - first) * _BYTES, first * _BYTES)
            found[start:end] = np.frombuffer(content, dtype="<u4").reshape(-1, PERMUTATIONS)[places[start:end] - first]
            start = end
        return found
