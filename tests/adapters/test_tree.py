from __future__ import annotations

import pytest

from notewright.adapters.tree import list_files, list_names, read_file, read_files
from notewright.errors import RepositoryError, UsageError
from notewright.system.git import Git
from tests.parts.repository import Repo


@pytest.fixture
def git(repo: Repo) -> Git:
    repo.commit("feat: start", {"CHANGELOG.md": b"\xff\r\n", "docs/a.md": "a", "docs/deep/b.md": "b", "docs/[x].md": "x"})
    (repo.path / "CHANGELOG.md").write_text("the work tree says otherwise")
    return Git(repo.path)


def test_a_file_is_read_as_the_commit_holds_it(git: Git) -> None:
    assert read_file(git, "HEAD", "CHANGELOG.md") == b"\xff\r\n"
    assert read_file(git, "HEAD", "docs/deep/b.md") == b"b"
    assert read_file(git, "HEAD", "docs/[x].md") == b"x"


def test_many_files_are_read_by_three_processes_at_most(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    run, commands = Git.run, list[str]()

    def count(git: Git, *args: str, input_bytes: bytes | None = None) -> bytes:
        commands.append(args[0])
        return run(git, *args, input_bytes=input_bytes)

    monkeypatch.setattr(Git, "run", count)
    asked = ["docs/deep/b.md", "none/x.md", "docs/a.md", "docs/deep/none.md", "CHANGELOG.md", "docs/a.md"]
    found = read_files(git, "HEAD", asked)
    assert found == {
        "docs/deep/b.md": b"b", "none/x.md": None, "docs/a.md": b"a", "docs/deep/none.md": None, "CHANGELOG.md": b"\xff\r\n",
    }  # fmt: skip
    assert list(found) == list(dict.fromkeys(asked))
    assert commands == ["ls-tree", "ls-tree", "cat-file"]
    assert read_files(git, "HEAD", ()) == {}


def test_more_paths_than_one_process_is_told_are_read(repo: Repo) -> None:
    files = {f"docs/{number}.md": f"{number}\n" for number in range(1_203)}
    repo.commit("docs: many", files)
    assert read_files(Git(repo.path), "HEAD", files) == {path: text.encode() for path, text in files.items()}


@pytest.mark.parametrize("path", ["NONE.md", "none/deep/file.md", "docs/none.md", "CHANGELOG*"])
def test_what_is_not_there_is_none(git: Git, path: str) -> None:
    assert read_file(git, "HEAD", path) is None


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "docs/../../x", ".git/config", "a/.GIT/b", "", "."])
def test_a_path_out_of_the_tree_is_refused(git: Git, path: str) -> None:
    with pytest.raises(UsageError):
        read_file(git, "HEAD", path)


@pytest.mark.case(26)
def test_links_folders_and_what_lies_behind_links_are_refused(repo: Repo, git: Git) -> None:
    (repo.path / "link.md").symlink_to("/etc/passwd")
    (repo.path / "linked").symlink_to("docs")
    repo.git("add", "link.md", "linked")
    repo.commit("chore: links")
    for path in ("link.md", "linked/a.md", "docs", "CHANGELOG.md/x"):
        with pytest.raises(RepositoryError, match="a link or a submodule"):
            read_file(git, "HEAD", path)


def test_a_file_whose_object_is_lost_is_told_as_such(repo: Repo, git: Git) -> None:
    name = repo.git("rev-parse", "HEAD:docs/a.md").strip()
    (repo.path / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(RepositoryError, match=f"this clone lacks {name[:7]}"):
        read_files(git, "HEAD", ["docs/a.md", "docs/deep/b.md"])


def test_folders_are_listed_by_name_and_by_file(git: Git) -> None:
    assert list_names(git, "HEAD", "docs") == ("[x].md", "a.md", "deep")
    assert list_files(git, "HEAD", "docs") == ("docs/[x].md", "docs/a.md", "docs/deep/b.md")
    assert list_names(git, "HEAD", "none") == list_files(git, "HEAD", "none") == ()
