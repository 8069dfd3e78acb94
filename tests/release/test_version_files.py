"""Files that hold the version are bumped in the release branch, bound by the proposal, and worked out anew before they are pushed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notewright.config.changelog import ChangelogConfig, ComponentConfig
from notewright.config.release import VersionFileConfig
from notewright.errors import CheckFailed, ConfigError, NotewrightError, RepositoryError, UsageError
from notewright.rendering.canonical import canonical_json, digest
from notewright.review.proposal import read_proposal
from tests.release.site import BRANCH, Site

PYPROJECT = '# kept\r\n[project]\r\nname = "app"\r\nversion = "0.1.0" # here\r\n'
FILES = {
    "pyproject.toml": PYPROJECT,
    "web/package.json": '{\n\t"version": "0.1.0",\n\t"name": "app"\n}',
    "@docs/conf file.py": 'release = "0.1.0"\n',
}
LISTED = ("web/package.json", "./pyproject.toml", VersionFileConfig(file="@docs/conf file.py", pattern='^release = "(.+)"'))


def listing(site: Site, *files: str | VersionFileConfig) -> None:
    site.config = replace(site.config, release=replace(site.config.release, version_files=files))


@pytest.fixture
def versioned(site: Site) -> Site:
    """A project that keeps its version in three files."""
    site.push("chore: keep the version in files", FILES)
    listing(site, *LISTED)
    return site


def test_the_release_branch_carries_the_version_and_nothing_else_of_the_files_changes(versioned: Site) -> None:
    outcome = versioned.run()
    assert outcome.operation == "created"
    for path, content in FILES.items():
        assert versioned.show(f"{BRANCH}:{path}") == content.replace("0.1.0", "0.2.0").removesuffix("\n")
    body = versioned.github.pull(1).body or ""
    row = next(line for line in body.split("\n") if line.startswith("| **Version files** |"))
    assert row == "| **Version files** | `@docs/conf` file.py, pyproject.toml, web/package.json |"
    assert "web/package.json" in (versioned.output / "audit.html").read_text()


def test_the_proposal_binds_the_bumped_files(versioned: Site) -> None:
    versioned.prepare()
    proposal = read_proposal((versioned.output / "proposal.json").read_bytes())
    assert [(file.path, file.name) for file in proposal.version_files] == [
        ("@docs/conf file.py", "versions/1-conf_file.py"),
        ("pyproject.toml", "versions/2-pyproject.toml"),
        ("web/package.json", "versions/3-package.json"),
    ]
    bound = {file.name: file.digest for file in proposal.files}
    for file in proposal.version_files:
        assert bound[file.name] == digest((versioned.output / file.name).read_bytes())


def test_running_again_changes_nothing_and_more_commits_start_from_the_base_again(versioned: Site) -> None:
    versioned.run()
    writes = versioned.writes()
    assert versioned.run().operation == "unchanged"
    assert versioned.writes() == writes
    versioned.push("feat!: more")
    assert versioned.run(version="1.0.0").operation == "updated"
    assert versioned.show(f"{BRANCH}:pyproject.toml") == PYPROJECT.replace("0.1.0", "1.0.0").removesuffix("\n")


@pytest.mark.parametrize("squash", [False, True])
def test_after_a_merge_the_next_release_goes_on_from_the_new_version(versioned: Site, squash: bool) -> None:
    versioned.run()
    work = versioned.work
    work.git("fetch", "--quiet", str(versioned.git_server.path_of("acme/app")), BRANCH)
    if squash:
        work.git("merge", "--quiet", "--squash", "FETCH_HEAD")
        work.git("commit", "--quiet", "-m", "chore(release): 0.2.0 (#1)")
    else:
        work.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #1", "FETCH_HEAD")
    versioned.git_server.push(work, "main")
    versioned.tag("v0.2.0")
    versioned.push("fix: one more")
    prepared = versioned.prepare()
    assert prepared.proposal.version == "0.2.1"
    assert (versioned.output / "versions/2-pyproject.toml").read_bytes().decode() == PYPROJECT.replace("0.1.0", "0.2.1")


def test_a_file_to_be_run_can_still_be_run(site: Site) -> None:
    (site.work.path / "run.sh").write_text("#!/bin/sh\nVERSION=0.1.0\n")
    site.work.git("add", "run.sh")
    site.work.git("update-index", "--chmod=+x", "run.sh")
    site.push("chore: a script")
    listing(site, VersionFileConfig(file="run.sh", pattern="^VERSION=(.*)$"))
    site.run()
    listed = site.work.git("--git-dir", str(site.git_server.path_of("acme/app")), "ls-tree", BRANCH, "run.sh", "CHANGELOG.md").split("\n")
    assert [line.split(" ")[0] for line in listed] == ["100644", "100755"]


def test_nothing_to_release_needs_no_version_files(site: Site) -> None:
    listing(site, "pyproject.toml")
    site.tag("v0.2.0")
    site.push("chore: tidy again")
    assert site.prepare().proposal.version_files == ()


def test_the_repository_s_release_leaves_the_files_of_components_alone(versioned: Site) -> None:
    component = ComponentConfig(name="web", path="web/")
    versioned.config = replace(versioned.config, changelog=replace(ChangelogConfig(), components=(component,)))
    paths = [file.path for file in versioned.prepare().proposal.version_files]
    assert paths == ["@docs/conf file.py", "pyproject.toml"]


def refused_to_prepare(site: Site, told: str, error: type[NotewrightError]) -> None:
    with pytest.raises(error, match=told) as caught:
        site.prepare()
    assert caught.value.hint
    assert not site.output.exists()


@pytest.mark.parametrize(
    ("path", "told", "error"),
    [
        pytest.param("gone/pyproject.toml", "there is no such file", ConfigError, id="missing"),
        pytest.param("../pyproject.toml", "leads out", UsageError, id="out of the tree"),
        pytest.param("/etc/pyproject.toml", "leads out", UsageError, id="absolute"),
        pytest.param(".git/package.json", "leads out", UsageError, id="git's own"),
        pytest.param("CHANGELOG.md", "written by the release itself", ConfigError, id="the changelog"),
        pytest.param(".notewright/releases/0.1.0/package.json", "written by the release itself", ConfigError, id="another release's"),
        pytest.param("app.py", "nothing says where", ConfigError, id="no known kind"),
        pytest.param("a\nb/package.json", "no path to show", ConfigError, id="a path on two lines"),
        pytest.param("web", "is no file", RepositoryError, id="a folder"),
    ],
)
def test_a_version_file_that_cannot_be_bumped_stops_before_anything_is_written(
    versioned: Site, path: str, told: str, error: type[NotewrightError]
) -> None:
    listing(versioned, "pyproject.toml", path)
    refused_to_prepare(versioned, told, error)


@pytest.mark.parametrize("path", ["link/package.json", "package.json"])
def test_links_are_not_followed(site: Site, tmp_path: Path, path: str) -> None:
    (tmp_path / "package.json").write_text('{"version": "0.1.0"}')
    (site.work.path / "link").symlink_to(tmp_path)
    (site.work.path / "package.json").symlink_to(tmp_path / "package.json")
    site.work.git("add", "link", "package.json")
    site.push("chore: links")
    listing(site, path)
    refused_to_prepare(site, "is no (file|folder)", RepositoryError)
    assert (tmp_path / "package.json").read_text() == '{"version": "0.1.0"}'


def refused(site: Site, told: str) -> None:
    writes = site.writes()
    with pytest.raises((CheckFailed, UsageError), match=told) as caught:
        site.propose()
    assert caught.value.hint
    assert site.writes() == writes
    assert site.branch() is None


def edit_manifest(site: Site, change: Callable[[Any], object]) -> None:
    path = site.output / "proposal.json"
    value = json.loads(path.read_bytes())
    change(value)
    for file in value["files"]:
        file["digest"] = digest((site.output / file["name"]).read_bytes())
    path.write_bytes(canonical_json(value))


@pytest.mark.parametrize("forged", [False, True])
def test_a_bumped_file_with_other_bytes_is_refused(versioned: Site, forged: bool) -> None:
    versioned.prepare()
    path = versioned.output / "versions/2-pyproject.toml"
    path.write_bytes(path.read_bytes() + b'[project.scripts]\r\napp = "evil:main"\r\n')
    if forged:
        edit_manifest(versioned, lambda value: value)
    refused(versioned, r"versions/2-pyproject\.toml is not " + ("the base's file with the version in it" if forged else "the file"))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda v: v["version_files"][0].update(path=".github/workflows/x.yml"), id="another path"),
        pytest.param(lambda v: v["version_files"][0].update(name="section.json"), id="another file"),
        pytest.param(lambda v: v["version_files"].pop(), id="one less"),
        pytest.param(lambda v: v["version_files"].append({"path": "x.sh", "name": "section.md"}), id="one more"),
        pytest.param(lambda v: v.update(component="web"), id="a component"),
    ],
)
def test_a_manifest_that_lists_other_files_is_refused(versioned: Site, change: Callable[[Any], object]) -> None:
    versioned.prepare()
    edit_manifest(versioned, change)
    refused(versioned, "version_files is not|component is not")


def test_a_bumped_file_that_is_missing_is_refused(versioned: Site) -> None:
    versioned.prepare()
    (versioned.output / "versions/1-conf_file.py").unlink()
    refused(versioned, "is missing")


def test_a_list_that_changed_since_is_refused(versioned: Site) -> None:
    versioned.prepare()
    listing(versioned, "pyproject.toml")
    refused(versioned, "version_files is not")
