"""`changelog --explain`: every commit and what became of it, as wide as the terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.changelog.section import LedgerLine, Outcome, Section, Totals
from notewright.cli.explain import columns_of, cut, explain_table
from tests.parts.command import PROGRAM, run_command
from tests.parts.repository import Repo


def told(*lines: LedgerLine, version: str | None = "1.0.0") -> Section:
    count = {outcome: sum(line.outcome == outcome for line in lines) for outcome in ("shown", "folded", "hidden")}
    totals = Totals(len(lines), count["shown"], count["folded"], count["hidden"])
    return Section(version, None, "v0.9.0", "2026-01-01", totals, (), (), lines)


def line(subject: str, outcome: Outcome = "shown", rule: str = "type feat", entries: Iterable[str] = ("c-12345678",)) -> LedgerLine:
    return LedgerLine("0123456789" * 4, subject, outcome, tuple(entries), rule)


def table(*lines: LedgerLine, columns: int = 80) -> list[str]:
    return list(explain_table([told(*lines)], columns=columns, colour=False))


def test_each_release_has_a_heading_its_commits_and_totals_that_add_up(repo: Repo) -> None:
    first = repo.commit("feat: start")
    repo.tag("v1.0.0")
    second = repo.commit("feat(auth): add passkey login (#412)")
    third = repo.commit("chore: tidy a very long subject that does not fit into its column, whatever the terminal")
    done = run_command("changelog", "--full", "--explain", cwd=repo.path)
    lines = done.out.decode().splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines == [
        "Unreleased, after v1.0.0",
        "commit   outcome  subject                          rule               entries",
        f"{third[:7]}  hidden   chore: tidy a very long subjec…  hidden type chore",
        f"{second[:7]}  shown    feat(auth): add passkey login…   type feat          {lines[3][-10:]}",
        "2 commits: 1 shown, 0 folded, 1 hidden",
        "",
        "1.0.0 - 2026-01-01, the first release",
        "commit   outcome  subject                                  rule       entries",
        f"{first[:7]}  shown    feat: start                              type feat  {lines[8][-10:]}",
        "1 commit: 1 shown, 0 folded, 0 hidden",
    ]


def test_long_rules_and_many_entries_go_on_below() -> None:
    rows = table(line("x", rule="a rule of rather many words, which does not fit", entries=["c-11111111", "c-22222222", "c-33333333"]))
    assert " ".join("".join(row[44:68]).strip() for row in rows[2:-1]).split() == "a rule of rather many words, which does not fit".split()
    assert [row[-10:] for row in rows[2:5]] == ["c-11111111", "c-22222222", "c-33333333"]


_TEXT = st.text(max_size=80) | st.sampled_from(
    [
        "日本語のコミット" * 9,
        "e\u0301" * 90,
        "👩‍👩‍👧" * 30,
        "x" * 100_000,
        "##[error]x",
        "::error::x",
        "a ::error::x" * 9,
        "\x1b[31mred\x07\u202e",
    ]
)


@given(st.lists(st.builds(line, _TEXT, rule=_TEXT, entries=st.lists(_TEXT, max_size=3)), max_size=4), st.integers(50, 200))
def test_no_line_is_wider_than_the_terminal_and_none_is_obeyed(lines: list[LedgerLine], columns: int) -> None:
    rows = table(*lines, columns=columns)
    assert max(map(columns_of, rows)) <= columns
    assert not any("##[" in row or row.lstrip().startswith("::") for row in rows)
    assert all(ord(character) >= 32 and ord(character) != 127 for row in rows for character in row)


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        pytest.param("abc", 3, "abc", id="fits"),
        pytest.param("abcd", 3, "ab…", id="cut"),
        pytest.param("日本語", 6, "日本語", id="wide and fits"),
        pytest.param("日本語", 5, "日本…", id="wide and cut"),
        pytest.param("日本語", 4, "日…", id="no half a character"),
        pytest.param("e\u0301e\u0301", 2, "e\u0301e\u0301", id="marks take no column"),
    ],
)
def test_text_is_measured_in_columns(text: str, columns: int, expected: str) -> None:
    assert cut(text, columns) == expected


def test_json_has_the_ledgers(repo: Repo) -> None:
    sha = repo.commit("feat: start")
    values = json.loads(run_command("changelog", "--explain", "--format", "json", cwd=repo.path).out)
    (release,) = values["releases"]
    assert (values["schema"], release["version"], release["tag"]) == (1, None, None)
    assert [(one["sha"], one["outcome"], one["rule"]) for one in release["ledger"]] == [(sha, "shown", "type feat")]


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["a terminal", "NO_COLOR"])
def test_a_terminal_gets_colour_and_its_own_width(variables: dict[str, str], coloured: bool, repo: Repo) -> None:
    repo.commit("feat: " + "many words " * 20)
    outer, inner = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", **variables}
    subprocess.run([*PROGRAM, "changelog", "--explain"], cwd=repo.path, stdout=inner, env=environment, check=True, timeout=60)
    os.close(inner)
    text = os.read(outer, 65536).decode()
    os.close(outer)
    assert ("\x1b[32m" in text) is coloured
    row = next(row for row in text.splitlines() if "many words" in row)
    assert columns_of(row.replace("\x1b[32m", "").replace("\x1b[0m", "")) == 120
