from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from notewright.adapters.dataset.blobs import Blobs
from notewright.adapters.dataset.clones import Clone, Clones
from notewright.dataset.sources import Source
from notewright.errors import RepositoryError, StorageError
from tests.dataset.sync.conftest import Update
from tests.parts.git_server import GitServer
from tests.parts.plumbing import read_git, run_git
from tests.parts.repository import Repo


def files(clone: Clone) -> dict[str, bytes]:
    """Read every file of a clone, without a network."""
    blobs = Blobs(clone.directory)
    listed = list(blobs.list_files(clone.commit))
    contents = dict(blobs.read([file.oid for file in listed], most_bytes=1 << 30))
    return {os.fsdecode(file.path): contents[file.oid] for file in listed}


def test_a_clone_is_bare_pinned_whole_and_of_one_branch(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "a = 1\n"})
    head = repo.commit("feat: two", {"src/b.py": "b = 2\n"})
    repo.tag("v1", annotated=True)
    repo.branch("other")
    repo.commit("feat: elsewhere", {"c.py": "c = 3\n"})
    repo.git("switch", "--quiet", "main")
    clone = update(repo.path)
    assert clone.commit == head
    assert files(clone) == {"a.py": b"a = 1\n", "src/b.py": b"b = 2\n"}
    assert read_git(clone.directory, "log", "--format=%s") == "feat: two\nfeat: one"
    assert read_git(clone.directory, "for-each-ref", "--format=%(refname)") == "refs/heads/pinned\nrefs/notewright/fetched"
    assert not (clone.directory / "hooks").exists()


def test_an_update_brings_what_is_new_and_nothing_else_moves(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    first = update(repo.path)
    assert update(repo.path) == first
    head = repo.commit("feat: two", {"a.py": "2\n"})
    second = update(repo.path)
    assert (second.directory, second.commit) == (first.directory, head)
    assert files(second) == {"a.py": b"2\n"}


def test_a_repository_over_http_is_cloned_and_updated(git_server: GitServer, checkout: Repo, update: Update) -> None:
    first = update(git_server.url_of("acme/app"))
    assert files(first) == {"README.md": b"# App\n"}
    head = checkout.commit("feat: more", {"more.py": "x\n"})
    git_server.push(checkout, "main")
    assert update(git_server.url_of("acme/app")).commit == head


@pytest.mark.parametrize("form", ["branch", "tag", "annotated", "full", "sha"])
def test_a_ref_is_a_branch_a_tag_or_a_commit(git_server: GitServer, repo: Repo, update: Update, form: str) -> None:
    wanted = repo.commit("feat: one", {"a.py": "1\n"})
    repo.tag("v1")
    repo.tag("v1-signed", annotated=True)
    repo.git("branch", "stable/1.x")
    repo.commit("feat: two", {"a.py": "2\n"})
    git_server.add("acme/lib", repo)
    ref = {"branch": "stable/1.x", "tag": "v1", "annotated": "v1-signed", "full": "refs/tags/v1", "sha": wanted}[form]
    for _ in range(2):
        clone = update(git_server.url_of("acme/lib"), ref)
        assert clone.commit == wanted
        assert files(clone) == {"a.py": b"1\n"}


def test_a_commit_that_is_here_needs_no_server(repo: Repo, update: Update) -> None:
    sha = repo.commit("feat: one", {"a.py": "1\n"})
    first = update(repo.path, sha)
    repo.path.rename(repo.path.with_name("gone"))
    assert update(repo.path, sha) == first


def test_a_branch_wins_over_a_tag_of_the_same_name(repo: Repo, update: Update) -> None:
    repo.commit("feat: one")
    repo.git("tag", "v1")
    head = repo.commit("feat: two")
    repo.git("branch", "v1")
    assert update(repo.path, "v1").commit == head


def test_a_ref_that_is_changed_uses_the_same_clone(repo: Repo, update: Update) -> None:
    one = repo.commit("feat: one")
    repo.tag("v1")
    two = repo.commit("feat: two")
    clones = [update(repo.path, ref) for ref in ("v1", None, "v1")]
    assert [clone.commit for clone in clones] == [one, two, one]
    assert len({clone.directory for clone in clones}) == 1


def test_a_renamed_default_branch_is_followed(git_server: GitServer, update: Update) -> None:
    first = update(git_server.url_of("acme/app"))
    served = git_server.path_of("acme/app")
    run_git(served, "branch", "--move", "main", "trunk")
    assert update(git_server.url_of("acme/app")) == first


def test_a_history_that_was_rewritten_is_followed(repo: Repo, update: Update) -> None:
    root = repo.commit("feat: one", {"a.py": "1\n"})
    repo.commit("feat: two", {"a.py": "2\n"})
    update(repo.path)
    repo.git("reset", "--quiet", "--hard", root)
    head = repo.commit("feat: other", {"a.py": "other\n"})
    clone = update(repo.path)
    assert clone.commit == head
    assert files(clone) == {"a.py": b"other\n"}


def test_a_repository_that_was_made_anew_is_followed(tmp_path: Path, update: Update) -> None:
    Repo(tmp_path / "repo").commit("feat: one", {"a.py": "1\n"})
    update(tmp_path / "repo")
    (tmp_path / "repo").rename(tmp_path / "old")
    head = Repo(tmp_path / "repo").commit("feat: unrelated", {"b.py": "2\n"})
    assert update(tmp_path / "repo").commit == head


def test_a_repository_with_sha_256_names_is_cloned_and_updated(tmp_path: Path, update: Update) -> None:
    path = tmp_path / "long"
    run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "--initial-branch=main", str(path))
    for content in ("1\n", "2\n"):
        (path / "a.py").write_text(content)
        run_git(path, "add", "a.py")
        run_git(path, "commit", "--quiet", "-m", "feat: a")
        clone = update(path)
        assert clone.commit == read_git(path, "rev-parse", "HEAD")
        assert len(clone.commit) == 64
        assert files(clone) == {"a.py": content.encode()}


