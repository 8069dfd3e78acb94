"""docs/review.md against the code: every quoted message, state, mark, key, command, file and permission."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import yaml

from notewright.action.inputs import Inputs
from notewright.config.config import as_values
from notewright.config.validation import validated
from notewright.notes.document import Status
from notewright.review import audit, folder
from notewright.review.approval import CONTEXT, context_of
from notewright.review.checklist import AUDITS
from notewright.review.gate import Problem, Rules, refuse
from notewright.review.material import STATUSES
from tests.house import architecture
from tests.house.test_docs import commands, unknown_words

_ROOT = Path(__file__).resolve().parents[2]
_TEXT = (_ROOT / "docs" / "review.md").read_text("utf-8")
_PROSE = re.sub(r"^```.*?^```$", "", _TEXT, flags=re.MULTILINE | re.DOTALL)
_SAYING = ("flows", "review")  # the packages whose words people read in a pull request, a status or a log


def section(title: str) -> str:
    """Return what stands below a heading."""
    return _TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """Return the cells of every row of the tables below a heading, heads left out."""
    found = re.findall(r"^\| (.*) \|$", section(title), re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in found if not row.startswith(("mark ", "it says ", "state "))]


def quoted() -> list[str]:
    """Return the messages that the page quotes; a quote within code is one of a file."""
    plain = " ".join(re.sub(r'`"\w+": "\w+"`', "", _PROSE).split())
    return re.findall(r'"([^"]+)"', plain)


def sentences() -> Iterator[tuple[str, int]]:
    """Yield what the code may say, each as a pattern with the length of its fixed words."""
    for package in _SAYING:
        for path in sorted((architecture.PACKAGE / package).rglob("*.py")):
            name = ".".join(("notewright", *path.relative_to(architecture.PACKAGE).with_suffix("").parts))
            module = importlib.import_module(name)
            for node in ast.walk(ast.parse(path.read_bytes())):
                parts: list[ast.expr] = node.values if isinstance(node, ast.JoinedStr) else [node] if isinstance(node, ast.Constant) else []
                words = [_fixed(part, module) for part in parts]
                if fixed := sum(len(word) for word in words if word):
                    yield "".join(re.escape(word) if word else ".*" for word in words), fixed


def _fixed(part: ast.expr, module: object) -> str | None:
    """Return the words of a part of a text, None for those that vary."""
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
        named = getattr(module, part.value.id, None)
        return named if isinstance(named, str) else None
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None


_SENTENCES = tuple(sentences())


def test_the_page_quotes_what_people_are_told() -> None:
    assert len(quoted()) >= 20


@pytest.mark.parametrize("message", quoted())
def test_a_quoted_message_is_one_that_the_code_says(message: str) -> None:
    """Two fifths of it at least are the code's own words; names, numbers and what follows them may be anything."""
    assert any(5 * fixed >= 2 * len(message) and re.match(pattern, message) for pattern, fixed in _SENTENCES)


def test_the_page_says_of_everybody_who_may_not_approve_why() -> None:
    rules = Rules("gate[bot]", ("ada", "bob"), frozenset({"bob"}))
    reasons = {refuse(login, "read", rules) for login in ("gate[bot]", "eve", "bob", "ada")}
    assert refuse("ada", "write", rules) is None
    assert reasons <= set(quoted()) | {one.partition(", who ")[2] for one in quoted()}


def test_the_page_names_the_statuses_and_their_states() -> None:
    assert set(re.findall(rf"`({CONTEXT}(?:/\w+)?)`", _TEXT)) == {CONTEXT, *map(context_of, AUDITS)}
    states: tuple[str, ...] = get_args(get_type_hints(Problem)["state"])
    assert {row[0].strip("`") for row in rows("The gate")} == {*states, "success"}
    assert {row[0].strip("`") for row in rows("Setting it up")} == {"failure", "success"}, "a queue does not wait"


def test_the_page_names_every_way_that_a_sentence_comes_about() -> None:
    listed = {row[1].strip("`"): row[0] for row in rows("What the marks mean") if row[1].startswith("`") and len(row) > 2}
    assert listed == STATUSES
    assert set(listed) == set(get_args(Status))


def test_every_key_that_the_page_names_is_one_with_the_default_that_it_says() -> None:
    defaults: dict[str, Any] = as_values(validated({}, "defaults"))
    named = re.findall(r"`((?:release|changelog|notes)\.\w+)(?:: (\w+))?`", _TEXT)
    assert {key for key, _ in named} >= {"release.approvers", "release.approver_may_author", "release.base"}
    for key, value in named:
        part, name = key.split(".")
        assert name in defaults[part], key
        validated({part: {name: yaml.safe_load(value)}} if value else {}, key)
    assert defaults["release"]["approver_may_author"] is True
    assert not defaults["release"]["approvers"]


def test_every_command_that_the_page_shows_has_these_flags() -> None:
    shown = [*commands(_TEXT), *(["release", name] for name in re.findall(r"`release (\w+)`", _TEXT))]
    assert {words[1] for words in shown} == {"collect", "finish", "gate", "prepare", "run", "verify"}
    assert [words for words in shown if unknown_words(words)] == []
    for flag in re.findall(r"`(--[\w-]+)`", _TEXT):
        assert any(not unknown_words(["release", name, flag]) for name in ("finish", "run")), flag


def test_the_page_names_the_inputs_of_the_action_as_they_are() -> None:
    inputs = yaml.safe_load((_ROOT / "action.yml").read_text("utf-8"))["inputs"]
    assert {"without-gate", "component", "token"} <= set(inputs)
    assert {one.name for one in dataclasses.fields(Inputs)} >= {"without_gate", "component"}
    dispatched = yaml.safe_load((_ROOT / "workflows" / "release.yml").read_text("utf-8"))[True]["workflow_dispatch"]["inputs"]
    assert "regenerate" in set(inputs) & set(dispatched), "the page says that the release workflow has it"


def test_the_workflows_are_as_the_page_says() -> None:
    gate, finish, release = (
        yaml.safe_load((_ROOT / "workflows" / f"{name}.yml").read_text("utf-8")) for name in ("gate", "finish", "release")
    )
    assert list(gate["jobs"]) == [CONTEXT], "the job is named like the status"
    assert gate["jobs"][CONTEXT]["permissions"]["statuses"] == "write"
    assert {"schedule", "push", "pull_request", "merge_group", "workflow_dispatch"} == set(gate[True])
    assert [each[True]["push"]["branches"][0] for each in (gate, finish, release)] == ["main"] * 3
    assert {"workflow_dispatch", "push"} == set(release[True])
    assert release[True]["push"]["branches"][1:] == ["notewright/release*"], "a push to the release branch starts it"


def test_the_page_names_the_records_of_the_audit_in_their_order() -> None:
    records = [one.name for one in dataclasses.fields(audit.Audit) if one.name != "schema"]
    told = re.search(r"a chain of five records, (.*?), each", " ".join(_TEXT.split()))
    assert told
    assert re.findall(r"`(\w+)`", told[1]) == records
    assert {f"`{name}`" for name in (folder.SECTION, folder.LEDGER, folder.PAGE, audit.NAME)} <= set(
        re.findall(r"`[\w.]+`", section("Finishing"))
    )


def test_the_page_s_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", _PROSE):
        name, _, anchor = target.partition("#")
        path = (_ROOT / "docs" / name) if name else _ROOT / "docs" / "review.md"
        assert path.is_file(), target
        titles = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE) if anchor else []
        anchors = {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in titles}
        assert not anchor or anchor in anchors, target
