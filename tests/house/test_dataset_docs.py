"""docs/datasets.md against the code: every key with its default, every reason, every class of failure, every command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from notewright.adapters.dataset.store.queue import HEALING
from notewright.adapters.dataset.store.values import FailureClass
from notewright.cli.dataset import COMMANDS
from notewright.config.config import Config, as_values
from notewright.dataset.drops import REASONS as DROPS
from notewright.dataset.export.reasons import REASONS as ROWS
from notewright.dataset.gates.reasons import REASONS as GATES

_TEXT = (Path(__file__).resolve().parents[2] / "docs" / "datasets.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(\w+)` \| (.*) \|$", re.MULTILINE)


def below(line: str) -> str:
    """What stands between a line and the next heading or paragraph that begins a table."""
    return re.split(r"^(?:## |Of |Kept )", _TEXT.split(f"\n{line}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_page_lists_every_key_with_its_default() -> None:
    listed = {key: yaml.safe_load(rest.split("`")[1]) for key, rest in _ROW.findall(below("Of `dataset:`"))}
    assert listed == as_values(Config())["dataset"]


@pytest.mark.parametrize(
    ("line", "reasons"),
    [
        pytest.param("Of files and passages:", DROPS, id="files"),
        pytest.param("Of questions and answers, at the gates:", GATES, id="gates"),
        pytest.param("Of kept pairs, at export:", ROWS, id="export"),
    ],
)
def test_the_page_says_what_every_reason_means(line: str, reasons: dict[str, str]) -> None:
    assert dict(_ROW.findall(below(line))) == reasons


def test_the_page_says_which_failures_are_tried_again() -> None:
    told = {kind: rest.startswith("yes") for kind, rest in _ROW.findall(below("## When something fails"))}
    assert told == {kind: kind in HEALING for kind in get_args(FailureClass)}


def test_the_page_names_every_command() -> None:
    assert {name for name in COMMANDS if f"`dataset {name}" not in _TEXT and f"dataset {name}" not in _TEXT} == set()
