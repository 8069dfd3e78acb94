"""Proposals of real projects: what prepare writes, propose accepts, whatever the history holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.adapters.access import Access
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import open_repository
from notewright.config.config import Config
from notewright.control import Cancel, ignore
from notewright.flows.prepare import prepare_release
from notewright.flows.propose import preview_release
from notewright.llm.door import open_engine
from notewright.llm.settings import EngineSettings
from notewright.review.body import LIMIT
from tests.parts.histories import HISTORIES

AUDIENCES = ("developer", "customer", "executive")


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        *(pytest.param(name, "v{version}", id=f"the next release of {name}") for name in HISTORIES),
        *(pytest.param(name, "never-{version}", id=f"all of {name} as a first release") for name in ("git-cliff", "flask")),
    ],
)
def test_a_real_history_becomes_a_proposal_that_stands(recorded: Callable[[str], Path], tmp_path: Path, name: str, tag: str) -> None:
    root = recorded(name)
    repository, prompts = open_repository(root), Prompts(prompt_places(root))
    config = replace(Config(), changelog=replace(Config().changelog, tag=tag), release=replace(Config().release, base="main"))
    access = Access("acme/app", "https://github.com", "https://api.github.com")
    prepared = prepare_release(
        repository, config, output=tmp_path / "out", access=access, metadata=None, version=None,
        audiences=[prompts.audience(audience) for audience in AUDIENCES], opened=open_engine("none", settings=EngineSettings()),
        report=ignore, cancel=Cancel(),
    )  # fmt: skip
    outcome = preview_release(tmp_path / "out", repository, config, access=access, prompts=prompts, report=ignore, cancel=Cancel())
    assert outcome.message.startswith("the proposal stands")
    body = (tmp_path / "out/body.md").read_text()
    assert len(body.encode("utf-16-le")) // 2 <= LIMIT
    totals = prepared.draft.section.totals
    assert totals.commits == totals.shown + totals.folded + totals.hidden == len(prepared.draft.section.ledger)
    assert "**0 unaccounted for**" in body
    assert len(re.findall(r"^<details", body, re.MULTILINE)) == len(re.findall(r"^</details>$", body, re.MULTILINE)) == 3 + len(AUDIENCES)
