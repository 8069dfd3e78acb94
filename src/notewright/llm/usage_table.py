"""What the calls of a run cost, as a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from notewright.llm.layers.usage import Call, Totals, Usage, sum_calls

_TITLES = ("task", "model", "calls", "prompt", "cached", "written", "time")
_WIDTHS = (10, 22, 8, 11, 7, 11, 10)  # 79 characters: a terminal of 80 columns breaks no line
_MANY, _MANY_SECONDS = 10_000_000, 1000
_NAMES = 2  # the columns that are names: they stand left and are shortened


def usage_table(usage: Usage) -> list[str]:
    """Return a line for each task and model, the sums of more than one, and what became of the calls; nothing where none was made. The
    tokens are those read, the share of them that was not evaluated again, and those written."""
    calls = usage.calls
    if not calls:
        return []
    names = sorted({_names(call) for call in calls})
    rows = [(*name, *_figures(sum_calls([call for call in calls if _names(call) == name]))) for name in names]
    if len(rows) > 1:
        rows.append(("total", "", *_figures(usage.totals())))
    return [*map(_line, [_TITLES, *rows]), _became(usage.totals())]


def _names(call: Call) -> tuple[str, str]:
    return call.task, call.model or call.engine or "nobody"


def _figures(totals: Totals) -> tuple[str, ...]:
    share = totals.cached_share
    return (
        _count(totals.calls),
        _count(totals.prompt_tokens),
        "-" if share is None else f"{int(100 * share)} %",  # 100 % is said of all only
        _count(totals.generated_tokens),
        f"{totals.seconds:.1f} s" if totals.seconds < _MANY_SECONDS else f"{totals.seconds:,.0f} s",
    )


def _count(number: int) -> str:
    return f"{number:,}" if number < _MANY else f"{number // 1_000_000:,} M"


def _line(cells: Sequence[str]) -> str:
    places = enumerate(zip(cells, _WIDTHS, strict=True))
    return "".join(_shortened(cell, width - 1).ljust(width) if place < _NAMES else cell.rjust(width) for place, (cell, width) in places)


def _shortened(name: str, most: int) -> str:
    """Return the name, or its two ends: models of one family differ in their last letters."""
    if len(name) <= most:
        return name
    end = most // 2
    return f"{name[: most - end - 1]}…{name[-end:]}"


def _became(totals: Totals) -> str:
    retries = [f"{totals.retries:,} {'retry' if totals.retries == 1 else 'retries'}"] if totals.retries else []
    return "; ".join([", ".join(_counted(totals.outcomes)), *retries])


def _counted(outcomes: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{count:,} {outcome}" for outcome, count in sorted(outcomes, key=lambda one: (-one[1], one[0]))]
