"""Components of one repository, each with its own branch, pull request, tags, changelog and version file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.config.changelog import ChangelogConfig, ComponentConfig
from notewright.config.config import Config
from notewright.config.release import ReleaseConfig
from notewright.errors import CheckFailed, ConfigError
from notewright.flows.propose import Outcome
from notewright.history.metadata import read_metadata
from notewright.rendering.canonical import canonical_json
from tests.parts.plumbing import read_git
from tests.release.site import Site
from tests.release.test_command import notewright

CORE = ComponentConfig(name="core", path="packages/core")
APP = ComponentConfig(name="app", path="packages/app", tag="app/v{version}", depends=("core",))
CONFIG = Config(
    changelog=ChangelogConfig(components=(CORE, APP)),
    release=ReleaseConfig(version_files=("packages/core/package.json", "packages/app/package.json")),
)
BRANCHES = {"core": "notewright/release-core", "app": "notewright/release-app"}


@pytest.fixture
def mono(site: Site) -> Site:
    """Releases core 1.0.0 and app 2.0.0, and after them a feature of core, a fix of app and words about all of it."""
    files = {"packages/core/package.json": '{"version": "1.0.0"}\n', "packages/app/package.json": '{"version": "2.0.0"}\n'}
    site.push("chore: begin with two parts", files)
    site.tag("core-v1.0.0")
    site.tag("app/v2.0.0")
    site.push("feat: parse twice as fast", {"packages/core/parse.py": "1\n"}, author="Grace Hopper <grace@example.org>")
    site.push("fix: show an empty page", {"packages/app/page.py": "1\n"})
    site.push("docs: say what this is", {"README.md": "1\n"})
    return site


def of(site: Site, name: str) -> Site:
    """The same project, to release one of its components."""
    return replace(site, config=CONFIG.for_component(name), output=site.output.with_name(f"proposal-{name}"))


def run(site: Site, name: str) -> Outcome:
    return of(site, name).run()


def changed(site: Site, name: str) -> list[str]:
    """The files that a component's branch changes."""
    return read_git(site.git_server.path_of("acme/app"), "diff", "--name-only", "main", BRANCHES[name]).splitlines()


def section_of(site: Site, name: str) -> str:
    return (of(site, name).output / "section.md").read_text()


def test_two_components_are_released_beside_each_other(mono: Site) -> None:
    assert [run(mono, name).operation for name in ("core", "app")] == ["created", "created"]
    pulls = [(pull.title, pull.head_ref) for pull in mono.github.pulls()]
    assert pulls == [("chore(release): core 1.1.0", BRANCHES["core"]), ("chore(release): app 2.0.1", BRANCHES["app"])]
    for name, version in (("core", "1.1.0"), ("app", "2.0.1")):
        home = f".notewright/releases/{name}/{version}"
        files = [
            f"{home}/{file}" for file in ("developer.json", "developer.md", "ledger.json", "metadata.json", "proposal.json", "section.json")
        ]
        assert changed(mono, name) == [*files, f"packages/{name}/CHANGELOG.md", f"packages/{name}/package.json"]
        assert json.loads(mono.show(f"{BRANCHES[name]}:packages/{name}/package.json")) == {"version": version}
    assert "`release finish` tags it `core-v1.1.0`" in (mono.github.pull(1).body or "")
    assert "`release finish` tags it `app/v2.0.1`" in (mono.github.pull(2).body or "")
    core, app = section_of(mono, "core"), section_of(mono, "app")
    assert "parse twice as fast" in core
    assert "empty page" not in core
    assert "empty page" in app
    assert "update core to" not in app, "nothing of core is released yet"
    assert "update core" in app


def test_running_again_writes_nothing_anywhere(mono: Site) -> None:
    for name in BRANCHES:
        run(mono, name)
    writes = mono.writes()
    assert [run(mono, name).operation for name in BRANCHES] == ["unchanged", "unchanged"]
    assert mono.writes() == writes


def test_a_change_of_one_is_no_change_of_the_other(mono: Site) -> None:
    for name in BRANCHES:
        run(mono, name)
    before = section_of(mono, "core")
    mono.push("feat: a dark theme", {"packages/app/theme.py": "1\n"})
    assert [run(mono, name).number for name in BRANCHES] == [1, 2]
    assert section_of(mono, "core") == before
    assert "a dark theme" in section_of(mono, "app")
    assert mono.github.pull(2).title == "chore(release): app 2.1.0"


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_merging_one_leaves_the_other_as_it_is_and_no_second_release(mono: Site, method: str) -> None:
    for name in BRANCHES:
        run(mono, name)
    sha = mono.github.merge(1, method=method)
    mono.pull()
    waiting = run(mono, "core")
    assert waiting.message == f"1.1.0 was merged as {sha[:7]} and has no tag yet: nothing else is released before it"
    assert waiting.hint == "notewright release finish --component core"
    mono.tag("core-v1.1.0", at=sha)
    assert run(mono, "core") == Outcome("none", "nothing to release")
    outcome = run(mono, "app")
    assert (outcome.operation, outcome.number) == ("updated", 2)
    app = section_of(mono, "app")
    assert "update core to 1.1.0" in app
    assert "chore(release)" not in app
    ledger = json.loads((of(mono, "app").output / "ledger.json").read_bytes())["ledger"]
    releases = [line for line in ledger if "chore(release)" in line["subject"]]
    assert all(line["outcome"] != "shown" for line in releases)
    mono.push("feat: parse three times as fast", {"packages/core/parse.py": "2\n"})
    assert run(mono, "core").message == "pull request 3 opened for 1.2.0"
    core = section_of(mono, "core")
    assert "three times" in core
    assert "twice" not in core


