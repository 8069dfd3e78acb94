"""The report looked at in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from notewright.adapters.dataset.charts import draw_chart
from notewright.dataset.report.figures import ReportFigures
from notewright.dataset.report.page import render_page
from tests.dataset.report.sample import figures, hostile
from tests.parts.chromium import CONTRAST, OVERFLOW, Chromium, find_chromium, run_chromium

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: .ci/install-tool.sh unpacks it")
# Words of a drawing that reach beyond it, or into the next word on their line
_CUT = """[...document.querySelectorAll("svg")].flatMap(svg => {
  const around = svg.getBoundingClientRect(), words = [...svg.querySelectorAll("text")];
  const boxes = words.map(word => word.getBoundingClientRect());
  return words.filter((word, at) => boxes[at].left < around.left - 1 || boxes[at].right > around.right + 1
    || boxes[at].top < around.top - 1 || boxes[at].bottom > around.bottom + 1
    || boxes.some((other, place) => place > at && Math.min(boxes[at].right, other.right) - Math.max(boxes[at].left, other.left) > 1
      && Math.min(boxes[at].bottom, other.bottom) - Math.max(boxes[at].top, other.top) > 4)).map(word => word.textContent); })"""
_FILLS = "[...new Set([...document.querySelectorAll('svg path')].map(each => getComputedStyle(each).fill))].sort()"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    assert CHROMIUM is not None
    with run_chromium(CHROMIUM, tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@pytest.fixture(scope="module", params=["a team's", "a stranger's", "an empty one"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples = {"a team's": figures(), "a stranger's": hostile(), "an empty one": ReportFigures("new", "1.0.0", "none")}
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_page(samples[request.param], draw_chart), "utf-8")
    return path


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_report_loads_without_a_complaint_asks_nobody_and_can_be_read(browser: Chromium, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    assert browser.complaints == []
    assert browser.requests == [page.as_uri()]
    assert browser.evaluate("document.title").startswith("Dataset ")
    assert "taken" not in browser.evaluate("document.title").replace("document.title='taken'", "")
    assert browser.evaluate(CONTRAST) >= 4.5


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_overlaps_and_nothing_is_cut_off_on_a_phone_or_a_desk(browser: Chromium, page: Path, width: int) -> None:
    browser.open(page, width=width)
    assert browser.evaluate(OVERFLOW) <= 0
    assert browser.evaluate(_CUT) == []


def test_a_drawing_takes_the_colours_of_the_page(browser: Chromium, page: Path) -> None:
    browser.open(page)
    light = browser.evaluate(_FILLS)
    browser.open(page, dark=True)
    assert len(light) == len(browser.evaluate(_FILLS)) <= 4
    assert "rgb(0, 0, 0)" not in light
    assert not set(light) & set(browser.evaluate(_FILLS)) - {"none"}


def test_a_drawing_is_read_out_by_what_it_shows_and_has_its_figures_in_a_table(browser: Chromium, page: Path) -> None:
    browser.open(page)
    assert browser.evaluate("[...document.querySelectorAll('svg')].every(each => each.getAttribute('aria-label').length > 20)")
    assert browser.evaluate("[...document.querySelectorAll('.chart')].every(each => each.querySelectorAll('svg, table').length === 2)")
    names = browser.evaluate("[...document.querySelectorAll('caption')].map(each => each.textContent)")
    assert len(names) == len(set(names))


def test_the_page_is_read_without_scripts(browser: Chromium, page: Path) -> None:
    browser.open(page, scripts=False)
    assert browser.complaints == []
    assert browser.evaluate("document.querySelectorAll('h2').length") == 4
