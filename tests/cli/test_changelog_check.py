"""`changelog check` and `changelog --from-json`, as people and programs see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.parts.command import run_command
from tests.parts.repository import Repo

FILE = "CHANGELOG.md"


@pytest.fixture
def app(repo: Repo) -> Repo:
    """A project with a release, a commit after it, and a changelog of both."""
    repo.commit("feat: start")
    repo.tag("v1.0.0")
    repo.commit("feat: add imports")
    assert run_command("changelog", "--full", "--write", FILE, cwd=repo.path).code == 0
    return repo


def edit(repo: Repo, old: str, new: str) -> None:
    text = (repo.path / FILE).read_text()
    assert old in text
    (repo.path / FILE).write_text(text.replace(old, new, 1))


def test_a_right_file_passes(app: Repo) -> None:
    done = run_command("changelog", "check", cwd=app.path)
    assert (done.code, done.err) == (0, "")
    assert done.out == b"CHANGELOG.md: 2 as history gives them, 0 not ours, 0 wrong\n"


def test_a_wrong_file_fails_and_says_where_and_why(app: Repo) -> None:
    edit(app, "add imports", "imports, at last")
    done = run_command("changelog", "check", cwd=app.path)
    text = done.out.decode()
    assert done.code == 1
    assert text.startswith("CHANGELOG.md:5: Unreleased: edited: edited by a person\n")
    assert "+- imports, at last" in text
    assert f'- commit: {app.sha()[:12]}\n  reword: "imports, at last"\n' in text
    assert text.endswith("CHANGELOG.md: 1 as history gives them, 0 not ours, 1 wrong\n")
    assert done.err.startswith("error: CHANGELOG.md: Unreleased is not what history gives\n")


def test_what_a_check_found_is_there_as_json(app: Repo) -> None:
    edit(app, "- start", "- begin")
    app.commit("fix: more")
    done = run_command("changelog", "check", "--format", "json", cwd=app.path)
    values = json.loads(done.out)
    assert (done.code, values["schema"], values["file"]) == (1, 1, FILE)
    assert [(one["version"], one["status"]) for one in values["sections"]] == [("Unreleased", "stale"), ("1.0.0", "edited")]
    assert all(one["detail"] for one in values["sections"])
    edited = values["sections"][1]
    assert yaml.safe_load(edited["overrides"]) == [{"commit": app.sha("v1.0.0")[:12], "reword": "begin"}]
    assert [one["kind"] for one in edited["differences"]] == ["reworded"]


@pytest.mark.parametrize("command", [("check",), ("--full", "--write", FILE)], ids=["check", "write"])
def test_an_entry_that_is_there_is_to_be_changed_and_not_said_twice(app: Repo, command: tuple[str, ...]) -> None:
    """What was shown contradicted the entry of the same commit, once it was copied beside it."""
    (app.path / ".notewright").mkdir()
    kept = f"- commit: {app.sha('v1.0.0')}\n  reword: begin\n- commit: {app.sha()}\n  reword: imports\n  by: Ada\n"
    (app.path / ".notewright/overrides.yaml").write_text(kept)
    assert run_command("changelog", "--full", "--write", FILE, cwd=app.path).code == 0
    edit(app, "- imports", "- imports, at last")
    done = run_command("changelog", *command, cwd=app.path)
    name = app.sha()[:12]
    told = f"# {name} is told of already: change the entry that is there (.notewright/overrides.yaml, entry 2), add none\n"
    assert f'{told}- commit: {name}\n  reword: "imports, at last"\n' in (done.out.decode() or done.err)
    assert (done.code, (done.out.decode() + done.err).count("is told of already")) == (1, 1)


def test_the_override_that_is_shown_gives_the_edited_words(app: Repo) -> None:
    """What a person copies from the terminal makes the next run write what they wrote."""
    edit(app, "- add imports", '- **io:** add imports: "all" of them & more')
    done = run_command("changelog", "--full", "--write", FILE, cwd=app.path)
    assert done.code == 1
    snippet = done.err.partition("this would say the same, as far as an override can:\n")[2].partition("error:")[0]
    (app.path / ".notewright").mkdir()
    (app.path / ".notewright/overrides.yaml").write_text(snippet)
    done = run_command("changelog", "--full", "--write", FILE, cwd=app.path)
    assert (done.code, done.err) == (0, f"{FILE}: updated\n")  # the mark alone
    assert run_command("changelog", "check", cwd=app.path).code == 0
    assert '- **io:** add imports: "all" of them & more' in (app.path / FILE).read_text()


def test_hostile_words_of_a_file_are_shown_harmless(app: Repo) -> None:
    edit(app, "- add imports", "- add \x1b[31mimports\x07 ##[error]x\n\n::error::y\n")
    for arguments in (["changelog", "check"], ["changelog", "--full", "--write", FILE]):
        done = run_command(*arguments, cwd=app.path)
        text = done.out.decode() + done.err
        assert done.code == 1
        assert not {"\x1b", "\x07"} & set(text)
        assert "##[" not in text
        assert not any(row.lstrip().startswith("::") for row in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["--full", "check"], 2, "--full stands before check", id="an option before"),
        pytest.param(["check", "--metadata", "none.json"], 4, "there is no metadata at none.json", id="no metadata"),
        pytest.param(["--from-json", "x.json", "--full"], 2, "--from-json and --full exclude each other", id="JSON and full"),
        pytest.param(["--from-json", "x.json", "--to", "HEAD"], 2, "--from-json and --to exclude each other", id="JSON and a range"),
        pytest.param(["--from-json", "x.json"], 2, "there is no x.json", id="no JSON"),
        pytest.param(["v1.0.0"], 2, "No such command 'v1.0.0'", id="a revision as a command"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], code: int, told: str, app: Repo) -> None:
    done = run_command("changelog", *arguments, cwd=app.path)
    assert (done.code, done.out) == (code, b"")
    assert told in done.err


def test_a_missing_changelog_is_told_with_what_to_do(repo: Repo) -> None:
    repo.commit("feat: start")
    done = run_command("changelog", "check", cwd=repo.path)
    assert (done.code, done.err) == (
        4, "error: there is no CHANGELOG.md\n  hint: write it with `notewright changelog --full --write CHANGELOG.md`\n",
    )  # fmt: skip


def test_the_component_s_own_group_of_options_is_the_same_bare_and_with_help(app: Repo) -> None:
    assert run_command("changelog", cwd=app.path).out.startswith(b"## Unreleased\n")
    shown = run_command("changelog", "--help", cwd=app.path)
    assert (shown.code, b"check" in shown.out, b"--from-json" in shown.out) == (0, True, True)


def test_json_read_back_gives_the_same_markdown(app: Repo, tmp_path: Path) -> None:
    for arguments in ([], ["--full"], ["--to", "v1.0.0"]):
        printed = run_command("changelog", *arguments, "--format", "json", cwd=app.path).out
        markdown = run_command("changelog", *arguments, cwd=app.path).out
        assert run_command("changelog", "--from-json", "-", cwd=app.path, stdin=printed).out == markdown
        (app.path / "told.json").write_bytes(printed)
        assert run_command("changelog", "--from-json", "told.json", "--format", "json", cwd=app.path).out == printed
    explained = run_command("changelog", "--to", "v1.0.0", "--explain", cwd=app.path)
    assert run_command("changelog", "--from-json", app.path / "told.json", "--explain", cwd=tmp_path).out == explained.out


def test_json_is_spliced_like_a_history(app: Repo) -> None:
    printed = run_command("changelog", "--full", "--format", "json", cwd=app.path).out
    before = (app.path / FILE).read_bytes()
    done = run_command("changelog", "--from-json", "-", "--write", FILE, cwd=app.path, stdin=printed)
    assert (done.code, done.err, (app.path / FILE).read_bytes()) == (0, f"{FILE}: unchanged\n", before)


@pytest.mark.parametrize("stdin", [b"", b"{}", b"[]", b"\xff", b'{"schema":1,"releases":[{}]}', b"[" * 100_000])
def test_json_of_other_kinds_is_refused(stdin: bytes, app: Repo) -> None:
    done = run_command("changelog", "--from-json", "-", cwd=app.path, stdin=stdin)
    assert (done.code, done.out) == (4, b"")
    assert done.err.startswith("error: ")
    assert "Traceback" not in done.err
