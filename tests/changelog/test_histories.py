from __future__ import annotations

import heapq
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notewright.history.versions import parse_tag
from tests.parts.repository import Repo

HISTORIES = ["git-cliff", "flask", "poetry", "vue-core", "angular-cli"]
Recorded = Callable[[str], Path]


def changelog(repository: Path, *options: str, environment: dict[str, str] | None = None) -> bytes:
    """Run `notewright changelog` as users do and return what it printed."""
    code = "import sys; from notewright.cli.main import main; sys.argv[0] = 'notewright'; main()"
    command = [sys.executable, "-c", code, "changelog", "--repo", str(repository), *options]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, env={**os.environ, **(environment or {})})
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def read_git(repository: Path, *arguments: str, stdin: str = "") -> list[str]:
    """Run git and return its lines."""
    done = subprocess.run(["git", "-C", str(repository), *arguments], input=stdin, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


def releases(repository: Path, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(changelog(repository, "--full", "--format", "json", *options))["releases"]
    return found


@pytest.mark.parametrize("name", HISTORIES)
def test_every_commit_of_a_real_history_is_in_exactly_one_ledger_and_the_totals_add_up(recorded: Recorded, name: str) -> None:
    repository = recorded(name)
    found = releases(repository)
    listed = Counter(line["sha"] for release in found for line in release["ledger"])
    assert listed == Counter(read_git(repository, "rev-list", "HEAD"))
    for release in found:
        totals, outcomes = release["totals"], Counter(line["outcome"] for line in release["ledger"])
        assert totals["commits"] == len(release["ledger"]) == totals["shown"] + totals["folded"] + totals["hidden"]
        assert {outcome: totals[outcome] for outcome in ("shown", "folded", "hidden")} == {"shown": 0, "folded": 0, "hidden": 0, **outcomes}
        entries = {entry["id"]: entry for group in release["groups"] for entry in group["entries"]}
        named = [entry for line in release["ledger"] if line["outcome"] == "shown" for entry in line["entries"]]
        assert sorted(named) == sorted(entries), "each entry stands for commits of its own release"
        assert all(line["rule"] for line in release["ledger"])


@pytest.mark.parametrize("name", HISTORIES)
def test_the_commits_of_each_release_are_what_git_lists_without_the_releases_before_it(recorded: Recorded, name: str) -> None:
    repository = recorded(name)
    found = {release["tag"]: {line["sha"] for line in release["ledger"]} for release in releases(repository, "--all-lines")}
    order = tags_in_order(repository)
    assert list(reversed([tag for tag in found if tag is not None])) == [tag for tag, _ in order]
    before: list[str] = []
    for tag, target in order:
        wanted = read_git(repository, "rev-list", "--stdin", stdin="\n".join([target, *(f"^{sha}" for sha in before)]))
        assert found[tag] == set(wanted), tag
        before.append(target)


def tags_in_order(repository: Path) -> list[tuple[str, str]]:
    """Release tags with their commits in the design's order, read with git alone: ancestors first, then date, then version."""
    form = (
        "%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname) %(*committerdate:unix)%(else)%(objectname) %(committerdate:unix)%(end)"
    )
    rows = iter(read_git(repository, "for-each-ref", f"--format={form}", "refs/tags"))
    tags = {tag: (target, int(at)) for tag, target, at in zip(rows, rows, rows, strict=True) if parse_tag(tag, "v{version}")}
    below = {tag: set(read_git(repository, "tag", "--merged", tag)) & tags.keys() for tag in tags}
    for tag, others in below.items():
        others -= {other for other in others if tags[other][0] == tags[tag][0]}
    waiting = dict(below)
    order: list[tuple[str, str]] = []
    ready: list[tuple[int, Any, str]] = []
    while waiting or ready:
        for tag in [tag for tag, others in waiting.items() if not others - {name for name, _ in order}]:
            version = parse_tag(tag, "v{version}")
            assert version
            heapq.heappush(ready, (tags[tag][1], version.key(), tag))
            del waiting[tag]
        _, _, tag = heapq.heappop(ready)
        order.append((tag, tags[tag][0]))
    return order


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_time_zone_language_and_the_user_s_git_leave_no_trace(repo: Repo, tmp_path: Path, form: str) -> None:
    repo.commit("feat: über ⟨x⟩", {".mailmap": "Somebody Else <else@example.org> <ada@example.org>\n"})
    repo.tag("v1.0.0", annotated=True)
    repo.commit(b"fix: caf\xe9")
    repo.commit("")
    repo.git("notes", "add", "-m", "a note", "HEAD")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[log]\n showSignature = true\n mailmap = true\n date = relative\n decorate = full\n[color]\n ui = always\n[core]\n pager = false\n"
        "[i18n]\n logOutputEncoding = ISO-8859-1\n[format]\n pretty = oneline\n notes = *\n[user]\n name = Other\n"
    )
    plain = changelog(repo.path, "--full", "--format", form, environment={"TZ": "UTC", "LC_ALL": "C"})
    for zone, language in (("Pacific/Kiritimati", "de_DE.UTF-8"), ("America/Adak", "C.UTF-8"), ("Asia/Kathmandu", "POSIX")):
        environment = {"TZ": zone, "LANG": language, "LC_ALL": language, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        assert changelog(repo.path, "--full", "--format", form, environment=environment) == plain
    assert b"Somebody" not in plain
