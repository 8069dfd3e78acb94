"""Sentences of a model that did not stand, and what is said to it about them."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.grounding.checks import Claim, Failure
from notewright.notes.document import Failed

# What to do about each rule, in words that a small model follows; `{detail}` are the offending words
_ADVICE = {
    "cites": "cite each entry once",
    "duplicate": "that was said before: say only what is new here",
    "injection": "leave out links, mentions, commands, markup: {detail}",
    "style": "too long: {detail}",
    "wording": "write a whole sentence about the entry",
    "roles": "old and new are the wrong way round: {detail}",
    "plain-words": "no code or names of code: {detail}",
}
_HARD = frozenset({"number", "version", "identifier", "reference", "date"})


@dataclass(frozen=True, slots=True)
class Rejected:
    """A claim and the failures that block it."""

    claim: Claim
    failures: tuple[Failure, ...]

    @property
    def failed(self) -> Failed:
        """What is kept of it: its first failure, with all words that break that rule."""
        rule = self.failures[0].rule
        return Failed(self.claim.text, rule, "; ".join(failure.detail for failure in self.failures if failure.rule == rule))


def describe(rejected: Rejected) -> str:
    """Return what was wrong, each rule once with its name and the offending words: "number: not in the entry: five"."""
    rules = dict.fromkeys(failure.rule for failure in rejected.failures)
    return "; ".join(_fault(rule, ", ".join(one.detail for one in rejected.failures if one.rule == rule)) for rule in rules)


def _fault(rule: str, detail: str) -> str:
    advice = "not in the entry: {detail}" if rule in _HARD else _ADVICE.get(rule, "{detail}")
    return f"{rule}: " + advice.replace("{detail}", detail)
