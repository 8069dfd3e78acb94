from __future__ import annotations

import pytest

from tests.parts.command import run_command
from tests.parts.repository import Repo


@pytest.mark.parametrize("preset", ["keepachangelog", "conventional", "github", "plain"])
def test_the_template_that_is_printed_gives_what_the_preset_gives(repo: Repo, preset: str) -> None:
    repo.commit("feat(api): begin (#1)", {"notewright.yaml": f"changelog: {{preset: {preset}}}\n"})
    repo.commit("fix!: mend it\n\nBREAKING CHANGE: all is new")
    plain = run_command("changelog", cwd=repo.path)
    printed = run_command("changelog", "--print-template", cwd=repo.path)
    assert (printed.code, printed.err) == (0, "")
    (repo.path / "own.md.j2").write_bytes(printed.out)
    (repo.path / "notewright.yaml").write_text(f"changelog: {{preset: {preset}, template: own.md.j2}}\n")
    assert run_command("changelog", cwd=repo.path).out == plain.out


@pytest.mark.parametrize("option", ["--full", "--explain", "--version=1.0.0", "--write=CHANGELOG.md"])
def test_printing_a_template_tells_of_no_commit(repo: Repo, option: str) -> None:
    repo.commit("feat: begin")
    done = run_command("changelog", "--print-template", option, cwd=repo.path)
    assert (done.code, done.out) == (2, b"")
    assert f"--print-template and {option.partition('=')[0]} exclude each other" in done.err
