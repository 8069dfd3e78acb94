"""The page of a dataset: its bytes, its size, and what it says when there is nothing to say."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from dataclasses import fields, replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from notewright.adapters.dataset.charts import draw_chart
from notewright.dataset.report.charts import Bar, Bars, count_charts
from notewright.dataset.report.figures import Counts, Drop, Failure, ReportFigures, Source, Spending, Stretch
from notewright.dataset.report.outcome import headline, remarks
from notewright.dataset.report.page import render_page
from tests.dataset.report.sample import AT, UNITS, figures, hostile

# Machado, Oliveira and Fernandes (2009): linear RGB as eyes see it that lack one kind of cone
_EYES = {
    "all": np.eye(3),
    "no red": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "no green": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]),
    "no blue": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]),
}
# Ottosson's Oklab, in which equal distances look equally far
_CONES = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_LAB = np.array([
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
])  # fmt: skip
Colour = npt.NDArray[np.float64]


def render(sample: ReportFigures) -> str:
    return render_page(sample, draw_chart)


def shuffled(sample: ReportFigures) -> ReportFigures:
    turned: dict[str, Any] = {
        field.name: value[::-1] for field in fields(sample) if isinstance(value := getattr(sample, field.name), tuple)
    }
    return replace(sample, **turned)


@pytest.mark.parametrize("sample", [figures(), hostile()], ids=["a team's", "a stranger's"])
def test_same_figures_give_the_same_bytes_in_whatever_order_they_come(sample: ReportFigures) -> None:
    assert render(sample) == render(shuffled(sample))


def test_the_settings_of_a_machine_change_no_chart() -> None:
    import matplotlib as mpl

    page = render(figures())
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path", "savefig.bbox": "tight"}):
        assert render(figures()) == page
        assert mpl.rcParams["font.size"] == 30


def test_a_home_that_cannot_be_written_to_draws_the_same_and_says_nothing() -> None:
    bars = Bars("Pairs by split", "split", ("pairs",), (Bar("train", (7,)),))
    program = (
        f"from notewright.dataset.report.charts import *\nfrom notewright.adapters.dataset.charts import *\nprint(draw_chart({bars!r}))"
    )
    environment = {"HOME": "/dev/null/none", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=True)
    assert (done.stdout, done.stderr) == (draw_chart(bars) + "\n", "")


class Strict(HTMLParser):
    """Collects tags and attributes, and that all are closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_words_of_strangers_are_no_tags_and_no_formulas() -> None:
    page = render(hostile())
    read = Strict(page)
    assert not read.open
    assert not read.names & {"img", "use", "image", "foreignobject", "iframe"}
    assert not {name for name in read.attributes if name.startswith("on") or name in ("style", "src")}
    assert "$\\frac{1}{0}$ and $x^2" in page
    assert not re.search("[\u202e\u2066\x1b\x00]", page)


def test_what_is_written_in_a_chart_is_what_was_meant_even_if_it_looks_like_a_placeholder() -> None:
    sample = ReportFigures("x", "1", "none", languages=(("word 1", 2), ("word 0", 1)))
    assert re.findall("<text[^>]*>([^<]*)</text>", render(sample)) == ["word 1", "2", "word 0", "1"]


def test_two_thousand_repositories_make_no_huge_page() -> None:
    many = tuple(Source(f"https://example.org/team/{number}" + "x" * 900, "f" * 40, number, "e" * 4000) for number in range(2000))
    tally = tuple((source.repository, source.rows) for source in many)
    drops = tuple(Drop(unit, f"reason{number}", number + 1, "It is so.") for number in range(2000) for unit in UNITS)
    stretches = tuple(Stretch(AT, 60.0, number, number) for number in range(2000))
    failures = tuple(Failure(f"class{number}", 1) for number in range(2000))
    sample = replace(figures(), sources=many, languages=tally, licenses=tally, drops=drops, stretches=stretches, failures=failures)
    page = render(sample)
    assert len(page) < 1_000_000
    assert "1,979 other repositories" in page
    assert "And 1,500 others" in page


def test_the_rest_is_told_and_not_drawn_so_that_the_others_can_be_compared() -> None:
    sample = replace(figures(), languages=tuple((f"language{number:02}", 10) for number in range(30)))
    drawn = draw_chart(next(count_charts(sample)))
    assert drawn.count("<path") == 20
    assert "10 other languages" in drawn


def test_stages_of_an_engine_that_counts_no_tokens_and_drops_of_zero_are_no_trouble() -> None:
    sample = replace(figures(), spendings=(Spending("answer", 3, 0, 0, 0, 0.0),), drops=(Drop("files", "empty", 0),), stretches=())
    page = render(sample)
    assert "Files dropped: none." in page
    assert "prompt tokens for each pair" not in page


@pytest.mark.parametrize(
    ("sample", "why"),
    [
        pytest.param({"sources": ()}, "No repository is listed.", id="nothing listed"),
        pytest.param({}, "No file of any repository was read.", id="nothing read"),
        pytest.param({"counts": Counts(9)}, "None of 9 files was selected: `extension` 7, `binary` 2.", id="nothing selected"),
        pytest.param({"counts": Counts(9, 1)}, "1 file was selected, and none gave a passage.", id="nothing cut"),
        pytest.param({"counts": Counts(9, 9, 4)}, "None of 4 passages may be used: `secret` 4.", id="all secret"),
        pytest.param({"counts": Counts(9, 9, 4, 4)}, "4 passages are ready, and no pair came of them yet.", id="nothing asked"),
        pytest.param({"counts": Counts(9, 9, 4, 4, 8)}, "None of 8 pairs passed the gates: `echo` 8.", id="all dropped"),
        pytest.param(
            {"counts": Counts(9, 9, 4, 4, 8, 1)}, "None of 1 pair that passed the gates was exported: `takedown` 1.", id="all taken down"
        ),
    ],
)
def test_an_empty_dataset_says_what_happened(sample: dict[str, Any], why: str) -> None:
    drops = (Drop("files", "binary", 2), Drop("files", "extension", 7), Drop("passages", "secret", 4), Drop("pairs", "echo", 8))
    empty = ReportFigures("x", "1", "none", sources=(Source("o/r"),), drops=(*drops, Drop("rows", "takedown", 1)))
    empty = replace(empty, **sample)
    assert headline(empty) == "There are no pairs in this dataset"
    assert remarks(empty) == (why,)
    assert "There are no pairs" in render(empty)


def test_what_failed_and_what_waits_is_said_first() -> None:
    assert remarks(figures()) == (
        "1 repository could not be brought up to date.",
        "33 tasks failed: `notewright dataset retry --failed` makes them ready again.",
        "118 tasks wait for the next run.",
    )


@pytest.mark.parametrize("eyes", _EYES)
@pytest.mark.parametrize(("theme", "paper"), [(0, "#ffffff"), (1, "#0d1117")], ids=["light", "dark"])
def test_colours_of_a_chart_are_told_apart_by_everybody(theme: int, paper: str, eyes: str) -> None:
    named = re.findall(r"--(?:one|two|three):(#\w{6})", render(figures()))
    colours = [_linear(colour) for colour in named[3 * theme : 3 * theme + 3]]
    assert min(_contrast(colour, _linear(paper)) for colour in colours) >= 3
    seen = [_LAB @ np.cbrt(_CONES @ np.clip(_EYES[eyes] @ colour, 0, 1)) for colour in colours]
    assert min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2)) > 0.15


def _linear(colour: str) -> Colour:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _contrast(one: Colour, other: Colour) -> float:
    dark, bright = sorted(float(colour @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)
