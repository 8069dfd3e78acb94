"""Filters: which pairs may be exported at all, and why another may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from notewright.dataset.export.decontamination import Benchmarks
from notewright.dataset.export.takedown import Takedown
from notewright.dataset.pairs import StoredPair

# Says why a text must not be published, in one word of REASONS; empty where it may
Screen = Callable[[str], str]
LicenseRule = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person asked for; an empty list asks for everything."""

    repositories: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    licenses: frozenset[str] = frozenset()
    verdicts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def take(self, stored: StoredPair) -> bool:
        """Return whether a pair was asked for."""
        return (
            (not self.repositories or stored.repository in self.repositories)
            and (not self.languages or stored.language in self.languages)
            and (not self.licenses or stored.license in self.licenses)
            and (not self.verdicts or stored.pair.verdict in self.verdicts)
            and (not self.kinds or stored.pair.kind in self.kinds)
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a pair is held against by itself. `license_allowed` is given what the store knows of a file's license, `screen` every
    passage, and every question with its answer; where one is None, nothing is held against it."""

    filters: Filters = field(default_factory=Filters)
    takedown: Takedown = field(default_factory=Takedown)
    benchmarks: Benchmarks = field(default_factory=Benchmarks)
    license_allowed: LicenseRule | None = None
    screen: Screen | None = None


class Admission:
    """Holds pairs against the rules, one after the other. What it found out about a passage serves all pairs of it that follow."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._taken = rules.takedown.matcher()
        self._allowed: dict[str, bool] = {}
        self._text: str | None = None
        self._text_reason = ""

    def reason(self, stored: StoredPair) -> str:
        """Return why a pair is not exported, in one word; empty where nothing speaks against it."""
        rules, pair = self._rules, stored.pair
        if pair.reason:
            return pair.reason
        if self._taken(stored.repository, stored.path, stored.blob):
            return "takedown"
        if not self._allows(stored.license):
            return "licence"
        if not rules.filters.take(stored):
            return "filtered"
        if stored.text != self._text:
            self._text, self._text_reason = stored.text, self._found(stored.text)
        return self._text_reason or self._found(f"{pair.question}\n{pair.answer}")

    def _allows(self, license_name: str) -> bool:
        if license_name not in self._allowed:
            self._allowed[license_name] = not self._rules.license_allowed or self._rules.license_allowed(license_name)
        return self._allowed[license_name]

    def _found(self, text: str) -> str:
        found = self._rules.screen(text) if self._rules.screen else ""
        return found or ("contaminated" if self._rules.benchmarks.overlap(text) else "")
