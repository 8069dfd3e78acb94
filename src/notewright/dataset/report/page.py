"""report.html: what a dataset holds, what was left out and why, and what it took, on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from notewright.dataset.report.charts import Bars, Chart, Timeline, count_charts, drop_charts, failure_bars, timeline, token_bars
from notewright.dataset.report.figures import ReportFigures, Source
from notewright.dataset.report.outcome import counted, headline, remarks
from notewright.rendering.neutral import neutral_html
from notewright.rendering.page import Row, build_page, facts, prose, table

# Draws a chart as an <svg> whose colours are the variables of `STYLE`
Draw = Callable[[Chart], str]
_MOST_SOURCES = 500
_LONGEST = 300  # characters of a name or a failure


def render_page(figures: ReportFigures, draw: Draw) -> str:
    """Return the page: one file that loads nothing, the same bytes for the same figures."""
    title = f"Dataset {figures.title}"
    bodies = (
        ("pairs", "Pairs", _charts(count_charts(figures), draw)),
        ("dropped", "Left out", _charts(drop_charts(figures), draw)),
        ("cost", "What it took", _cost(figures, draw)),
        ("sources", "Where it comes from", _sources(figures)),
    )
    links = "".join(f'<li><a href="#{name}">{heading}</a></li>' for name, heading, _ in bodies)
    nav = f'<nav aria-label="Parts of this page"><ul>{links}</ul></nav>'
    said = "".join(f'<li class="warn">{prose(remark)}</li>' for remark in remarks(figures))
    head = f"<h1>{neutral_html(title)}</h1>\n{nav}\n<p>{neutral_html(headline(figures))}.</p>\n{f'<ul>{said}</ul>' if said else ''}"
    parts = (f'<section id="{name}">\n<h2>{heading}</h2>\n{body}\n</section>' for name, heading, body in bodies)
    return build_page(title, "\n".join((head, _facts(figures), *parts)), style=_STYLE)


def _facts(figures: ReportFigures) -> str:
    counts = figures.counts
    per_pair = figures.evaluated_per_pair
    return facts(
        ("Files", f"{counts.files:,}, of which {counts.files_selected:,} were selected"),
        ("Passages", f"{counts.passages:,}, of which {counts.passages_used:,} may be used"),
        ("Pairs", f"{counts.pairs:,}, of which {counts.pairs_kept:,} passed the gates and {counts.rows:,} are in the dataset"),
        *((("Evaluated", f"{per_pair:,.1f} prompt tokens for each pair that passed"),) if per_pair is not None else ()),
        ("Made by", f"notewright {figures.tool}{f', {_moment(figures.made_at)}' if figures.made_at else ''}"),
    )


def _charts(charts: Iterator[Bars], draw: Draw) -> str:
    return "\n".join(_bars(chart, draw) for chart in charts)


def _bars(chart: Bars, draw: Draw) -> str:
    """Show a chart and, beside it, the table of its figures; one without bars in a sentence."""
    if not chart.bars:
        return f'<p class="soft">{neutral_html(chart.title)}: none.</p>'
    explained = any(bar.meaning for bar in chart.bars)
    heads = (chart.noun, *chart.series, *((chart.explains,) if explained else ()))
    rows = (Row((_name(bar.label), *map(_number, bar.parts), *((prose(bar.meaning),) if explained else ()))) for bar in chart.bars)
    return _shown(chart, draw, table(f"{chart.title}, in figures", heads, rows))


def _shown(chart: Chart, draw: Draw, figures: str) -> str:
    return f'<h3>{neutral_html(chart.title)}</h3>\n<div class="chart">\n{draw(chart)}\n{figures}\n</div>'


def _cost(figures: ReportFigures, draw: Draw) -> str:
    tokens, speed, failures = token_bars(figures), timeline(figures), failure_bars(figures)
    asked = _bars(tokens, draw) if tokens.bars else '<p class="soft">No model was asked.</p>'
    return "\n".join(filter(None, (asked, _timeline(speed, draw), _bars(failures, draw))))


def _timeline(chart: Timeline, draw: Draw) -> str:
    """Show the speed of each stretch; no chart where there is nothing to compare."""
    heads = ("started", "minutes", "pairs", "pairs a minute", "tokens a second")
    rows = tuple(
        Row((
            _moment(step.started_at),
            f'<span class="num">{step.seconds / 60:,.1f}</span>',
            _number(step.pairs),
            f'<span class="num">{step.pairs_per_minute:,.1f}</span>',
            f'<span class="num">{step.tokens_per_second:,.1f}</span>',
        ))
        for step in chart.steps
    )  # fmt: skip
    figures = table(f"{chart.title}, in figures", heads, rows)
    if len(rows) > 1:
        return _shown(chart, draw, figures)
    return f"<h3>{chart.title}</h3>\n{figures}" if rows else ""


def _sources(figures: ReportFigures) -> str:
    generation = figures.generation
    variants = (
        Row((neutral_html(each.stage), neutral_html(each.prompt), neutral_html(each.model), prose(f"`{each.digest}`")))
        for each in sorted(generation.variants, key=lambda each: each.stage)
    )
    return "\n".join((
        facts(("Generation", generation.name or "none yet"), ("Cutter", generation.cutter or "none yet"), ("Engine", figures.engine)),
        table("How each stage was done", ("stage", "prompt", "model", "digest"), variants) if generation.variants else "",
        _repositories(figures.sources),
    ))  # fmt: skip


def _repositories(sources: tuple[Source, ...]) -> str:
    """List the repositories, those that could not be read first."""
    ranked = sorted(sources, key=lambda each: (not each.failure, -each.rows, each.repository, each.commit))
    rows = (
        Row((
            _name(each.repository),
            prose(f"`{each.commit[:12]}`") if each.commit else "",
            _number(each.rows),
            f'<span class="warn">{_name(each.failure)}</span>' if each.failure else "up to date",
        ))
        for each in ranked[:_MOST_SOURCES]
    )  # fmt: skip
    more = len(ranked) - _MOST_SOURCES
    rest = f'\n<p class="soft">And {counted(more, "other", "others")}: the dataset\'s manifest lists them all.</p>' if more > 0 else ""
    return (table("Repositories, at the commit that was read", ("repository", "commit", "pairs", "state"), rows) if ranked else "") + rest


def _name(text: str) -> str:
    return neutral_html(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _number(number: int) -> str:
    return f'<span class="num">{number:,}</span>'


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}".strip()


# Colours of series differ in hue and in lightness: they are told apart by eyes that see no red, green or blue
_STYLE = """
:root{--one:#00588c;--two:#4e9bd1;--three:#b35900}
@media(prefers-color-scheme:dark){:root{--one:#8fd0f7;--two:#2d70a3;--three:#f0a030}}
h1,p,li{overflow-wrap:anywhere}
.chart svg{display:block;width:100%;max-width:30rem;height:auto;font-family:system-ui,sans-serif}
.chart figure{margin-top:1rem}
.chart table{width:auto}
.chart caption{white-space:nowrap}
table:has(.num) tbody th{overflow-wrap:anywhere;min-width:8.5rem}
.num{display:block;text-align:right;font-variant-numeric:tabular-nums}
@media(min-width:64rem){
.chart{display:grid;grid-template-columns:28rem minmax(0,1fr);gap:2.5rem;align-items:start}
.chart figure{margin-top:0}
.chart table{min-width:0}}
"""