def test_a_vanished_repository_is_an_error_and_its_clone_stays(git_server: GitServer, update: Update) -> None:
    url = git_server.url_of("acme/app")
    clone = update(url)
    git_server.path_of("acme/app").rename(git_server.root / "gone")
    with pytest.raises(RepositoryError, match="private, or there is no such repository") as caught:
        update(url)
    assert "NOTEWRIGHT_TOKEN" in (caught.value.hint or "")
    assert files(clone) == {"README.md": b"# App\n"}


def test_a_path_with_no_repository_is_an_error(tmp_path: Path, update: Update) -> None:
    with pytest.raises(RepositoryError, match=r"cannot bring nothing up to date: there is no such repository"):
        update("./nothing")
    (tmp_path / "plain").mkdir()
    with pytest.raises(RepositoryError, match="there is no such repository"):
        update("./plain")


def test_an_empty_repository_is_an_error(repo: Repo, update: Update, folder: Path) -> None:
    with pytest.raises(RepositoryError, match="it is empty, or its default branch is") as caught:
        update(repo.path)
    assert "URL@NAME" in (caught.value.hint or "")
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_a_repository_that_lacks_objects_itself_is_an_error(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    oid = repo.git("rev-parse", "HEAD:a.py")
    (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(RepositoryError, match="the repository there is damaged") as caught:
        update(repo.path)
    assert "git fsck" in (caught.value.hint or "")


def test_what_git_says_is_told_where_nothing_else_is_known(git_server: GitServer, update: Update) -> None:
    git_server.fault("GET", "info/refs", status=418)
    with pytest.raises(RepositoryError, match=r"cannot bring 127\.0\.0\.1:\d+/acme/app up to date: .*418") as caught:
        update(git_server.url_of("acme/app"))
    assert "git clone" in (caught.value.hint or "")


def test_a_ref_that_is_not_there_is_an_error(repo: Repo, update: Update) -> None:
    repo.commit("feat: one")
    with pytest.raises(RepositoryError, match="it has no branch or tag v9") as caught:
        update(repo.path, "v9")
    assert "after the @" in (caught.value.hint or "")


def test_a_commit_that_is_not_there_is_an_error(git_server: GitServer, update: Update) -> None:
    with pytest.raises(RepositoryError, match="no such commit"):
        update(git_server.url_of("acme/app"), "0123456789" * 4)


def test_a_tag_of_a_file_is_an_error(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    repo.git("tag", "data", "HEAD:a.py")
    with pytest.raises(RepositoryError, match="data leads to no commit"):
        update(repo.path, "data")


def test_a_source_that_is_shallow_itself_is_an_error(repo: Repo, update: Update, tmp_path: Path) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    repo.commit("feat: two", {"a.py": "2\n"})
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo.path}", "shallow")
    with pytest.raises(RepositoryError, match="the repository itself is shallow"):
        update("./shallow")


def test_a_source_that_became_shallow_is_an_error_and_its_old_state_is_not_taken_for_the_new(
    repo: Repo, update: Update, tmp_path: Path
) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    update(repo.path)
    repo.commit("feat: two", {"a.py": "2\n"})
    repo.commit("feat: three", {"a.py": "3\n"})
    repo.path.rename(tmp_path / "whole")
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{tmp_path}/whole", "repo")
    with pytest.raises(RepositoryError, match="the repository itself is shallow"):
        update("./repo")


def test_relative_paths_begin_at_the_folder_of_the_list(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    assert files(update("./repo")) == {"a.py": b"1\n"}
    assert update("./repo").directory == update(repo.path).directory


def test_folders_of_clones_never_collide(folder: Path, tmp_path: Path) -> None:
    urls = [
        "https://h.org/a/b",
        "https://h.org/A/b",
        "https://h.org/a-b",
        "https://h.org:8443/a/b",
        "/srv/a/b",
        "./a/b",
        "https://h.org/" + "x" * 300,
    ]
    here, there = (Clones(folder, base=base) for base in (tmp_path, tmp_path / "other"))
    names = {clones._folder(Source(url)).name for url in urls for clones in (here, there)}
    assert len(names) == len(urls) + 1  # ./a/b is another repository in another folder
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) < 120 and name.isascii() and not name.startswith((".", "-")) for name in names)


def test_a_clone_that_lacks_an_object_is_made_anew(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "1\n", "b.py": "2\n"})
    clone = update(repo.path)
    for pack in (clone.directory / "objects/pack").glob("*"):
        pack.unlink()
    run_git(clone.directory, "fetch", "--quiet", "--depth=1", "--no-write-fetch-head", f"file://{repo.path}", "main")
    (clone.directory / "shallow").unlink()
    assert files(update(repo.path)) == {"a.py": b"1\n", "b.py": b"2\n"}


