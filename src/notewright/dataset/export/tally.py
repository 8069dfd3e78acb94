"""What an export counts of the rows that it writes."""

from __future__ import annotations

from dataclasses import dataclass, field

from notewright.dataset.export.rows import Row

Counts = dict[str, int]
# Characters for each token: a rule of thumb for code and English, which is what the counts of tokens are made with
_CHARACTERS_A_TOKEN = 4


@dataclass(slots=True)
class Tally:
    """Counts of rows: by split, language, license, type, verdict, model, prompt, and by repository with its commit, as the store has
    them. `characters` are those of questions, answers and passages together."""

    splits: Counts = field(default_factory=dict)
    languages: Counts = field(default_factory=dict)
    licenses: Counts = field(default_factory=dict)
    types: Counts = field(default_factory=dict)
    verdicts: Counts = field(default_factory=dict)
    models: Counts = field(default_factory=dict)
    prompts: Counts = field(default_factory=dict)
    repositories: dict[tuple[str, str], int] = field(default_factory=dict)
    characters: int = 0
    rows: int = 0

    def add(self, row: Row) -> None:
        """Count a row."""
        _count(self.splits, row.split)
        _count(self.languages, row.language)
        _count(self.licenses, row.license)
        _count(self.types, row.type)
        _count(self.verdicts, row.verdict)
        _count(self.models, row.model)
        _count(self.prompts, row.prompt)
        place = (row.repository, row.commit)
        self.repositories[place] = self.repositories.get(place, 0) + 1
        self.characters += len(row.question) + len(row.answer) + len(row.context)
        self.rows += 1

    @property
    def estimated_tokens(self) -> int:
        """About how many tokens the texts have."""
        return self.characters // _CHARACTERS_A_TOKEN


def _count(counts: Counts, name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
