"""docs/notes.md against the code: audiences and their budgets, statuses, commands, and the releases that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import open_repository
from notewright.config.config import Config
from notewright.control import Cancel, ignore
from notewright.flows.changelog import Selection, read_releases
from notewright.notes.assembly import assemble
from notewright.notes.document import Notes, Status
from notewright.notes.markdown import notes_markdown
from tests.house.test_docs import commands, unknown_words

_TEXT = (Path(__file__).resolve().parents[2] / "docs" / "notes.md").read_text("utf-8")
_PROMPTS = Prompts(prompt_places(None))
_ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|", re.MULTILINE)


def test_every_audience_has_a_row_with_its_budget_and_what_it_must_cover() -> None:
    rows = {name: (budget, covers) for name, budget, covers in _ROW.findall(_TEXT.split("## Audiences")[1].split("\n## ")[0])}
    assert set(rows) == set(_PROMPTS.names("notes"))
    for name, (budget, covers) in rows.items():
        policy = _PROMPTS.audience(name).policy
        limit = policy.most_words or policy.most_characters or policy.style.most_words_breaking
        assert re.match(r"\d+", budget)[0] == str(limit)  # type: ignore[index]  # a row without a number fails too
        assert tuple(re.findall("breaking|security", covers)) == policy.required


def test_every_status_is_told() -> None:
    found = [name for name, _ in re.findall(r"^\| `(\w+)` \| ([^|]*) \|$", _TEXT, re.MULTILINE)]
    assert tuple(found) == get_args(Status)


def test_every_command_of_the_page_has_these_flags() -> None:
    found = list(commands(_TEXT))
    assert len(found) >= 3
    assert [words for words in found if unknown_words(words)] == []


@pytest.mark.parametrize(
    ("history", "version", "audience"), [("poetry", "2.3.0", "customer"), ("angular-cli", "16.0.0-next.2", "migration")]
)
def test_the_releases_of_the_page_are_told_so(history: str, version: str, audience: str, recorded: Callable[[str], Path]) -> None:
    repository = open_repository(recorded(history))
    sections = read_releases(repository, Config().rules(), Selection(), report=ignore, cancel=Cancel())
    told = next(section for section in sections if section.version == version)
    policy = _PROMPTS.audience(audience).policy
    page = notes_markdown(Notes(version, audience, "none", assemble(told, policy)), told, policy)
    assert f"```markdown\n{page}```\n" in _TEXT
