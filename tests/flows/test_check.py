"""The changelog file against what history gives: every section named that differs, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from notewright.adapters.repository import open_repository
from notewright.changelog.document.comparison import compare_sections, written_sections
from notewright.changelog.document.splice import RenderedSection, splice_sections
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.layout.presets import PRESETS
from notewright.changelog.section import Section
from notewright.config.config import Config
from notewright.config.reading import load_config
from notewright.control import Cancel
from notewright.errors import RepositoryError, UsageError
from notewright.flows.changelog import Selection, read_releases
from notewright.flows.check import CheckedChangelog, check_changelog
from notewright.flows.splice import find_folded, splice_file
from notewright.history.metadata import Metadata, PullRequest, metadata_json
from tests.parts.repository import Repo

FILE = "CHANGELOG.md"
CONFIGURED = "changelog: {types: {feat: New, fix: Fixes}}\n"
OVERRIDES = "- commit: {}\n  reword: imports\n- commit: {}\n  hide: true\n"


def silent(_event: object) -> None:
    """Take no notice."""


def render(section: Section, url: str | None, config: Config | None = None) -> str:
    return render_section(section, links=(config or Config()).links(url))


def write(repo: Repo, *, version: str | None = None, metadata: Metadata | None = None, url: str | None = None) -> None:
    repository, config = open_repository(repo.path), load_config(repo.path, environ={})
    sections = read_releases(repository, config.rules(), Selection(version=version), metadata=metadata, report=silent, cancel=Cancel())
    rendered = [(section.version, render(section, url or (metadata.url if metadata else None))) for section in sections]
    splice_file(repo.path, FILE, rendered, superseded=find_folded(repository, config.rules(), sections))


def check(repo: Repo, metadata: Metadata | None = None) -> CheckedChangelog:
    config = load_config(repo.path, environ={})
    return check_changelog(
        open_repository(repo.path), config, config.rules(), metadata=metadata, render=render, report=silent, cancel=Cancel()
    )


def statuses(checked: CheckedChangelog) -> dict[str, str]:
    return {one.compared.name: one.compared.status for one in checked.sections}


def edit(repo: Repo, old: str, new: str) -> None:
    text = (repo.path / FILE).read_text()
    assert old in text
    (repo.path / FILE).write_text(text.replace(old, new, 1))


@pytest.fixture
def app(repo: Repo) -> Repo:
    """A project with two releases, a commit after them, and a changelog of all."""
    repo.commit("feat: start")
    repo.tag("v1.0.0")
    repo.commit("feat: add imports\n\nRefs: #12")
    repo.commit("fix: read empty files")
    repo.tag("v1.1.0")
    repo.commit("feat: add exports")
    write(repo)
    return repo


def test_what_history_gives_is_right(app: Repo) -> None:
    checked = check(app)
    assert statuses(checked) == {"Unreleased": "same", "1.1.0": "same", "1.0.0": "same"}
    assert checked.wrong == ()


def test_line_ends_of_a_checkout_are_no_difference(app: Repo) -> None:
    file = app.path / FILE
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert check(app).wrong == ()


def test_an_edit_of_a_person_is_told_with_its_override(app: Repo) -> None:
    edit(app, "add imports", "imports, at last")
    (one,) = check(app).wrong
    assert (one.compared.name, one.compared.status) == ("1.1.0", "edited")
    assert one.edit
    assert f'- commit: {app.sha("v1.1.0~1")[:12]}\n  reword: "imports, at last"\n' == one.edit.overrides
    assert "+- imports, at last" in "\n".join(one.edit.diff)


def test_a_new_commit_makes_the_unreleased_section_stale_and_no_other(app: Repo) -> None:
    app.commit("fix: one more")
    (one,) = check(app).wrong
    assert (one.compared.name, one.compared.status, one.detail.startswith("no longer what history gives")) == ("Unreleased", "stale", True)
    assert any(line.startswith("-- one more") for line in one.diff)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda repo: (repo.path / "notewright.yaml").write_text(CONFIGURED), id="configuration"),
        pytest.param(
            lambda repo: repo.commit(
                "chore: say it better",
                {".notewright/overrides.yaml": OVERRIDES.format(repo.sha("v1.1.0~1"), repo.sha("v1.0.0"))},
            ),
            id="overrides",
        ),
    ],
)  # fmt: skip
def test_configuration_and_overrides_make_sections_stale(change: object, app: Repo) -> None:
    assert callable(change)
    change(app)
    found = statuses(check(app))
    assert (found["1.1.0"], found["1.0.0"]) == ("stale", "stale")


def test_a_moved_tag_makes_a_section_stale(app: Repo) -> None:
    app.git("tag", "--force", "v1.1.0", "HEAD")
    assert statuses(check(app))["1.1.0"] == "stale"


def test_a_release_that_the_file_lacks_is_missing_unless_it_is_older_than_all_of_ours(app: Repo) -> None:
    app.tag("v1.2.0")
    assert statuses(check(app))["1.2.0"] == "missing"
    text = (app.path / FILE).read_text()
    (app.path / FILE).write_text(text[: text.index("## 1.0.0")])
    assert "1.0.0" not in statuses(check(app))


def test_a_section_without_a_release_is_told(app: Repo) -> None:
    app.git("tag", "--delete", "v1.0.0")
    assert statuses(check(app))["1.0.0"] == "unknown"


def test_sections_of_a_person_are_not_ours_and_fine(app: Repo) -> None:
    (app.path / FILE).write_text("# Changes\n\n## [Unreleased]\n\n- soon\n\n## 1.1.0\n\n- by hand\n\n## 0.0.1\n\n- older\n")
    checked = check(app)
    assert (set(statuses(checked).values()), checked.wrong) == ({"foreign"}, ())


def test_another_order_is_told(app: Repo) -> None:
    text = (app.path / FILE).read_text()
    newer, older = text.index("## 1.1.0"), text.index("## 1.0.0")
    (app.path / FILE).write_text(text[:newer] + text[older:] + "\n" + text[newer:older])
    assert statuses(check(app)) == {"Unreleased": "same", "1.0.0": "misplaced", "1.1.0": "same"}


def test_damaged_marks_are_told(app: Repo) -> None:
    text = (app.path / FILE).read_text()
    marks = [line for line in text.split("\n") if line.startswith("<!-- notewright")]
    edit(app, marks[1], "<!-- notewright 000000000000 -->")
    edit(app, marks[2], f"{marks[2]}\n\nWords.\n\n{marks[2]}")
    found = statuses(check(app))
    assert (found["1.1.0"], found["1.0.0"]) == ("damaged", "same")
    assert [name for name, status in found.items() if status == "damaged" and name.startswith("line ")]
    write(app)
    assert statuses(check(app))["1.1.0"] == "same"


def test_a_section_written_before_its_tag_stays_right(app: Repo) -> None:
    """The gate runs in the pull request of a release, on the merge, and after the tag, which may be another day."""
    write(app, version="1.2.0")
    assert statuses(check(app)) == {"1.2.0": "same", "1.1.0": "same", "1.0.0": "same"}
    app.now_s += 3 * 86_400
    app.commit("chore(release): 1.2.0\n\nNotewright-Release: 1.2.0", {FILE: (app.path / FILE).read_bytes()})
    assert check(app).wrong == ()
    app.tag("v1.2.0", annotated=True)
    assert check(app).wrong == ()
    app.commit("fix: later")
    assert check(app).wrong == ()


def test_a_release_that_waits_for_its_tag_is_told_up_to_the_commit_that_brought_it(app: Repo) -> None:
    write(app, version="1.2.0")
    files = {FILE: (app.path / FILE).read_bytes(), ".notewright/releases/1.2.0/section.json": b"{}\n"}
    app.commit("chore(release): 1.2.0\n\nNotewright-Release: 1.2.0", files)
    app.commit("feat: merged before the tag came")
    assert check(app).wrong == ()


def test_a_release_is_told_with_the_metadata_and_the_page_kept_of_it(app: Repo) -> None:
    pull = PullRequest(413, "Read empty files", "ada", (), (app.sha("v1.1.0"),))
    metadata = Metadata("acme/app", "https://github.com/acme/app", "main", (pull,), (), frozenset({"Ada Lovelace"}))
    app.commit("chore: keep", {".notewright/releases/1.1.0/metadata.json": metadata_json(metadata)})
    home = ".notewright/releases/1.1.0/proposal.json"
    app.commit("chore: keep the page", {home: b'{"repository":"https://github.com/acme/app"}\n'})
    assert statuses(check(app)) == {"Unreleased": "same", "1.1.0": "stale", "1.0.0": "same"}
    config = load_config(app.path, environ={})
    sections = read_releases(open_repository(app.path), config.rules(), Selection(), metadata=metadata, report=silent, cancel=Cancel())
    told = next(section for section in sections if section.version == "1.1.0")
    splice_file(app.path, FILE, [("1.1.0", render(told, "https://github.com/acme/app"))])
    assert "issues/413" in (app.path / FILE).read_text()
    assert check(app).wrong == ()
    other = Metadata("acme/app", "https://github.com/acme/app", "main", (PullRequest(9, "x", "eve", (), (app.sha("v1.1.0"),)),))
    assert statuses(check(app, other))["1.1.0"] == "same"


def test_folded_pre_releases_go_from_the_file(repo: Repo) -> None:
    repo.commit("feat: start")
    repo.tag("v1.0.0-rc.1")
    write(repo)
    repo.commit("fix: more")
    repo.tag("v1.0.0")
    (repo.path / "notewright.yaml").write_text("changelog: {prereleases: fold}\n")
    assert statuses(check(repo)) == {"1.0.0-rc.1": "unknown"}
    write(repo)
    assert statuses(check(repo)) == {"1.0.0": "same"}


def test_a_section_of_another_line_is_found_by_its_tag(app: Repo) -> None:
    app.git("switch", "--quiet", "--create", "maintenance", "v1.0.0")
    app.commit("fix: back")
    app.tag("v1.0.1")
    app.branch("main")
    config = load_config(app.path, environ={})
    sections = read_releases(open_repository(app.path), config.rules(), Selection(), all_lines=True, report=silent, cancel=Cancel())
    splice_file(app.path, FILE, [(section.version, render(section, None)) for section in sections])
    assert statuses(check(app)) == {"Unreleased": "same", "1.1.0": "same", "1.0.1": "same", "1.0.0": "same"}


def test_a_file_that_is_not_there_or_no_markdown_is_an_error(app: Repo) -> None:
    (app.path / FILE).unlink()
    with pytest.raises(RepositoryError, match=r"there is no CHANGELOG\.md"):
        check(app)
    (app.path / "notewright.yaml").write_text("changelog: {file: CHANGES.rst}\n")
    (app.path / "CHANGES.rst").write_text("Changes\n=======\n")
    with pytest.raises(UsageError, match="reStructuredText"):
        check(app)


def test_a_bare_repository_is_checked_as_committed(app: Repo, tmp_path: Path) -> None:
    app.commit("chore: changelog", {FILE: (app.path / FILE).read_bytes()})
    bare = app.clone_bare(tmp_path / "bare.git")
    checked = check_changelog(
        open_repository(bare), Config(), Config().rules(), metadata=None, render=render, report=silent, cancel=Cancel()
    )
    assert checked.wrong == ()


def test_only_sections_with_our_mark_are_written_ones() -> None:
    document = splice_sections(
        "# Changes\n\n## 0.9.0 - 2020-01-01\n\n- x\n", [RenderedSection("1.0.0", "## 1.0.0 - 2026-01-01\n\n- y\n")]
    ).text
    assert [(one.version, one.dated) for one in written_sections(document)] == [("1.0.0", "2026-01-01")]
    edited = document.replace("- y", "- z")
    assert [(one.version, one.dated) for one in written_sections(edited)] == [("1.0.0", None)]


def test_an_empty_release_may_be_absent() -> None:
    document = splice_sections("", [RenderedSection("1.0.0", "## 1.0.0\n\n- y\n")]).text
    sections = [RenderedSection("1.0.1", "## 1.0.1\n\nNo changes.\n"), RenderedSection("1.0.0", "## 1.0.0\n\n- y\n")]
    assert [one.status for one in compare_sections(document, sections)] == ["same", "missing"]
    assert [one.status for one in compare_sections(document, sections, optional={"1.0.1"})] == ["same"]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_real_history_is_written_ten_times_and_right(preset: str, recorded: Callable[[str], Path], tmp_path: Path) -> None:
    repository, config = open_repository(recorded("git-cliff")), Config()
    links = config.links("https://github.com/orhun/git-cliff")

    def laid_out(section: Section, _url: str | None) -> str:
        return render_section(section, links=links, preset=preset)

    sections = read_releases(repository, config.rules(), Selection(), report=silent, cancel=Cancel())
    rendered = [(section.version, laid_out(section, None)) for section in sections]
    assert splice_file(tmp_path, FILE, rendered).changed
    for _ in range(9):
        assert not splice_file(tmp_path, FILE, rendered).changed
    document = (tmp_path / FILE).read_text()
    compared = compare_sections(document, [RenderedSection(*one) for one in rendered])
    assert [(one.name, one.status) for one in compared] == [(section.version or "Unreleased", "same") for section in sections]
