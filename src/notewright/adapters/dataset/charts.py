"""Charts: drawn by matplotlib as SVG that stands in a page, takes its colours and its font, and needs no style of its own."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from notewright.dataset.report.charts import Bar, Bars, Chart, Timeline
from notewright.errors import UsageError
from notewright.rendering.neutral import neutral_html, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Units of the drawing; on a phone one is about a pixel
_WIDTH = 340.0
_FONT = 12.0
_ROW, _BAR, _LEGEND, _PANEL = 33.0, 9.0, 18.0, 170.0
_LEAST = 1.5  # a bar that is there is seen
# matplotlib knows colours as numbers: each of these stands for one of the page
_SERIES, _INK, _SOFT, _LINE = ("#000001", "#000002", "#000003"), "#000004", "#000005", "#000006"
_VARIABLES = dict(zip((*_SERIES, _INK, _SOFT, _LINE), ("one", "two", "three", "ink", "soft", "line"), strict=True))
_SVG = "{http://www.w3.org/2000/svg}"
_KEPT = {_SVG + "path": ("d", "fill", "stroke", "stroke-width"), _SVG + "text": ("x", "y", "fill", "font-size", "text-anchor")}


def draw_chart(chart: Chart) -> str:
    """Return an <svg> element: same chart, same bytes. Raises `UsageError` where matplotlib is not installed."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it complains of a home folder that cannot be written to, and draws
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError("charts need matplotlib, which is not installed", hint="pip install 'notewright[dataset]'") from error
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever this machine's matplotlibrc says
        mpl.rcParams.update({"svg.fonttype": "none", "font.family": "DejaVu Sans"})
        drawing = _Drawing(Figure(dpi=72))
        if isinstance(chart, Bars):
            drawing.draw_bars(chart)
        else:
            drawing.draw_timeline(chart)
        return drawing.render(chart.told)


