"""Pre-releases: a channel's releases, and the final one that tells their changes again."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from tests.release.site import BRANCH, Site


def configured(site: Site, *, channel: str | None, prereleases: Literal["show", "fold"] = "fold") -> None:
    site.config = replace(site.config, changelog=replace(site.config.changelog, channel=channel, prereleases=prereleases))


def released(site: Site, tag: str) -> None:
    """Merge the open release and tag it."""
    number = max(pull.number for pull in site.github.pulls())
    sha = site.github.merge(number, method="squash")
    site.pull()
    site.tag(tag, at=sha)


@pytest.fixture
def candidate(site: Site) -> Site:
    """A project whose release candidate 0.2.0-rc.1 is out, and a fix after it."""
    configured(site, channel="rc")
    assert site.run().message == "pull request 1 opened for 0.2.0-rc.1"
    released(site, "v0.2.0-rc.1")
    site.push("fix: close the session")
    return site


def test_a_channel_releases_candidate_after_candidate(candidate: Site) -> None:
    assert candidate.run().message == "pull request 2 opened for 0.2.0-rc.2"
    text = candidate.show(f"{BRANCH}:CHANGELOG.md")
    assert text.index("## [0.2.0-rc.2]") < text.index("## [0.2.0-rc.1]")
    assert "`release finish` tags it `v0.2.0-rc.2` and" in (candidate.github.pull(2).body or "")
    assert text.count("close the session") == text.count("add passkey login") == 1


def test_the_final_release_tells_everything_and_takes_the_candidates_out(candidate: Site) -> None:
    configured(candidate, channel=None)
    assert candidate.run().message == "pull request 2 opened for 0.2.0"
    text = candidate.show(f"{BRANCH}:CHANGELOG.md")
    assert "rc.1]" not in text
    assert text.count("close the session") == text.count("add passkey login") == 1
    assert candidate.run().operation == "unchanged"


def test_where_pre_releases_are_shown_they_stay(candidate: Site) -> None:
    configured(candidate, channel=None, prereleases="show")
    candidate.run()
    text = candidate.show(f"{BRANCH}:CHANGELOG.md")
    assert text.index("## [0.2.0]") < text.index("## [0.2.0-rc.1]")
    assert text.count("add passkey login") == 1


def test_a_candidate_that_a_person_edited_stays_and_is_told(candidate: Site) -> None:
    changelog = (candidate.work.path / "CHANGELOG.md").read_text().replace("add passkey login", "sign in with a passkey")
    candidate.push("docs: better words", {"CHANGELOG.md": changelog})
    configured(candidate, channel=None)
    prepared = candidate.prepare()
    assert prepared.draft.edited == ("0.2.0-rc.1",)
    candidate.propose()
    text = candidate.show(f"{BRANCH}:CHANGELOG.md")
    assert text.index("## [0.2.0]") < text.index("## [0.2.0-rc.1]")
    assert "sign in with a passkey" in text
    eyes = (candidate.github.pull(2).body or "").partition("### Worth your eyes")[2].partition("<details>")[0]
    assert "0.2.0-rc.1" in eyes
    assert "another section has its changes now" in eyes


def test_an_edited_section_of_this_very_release_is_shown_with_its_override(site: Site) -> None:
    site.prepare()
    changelog = (site.output / "CHANGELOG.md").read_text().replace("add passkey login", "sign in with a passkey")
    site.push("docs: better words", {"CHANGELOG.md": changelog})
    site.run()
    body = site.github.pull(1).body or ""
    block = body.partition("<b>Edited by people</b>")[2].partition("</details>")[0]
    assert f'- commit: {site.work.sha("HEAD~3")[:12]}\n  reword: "sign in with a passkey"\n' in block
    assert "```diff\n--- notewright 0.2.0\n+++ CHANGELOG.md 0.2.0\n" in block
    assert "sign in with a passkey" in site.show(f"{BRANCH}:CHANGELOG.md")
    assert site.run().operation == "unchanged"
