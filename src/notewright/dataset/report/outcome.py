"""What came of it, in sentences: how many pairs there are, and where there are none, why."""

from __future__ import annotations

from collections.abc import Iterator

from notewright.dataset.report.figures import ReportFigures, Unit


def headline(figures: ReportFigures) -> str:
    """Say in one line what the dataset holds."""
    counts = figures.counts
    if not counts.rows:
        return "There are no pairs in this dataset"
    repositories = sum(source.rows > 0 for source in figures.sources)
    return f"{counted(counts.rows, 'pair', 'pairs')} from {counted(repositories, 'repository', 'repositories')}"


def remarks(figures: ReportFigures) -> tuple[str, ...]:
    """Say what a reader should know first, in sentences: why there are no pairs, what could not be read, what failed and what waits."""
    return tuple(_remarks(figures))


def counted(count: int, singular: str, plural: str) -> str:
    """Return "1 pair", "1,204 pairs"."""
    return f"{count:,} {singular if count == 1 else plural}"


def _remarks(figures: ReportFigures) -> Iterator[str]:
    if not figures.counts.rows:
        yield _why_empty(figures)
    broken = sum(bool(source.failure) for source in figures.sources)
    if broken:
        yield f"{counted(broken, 'repository', 'repositories')} could not be brought up to date."
    failed = sum(failure.count for failure in figures.failures)
    if failed:
        yield f"{counted(failed, 'task', 'tasks')} failed: `notewright dataset retry --failed` makes them ready again."
    if figures.unfinished:
        yield f"{counted(figures.unfinished, 'task waits', 'tasks wait')} for the next run."


def _why_empty(figures: ReportFigures) -> str:
    """Return the first step that let nothing through, and what stopped most of it."""
    counts = figures.counts
    if not figures.sources:
        return "No repository is listed."
    if not counts.files:
        return "No file of any repository was read."
    if not counts.files_selected:
        return f"None of {counted(counts.files, 'file', 'files')} was selected{_mostly(figures, 'files')}."
    if not counts.passages:
        return f"{counted(counts.files_selected, 'file was', 'files were')} selected, and none gave a passage."
    if not counts.passages_used:
        return f"None of {counted(counts.passages, 'passage', 'passages')} may be used{_mostly(figures, 'passages')}."
    if not counts.pairs:
        return f"{counted(counts.passages_used, 'passage is', 'passages are')} ready, and no pair came of them yet."
    if not counts.pairs_kept:
        return f"None of {counted(counts.pairs, 'pair', 'pairs')} passed the gates{_mostly(figures, 'pairs')}."
    return f"None of {counted(counts.pairs_kept, 'pair', 'pairs')} that passed the gates was exported{_mostly(figures, 'rows')}."


def _mostly(figures: ReportFigures, unit: Unit) -> str:
    drops = figures.dropped(unit)[:3]
    return ": " + ", ".join(f"`{drop.reason}` {drop.count:,}" for drop in drops) if drops else ""
