from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.parts.repository import Repo

_COMMAND = [sys.executable, "-c", "import sys; from notewright.cli.main import main; sys.argv[0] = 'notewright'; main()"]
_OURS = {"details", "summary", "b", "sub"}  # what a pull request body is made of
_HOSTILE = "$(touch pwned) `touch pwned` ; touch pwned"


def tokens(markdown: str) -> Iterator[Token]:
    """Everything that a Markdown renderer sees in a document, with HTML switched on."""
    for block in MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown):
        yield block
        yield from block.children or ()


@pytest.fixture
def hostile(repo: Repo) -> Repo:
    """A repository whose own configuration would run a program at every turn."""
    program = repo.path / ".git" / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {repo.path}/pwned\ncat\n")
    program.chmod(0o755)
    repo.commit("feat: one", {"a.txt": "1\n", ".gitattributes": "* diff=evil filter=evil\n"})
    repo.tag("v1.0.0", annotated=True)
    repo.commit("feat: two", {"a.txt": "2\n"})
    hook = repo.path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "commit-msg", "pre-push", "reference-transaction", "post-index-change"):
        (hook.parent / name).write_text(program.read_text())
        (hook.parent / name).chmod(0o755)
    evil = str(program)
    for key, value in {
        "core.fsmonitor": evil, "core.sshCommand": evil, "core.pager": evil, "core.editor": evil, "core.askPass": evil,
        "diff.external": evil, "diff.evil.textconv": evil, "diff.evil.command": evil, "filter.evil.clean": evil, "filter.evil.smudge": evil,
        "filter.evil.process": evil, "gpg.program": evil, "log.showSignature": "true", "log.mailmap": "true", "alias.log": f"!{evil}",
        "core.hooksPath": str(hook.parent), "credential.helper": f"!{evil}", "uploadpack.packObjectsHook": evil, "pager.log": evil,
        "i18n.logOutputEncoding": "ISO-8859-1", "color.ui": "always",
    }.items():  # fmt: skip
        repo.git("config", key, value)
    return repo


@pytest.mark.case(29, 30)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["changelog", "--full"], id="history"),
        pytest.param(["changelog", "--from", "v1.0.0", "--explain"], id="range"),
        pytest.param(["changelog", "--write", "CHANGELOG.md"], id="write"),
        pytest.param(["version"], id="version"),
        pytest.param(["release", "prepare", "--engine", "none", "--output", "build/proposal"], id="proposal"),
    ],
)
def test_a_repository_s_configuration_and_hooks_run_nothing(hostile: Repo, arguments: list[str]) -> None:
    done = subprocess.run([*_COMMAND, *arguments], cwd=hostile.path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert not (hostile.path / "pwned").exists()
    assert b"\x1b" not in done.stdout


def test_replaced_and_grafted_commits_are_read_as_they_were_made(repo: Repo) -> None:
    first = repo.commit("feat: one")
    second = repo.commit("feat: two")
    third = repo.commit("feat: three")
    repo.git("replace", third, first)
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "grafts").write_text(f"{third}\n")
    done = subprocess.run([*_COMMAND, "changelog", "--format", "json"], cwd=repo.path, capture_output=True, timeout=60, check=True)
    (release,) = json.loads(done.stdout)["releases"]
    assert [line["sha"] for line in release["ledger"]] == [third, second, first]


def test_words_of_a_commit_are_never_a_shell_s_nor_a_page_s(repo: Repo, tmp_path: Path) -> None:
    repo.commit(f"feat: {_HOSTILE}\n\nBREAKING CHANGE: <img src=x onerror=alert(1)> @everyone closes #1")
    repo.commit("fix: [a](javascript:alert(1)) ![b](http://example.org/c.png) <script>1</script> ::set-output name=a::b")
    command = [*_COMMAND, "release", "prepare", "--engine", "none", "--output", str(tmp_path / "proposal"), "--audience", "developer"]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, timeout=60, check=True, env={**os.environ, "CI": "true"})
    assert not (repo.path / "pwned").exists()
    for path in (tmp_path / "proposal").rglob("*.md"):
        for token in tokens(path.read_text("utf-8")):
            assert token.type != "image", path
            assert token.type != "link_open", path  # there is no address to link to, so every link would be the commit's
            assert not token.type.startswith("html_") or set(re.findall(r"</?(\w+)", token.content)) <= _OURS, path
            assert token.type != "text" or not re.search(r"@everyone|closes #1", token.content), path
    page = (tmp_path / "proposal" / "audit.html").read_text("utf-8")
    assert "<img" not in page
    assert "<script>1" not in page
    assert not any(line.lstrip().startswith(b"::") for line in (done.stdout + done.stderr).splitlines())
