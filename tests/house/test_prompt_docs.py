"""docs/prompts.md against the code: every key with its default, every placeholder and variable, every command."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from notewright.adapters.prompts.audience import NotesFile, PartFile, PolicyFile
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.prompts.settings import BudgetFile, ModelFile, PromptFile
from notewright.adapters.prompts.themes import QuestionKind, QuestionsFile
from notewright.notes.call import NumberedEntry
from notewright.notes.forms import Form
from notewright.notes.markdown import PLACEHOLDERS
from notewright.prompting.prompt import MOST_ITEMS, SYSTEM_TOKENS
from tests.house.test_docs import commands, unknown_words

_ROOT = Path(__file__).resolve().parents[2]
_TEXT = (_ROOT / "docs" / "prompts.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| \S", re.MULTILINE)
_COMMON = {one.name for one in dataclasses.fields(PromptFile)}


def rows(title: str) -> dict[str, str]:
    """Return the keys of one table with their defaults as written."""
    return dict(_ROW.findall(_TEXT.split(f"\n### {title}\n")[1].split("\n#", 1)[0]))


def written_default(one: dataclasses.Field[object]) -> str:
    """Return a default as the page writes it."""
    if one.default is not dataclasses.MISSING:
        value = list(one.default) if isinstance(one.default, tuple) else one.default
        return "`" + yaml.safe_dump(value, default_style='"' if value == "" else None).split("\n")[0] + "`"
    if one.default_factory is dataclasses.MISSING:
        return "required"
    return "`{}`" if one.default_factory is dict else "all defaults"


@pytest.mark.parametrize(
    ("title", "kind", "left_out"),
    [
        pytest.param("Of every prompt", PromptFile, set(), id="every"),
        pytest.param("Of `model:`", ModelFile, set(), id="model"),
        pytest.param("Of `budget:`", BudgetFile, set(), id="budget"),
        pytest.param("Of notes", NotesFile, _COMMON, id="notes"),
        pytest.param("Of questions", QuestionsFile, _COMMON, id="questions"),
        pytest.param("Of `policy:`", PolicyFile, set(), id="policy"),
        pytest.param("Of each of `parts`", PartFile, set(), id="parts"),
    ],
)
def test_the_page_lists_every_key_with_its_default(title: str, kind: type, left_out: set[str]) -> None:
    expected = {one.name: written_default(one) for one in dataclasses.fields(kind) if one.name not in left_out}
    assert rows(title) == expected


def test_the_page_s_prompt_yaml_is_understood(tmp_path: Path) -> None:
    folder = tmp_path / "notes" / "mine"
    folder.mkdir(parents=True)
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", _TEXT, re.MULTILINE | re.DOTALL)
    for name, text in (("prompt.yaml", block), ("system.md.j2", ""), ("user.md.j2", "")):
        (folder / name).write_text(text, "utf-8")
    assert Prompts([tmp_path]).audience("mine").prompt.version == 1


@pytest.mark.parametrize(
    "names",
    [
        pytest.param({f"{{{name}}}" for name in (*PLACEHOLDERS, "text", "place", "count")}, id="placeholders"),
        pytest.param({one.name for one in dataclasses.fields(NumberedEntry)}, id="entries"),
        pytest.param(set(get_args(Form)), id="forms"),
        pytest.param({"readers", "language", "words", "entries"}, id="variables"),
        pytest.param(set(get_args(QuestionKind)), id="kinds of questions"),
        pytest.param({"count", "kinds", "characters", "question", "kind", "answer", "fault"}, id="variables of themes"),
    ],
)
def test_the_page_names_every_word_that_may_be_used(names: set[str]) -> None:
    assert {name for name in names if f"`{name}`" not in _TEXT} == set()


def test_the_page_says_the_limits_that_hold() -> None:
    assert f"1 to {MOST_ITEMS}:" in _TEXT
    assert f"no prompt may ask for more than {SYSTEM_TOKENS}" in _TEXT


def test_every_command_that_the_page_shows_has_these_flags() -> None:
    found = list(commands(_TEXT))
    assert found
    assert [words for words in found if unknown_words(words)] == []
