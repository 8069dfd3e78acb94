"""The layout of a release: preset, template, trackers and forge, bound by the proposal and read from the base."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from notewright.config.changelog import TrackerConfig
from notewright.errors import CheckFailed, ConfigError, RepositoryError, UsageError
from notewright.rendering.canonical import canonical_json, digest
from notewright.review.proposal import read_proposal
from tests.release.site import BRANCH, Site

NAME = ".notewright/changelog.md.j2"
TEMPLATE = (
    "## {{ version }}\n\n{% for group in groups %}\n{% for entry in group.entries %}\n* {{ entry.summary }}\n{% endfor %}\n{% endfor %}\n"
)


def configured(site: Site, **changelog: object) -> None:
    site.config = replace(site.config, changelog=replace(site.config.changelog, **changelog))  # type: ignore[arg-type]  # any key


@pytest.fixture
def templated(site: Site) -> Site:
    site.push("chore: a template of our own", {NAME: TEMPLATE})
    configured(site, template=NAME)
    return site


def test_a_release_looks_as_its_preset_says(site: Site) -> None:
    configured(site, preset="github")
    site.run()
    assert "## What's Changed" in site.show(f"{BRANCH}:CHANGELOG.md")
    assert "What's Changed" in (site.github.pull(1).body or "")
    assert json.loads(site.show(f"{BRANCH}:.notewright/releases/0.2.0/proposal.json"))["preset"] == "github"


def test_a_release_looks_as_the_repository_s_template_says(templated: Site) -> None:
    templated.run()
    assert "## 0.2.0\n\n* add passkey login\n* handle an empty file\n" in templated.show(f"{BRANCH}:CHANGELOG.md")
    proposal = read_proposal((templated.output / "proposal.json").read_bytes())
    assert proposal.template == digest(TEMPLATE.encode())
    assert templated.run().operation == "unchanged"
    assert f"template, {proposal.template}" in (templated.output / "audit.html").read_text()


def test_a_template_that_is_not_the_committed_one_is_refused(templated: Site) -> None:
    templated.prepare()
    (templated.work.path / NAME).write_text(TEMPLATE.replace("*", "+"))
    with pytest.raises(CheckFailed, match=f"{NAME} here is not the one in commit"):
        templated.propose()
    assert templated.branch() is None


def test_the_template_is_the_base_s_whatever_the_work_tree_says(templated: Site) -> None:
    (templated.work.path / NAME).unlink()
    assert "* add passkey login" in templated.prepare().draft.section_markdown


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("{{ entries }}", "entries", id="an unknown name"),
        pytest.param("{% include '/etc/passwd' %}", "include", id="another file"),
        pytest.param("{{ ''.__class__ }}", "__class__", id="a way out"),
        pytest.param("no heading\n", "no later run could find it", id="no heading"),
    ],
)
def test_a_template_that_cannot_be_is_a_matter_of_configuration(templated: Site, content: str, told: str) -> None:
    templated.push("chore: another template", {NAME: content})
    with pytest.raises(ConfigError, match=told):
        templated.prepare()


@pytest.mark.parametrize(("name", "error"), [("none.md.j2", ConfigError), ("../out.md.j2", UsageError), (".notewright", RepositoryError)])
def test_a_template_that_is_nowhere_is_refused(templated: Site, name: str, error: type[Exception]) -> None:
    configured(templated, template=name)
    with pytest.raises(error):
        templated.prepare()


def test_a_template_that_is_a_link_is_not_followed(templated: Site) -> None:
    (templated.work.path / NAME).unlink()
    (templated.work.path / NAME).symlink_to("/etc/hostname")
    templated.work.git("add", "--all")
    templated.push("chore: a link")
    with pytest.raises(RepositoryError, match="is no file"):
        templated.prepare()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda v: v.update(preset="plain"), "preset", id="preset"),
        pytest.param(lambda v: v.update(template=None), "template", id="no template"),
        pytest.param(lambda v: v.update(template="sha256:" + "0" * 64), "template", id="another template"),
        pytest.param(lambda v: v.update(overrides="sha256:" + "0" * 64), "overrides", id="overrides that are none"),
        pytest.param(lambda v: v["rules"].update(forge="gitlab"), "rules", id="another forge"),
        pytest.param(lambda v: v["rules"].update(trackers=[{"pattern": "a", "url": "https://evil.example/{0}"}]), "rules", id="a tracker"),
    ],
)
def test_a_manifest_with_another_layout_is_refused(templated: Site, change: Callable[[Any], object], told: str) -> None:
    templated.prepare()
    path = templated.output / "proposal.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_bytes(canonical_json(manifest))
    with pytest.raises(CheckFailed, match=f"{told} is not what follows"):
        templated.propose()
    assert templated.branch() is None


def test_references_of_trackers_are_links_in_the_changelog_and_in_the_notes(site: Site) -> None:
    configured(site, trackers=(TrackerConfig(pattern="[A-Z]+-[0-9]+", url="https://jira.example.org/browse/{0}"),))
    site.push("feat: sign out everywhere (APP-12)")
    site.run()
    link = "[APP-12](https://jira.example.org/browse/APP-12)"
    assert f"- sign out everywhere ({link}, " in site.show(f"{BRANCH}:CHANGELOG.md")
    assert link in site.show(f"{BRANCH}:.notewright/releases/0.2.0/developer.md")


def test_links_have_the_form_of_the_forge_that_is_configured(site: Site) -> None:
    configured(site, forge="gitlab")
    site.push("feat: sign out everywhere (!12)")
    site.prepare()
    page = site.access().url
    notes = (site.output / "notes/developer.md").read_text()
    assert f"[!12]({page}/-/merge_requests/12)" in notes
    assert f"[!12]({page}/-/merge_requests/12)" in (site.output / "section.md").read_text()
