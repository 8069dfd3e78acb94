"""docs/getting-started.md, permissions.md and troubleshooting.md against the code: messages, links, commands, permissions, settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.architecture import PACKAGE, ROOT
from tests.house.test_docs import commands, unknown_words

DOCS = ROOT / "docs"
PAGES = [DOCS / f"{name}.md" for name in ("getting-started", "permissions", "troubleshooting")]
_GITHUB_S_OWN = re.compile(r"(?<=answers …)(: .*)$")


def messages() -> list[str]:
    """Return the messages that the page quotes in the first cell of a row, with … for what differs."""
    return re.findall(r'^\| "([^"]+)" \|', (DOCS / "troubleshooting.md").read_text("utf-8"), re.MULTILINE)


def literals(tree: ast.AST) -> Iterator[str]:
    """Yield every text of a module, with … for what is put into it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def said() -> tuple[str, ...]:
    """Return all that the program and its action can say."""
    code = [text for path in sorted(PACKAGE.rglob("*.py")) for text in literals(ast.parse(path.read_bytes()))]
    return (*code, (ROOT / "action.yml").read_text("utf-8"))


@pytest.mark.parametrize("message", messages())
def test_a_message_of_the_page_is_one_of_the_program_s(message: str) -> None:
    written = _GITHUB_S_OWN.sub("", re.sub(r"answers \d+", "answers …", message))
    pieces = r".+?".join(re.escape(piece) for piece in re.split(r" ?… ?", written.strip("… ").removesuffix(": ")) if piece)
    assert any(re.search(pieces, text, re.DOTALL) for text in said()), message


def test_no_message_stands_on_the_page_twice() -> None:
    found = messages()
    assert len(found) > 40
    assert sorted(set(found)) == sorted(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for place, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text("utf-8")):
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), place
        if anchor:
            titles = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in titles}, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_flag_exists(page: Path) -> None:
    text = re.sub(r"^ +\$", "$", page.read_text("utf-8"), flags=re.MULTILINE)
    for words in commands(text.replace("…", "x")):
        assert unknown_words(words) == [], f"notewright {' '.join(words)}"
    scripts = {name: (ROOT / "runner-setup" / name).read_text("utf-8") for name in re.findall(r"runner-setup/(\w+\.sh)", text)}
    shared = (ROOT / "runner-setup" / "shared.sh").read_text("utf-8")
    for name, flags in re.findall(r"runner-setup/(\w+\.sh)((?: --[\w-]+)*)", text):
        assert [flag for flag in flags.split() if flag not in scripts[name] + shared] == []


def load(path: Path) -> Any:  # noqa: ANN401  # whatever YAML holds
    return yaml.load(path.read_bytes(), yaml.BaseLoader)


def test_the_page_lists_the_lines_that_each_workflow_has() -> None:
    text = (DOCS / "permissions.md").read_text("utf-8")
    listed: dict[str, dict[str, str]] = {}
    for named, permission, access in re.findall(r"^\|(?: \[([\w-]+)\.yml\]\(\S+\))? \| `([\w-]+): (\w+)` \|", text, re.MULTILINE):
        name = named or next(reversed(listed))  # the first cell of a later line is empty
        listed.setdefault(name, {})[permission] = access
    workflows = {path.stem: next(iter(load(path)["jobs"].values())) for path in (ROOT / "workflows").glob("*.yml")}
    assert listed == {name: job["permissions"] for name, job in workflows.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_block_of_a_workflow_is_yaml_and_gives_inputs_that_the_action_has(page: Path) -> None:
    inputs = set(load(ROOT / "action.yml")["inputs"])
    for indent, block in re.findall(r"^( *)```yaml\n(.*?)^ *```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        shown = yaml.safe_load(re.sub(rf"^{indent}", "", block, flags=re.MULTILINE))
        for step in shown.get("steps", []):
            if step["uses"].startswith("notewright/"):
                assert set(step["with"]) <= inputs
            else:
                assert re.search(r"@[0-9a-f]{40}$", step["uses"])
