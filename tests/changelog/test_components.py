"""Components: parts of one repository, each told and released by itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from notewright.adapters.repository import open_repository
from notewright.changelog.rules import Component, Rules
from notewright.control import Cancel, ignore
from notewright.flows.changelog import Selection, read_section
from tests.parts.command import run_command
from tests.parts.repository import Repo
from tests.parts.telling import tell

CONFIG = """\
changelog:
  components:
    - {name: web, path: packages/web, depends: [api]}
    - {name: api, path: packages/api}
    - {name: docs, path: ./docs/, tag: "docs/{version}", file: docs/NEWS.md}
"""


@pytest.fixture
def monorepo(repo: Repo) -> Repo:
    """Two releases of api, one of web and of docs, and changes since."""
    repo.commit("chore: configure", {"notewright.yaml": CONFIG})
    repo.commit("feat: serve", {"packages/api/a": "1"})
    repo.tag("api-v1.0.0")
    repo.commit("feat: pages", {"packages/web/a": "1"})
    repo.tag("web-v1.0.0")
    repo.commit("docs: begin", {"docs/a": "1"})
    repo.tag("docs/1.0.0")
    repo.commit("feat: both", {"packages/api/b": "1", "packages/web/b": "1"})
    repo.commit("fix: api alone", {"packages/api/c": "1"})
    repo.tag("api-v1.1.0")
    repo.commit("fix: web alone", {"packages/web/c": "1"})
    repo.commit("feat: not the web", {"packages/website/c": "1"})
    return repo


def sections(repo: Repo, component: str) -> dict[str | None, list[str]]:
    done = run_command("changelog", "--component", component, "--full", "--format", "json", cwd=repo.path)
    assert done.code == 0, done.err
    found = json.loads(done.out)["releases"]
    return {
        section["tag"]: [f"{group['title']}: {entry['summary']}" for group in section["groups"] for entry in group["entries"]]
        for section in found
    }


def test_each_component_tells_its_own_commits_in_its_own_releases(monorepo: Repo) -> None:
    assert sections(monorepo, "api") == {"api-v1.1.0": ["Features: both", "Fixes: api alone"], "api-v1.0.0": ["Features: serve"]}
    assert sections(monorepo, "web") == {
        None: ["Features: both", "Fixes: web alone", "Dependencies: update api to 1.1.0"],
        "web-v1.0.0": ["Features: pages", "Dependencies: update api to 1.0.0"],
    }
    assert sections(monorepo, "docs") == {"docs/1.0.0": ["Documentation: begin"]}


def test_versions_follow_from_each_component_s_own_changes(monorepo: Repo) -> None:
    def version(component: str) -> str:
        done = run_command("version", "--component", component, cwd=monorepo.path)
        assert done.code == 0, done.err
        return done.out.decode().strip()

    assert version("web") == "1.1.0"
    monorepo.commit("fix(api)!: other answers", {"packages/api/d": "1"})
    assert (version("api"), version("web")) == ("2.0.0", "1.1.0")


def test_a_component_s_changelog_is_written_and_checked_where_it_belongs(monorepo: Repo) -> None:
    for component, file in (("web", "packages/web/CHANGELOG.md"), ("docs", "docs/NEWS.md")):
        done = run_command("changelog", "--component", component, "--full", "--write", file, cwd=monorepo.path)
        assert done.code == 0, done.err
        checked = run_command("changelog", "check", "--component", component, cwd=monorepo.path)
        assert checked.code == 0, checked.err
    path = monorepo.path / "packages/web/CHANGELOG.md"
    path.write_text(path.read_text().replace("web alone", "the web alone"))
    assert run_command("changelog", "check", "--component", "web", cwd=monorepo.path).code == 1


def test_an_unknown_component_is_named(monorepo: Repo) -> None:
    done = run_command("changelog", "--component", "wbe", cwd=monorepo.path)
    assert done.code in {2, 3}
    assert "wbe" in done.err


@pytest.mark.parametrize("command", [("changelog", "--full"), ("version",)])
def test_one_log_serves_a_component_and_those_it_needs(monorepo: Repo, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Counted by a git in front of git."""
    folder, calls = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    real = next(path for path in (Path(one) / "git" for one in os.environ["PATH"].split(os.pathsep)) if path.exists())
    (folder / "git").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{calls}"\nexec "{real}" "$@"\n')
    (folder / "git").chmod(0o755)
    environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = run_command(*command, "--component", "web", cwd=monorepo.path, env=environment)
    assert done.code == 0, done.err
    logs = [line for line in calls.read_text().splitlines() if " log " in f" {line} "]
    assert len(logs) == 1, logs


