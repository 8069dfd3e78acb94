"""Decontamination: no pair may repeat what models are tested with."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from notewright.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

# Words in a row, as GPT-3 counted them (arXiv 2005.14165, appendix C)
RUN = 13
_WORDS = re.compile(r"\w+")
_FACTOR = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


class Benchmarks:
    """The runs of 13 words of texts that models are tested with, whatever their case and the marks between them; 8 bytes a run.

    A text of fewer words has no such run and is found nowhere. `digest` tells one list from another.
    """

    def __init__(self, texts: Iterable[str] = (), *, digest: str = "") -> None:
        self.digest = digest
        self._runs: Hashes | None = _all_runs(texts)

    def overlap(self, text: str) -> bool:
        """Return whether a text has a run of a benchmark."""
        if self._runs is None:
            return False
        import numpy as np

        runs = _runs(text)
        found = np.searchsorted(self._runs, runs)
        return bool((self._runs[np.minimum(found, len(self._runs) - 1)] == runs).any())


def read_benchmarks(content: bytes, name: str, *, digest: str) -> Benchmarks:
    """Read texts, one a line. Raises `ConfigError` where no line has 13 words, because such a list would find nothing."""
    benchmarks = Benchmarks(content.decode("utf-8-sig", "replace").splitlines(), digest=digest)
    if benchmarks._runs is None:  # noqa: SLF001 (of the same module)
        raise ConfigError(f"{name} has no line of {RUN} words or more", hint="write each text on one line, line ends in it as blanks")
    return benchmarks


def _all_runs(texts: Iterable[str]) -> Hashes | None:
    texts = iter(texts)
    first = next(texts, None)
    if first is None:
        return None
    import numpy as np

    runs = np.unique(np.concatenate([_runs(first), *map(_runs, texts)]))
    return runs if len(runs) else None


def _runs(text: str) -> Hashes:
    """Return a hash for every 13 words in a row. It is the same in every process, unlike that of `hash`."""
    import numpy as np

    words = _WORDS.findall(text.casefold())
    one = np.fromiter((zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words), np.uint64, len(words))
    if len(words) < RUN:
        return one[:0]
    two = _joined(one, one, 1)
    four = _joined(two, two, 2)
    eight = _joined(four, four, 4)
    return _joined(_joined(eight, four, 4, after=8), one, 1, after=12)


def _joined(head: Hashes, tail: Hashes, tail_words: int, *, after: int = 0) -> Hashes:
    """Return the hashes of runs made of one in `head` and the one of `tail_words` that follows it, `after` words on."""
    after = after or tail_words
    length = min(len(head), len(tail) - after)
    factor = pow(_FACTOR, tail_words, 1 << 64)
    import numpy as np

    return head[:length] * np.uint64(factor & _MASK) + tail[after : after + length]
