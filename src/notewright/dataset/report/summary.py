"""The step summary of a dataset: the report's figures in some thirty lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from notewright.dataset.report.charts import Bars, count_charts, failure_bars
from notewright.dataset.report.figures import ReportFigures, Unit
from notewright.dataset.report.outcome import counted, headline, remarks
from notewright.rendering.neutral import neutral_cell, neutral_code, neutral_text

_MOST = 5
_LONGEST = 100  # characters of a name
_UNITS: tuple[Unit, ...] = ("files", "passages", "pairs", "rows")


def render_summary(figures: ReportFigures) -> str:
    """Return the summary, fewer than 60 lines whatever the figures are. Words of repositories are shown and do nothing else."""
    blocks = (
        f"### Dataset {neutral_text(_short(figures.title))}: {headline(figures)}",
        "\n".join(f"- {neutral_text(remark)}" for remark in remarks(figures)),
        "\n".join(_facts(figures)),
        _table(
            ("counted", "most"), [(chart.title, _named(chart)) for chart in (*count_charts(figures), failure_bars(figures)) if chart.bars]
        ),
        _table(("left out", "reason", "count", "meaning"), [*_drops(figures)]),
    )
    return "\n\n".join(filter(None, blocks)) + "\n"


def _facts(figures: ReportFigures) -> Iterator[str]:
    counts = figures.counts
    files, passages = counted(counts.files, "file", "files"), counted(counts.passages, "passage", "passages")
    pairs = counted(counts.pairs, "pair", "pairs")
    yield f"{files} → {counts.files_selected:,} selected → {passages} → {counts.passages_used:,} used"
    yield f"→ {pairs} → {counts.pairs_kept:,} passed the gates → {counts.rows:,} in the dataset."
    prompt = sum(each.prompt_tokens for each in figures.spendings)
    if prompt:
        share = 100 * sum(each.cached_tokens for each in figures.spendings) // prompt
        written = sum(each.generated_tokens for each in figures.spendings)
        yield f"Engine {neutral_code(_short(figures.engine))}: {prompt:,} prompt tokens ({share} % cached), {written:,} written."
    if (per_pair := figures.evaluated_per_pair) is not None:
        yield f"{per_pair:,.1f} prompt tokens were evaluated for each pair that passed."


def _drops(figures: ReportFigures) -> Iterator[tuple[str, ...]]:
    """Give the most frequent reasons of each unit."""
    for unit in _UNITS:
        for drop in figures.dropped(unit)[:_MOST]:
            name = "at export" if unit == "rows" else unit
            yield name, _code(drop.reason), f"{drop.count:,}", neutral_cell(drop.meaning[:200])


def _named(chart: Bars) -> str:
    """Return the first bars with their numbers, and how many more there are."""
    shown, more = chart.bars[:_MOST], chart.bars[_MOST:]
    told = ", ".join(f"{_code(bar.label)} {bar.total:,}" for bar in shown)
    return f"{told} and {sum(bar.total for bar in more):,} of others" if more else told


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join((f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *lines)) if rows else ""


def _code(name: str) -> str:
    """Return a cell's code span, where a bar would end the cell."""
    return neutral_code(_short(name)).replace("|", "\\|")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
