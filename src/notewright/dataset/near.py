"""Near duplicates: short signatures of pairs whose agreement tells how much two pairs say alike."""

from __future__ import annotations

import re
from functools import cache
from operator import eq
from typing import Protocol, cast

from notewright.errors import NotewrightError

PERMUTATIONS = 64
BANDS = 16
SIMILAR = 0.8  # from here on two pairs are near duplicates

_SEED = 20_240_229
_ALGORITHM = 2  # rensa's own number for what it computes; another one would make the stored signatures worthless
_SHINGLE_WORDS = 3
_BYTES = 4
_WORDS = re.compile(r"\w+")


class _MinHash(Protocol):
    """What is used of `rensa.RMinHash`, which brings no types."""

    def __init__(self, num_perm: int, seed: int) -> None: ...

    def update(self, items: list[str], /) -> None: ...

    def digest(self) -> list[int]: ...


def signature(question: str, answer: str) -> bytes:
    """Return the MinHash of both texts: 64 numbers of 32 bits, the lowest byte first. It is the same on every platform and for every
    version of notewright, because signatures of years ago are compared with today's.

    What is compared are runs of three words, whatever their case and the marks between them. Raises `NotewrightError` where rensa is not
    installed, or computes other signatures.
    """
    minhash = _minhash()(PERMUTATIONS, _SEED)
    minhash.update(_shingles(_WORDS.findall(f"{question} {answer}".casefold())))
    return b"".join(number.to_bytes(_BYTES, "little") for number in minhash.digest())


def estimate(one: bytes, other: bytes) -> float:
    """Return how much two pairs share of all that both say, 0 to 1, with a standard error of .05 at .8."""
    numbers, others = memoryview(one).cast("I"), memoryview(other).cast("I")
    same: int = sum(map(eq, numbers, others))  # `eq` may return anything; of numbers it returns a bool
    return same / PERMUTATIONS


def band_keys(of: bytes) -> tuple[bytes, ...]:
    """Return 16 keys: two pairs that share .8 have one in common with a probability of .9998, of .3 with .12. Each begins with the number
    of its band, so that all may lie in one table."""
    width = len(of) // BANDS
    return tuple(bytes((band,)) + of[band * width : (band + 1) * width] for band in range(BANDS))


def _shingles(words: list[str]) -> list[str]:
    if len(words) <= _SHINGLE_WORDS:
        return [" ".join(words)]
    return list(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


@cache
def _minhash() -> type[_MinHash]:
    try:
        from rensa import RMinHash  # type: ignore[import-untyped]  # it brings no types
    except ImportError as error:
        raise NotewrightError("datasets need rensa, which is not installed", hint="pip install 'notewright[dataset]'") from error
    if getattr(RMinHash, "ALGORITHM_VERSION", None) != _ALGORITHM:
        raise NotewrightError("this version of rensa computes other signatures than are stored", hint="pip install 'rensa~=0.5.0'")
    return cast(type[_MinHash], RMinHash)
