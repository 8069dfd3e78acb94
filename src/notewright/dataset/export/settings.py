"""Settings of an export: what the artifact looks like, apart from what may be in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from notewright.dataset.export.splits import Split
from notewright.dataset.export.templates import TemplateName

Format = Literal["jsonl", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """`near_duplicates` is how alike pairs are that count as one, 1 keeping all but equal ones. `title` is the card's."""

    formats: tuple[Format, ...] = ("jsonl",)
    template: TemplateName = "alpaca"
    splits: tuple[Split, ...] = (Split("train", 90), Split("validation", 5), Split("test", 5))
    near_duplicates: float = 0.8
    min_pairs: int = 0
    title: str = "Questions and answers about source code"