WEB, API = Component("web", "web", "web-v{version}"), Component("api", "api", "api-v{version}")


def of(component: Component, *needs: Component) -> Rules:
    return Rules(component=component, tag=component.tag, needs=needs)


def entries(repo: Repo, rules: Rules) -> list[str]:
    (section,) = read_section(open_repository(repo.path), rules, Selection(), report=ignore, cancel=Cancel())
    return [entry.summary for entry in section.entries()]


def test_one_commit_in_two_components_is_told_by_both(repo: Repo) -> None:
    repo.commit("feat: both", {"web/a": "1", "api/a": "1"})
    assert entries(repo, of(WEB)) == entries(repo, of(API)) == ["both"]
    assert entries(repo, of(WEB, API)) == ["both"]


def test_a_merge_belongs_to_the_components_that_its_branch_touched(repo: Repo) -> None:
    repo.commit("chore: start", {"start": "1"})
    repo.branch("topic")
    repo.commit("wip", {"web/a": "1"})
    repo.commit("more", {"web/b": "1"})
    repo.branch("main")
    repo.commit("chore: meanwhile", {"x": "1"})
    repo.merge("topic", "Merge pull request #3 from o/topic\n\nfeat: pages")
    assert entries(repo, of(WEB)) == ["pages"]
    assert entries(repo, of(API)) == []


def test_updates_of_a_package_are_joined_within_a_component_only(repo: Repo) -> None:
    """The update in one folder stood for that in another one, whose component then had none."""
    repo.commit("build(deps): bump a from 1.0.0 to 1.1.0 in /web", {"web/lock": "1"})
    repo.commit("build(deps): bump a from 1.0.0 to 1.1.0 in /api", {"api/lock": "1"})
    repo.commit("build(deps): bump a from 1.1.0 to 1.2.0 in /api", {"api/lock": "2"})
    assert entries(repo, of(WEB)) == ["bump a from 1.0.0 to 1.1.0 in /web"]
    assert entries(repo, of(API)) == ["bump a from 1.0.0 to 1.2.0"]


def test_a_fixup_in_another_component_than_its_target_is_told_there(repo: Repo) -> None:
    repo.commit("feat: a", {"web/a": "1"})
    repo.commit("fixup! feat: a", {"api/a": "1"})
    assert entries(repo, of(WEB)) == ["a"]
    assert entries(repo, of(API)) == ["a"]


def test_the_whole_repository_is_told_as_ever(monorepo: Repo) -> None:
    assert len(tell(monorepo).entries()) == 7


def test_an_update_that_one_commit_makes_counts_no_others(monorepo: Repo) -> None:
    """The rule said `update of api, with 0 more of its changes`."""

    def rules() -> dict[str, str]:
        done = run_command("changelog", "--component", "web", "--full", "--format", "json", cwd=monorepo.path)
        return {line["subject"]: line["rule"] for release in json.loads(done.out)["releases"] for line in release["ledger"]}

    assert rules()["feat: serve"].endswith("update of api")
    monorepo.commit("fix: api again", {"packages/api/d": "1"})
    monorepo.commit("fix: api once more", {"packages/api/e": "1"})
    monorepo.tag("web-v1.1.0")
    monorepo.commit("fix: the last of api", {"packages/api/f": "1"})
    assert rules()["fix: the last of api"].endswith("update of api")
    assert "with 2 more of its changes" in rules()["fix: api alone"]
