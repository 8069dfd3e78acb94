"""Preparing: files are cut side by side, and written as if one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notewright.adapters.dataset.clones import Clone
from notewright.adapters.dataset.store.store import Store, open_store
from notewright.control import Cancel, Event, Reached, ignore
from notewright.dataset.selection import SelectionRules
from notewright.dataset.sources import Source
from notewright.dataset.tokens import EstimatedTokenizer
from notewright.errors import Cancelled
from notewright.flows.dataset.passages import Cutter
from notewright.flows.dataset.prepare import Prepared, prepare_clones
from tests.parts.mining import function_of
from tests.parts.repository import Repo

_NAMES = ("apples", "pears", "plums", "figs", "limes", "dates", "grapes", "quinces")
_RULES = SelectionRules((".py",), unknown_license="keep")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "store.sqlite", label="test")) as opened:
        yield opened


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone of files that differ, each twice, side by side."""
    repo = Repo(tmp_path / "repo")
    repo.commit("feat: all of it", {f"{name}{copy}.py": function_of(name) for name in _NAMES for copy in "12"})
    return Clone(Source("./repo"), repo.path / ".git", repo.sha())


def prepare(store: Store, clone: Clone, cancel: Cancel | None = None, *, stop_after: int = 0) -> Prepared:
    """Prepare the clone; ask to stop after so many files."""
    cancel = cancel or Cancel()

    def told(event: Event) -> None:
        if isinstance(event, Reached) and event.done == stop_after:
            cancel.request()

    report = told if stop_after else ignore
    return prepare_clones(store, [clone], _RULES, Cutter(EstimatedTokenizer(), 500, "redact"), report=report, cancel=cancel)


def test_two_files_of_one_blob_are_one_unit_though_they_are_cut_side_by_side(store: Store, clone: Clone) -> None:
    prepared = prepare(store, clone)
    assert (prepared.selected, prepared.units) == (2 * len(_NAMES), len(_NAMES))
    assert store.reader.count_files() == (2 * len(_NAMES), 2 * len(_NAMES))
    assert [(content.units, content.passages) for content in store.reader.contents()] == [(len(_NAMES), len(_NAMES))]


def test_preparing_that_was_stopped_keeps_what_was_cut_and_goes_on_there(store: Store, clone: Clone) -> None:
    with pytest.raises(Cancelled):
        prepare(store, clone, stop_after=9)
    assert store.reader.count_files() == (0, 0), "the files of a commit are in force all at once"
    assert 0 < prepare(store, clone).units < len(_NAMES)
    assert prepare(store, clone).unchanged == 1
