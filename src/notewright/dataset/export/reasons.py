"""Reasons: why a kept pair, or a file with its pairs, is not exported, in one stable word and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# In the order in which a file, by the first three, and a pair are held against them
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "takedown": "Its repository, path or content is to be left out.",
        "licence": "The licence of its file is not, or no longer, among those allowed.",
        "filtered": "It was not asked for.",
        "secret": "It, or its passage, holds what looks like a key, a token or a password.",
        "personal": "It, or its passage, holds an e-mail address or a public network address.",
        "contaminated": "It, or its passage, repeats 13 words of a text that models are tested with.",
        "duplicate": "Another pair asks and answers the same.",
        "near_duplicate": "Another pair asks and answers nearly the same.",
    }
)


def ranked(dropped: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return reasons and their counts, the most frequent first, without those that never applied."""
    return tuple(sorted(((reason, count) for reason, count in dropped.items() if count), key=lambda each: (-each[1], each[0])))


def top_reasons(dropped: Mapping[str, int], refused: Mapping[str, int], *, most: int = 5) -> str:
    """Return the most frequent reasons for pairs, and for files, such as `echo 1,200, duplicate 31; whole files: licence 7`."""
    pairs, files = (", ".join(f"{reason} {count:,}" for reason, count in ranked(counts)[:most]) for counts in (dropped, refused))
    return "; whole files: ".join(filter(None, (pairs or "no pair", files)))
