"""Which commits a section is made of, in real repositories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notewright.adapters.repository import open_repository
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.control import Advanced, Cancel, Event, Finished, Started, ignore
from notewright.errors import Cancelled, RepositoryError, UsageError
from notewright.flows.changelog import Selection, Upcoming, read_releases, read_section, read_upcoming
from tests.parts.plumbing import run_git
from tests.parts.repository import Repo

RULES = Rules()


def one(repo: Repo, until: str = "HEAD", **options: Any) -> Section:  # noqa: ANN401  # a Selection\'s own
    (section,) = read_section(open_repository(repo.path), RULES, Selection(until=until, **options), report=ignore, cancel=Cancel())
    return section


def full(repo: Repo, *, all_lines: bool = False, **options: Any) -> dict[str | None, list[str]]:  # noqa: ANN401  # a Selection\'s own
    """The subjects of each release, by tag."""
    found = read_releases(open_repository(repo.path), RULES, Selection(**options), all_lines=all_lines, report=ignore, cancel=Cancel())
    return {section.tag: subjects(section) for section in found}


def subjects(section: Section) -> list[str]:
    return [line.subject for line in section.ledger]


def upcoming(repo: Repo, **options: Any) -> Upcoming:  # noqa: ANN401  # a Selection\'s own
    return read_upcoming(open_repository(repo.path), RULES, Selection(**options), report=ignore, cancel=Cancel())


@pytest.fixture
def lines(repo: Repo) -> Repo:
    """Two lines of releases: 1.0.0, then 2.0.0 on main and 1.0.1 on a branch of its own."""
    repo.commit("feat: one")
    repo.tag("v1.0.0", annotated=True)
    repo.branch("1.x")
    repo.commit("fix: backport")
    repo.tag("v1.0.1")
    repo.branch("main")
    repo.commit("feat: two")
    repo.tag("v2.0.0")
    repo.commit("feat: three")
    return repo


def test_what_no_release_has_yet_is_the_section(lines: Repo) -> None:
    section = one(lines)
    assert (section.version, section.tag, section.previous, subjects(section)) == (None, None, "v2.0.0", ["feat: three"])


def test_a_tag_names_the_release_to_show(lines: Repo) -> None:
    section = one(lines, "v2.0.0")
    assert (section.version, section.tag, section.previous, subjects(section)) == ("2.0.0", "v2.0.0", "v1.0.0", ["feat: two"])
    assert (one(lines, "v1.0.1").previous, subjects(one(lines, "v1.0.1"))) == ("v1.0.0", ["fix: backport"])
    assert (one(lines, "v1.0.0").previous, subjects(one(lines, "v1.0.0"))) == (None, ["feat: one"])


def test_a_range_starts_after_the_revision_asked_for(lines: Repo) -> None:
    section = one(lines, since="v1.0.0")
    assert (section.version, section.previous, subjects(section)) == (None, "v1.0.0", ["feat: three", "feat: two"])
    assert subjects(one(lines, "1.x", since="v1.0.0")) == ["fix: backport"]
    assert subjects(one(lines, "v2.0.0", since="HEAD~2")) == ["feat: two"]
    assert subjects(one(lines, since="HEAD")) == []


def test_a_version_asked_for_names_the_section(lines: Repo) -> None:
    assert (one(lines, version="2.1.0").version, one(lines, version="v2.1.0").tag) == ("2.1.0", "v2.1.0")
    assert full(lines, version="2.1.0") == {"v2.1.0": ["feat: three"], "v2.0.0": ["feat: two"], "v1.0.0": ["feat: one"]}


@pytest.mark.parametrize("version", ["2.0.0", "v1.0.0"])
def test_a_version_that_is_released_cannot_be_asked_for(lines: Repo, version: str) -> None:
    """Its section in CHANGELOG.md would have been replaced by the changes that came after."""
    for read in (lambda: one(lines, version=version), lambda: full(lines, version=version), lambda: upcoming(lines, version=version)):
        with pytest.raises(UsageError, match="is released already, by the tag v"):
            read()


def test_a_full_history_has_what_the_head_reaches_and_all_lines_have_the_rest(lines: Repo) -> None:
    here = {None: ["feat: three"], "v2.0.0": ["feat: two"], "v1.0.0": ["feat: one"]}
    assert full(lines) == here
    assert full(lines, all_lines=True) == {**here, "v1.0.1": ["fix: backport"]}
    assert list(full(lines, all_lines=True)) == [None, "v2.0.0", "v1.0.1", "v1.0.0"]
    assert full(lines, until="1.x") == {"v1.0.1": ["fix: backport"], "v1.0.0": ["feat: one"]}


def test_a_line_merged_later_keeps_its_commits(lines: Repo) -> None:
    lines.merge("1.x", "Merge branch '1.x'")
    assert full(lines) == {
        None: ["Merge branch '1.x'", "feat: three"],
        "v2.0.0": ["feat: two"],
        "v1.0.1": ["fix: backport"],
        "v1.0.0": ["feat: one"],
    }


def test_history_up_to_an_origin_is_left_out(lines: Repo) -> None:
    assert full(lines, origin="v1.0.0") == {None: ["feat: three"], "v2.0.0": ["feat: two"]}
    assert subjects(one(lines, "v1.0.0", origin="v1.0.0")) == []
    assert one(lines, "v2.0.0", origin="v1.0.0").ledger == one(lines, "v2.0.0").ledger


def test_two_tags_on_a_commit_share_it_out_once(lines: Repo) -> None:
    lines.tag("v2.0.1", at="v2.0.0")
    assert full(lines) == {None: ["feat: three"], "v2.0.1": [], "v2.0.0": ["feat: two"], "v1.0.0": ["feat: one"]}
    assert (one(lines, "v2.0.1").previous, subjects(one(lines, "v2.0.1"))) == ("v2.0.0", [])
    assert one(lines).previous == "v2.0.1"


def test_tags_of_tags_count_and_tags_of_trees_and_other_names_do_not(lines: Repo) -> None:
    lines.git("tag", "-a", "-m", "again", "v3.0.0", "v1.0.0")
    lines.git("tag", "v4.0.0", "HEAD^{tree}")
    lines.git("tag", "-a", "-m", "tree", "v5.0.0", "HEAD^{tree}")
    lines.git("tag", "7.x")
    lines.git("tag", "nightly")
    found = open_repository(lines.path).tags("v{version}")
    assert [tag.name for tag in found] == ["v1.0.0", "v1.0.1", "v2.0.0", "v3.0.0"]
    assert found[3].target == found[0].target == lines.sha("v1.0.0")
    assert found[3].committed_at == found[0].committed_at > 0


@pytest.mark.parametrize("name", ["v9.0.0\u2028x", "v9.0.0\u0085", "a\u2029b", "v9.0.0\udcff", "v9.0.0\u202e", "-v9.0.0", "v9.0.0;x"])
def test_a_tag_with_a_strange_name_stops_nothing(lines: Repo, name: str) -> None:
    """One pushed tag whose name held U+2028 ended every command with a traceback."""
    run_git(lines.path, "update-ref", f"refs/tags/{name}", lines.sha())
    assert one(lines).previous == "v2.0.0"
    assert len(full(lines)) == 3


@pytest.mark.parametrize("date", ["99999999999999 +0000", "253402300800 +1400", "18446744073709551615 +0000", "-1 +0000", "x y", ""])
def test_a_commit_with_a_date_that_is_none_stops_nothing(lines: Repo, date: str) -> None:
    raw = f"tree {lines.git('write-tree')}\nparent {lines.sha()}\nauthor A <a@b> {date}\ncommitter A <a@b> {date}\n\nfix: dated\n".encode()
    sha = lines.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", input_bytes=raw)
    lines.git("update-ref", "refs/heads/main", sha)
    target, kind = sha, "commit"
    for name in ("v2.0.1", "v2.0.2", "v2.0.3"):  # a plain tag, a tag object, a tag of a tag
        lines.git("update-ref", f"refs/tags/{name}", target)
        raw = f"object {target}\ntype {kind}\ntag {name}\ntagger A <a@b> 0 +0000\n\nx\n".encode()
        target, kind = lines.git("hash-object", "-t", "tag", "-w", "--stdin", input_bytes=raw), "tag"
    assert subjects(one(lines, "v2.0.1")) == ["fix: dated", "feat: three"]
    assert full(lines)["v2.0.1"] == ["fix: dated", "feat: three"]
    assert one(lines, "v2.0.1").date


def test_a_bare_repository_is_as_good_as_a_checkout(lines: Repo, tmp_path: Path) -> None:
    bare = open_repository(lines.clone_bare(tmp_path / "bare.git"))
    assert bare.is_bare
    found = read_releases(bare, RULES, Selection(), report=ignore, cancel=Cancel())
    assert found == read_releases(open_repository(lines.path), RULES, Selection(), report=ignore, cancel=Cancel())


def test_a_folder_within_a_checkout_and_a_second_work_tree_are_as_good(lines: Repo, tmp_path: Path) -> None:
    (lines.path / "deep").mkdir()
    lines.git("worktree", "add", "--quiet", str(tmp_path / "second"), "1.x")
    assert open_repository(lines.path / "deep").root == lines.path.resolve()
    second = open_repository(tmp_path / "second")
    (section,) = read_section(second, RULES, Selection(since="v1.0.0"), report=ignore, cancel=Cancel())
    assert subjects(section) == ["fix: backport"]


def test_a_history_that_lacks_an_object_fails_with_git_s_words(lines: Repo) -> None:
    sha = lines.sha("v1.0.0")
    (lines.path / ".git" / "objects" / sha[:2] / sha[2:]).unlink()
    with pytest.raises(RepositoryError, match=f"git for-each-ref failed: fatal: missing object {sha}"):
        full(lines)
    lines.git("update-ref", "-d", "refs/tags/v1.0.0")
    with pytest.raises(RepositoryError, match=f"git log failed: error: Could not read {sha}"):
        full(lines)


def test_the_next_version_looks_at_the_releases_that_the_head_reaches(lines: Repo) -> None:
    found = upcoming(lines)
    assert found.previous
    assert found.next
    assert (found.previous.name, found.next.version, found.section.version, found.section.tag) == ("v2.0.0", "2.1.0", "2.1.0", "v2.1.0")
    assert [tag.name for tag in found.tags] == ["v1.0.0", "v2.0.0"]
    on_the_line = upcoming(lines, until="1.x")
    assert on_the_line.next is None
    assert on_the_line.section.version is None


def test_a_long_history_reports_how_far_it_is_and_can_be_cancelled(lines: Repo) -> None:
    parent, stream = lines.sha(), []
    for number in range(5_001):
        stream.append(f"commit refs/heads/main\ncommitter A <a@b> {1_800_000_000 + number} +0000\ndata 6\nfix: a\n")
        stream.append(f"from {parent}\n\n" if not number else "\n")
    lines.git("fast-import", "--quiet", "--force", input_bytes="".join(stream).encode())
    events: list[Event] = []
    read_section(open_repository(lines.path), RULES, Selection(), report=events.append, cancel=Cancel())
    assert events == [Started("history"), Advanced("history", 5_000), Finished("history", "5002 commits")]
    cancel = Cancel()
    cancel.request()
    with pytest.raises(Cancelled):
        read_section(open_repository(lines.path), RULES, Selection(), report=ignore, cancel=cancel)


def test_what_is_upcoming_after_a_revision_asked_for_begins_there(lines: Repo) -> None:
    first = lines.git("rev-list", "--max-parents=0", "HEAD")
    asked = upcoming(lines, since=first)
    assert asked.section.previous == first
    assert first not in {line.sha for line in asked.section.ledger}
    assert asked.section.totals.commits == len(lines.git("rev-list", f"{first}..HEAD").split())


def test_what_is_upcoming_after_a_revision_that_is_none_is_an_error(lines: Repo) -> None:
    with pytest.raises(RepositoryError, match="has no commit named 'nowhere'"):
        upcoming(lines, since="nowhere")
