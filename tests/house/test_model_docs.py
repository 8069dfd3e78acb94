"""docs/models.md against the code: every key with its default, every engine, every block a configuration, every kind of failure."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from notewright.config.config import as_values
from notewright.config.llm import TaskConfig
from notewright.config.validation import validated
from notewright.llm.failure import EngineFailed, Kind, classify
from notewright.llm.opening import ENGINES, parse_engine

_TEXT = (Path(__file__).resolve().parents[2] / "docs" / "models.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(\w+)` \| `(.*?)` \| \S", re.MULTILINE)


def section(title: str) -> str:
    """What stands below a heading, or below a line that begins a table."""
    return re.split(r"^(?:## |Of )", _TEXT.split(f"\n{title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("name", ["llm", "resources"])
def test_the_page_lists_every_key_with_its_default(name: str) -> None:
    listed = {key: yaml.safe_load(value) for key, value in _ROW.findall(section(f"Of `{name}:`"))}
    assert listed == as_values(validated({}, "defaults"))[name]


def test_the_page_names_every_key_of_a_task() -> None:
    line = re.search(r"^Of each of `tasks`: (.*?)\n\n", _TEXT, re.MULTILINE | re.DOTALL)
    assert line
    assert re.findall(r"`(\w+)`", line[1].split(". ")[0]) == [one.name for one in dataclasses.fields(TaskConfig)]


def test_the_page_lists_every_engine_as_the_command_line_takes_it() -> None:
    written = re.findall(r"^\| `([^-`][^`]*)` \|", section("## Engines"), re.MULTILINE)
    assert {parse_engine(one).name for one in written} == {"none", "auto", *ENGINES}


@pytest.mark.parametrize("block", re.findall(r"^```yaml\n(.*?)^```$", _TEXT, re.MULTILINE | re.DOTALL))
def test_every_block_of_the_page_is_understood(block: str) -> None:
    validated(yaml.safe_load(block), "the page")


def test_what_the_page_says_is_asked_again_is() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (yes|no)[^|]* \|", section("## When an engine fails"), re.MULTILINE)
    told = {phrase: again == "yes" for what, again in rows for phrase in re.findall(r'"([^"]+)"', what)}
    assert len(told) >= 6
    assert {phrase: EngineFailed(phrase, kind=classify(phrase)).heals for phrase in told} == told
    kinds: tuple[Kind, ...] = get_args(Kind)
    assert {kind for kind in kinds if not EngineFailed("", kind=kind).heals} == {"out_of_memory", "refused"}
