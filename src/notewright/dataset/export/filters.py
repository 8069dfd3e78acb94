"""Filters: which files and pairs may be exported at all, and why another may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from notewright.dataset.export.decontamination import Benchmarks
from notewright.dataset.export.takedown import Takedown
from notewright.dataset.pairs import Pair, StoredPair

# Says why a text in a language must not be published, in one word of REASONS; empty where it may
Screen = Callable[[str, str], str]
LicenseRule = Callable[[str], bool]


class FilePlace(Protocol):
    """A file of a repository, as a store knows it. Several may have the same content, and then share its pairs."""

    @property
    def repository(self) -> str:
        """Its address."""
        ...

    @property
    def path(self) -> str:
        """Where it lies in the repository."""
        ...

    @property
    def blob(self) -> str:
        """Git's name of its content."""
        ...

    @property
    def language(self) -> str:
        """What it is written in."""
        ...

    @property
    def license(self) -> str:
        """An SPDX expression; empty where nothing says it."""
        ...


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person asked for; an empty list asks for everything."""

    repositories: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    licenses: frozenset[str] = frozenset()
    verdicts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def take_file(self, place: FilePlace) -> bool:
        """Return whether the pairs of a file were asked for."""
        return (
            (not self.repositories or place.repository in self.repositories)
            and (not self.languages or place.language in self.languages)
            and (not self.licenses or place.license in self.licenses)
        )

    def take_pair(self, pair: Pair) -> bool:
        """Return whether a pair was asked for, wherever it comes from."""
        return (not self.verdicts or pair.verdict in self.verdicts) and (not self.kinds or pair.kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a file, or a pair by itself, is held against. `license_allowed` is given what the store knows of a file's license, `screen`
    every passage, and every question with its answer; where one is None, nothing is held against it."""

    filters: Filters = field(default_factory=Filters)
    takedown: Takedown = field(default_factory=Takedown)
    benchmarks: Benchmarks = field(default_factory=Benchmarks)
    license_allowed: LicenseRule | None = None
    screen: Screen | None = None


class Admission:
    """Holds files and pairs against the rules, one after the other. What it found out about a passage serves all pairs of it that follow.
    `refused` counts the files that it refused, by reason."""

    def __init__(self, rules: Rules) -> None:
        self.refused: dict[str, int] = {}
        self._rules = rules
        self._taken = rules.takedown.matcher()
        self._text: str | None = None
        self._text_reason = ""

    def accepts(self, place: FilePlace) -> bool:
        """Return whether pairs may be exported as those of this file."""
        if reason := self._file_reason(place):
            self.refused[reason] = self.refused.get(reason, 0) + 1
        return not reason

    def reason(self, stored: StoredPair) -> str:
        """Return why a pair of an accepted file is not exported, in one word; empty where nothing speaks against it."""
        pair = stored.pair
        if pair.reason:
            return pair.reason
        if not self._rules.filters.take_pair(pair):
            return "filtered"
        if stored.text != self._text:
            self._text, self._text_reason = stored.text, self._found(stored.text, stored.language)
        return self._text_reason or self._found(f"{pair.question}\n{pair.answer}", "")

    def _file_reason(self, place: FilePlace) -> str:
        rules = self._rules
        if self._taken(place.repository, place.path, place.blob):
            return "takedown"
        if rules.license_allowed and not rules.license_allowed(place.license):
            return "licence"
        return "" if rules.filters.take_file(place) else "filtered"

    def _found(self, text: str, language: str) -> str:
        found = self._rules.screen(text, language) if self._rules.screen else ""
        return found or ("contaminated" if self._rules.benchmarks.overlap(text) else "")