def test_the_commit_that_releases_a_component_is_hidden_in_its_own_changelog(mono: Site) -> None:
    run(mono, "core")
    mono.github.merge(1, method="rebase")
    mono.pull()
    mono.push("feat: parse three times as fast", {"packages/core/parse.py": "2\n"})
    mono.tag("core-v1.1.0", at="HEAD~2")  # one too early
    prepared = of(mono, "core").prepare()
    ledger = {line.subject: line for line in prepared.draft.section.ledger}
    own = ledger["chore(release): core 1.1.0"]
    assert (own.outcome, own.rule) == ("hidden", "own release commit of core 1.1.0")


def test_what_a_component_needs_is_one_update_with_its_references(mono: Site) -> None:
    mono.push("fix: parse an empty file (#7)", {"packages/core/parse.py": "3\n"})
    prepared = of(mono, "app").prepare()
    entries = {entry.summary: entry for entry in prepared.draft.section.entries()}
    assert set(entries) == {"show an empty page", "update core"}
    assert len(entries["update core"].commits) == 2


def test_metadata_of_a_component_is_about_its_commits_alone(mono: Site) -> None:
    mono.github.calls.clear()
    core = of(mono, "core").collect()
    asked = json.dumps([call.body for call in mono.github.queries()])
    assert mono.work.sha("HEAD~2") in asked
    assert mono.work.sha("HEAD~1") not in asked
    assert mono.work.sha() not in asked
    mono.github.calls.clear()
    of(mono, "app").collect()
    asked = json.dumps([call.body for call in mono.github.queries()])
    assert mono.work.sha("HEAD~1") in asked
    assert mono.work.sha("HEAD~2") in asked, "what it needs is told as well"
    assert mono.work.sha() not in asked
    assert read_metadata(core).base == "main"


@pytest.mark.parametrize("name", ["1.0.0", "2026.1", "1.0.0-rc.1"])
def test_a_component_that_is_named_like_a_version_is_refused(mono: Site, name: str) -> None:
    config = replace(CONFIG, changelog=replace(CONFIG.changelog, components=(replace(CORE, name=name),)))
    with pytest.raises(ConfigError, match="is named like a version"):
        replace(mono, config=config.for_component(name)).prepare()
    with pytest.raises(ConfigError, match="is named like a version"):
        replace(mono, config=config).prepare()


def rename(manifest: dict[str, object]) -> None:
    manifest["component"] = "app"


def branch(manifest: dict[str, object]) -> None:
    manifest["branch"] = BRANCHES["app"]


@pytest.mark.parametrize("change", [rename, branch])
def test_a_proposal_of_one_component_is_not_taken_for_the_other_s(mono: Site, change: Callable[[dict[str, object]], None]) -> None:
    core = of(mono, "core")
    core.prepare()
    path = core.output / "proposal.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_bytes(canonical_json(manifest))
    with pytest.raises(CheckFailed):
        core.propose()
    with pytest.raises(CheckFailed):
        replace(of(mono, "app"), output=core.output).propose()
    assert mono.github.pulls() == []


def test_the_whole_repository_is_released_beside_its_components(mono: Site) -> None:
    run(mono, "core")
    everything = replace(mono, config=CONFIG)
    everything.prepare()
    names = {entry.summary for entry in everything.prepare().draft.section.entries()}
    assert {"parse twice as fast", "show an empty page", "say what this is"} <= names
    assert everything.propose().message == "pull request 2 opened for 0.2.0"


def test_the_command_takes_a_component_in_every_step(mono: Site, tmp_path: Path) -> None:
    listed = "[{name: core, path: packages/core}, {name: app, path: packages/app, tag: 'app/v{version}', depends: [core]}]"
    mono.push("chore: two components", {"notewright.yaml": f"changelog: {{components: {listed}}}\n"})
    out, app = str(tmp_path / "out"), ("--component", "app")
    assert notewright(mono, "collect", *app, "--output", str(tmp_path)).returncode == 0
    metadata = str(tmp_path / "metadata.json")
    prepared = notewright(mono, "prepare", *app, "--engine", "none", "--metadata", metadata, "--output", out, token=None)
    assert (prepared.returncode, prepared.stdout.splitlines()[0].partition("](")[0]) == (0, "## [2.0.1")
    assert notewright(mono, "propose", "--component", "core", out).returncode == 1, "it is app's"
    proposed = notewright(mono, "propose", *app, out)
    assert (proposed.returncode, proposed.stderr.splitlines()[-1]) == (0, "pull request 1 opened for 2.0.1")
    assert notewright(mono, "run", "--engine", "none", "--component", "cor").returncode == 3
