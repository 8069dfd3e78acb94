"""What is drawn: the charts of a report as values, each with the figures that stand in the table beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import datetime

from notewright.dataset.report.figures import ReportFigures, Stretch, Tally, Unit

_MOST = 20  # bars of a chart; what is left is one more
_LATEST = 100  # stretches of work


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of as many parts as its chart has series. `meaning` explains the label. What sums up the `rest` is told and not drawn: beside
    it all others would be short."""

    label: str
    parts: tuple[int, ...]
    meaning: str = ""
    rest: bool = False

    @property
    def total(self) -> int:
        """The sum of its parts."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars under each other, the longest first. `noun` says what a label is, `series` what the parts of each bar are, `explains` what their
    meanings tell."""

    title: str
    noun: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    explains: str = "meaning"

    @property
    def told(self) -> str:
        """What it shows, for who does not see it."""
        first = ", ".join(f"{bar.label} {bar.total:,}" for bar in self.bars[:3])
        more = f" and {len(self.bars) - 3} more" if len(self.bars) > 3 else ""
        return f"{self.title}: {first}{more}. The table has the figures."


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of work and how fast it was."""

    started_at: datetime
    seconds: float
    pairs: int
    pairs_per_minute: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Speed over the time that was worked, one stretch after the other."""

    title: str
    steps: tuple[Step, ...]

    @property
    def told(self) -> str:
        """What it shows, for who does not see it."""
        fastest = max(step.pairs_per_minute for step in self.steps)
        return f"{self.title}: {len(self.steps)} stretches of work, at most {fastest:,.1f} pairs a minute. The table has the figures."


Chart = Bars | Timeline


def count_bars(title: str, noun: str, others: str, tally: Tally, *, unnamed: str) -> Bars:
    """Return the bars of a tally of pairs, the longest first; `others` names those beyond twenty, which are one."""
    ranked = sorted(((name or unnamed, count) for name, count in tally if count), key=lambda each: (-each[1], each[0]))
    return Bars(title, noun, ("pairs",), _bounded([Bar(name, (count,)) for name, count in ranked], others))


def count_charts(figures: ReportFigures) -> Iterator[Bars]:
    """Give the charts of what the pairs of the dataset are."""
    sources = tuple((each.repository, each.rows) for each in figures.sources)
    yield count_bars("Pairs by language", "language", "other languages", figures.languages, unnamed="unknown")
    yield count_bars("Pairs by repository", "repository", "other repositories", sources, unnamed="unknown")
    yield count_bars("Pairs by type", "type", "other types", figures.types, unnamed="none")
    if any(name for name, _ in figures.verdicts):
        yield count_bars("Pairs by verdict", "verdict", "other verdicts", figures.verdicts, unnamed="not judged")
    yield count_bars("Pairs by licence", "licence", "other licences", figures.licenses, unnamed="unknown")
    yield count_bars("Pairs by split", "split", "other splits", figures.splits, unnamed="none")


def drop_charts(figures: ReportFigures) -> Iterator[Bars]:
    """Give the charts of what was left out, in the order in which it happens."""
    units: tuple[tuple[Unit, str], ...] = (("files", "Files"), ("passages", "Passages"), ("pairs", "Pairs"))
    for unit, name in units:
        bars = [Bar(drop.reason, (drop.count,), drop.meaning) for drop in figures.dropped(unit)]
        yield Bars(f"{name} dropped", "reason", (unit,), _bounded(bars, "other reasons"))
    yield export_bars(figures)


def export_bars(figures: ReportFigures) -> Bars:
    """Return what the export made of the pairs that were kept, duplicates above all."""
    written = Bar("in the dataset", (figures.counts.rows,), "It is a row of the dataset.")
    left_out = [Bar(drop.reason, (drop.count,), drop.meaning) for drop in figures.dropped("rows")]
    bars = (written, *_bounded(left_out, "other reasons")) if figures.counts.pairs_kept else ()
    return Bars("Kept pairs at export", "outcome", ("pairs",), bars)


def token_bars(figures: ReportFigures) -> Bars:
    """Return the tokens of each stage that asked a model."""
    spent = sorted((each for each in figures.spendings if each.calls), key=astuple)
    bars = (
        Bar(
            each.stage,
            (each.prompt_tokens - each.cached_tokens, each.cached_tokens, each.generated_tokens),
            f"{each.calls:,} in {each.seconds / 60:,.0f} min",
        )
        for each in spent
    )
    return Bars("Tokens by stage", "stage", ("read", "read from the cache", "written"), tuple(bars), explains="calls")


def failure_bars(figures: ReportFigures) -> Bars:
    """Return the tasks that failed, by class."""
    ranked = sorted((each for each in figures.failures if each.count), key=lambda each: (-each.count, each.kind, each.advice))
    bars = [Bar(each.kind, (each.count,), each.advice) for each in ranked]
    return Bars("Failed tasks by class", "class", ("tasks",), _bounded(bars, "other classes"))


def timeline(figures: ReportFigures) -> Timeline:
    """Return how fast the latest stretches of work were, in the order of time."""
    worked = sorted((each for each in figures.stretches if each.seconds > 0), key=astuple)
    return Timeline("Speed over the hours worked", tuple(map(_step, worked[-_LATEST:])))


def _step(each: Stretch) -> Step:
    return Step(each.started_at, each.seconds, each.pairs, 60 * each.pairs / each.seconds, each.generated_tokens / each.seconds)


def _bounded(bars: list[Bar], others: str) -> tuple[Bar, ...]:
    if len(bars) <= _MOST + 1:
        return tuple(bars)
    rest = bars[_MOST:]
    sums = tuple(map(sum, zip(*(bar.parts for bar in rest), strict=True)))
    return (*bars[:_MOST], Bar(f"{len(rest):,} {others}", sums, rest=True))
