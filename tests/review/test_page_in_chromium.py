from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.notes.document import Failed
from notewright.review.page import render_page
from tests.parts.chromium import CONTRAST, OVERFLOW, Chromium, find_chromium, run_chromium
from tests.review.sample import audit, material
from tests.review.test_body import HOSTILE, small

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: .ci/install-tool.sh unpacks it")
_SHOWN = "[...document.querySelectorAll('#notes tbody tr')].filter(row => row.offsetParent !== null).length"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    assert CHROMIUM is not None
    with run_chromium(CHROMIUM, tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@pytest.fixture
def page(tmp_path: Path) -> Path:
    sample = small()
    (audience,) = sample.audiences
    failed = (Failed("You can now sign in 40 times faster.", "number", "40 times"),)
    first, *others = audience.exhibits
    shown = (replace(first, sentence=replace(first.sentence, failed=failed)), *others)
    return written(tmp_path, render_page(replace(sample, audiences=(replace(audience, exhibits=shown),), audit=audit())))


def written(folder: Path, content: str) -> Path:
    (folder / "audit.html").write_text(content, "utf-8")
    return folder / "audit.html"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_loads_without_a_complaint_and_asks_nobody(browser: Chromium, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    assert browser.complaints == []
    assert browser.requests == [page.as_uri()]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(browser: Chromium, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert browser.evaluate(CONTRAST) >= 4.5


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_only_tables_scroll_sideways(browser: Chromium, page: Path, width: int) -> None:
    browser.open(page, width=width)
    assert browser.evaluate(OVERFLOW) <= 0


def test_a_phone_shows_tables_of_few_columns_whole(browser: Chromium, page: Path) -> None:
    browser.open(page, width=390)
    wider = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth)"
    assert set(browser.evaluate(f"{wider}.map(each => each.closest('section').id)")) <= {"notes", "changelog"}


def test_a_keyboard_reaches_the_filter_and_uses_it(browser: Chromium, page: Path) -> None:
    browser.open(page)
    every = browser.evaluate(_SHOWN)
    for _ in range(40):
        browser.press("Tab")
        if browser.evaluate("document.activeElement.closest('#notes') && document.activeElement.tagName") == "SELECT":
            break
    else:
        pytest.fail("Tab never came to the filter")
    assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("ArrowDown")
    browser.press("Enter")
    assert 0 < browser.evaluate(_SHOWN) < every
    assert browser.evaluate("document.querySelector('#notes output').textContent").endswith("shown")


def test_without_scripts_everything_is_there_and_no_filter(browser: Chromium, page: Path) -> None:
    browser.open(page, scripts=False)
    assert browser.evaluate("[...document.querySelectorAll('select')].every(each => each.offsetParent === null)")
    assert browser.evaluate(_SHOWN) == 4


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_strangers_run_and_load_nothing(browser: Chromium, tmp_path: Path, words: str) -> None:
    sample = replace(material([], subject=f"{words}<script>document.title='taken'</script>"), reason=words, section_markdown=words)
    path = written(tmp_path, render_page(sample))
    browser.open(path)
    assert browser.requests == [path.as_uri()]
    assert browser.evaluate("document.title") == "Release 1.4.0"
