"""What an export counts of the rows that it writes."""

from __future__ import annotations

from operator import attrgetter

from notewright.dataset.export.rows import Row

Counts = dict[str, int]
# Characters for each token: a rule of thumb for code and English, which is what the counts of tokens are made with
_CHARACTERS_A_TOKEN = 4
_COUNTED = ("split", "language", "license", "type", "verdict", "model", "prompt", "repository", "commit")
_seen_of = attrgetter(*_COUNTED)


class Tally:
    """Counts of rows: by split, language, license, type, verdict, model, prompt, and by repository with its commit, as the store has
    them. `characters` are those of questions, answers and passages together."""

    def __init__(self) -> None:
        self.rows = 0
        self.characters = 0
        self._seen: dict[tuple[str, ...], int] = {}  # few rows differ in anything that is counted

    def add(self, row: Row) -> None:
        """Count a row."""
        seen = _seen_of(row)
        self._seen[seen] = self._seen.get(seen, 0) + 1
        self.characters += len(row.question) + len(row.answer) + len(row.context)
        self.rows += 1

    def by(self, field: str) -> Counts:
        """Return how many rows say what in one of the fields that are counted."""
        place, counts = _COUNTED.index(field), Counts()
        for seen, count in self._seen.items():
            counts[seen[place]] = counts.get(seen[place], 0) + count
        return counts

    def by_commit(self) -> dict[tuple[str, str], int]:
        """Return how many rows there are of each repository at a commit."""
        counts: dict[tuple[str, str], int] = {}
        for seen, count in self._seen.items():
            place = (seen[-2], seen[-1])
            counts[place] = counts.get(place, 0) + count
        return counts

    @property
    def estimated_tokens(self) -> int:
        """About how many tokens the texts have."""
        return self.characters // _CHARACTERS_A_TOKEN