class _Drawing:
    """A figure and the words in it. The words stay here: matplotlib would read formulas in them, and warn of letters that its font
    lacks."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._words: list[str] = []
        self._height = 0.0

    def draw_bars(self, chart: Bars) -> None:
        """Draw each label above its bar, where there is room for it on a phone, and the number at its end."""
        legend = chart.series if len(chart.series) > 1 else ()
        axes = self._canvas(_LEGEND * len(legend) + _ROW * len(chart.bars))
        for row, (name, colour) in enumerate(zip(legend, _SERIES, strict=False)):
            axes.barh(_LEGEND * row + 7, 10, height=10, left=0, color=colour)
            self._write(axes, 16, _LEGEND * row + 11, name)
        longest = max(1, *(bar.total for bar in chart.bars if not bar.rest))
        for row, bar in enumerate(chart.bars):
            self._draw_bar(axes, bar, _LEGEND * len(legend) + _ROW * row, scale=_WIDTH / longest)

    def _draw_bar(self, axes: Axes, bar: Bar, top: float, *, scale: float) -> None:
        number = f"{bar.total:,}"
        self._write(axes, 0, top + 12, shorten(bar.label, (_WIDTH - 8) / _FONT - ems(number)))
        self._write(axes, _WIDTH, top + 12, number, align="right")
        left, gap = 0.0, 1.0 if len(bar.parts) > 1 else 0.0
        for part, colour in zip(() if bar.rest else bar.parts, _SERIES, strict=False):
            if part:
                axes.barh(top + 17 + _BAR / 2, max(scale * part - gap, _LEAST), height=_BAR, left=left, color=colour)
                left += max(scale * part, _LEAST + gap)

    def draw_timeline(self, chart: Timeline) -> None:
        """Draw pairs a minute, and below them tokens a second where there are any, over the time that was worked."""
        panels = [("pairs a minute", [step.pairs_per_minute for step in chart.steps])]
        if any(step.tokens_per_second for step in chart.steps):
            panels.append(("tokens a second", [step.tokens_per_second for step in chart.steps]))
        base = self._canvas(_PANEL * len(panels))
        unit, unit_s = ("hours", 3600) if sum(step.seconds for step in chart.steps) > 7200 else ("minutes", 60)
        edges = [0.0]
        for step in chart.steps:
            edges.append(edges[-1] + step.seconds / unit_s)
        for row, ((name, values), colour) in enumerate(zip(panels, _SERIES, strict=False)):
            self._write(base, 0, _PANEL * row + 12, name)
            self._write(base, _WIDTH, _PANEL * row + 12, f"over {unit} worked", align="right", colour=_SOFT)
            self._draw_panel(values, edges, top=_PANEL * row, colour=colour)

    def _draw_panel(self, values: Sequence[float], edges: Sequence[float], *, top: float, colour: str) -> None:
        from matplotlib.ticker import MaxNLocator, StrMethodFormatter

        left, right, above, below = 44.0, 12.0, 24.0, 26.0
        bottom = self._height - top - _PANEL + below
        axes = self._figure.add_axes((
            left / _WIDTH, bottom / self._height, (_WIDTH - left - right) / _WIDTH, (_PANEL - above - below) / self._height,
        ))  # fmt: skip
        axes.patch.set_visible(False)
        axes.spines[:].set_visible(False)
        axes.set_axisbelow(True)
        axes.grid(axis="y", color=_LINE, linewidth=1)
        axes.tick_params(length=0, labelsize=_FONT - 1, labelcolor=_SOFT)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4))
            axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        axes.stairs(values, edges, fill=True, color=colour)
        axes.set_xlim(0, edges[-1])
        axes.set_ylim(0, (max(values) or 1) * 1.05)

    def render(self, label: str) -> str:
        """Return the drawing as HTML, its shapes flat in their order, the words in their places."""
        with io.BytesIO() as written:
            self._figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
            root = ET.fromstring(written.getvalue())  # noqa: S314  # matplotlib wrote it, of our numbers
        shapes = "\n".join(self._shape(element) for element in root.iter() if element.tag in _KEPT and not element.get("id"))
        size = f"{_WIDTH:g} {self._height:g}"
        return f'<svg viewBox="0 0 {size}" role="img" aria-label="{neutral_html(label)}">\n{shapes}\n</svg>'

    def _shape(self, element: ET.Element) -> str:
        said = {**element.attrib, **dict(re.findall(r"([\w-]+): ([^;]+)", element.get("style", "")))}
        said.setdefault("fill", _INK)
        kept = {name: " ".join(said[name].split()) for name in _KEPT[element.tag] if name in said}
        shown = {name: f"var(--{_VARIABLES[value]})" if value in _VARIABLES else value for name, value in kept.items()}
        tag, text = element.tag.removeprefix(_SVG), element.text or ""
        if text.startswith("word "):
            text = neutral_html(self._words[int(text.removeprefix("word "))])
        attributes = "".join(f' {name}="{value}"' for name, value in shown.items())
        return f"<{tag}{attributes}>{text.strip()}</{tag}>"

    def _canvas(self, height: float) -> Axes:
        """Return axes over the whole figure whose units are those of the drawing, from its top left corner."""
        self._height = height
        self._figure.set_size_inches(_WIDTH / 72, height / 72)
        self._figure.patch.set_visible(False)
        axes = self._figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(height, 0)
        axes.set_autoscale_on(False)
        return axes

    def _write(self, axes: Axes, x: float, y: float, text: str, *, align: str = "left", colour: str = _INK) -> None:
        axes.text(x, y, f"word {len(self._words)}", fontsize=_FONT, color=colour, horizontalalignment=align)
        self._words.append(text)


def shorten(text: str, most: float) -> str:
    """Return a text of at most so many ems; the end of an address or a path says more than its beginning."""
    text = visible(text)[-200:]
    if ems(text) <= most:
        return text
    while ems(f"…{text}") > most:
        text = text[1:]
    return f"…{text}"


def ems(text: str) -> float:
    """Return about how wide a text is, rather too much: fonts differ."""
    return sum(map(_em, text))


def _em(character: str) -> float:
    if character.isascii():
        return 0.35 if character in " .,:;'|!ijl" else 0.95 if character in "mwMW@%" else 0.72 if character.isupper() else 0.6
    return 1.1 if unicodedata.east_asian_width(character) in "WF" else 0.8