@pytest.mark.parametrize("damage", ["pack", "head", "refs", "file"])
def test_a_damaged_clone_is_made_anew(repo: Repo, update: Update, damage: str) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    clone = update(repo.path)
    match damage:
        case "pack":
            pack = next((clone.directory / "objects/pack").glob("*.pack"))
            pack.chmod(0o644)
            pack.write_bytes(pack.read_bytes()[:20])
        case "head":
            (clone.directory / "HEAD").unlink()
        case "refs":
            (clone.directory / "refs/notewright/fetched").write_bytes(b"\0" * 40)
        case _:
            for path in sorted(clone.directory.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            clone.directory.rmdir()
            clone.directory.write_text("no folder")
    assert files(update(repo.path)) == {"a.py": b"1\n"}


def test_what_a_killed_git_left_in_a_clone_is_cleared_away(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    clone = update(repo.path)
    left = ["refs/notewright/fetched.lock", "refs/heads/pinned.lock", "packed-refs.lock", "objects/pack/tmp_pack_x1", "gc.pid"]
    for name in left:
        (clone.directory / name).write_bytes(b"half")
    head = repo.commit("feat: two", {"a.py": "2\n"})
    assert update(repo.path).commit == head
    assert not [name for name in left if (clone.directory / name).exists()]


def test_what_an_interrupted_clone_left_is_cleared_away(repo: Repo, update: Update, folder: Path) -> None:
    repo.commit("feat: one")
    (folder / ".x1.part" / "clone" / "objects").mkdir(parents=True)
    update(repo.path)
    assert not (folder / ".x1.part").exists()


def test_a_repository_fetched_every_night_does_not_grow_without_bound(repo: Repo, update: Update) -> None:
    repo.commit("feat: zero", {"a.py": "0\n"})
    lost = repo.commit("feat: lost", {"a.py": "lost\n"})
    directory = update(repo.path).directory
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    for number in range(22):
        for path in directory.rglob("*"):
            os.utime(path, (time.time() - 30 * 86400,) * 2)  # as if a month had passed
        head = repo.commit(f"feat: {number}", {"a.py": f"{number}\n"})
        assert update(repo.path).commit == head
    assert len(list(directory.glob("objects/pack/*.pack"))) < 5
    with pytest.raises(subprocess.CalledProcessError):
        run_git(directory, "cat-file", "-e", lost)


def test_clones_that_nothing_used_for_a_month_are_removed(repo: Repo, update: Update, folder: Path, tmp_path: Path) -> None:
    repo.commit("feat: one")
    run_git(tmp_path, "clone", "--quiet", "repo", "other")
    kept, unused = update("./repo"), update("./other")
    (folder / "mine").mkdir()
    clones = Clones(folder, base=tmp_path)
    with clones.held():
        assert clones.remove_unused([kept.source], now_s=time.time()) == ()
        assert clones.remove_unused([kept.source], now_s=time.time() + 40 * 86400) == (unused.directory.name,)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "mine", kept.directory.name]


def test_two_runs_never_work_in_the_same_folder(folder: Path, tmp_path: Path) -> None:
    with (
        Clones(folder, base=tmp_path).held(),
        pytest.raises(StorageError, match="another run works in"),
        Clones(folder, base=tmp_path).held(),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write to") as caught, Clones(tmp_path / "file/clones", base=tmp_path).held():
        pass
    assert "dataset.repos_dir" in (caught.value.hint or "")
