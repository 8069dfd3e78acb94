"""A published release is held against a clone, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notewright.control import Cancel, ignore
from notewright.errors import CheckFailed, UsageError
from notewright.flows.verify_published import Inspection, verify_published
from notewright.rendering.canonical import canonical_json, digest
from notewright.review.audit import NAME
from tests.parts.repository import Repo
from tests.release.finishing import finish, merged, told_to
from tests.release.site import Site
from tests.release.test_command import notewright

Values = dict[str, Any]


@pytest.fixture
def published(site: Site, tmp_path: Path) -> Path:
    """The folder with the files of a published release; the clone has its tag."""
    told_to(site, "developer", "customer")
    merged(site)
    finish(site)
    site.work.git("fetch", "--quiet", "--tags", "origin")
    folder = tmp_path / "downloaded"
    folder.mkdir()
    for name, asset in site.github.assets(site.github.releases()[0].number).items():
        (folder / name).write_bytes(asset.content)
    return folder


def verify(site: Site, name: str | Path, *, repo: Repo | None = None) -> Inspection:
    repository = (site if repo is None else Site(repo, site.github, site.git_server, site.output)).repository
    return verify_published(str(name), repository, form="v{version}", component=None, report=ignore, cancel=Cancel())


def rewrite(path: Path, change: Callable[[Values], None]) -> None:
    values = json.loads(path.read_bytes())
    change(values)
    path.write_bytes(canonical_json(values))


def rechained(values: Values) -> None:
    """Make the chain whole again, as somebody does who knows how."""
    for before, after in (("changelog", "notes"), ("notes", "proposal"), ("proposal", "approvals"), ("approvals", "publication")):
        values[after]["previous"] = digest(canonical_json(values[before]))


def test_a_release_is_what_was_published_by_its_audit_and_by_its_tag(site: Site, published: Path) -> None:
    calls = len(site.github.calls), len(site.git_server.calls)
    by_audit, by_tag = verify(site, published / NAME), verify(site, "v0.2.0")
    assert (by_audit.tag, by_audit.commit, by_audit.unchecked, by_audit.differences) == ("v0.2.0", site.work.sha(), (), ())
    assert "customer.md, ledger.json, section.json beside it" in by_audit.checked
    assert (by_tag.commit, by_tag.differences) == (site.work.sha(), ())
    assert by_tag.unchecked == ("the approvals and the files of the release: give its audit.json",)
    assert (len(site.github.calls), len(site.git_server.calls)) == calls


def test_a_release_stays_what_it_was_whatever_comes_after(site: Site, published: Path) -> None:
    site.push("feat: the next one", {"app.py": "9\n"})
    site.push("docs: touch the notes", {".notewright/releases/0.2.0/developer.md": "later\n"})
    site.tag("v0.3.0")
    assert verify(site, published / NAME).differences == ()


def test_files_that_were_not_downloaded_are_said_to_be_unchecked(site: Site, published: Path) -> None:
    (published / "customer.md").unlink()
    assert verify(site, published / NAME).unchecked == ("customer.md: not beside audit.json",)


def test_a_file_beside_the_audit_that_was_changed_is_named(site: Site, published: Path) -> None:
    (published / "customer.md").write_text("Buy now.\n")
    assert verify(site, published / NAME).differences == ("customer.md beside audit.json is not the file that was published",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda it: it["approvals"]["approvals"][0].update(login="mallory"), "breaks before publication", id="approver"),
        pytest.param(lambda it: it["proposal"].update(head="0" * 40), "breaks before approvals", id="head"),
        pytest.param(lambda it: it["changelog"].update(start=None), "breaks before notes", id="range"),
        pytest.param(lambda it: it["approvals"]["approvals"].pop(), "nobody approved the notes", id="an approval left out"),
        pytest.param(lambda it: it["approvals"]["approvals"][0].update(digest="0" * 16), "of another proposal", id="another proposal"),
        pytest.param(lambda it: it["publication"].update(commit="1" * 40), "published was 1111111", id="commit"),
    ],
)
def test_a_record_that_was_changed_breaks_the_chain(site: Site, published: Path, change: Callable[[Values], None], told: str) -> None:
    rewrite(published / NAME, change)
    assert any(told in line for line in verify(site, published / NAME).differences)


def test_a_chain_that_somebody_made_anew_is_not_the_one_that_the_tag_vouches_for(site: Site, published: Path) -> None:
    def change(values: Values) -> None:
        values["approvals"]["approvals"][0]["login"] = "mallory"
        rechained(values)

    rewrite(published / NAME, change)
    (found,) = verify(site, published / NAME).differences
    assert found.startswith("the tag v0.2.0 binds another audit")


def test_records_that_are_not_those_of_the_commit_are_named(site: Site, published: Path) -> None:
    def change(values: Values) -> None:
        values["notes"]["audiences"][0]["human"] = 7
        rechained(values)

    rewrite(published / NAME, change)
    assert any("record of the notes is not that of" in line for line in verify(site, published / NAME).differences)


def test_a_tag_that_was_moved_is_named_with_where_it_is_and_was(site: Site, published: Path) -> None:
    was = site.work.sha()
    now = site.work.commit("fix: slip in", {"late.py": "1\n"})
    site.work.git("tag", "--force", "v0.2.0", now)
    found = verify(site, published / NAME).differences
    assert f"the tag v0.2.0 is at {now}, published was {was}" in found
    assert any(line.startswith(f"{now[:7]} fix: slip in is in the release and not in its changelog") for line in found)
    assert any("was not made by `release finish`" in line for line in verify(site, "v0.2.0").differences)


def test_a_tag_that_is_not_here_is_named(site: Site, published: Path) -> None:
    site.work.git("tag", "--delete", "v0.2.0")
    assert verify(site, published / NAME).differences == ("the tag v0.2.0 is not here: `git fetch --tags`, or it was deleted",)
    with pytest.raises(UsageError, match=r"there is no tag v0\.2\.0 here"):
        verify(site, "v0.2.0")


def test_a_history_that_tells_another_section_is_named(site: Site, published: Path) -> None:
    site.tag("v0.1.5", at="v0.2.0~2")
    found = verify(site, published / NAME).differences
    assert any("the tag v0.1.5 is at" in line for line in found)
    assert any("section.json is not what follows from history" in line for line in found)


def test_a_release_tagged_by_hand_says_that_nothing_vouches_for_it(site: Site) -> None:
    site.run()
    site.github.merge(1)
    site.pull()
    site.tag("v0.2.0")
    assert verify(site, "v0.2.0").differences == ("the tag v0.2.0 was not made by `release finish`: its message binds no audit",)
    assert any("holds no .notewright/releases/0.1.0/proposal.json" in line for line in verify(site, "v0.1.0").differences)


def test_a_release_without_the_gate_says_so(site: Site, tmp_path: Path) -> None:
    site.run()
    site.github.merge(1)
    site.pull()
    finish(site, without_gate=True)
    site.work.git("fetch", "--quiet", "--tags", "origin")
    (tmp_path / NAME).write_bytes(site.github.assets(site.github.releases()[0].number)[NAME].content)
    found = verify(site, tmp_path / NAME)
    assert found.differences == ()
    assert "approvals: the release was published without the gate" in found.unchecked


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"schema": 2}', b"\xff", b"[" * 100_000, b'{"schema": 1, "more": 1}'],
    ids=["empty", "nothing", "a list", "another schema", "no UTF-8", "deep", "a stranger's key"],
)
def test_what_is_no_audit_is_refused_and_named(site: Site, tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(CheckFailed, match=r"audit\.json is not what finish writes"):
        verify(site, tmp_path / NAME)


def test_an_audit_in_another_form_than_finish_writes_is_refused(site: Site, published: Path) -> None:
    path = published / NAME
    path.write_text(json.dumps(json.loads(path.read_bytes())))
    with pytest.raises(CheckFailed, match="not in canonical form"):
        verify(site, path)


def test_the_command_says_what_it_checked_and_exits_with_one_where_something_differs(site: Site, published: Path) -> None:
    good = notewright(site, "verify", str(published / NAME), token=None)
    assert good.returncode == 0, good.stderr
    assert "  checked      the section, worked out anew" in good.stderr.splitlines()
    assert good.stderr.splitlines()[-1].startswith("v0.2.0 is what was published, as far as it could be checked: commit ")
    (published / "ledger.json").write_text("{}\n")
    bad = notewright(site, "verify", str(published / NAME), "--format", "json", token=None)
    assert bad.returncode == 1
    assert "error: v0.2.0 is not what was published: 1 difference" in bad.stderr
    assert json.loads(bad.stdout)["differences"] == ["ledger.json beside audit.json is not the file that was published"]


def test_finish_is_a_command_that_prints_the_address_of_the_release(site: Site) -> None:
    merged(site)
    done = notewright(site, "finish")
    assert (done.returncode, done.stdout) == (0, f"{site.github.url}/acme/app/releases/tag/v0.2.0\n")
    assert done.stderr.splitlines()[-1] == "0.2.0 is published as v0.2.0"
    again = notewright(site, "finish", "--format", "json")
    assert json.loads(again.stdout)["operation"] == "unchanged"
    assert notewright(site, "finish", token=None).returncode == 6


def test_an_unapproved_release_exits_with_one_and_names_the_way_out(site: Site) -> None:
    site.run()
    site.github.merge(1)
    site.pull()
    done = notewright(site, "finish")
    assert done.returncode == 1
    assert "has not passed the gate" in done.stderr
    assert "--without-gate" in done.stderr
    assert notewright(site, "finish", "--without-gate").returncode == 0
