"""Examples in a prompt: what a small model copies from them must not pass as a sentence of the notes (opencommit#252)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from notewright.grounding.checks import Claim, Said, Style, check_claim, verdict
from notewright.grounding.facts import Fact

_FEWEST_WORDS = 3  # a shorter text is a placeholder such as "..."


def shown_sentences(system: str) -> tuple[str, ...]:
    """Return the sentences that a system part shows as replies, in their order: those of every JSON array of claims in it."""
    return tuple(text for item in _items(system) if isinstance(text := item.get("text"), str) and len(text.split()) >= _FEWEST_WORDS)


def leaks(system: str, facts: Mapping[str, Fact], style: Style) -> tuple[str, ...]:
    """Return the sentences of examples that the checks would let through if a model copied them into notes about `facts`, citing any of
    them."""
    return tuple(text for text in shown_sentences(system) if any(_passes(Claim(text, (fact,)), facts, style) for fact in facts))


def _passes(claim: Claim, facts: Mapping[str, Fact], style: Style) -> bool:
    return verdict(check_claim(claim, facts, style=style, said=Said())) != "block"


def _items(system: str) -> Iterator[dict[str, object]]:
    decoder, start = json.JSONDecoder(), system.find("[{")
    while start >= 0:
        try:
            found, end = decoder.raw_decode(system, start)
        except (ValueError, RecursionError):  # "[{" of something else
            found, end = [], start + 1
        yield from (item for item in found if isinstance(item, dict))
        start = system.find("[{", end)
