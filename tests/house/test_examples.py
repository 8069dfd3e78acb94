"""The examples of docs/changelog.md, built and run: what the page shows is what the program prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.parts.command import run_command
from tests.parts.repository import Repo

PAGE = Path(__file__).resolve().parents[2] / "docs" / "changelog.md"
COMPONENTS = """changelog:
  components:
    - {name: core, path: packages/core}
    - {name: web, path: packages/web, tag: "web/{version}", depends: [core]}
"""
SQUASHED = """feat: sign in with a code (#23)

* feat: sign in with a code

* fix(mail): send codes in the reader's language

* test: codes
"""


def change(repo: Repo, message: str, file: str | None = None) -> str:
    """Commit a change of a file of its own: a patch that no other commit has."""
    return repo.commit(message, {file or f"file-{repo.now_s}": message})


def start(repo: Repo) -> None:
    change(repo, "feat: start")
    repo.tag("v1.0.0")


def revert(repo: Repo, verb: str, sha: str) -> str:
    """Take a commit back as git does, or bring back what a revert took."""
    subject = repo.git("log", "-1", "--format=%s", sha)
    subject = subject.removeprefix('Revert "').removesuffix('"') if verb == "Reapply" else subject
    return change(repo, f'{verb} "{subject}"\n\nThis reverts commit {sha}.\n')


def build_reverts(repo: Repo) -> str:
    start(repo)
    revert(repo, "Revert", change(repo, "feat: add dark mode (#10)"))
    calendars = change(repo, "feat: import calendars")
    revert(repo, "Reapply", revert(repo, "Revert", calendars))
    return calendars


def build_merges(repo: Repo) -> None:
    start(repo)
    for branch, messages, title in (
        ("passkeys", ("feat: add passkeys", "fix: wrap long names"), "Merge pull request #21 from acme/passkeys\n\nPasskeys and names\n"),
        ("parquet", ("wip", "more of it"), "Merge pull request #22 from acme/parquet\n\nfeat(export): write Parquet\n"),
    ):
        repo.branch(branch)
        for message in messages:
            change(repo, message)
        repo.branch("main")
        repo.merge(branch, title)
    change(repo, SQUASHED)


def build_picks(repo: Repo) -> None:
    start(repo)
    repo.git("branch", "1.x")
    fix = change(repo, "fix: crash on empty names")
    change(repo, "feat: new page")
    repo.branch("1.x")
    repo.git("cherry-pick", "-x", fix)
    repo.tag("v1.0.1")
    repo.branch("main")
    repo.merge("1.x", "Merge branch '1.x'")


def build_updates(repo: Repo) -> None:
    start(repo)
    change(repo, "build(deps): bump urllib3 from 1.26.4 to 1.26.5 (#31)")
    change(repo, "build(deps): bump ruff from 0.5.0 to 0.5.1 (#32)")
    change(repo, "build(deps): bump urllib3 from 1.26.5 to 2.2.0 (#33)")
    change(repo, "Update urllib3 to 2.2.1")


def build_overrides(repo: Repo) -> None:
    start(repo)
    login, imports = change(repo, "fix/login"), change(repo, "feat: add imports (#12)")
    entries = f"- {{commit: {login[:7]}, reword: Accept passkeys on the login page, type: feat, why: the message named the branch only}}\n"
    repo.commit(
        "chore: correct two", {".notewright/overrides.yaml": f"{entries}- {{commit: {imports[:7]}, reword: Import spreadsheets}}\n"}
    )


def build_components(repo: Repo) -> None:
    repo.commit("feat: start", {"notewright.yaml": COMPONENTS, "packages/core/a": "", "packages/web/a": ""})
    for tag in ("core-v1.0.0", "web/1.0.0"):
        repo.tag(tag)
    change(repo, "feat: parse dates", "packages/core/dates")
    change(repo, "fix: show dates", "packages/web/dates")


def build_squash(repo: Repo) -> None:
    start(repo)
    change(repo, SQUASHED)


def printed(repo: Repo, *args: str) -> list[str]:
    """Return the lines that the command prints in a terminal of 110 columns."""
    ended = run_command("changelog", *args, cwd=repo.path, env={"COLUMNS": "110"})
    assert ended.code == 0, ended.err
    return ended.out.decode().splitlines()


@pytest.mark.parametrize(
    ("build", "args", "lines"),
    [
        pytest.param(build_reverts, ["--explain"], slice(1, None), id="reverts"),
        pytest.param(build_merges, ["--explain"], slice(1, None), id="merges"),
        pytest.param(build_squash, [], slice(2, None), id="a squashed list"),
        pytest.param(build_picks, ["--explain"], slice(None), id="cherry-picks"),
        pytest.param(build_updates, ["--explain"], slice(1, -1), id="updates, each commit"),
        pytest.param(build_updates, [], slice(2, None), id="updates"),
        pytest.param(build_overrides, ["--explain"], slice(3, -1), id="overrides"),
        pytest.param(build_components, ["--component", "web"], slice(None), id="components"),
    ],
)
def test_an_example_is_what_the_program_prints(repo: Repo, build: Callable[[Repo], object], args: list[str], lines: slice) -> None:
    build(repo)
    assert "\n".join(printed(repo, *args)[lines]) in PAGE.read_text("utf-8")


def test_reverts_of_what_is_released_are_told_as_the_page_says(repo: Repo) -> None:
    calendars = build_reverts(repo)
    repo.tag("v1.1.0")
    last = revert(repo, "Revert", calendars)
    assert rules(repo) == [f"revert; takes back {calendars[:7]}, released before"]
    repo.tag("v1.2.0")
    revert(repo, "Reapply", last)
    assert rules(repo) == [f"as what it brings back; brings back {calendars[:7]}, released before"]
    repo.tag("v1.3.0")
    revert(repo, "Reapply", revert(repo, "Revert", calendars))
    assert rules(repo) == [f"comes to nothing: {calendars[:7]} is as it was"] * 2


def test_reverts_of_what_nobody_was_told_are_hidden_as_the_page_says(repo: Repo) -> None:
    start(repo)
    tidy = change(repo, "chore: tidy")
    repo.tag("v1.3.1")
    revert(repo, "Revert", tidy)
    assert rules(repo) == [f"reverts a change of hidden type chore; takes back {tidy[:7]}, released before"]


def test_fixups_and_release_commits_become_what_the_page_says(repo: Repo) -> None:
    start(repo)
    for message in (
        "feat: add search",
        "fixup! feat: add search",
        "fixup! feat: start",
        "fixup! fix: gone",
        "chore(release): 1.0.1",
        "v1.1.0",
    ):
        change(repo, message)
    told = [line["rule"] for line in ledger(repo)]
    shown = [re.sub("[0-9a-f]{7}", "…", rule) for rule in reversed(told[:-1])]
    assert all(rule in re.sub("amends [0-9a-f]{7}", "amends …", PAGE.read_text("utf-8")) for rule in shown), shown


def test_the_groups_of_the_page_are_those_of_its_configuration(repo: Repo) -> None:
    section = PAGE.read_text("utf-8").split("\n## Groups")[1].split("\n## ")[0]
    start(repo)
    change(repo, re.findall(r"^```yaml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[0], "notewright.yaml")
    rows = re.findall(r"^\| `([^`]+)`(?:, with `([^`]+)`)? \| ([^|]+) \|$", section.split("what comes of it")[1], re.MULTILINE)
    assert len(rows) > 5
    repo.tag("v1.1.0")
    for header, footer, _ in rows:
        change(repo, f"{header}\n\n{footer}\n")
    told = json.loads(run_command("changelog", "--format", "json", cwd=repo.path).out)["releases"][0]
    titles = {one["id"]: group["title"] for group in told["groups"] for one in group["entries"]}
    lines = {line["subject"]: line for line in ledger(repo)}
    for header, _, says in rows:
        line = lines[header]
        title = titles[line["entries"][0]] if line["entries"] else "hidden"
        assert re.match(rf"{title}(?: ·|;|$)", says), (header, title)
        assert "rule `" not in says or f"rule `{line['rule']}`" in says, (header, line["rule"])


def test_the_template_of_the_page_can_be_used(repo: Repo) -> None:
    (template,) = re.findall(r"^```jinja\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    start(repo)
    repo.commit("chore: layout", {"notewright.yaml": "changelog: {template: layout.j2}\n", "layout.j2": template})
    sha = change(repo, "feat: add search")
    assert printed(repo) == ["## Unreleased", "", "### Features", "", f"- add search ({sha[:7]})"]


def ledger(repo: Repo) -> list[dict[str, Any]]:
    """Return the ledger of what is unreleased."""
    told = json.loads(run_command("changelog", "--explain", "--format", "json", cwd=repo.path).out)
    lines: list[dict[str, Any]] = told["releases"][0]["ledger"]
    return lines


def rules(repo: Repo) -> list[str]:
    """Return the rules that decided about what is unreleased; the page names each, with the commit of its example."""
    found = [line["rule"] for line in ledger(repo)]
    assert all(rule in PAGE.read_text("utf-8") for rule in found)
    return found
