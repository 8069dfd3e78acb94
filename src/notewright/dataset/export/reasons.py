"""Reasons: why a kept pair is not exported, in one stable word and one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

# In the order in which a pair is held against them
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


def top_reasons(dropped: Mapping[str, int], *, most: int = 5) -> str:
    """Return the most frequent reasons in words, such as `licence 1,200, duplicate 31`."""
    shown: Iterable[str] = (f"{reason} {count:,}" for reason, count in ranked(dropped)[:most])
    return ", ".join(shown) or "there were no pairs"
