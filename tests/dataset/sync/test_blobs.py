from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from notewright.adapters.dataset.blobs import Blobs, TreeFile
from notewright.adapters.dataset.watched import Limits
from notewright.errors import RepositoryError
from tests.dataset.sync.conftest import Update
from tests.parts.cost import assert_in_proportion
from tests.parts.git_server import GitServer
from tests.parts.repository import Repo

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "ab" * 32 + "\nsize 12345\n"


def put(repo: Repo, *entries: tuple[str, str, bytes]) -> str:
    """Commit (mode, object, path) as they are, through the index."""
    repo.git("update-index", "-z", "--index-info", input_bytes=b"".join(f"{m} {o}\t".encode() + p + b"\0" for m, o, p in entries))
    return repo.commit("feat: entries")


def blob(repo: Repo, content: bytes) -> str:
    return repo.git("hash-object", "-w", "--stdin", input_bytes=content)


def test_files_links_and_submodules_are_listed_as_they_are(repo: Repo, update: Update) -> None:
    one = blob(repo, b"one\n")
    link = blob(repo, b"../../../etc/passwd")
    names = [b"a\nb.py", b"\xff\xfe.py", "\u202egpj.py".encode(), b"a\tb", b'"q"', b"-x"]
    commit = put(
        repo,
        *[("100644", one, name) for name in names],
        ("120000", link, b"out"),
        ("160000", "1" * 40, b"vendor/lib"),
        ("100755", one, b"src/run"),
    )
    clone = update(repo.path)
    listed = list(Blobs(clone.directory).list_files(commit))
    assert {file.path for file in listed} == {*names, b"out", b"vendor/lib", b"src/run"}
    assert TreeFile(b"out", "120000", link, 19) in listed
    assert TreeFile(b"vendor/lib", "160000", "1" * 40, 0) in listed
    assert TreeFile(b"src/run", "100755", one, 4) in listed
    assert listed == sorted(listed, key=lambda file: file.path)


def test_contents_come_in_the_given_order_byte_for_byte(repo: Repo, update: Update) -> None:
    contents = [b"", b"\n", b"a\r\n\0\xff", b"no newline", *(f"{number}\n".encode() * number for number in range(60)), LFS.encode()]
    oids = [blob(repo, content) for content in contents]
    put(repo, *[("100644", oid, f"f{number}".encode()) for number, oid in enumerate(oids)])
    blobs = Blobs(update(repo.path).directory)
    assert list(blobs.read(oids, most_bytes=1 << 20)) == list(zip(oids, contents, strict=True))
    assert list(blobs.read(iter([oids[3], oids[0], oids[3]]), most_bytes=1 << 20)) == [
        (oids[3], b"no newline"),
        (oids[0], b""),
        (oids[3], b"no newline"),
    ]
    assert list(blobs.read([], most_bytes=1)) == []


def test_a_large_blob_is_never_read(repo: Repo, update: Update) -> None:
    small, large, last = (blob(repo, content) for content in (b"small", b"x" * 5_000_000, b"last"))
    put(repo, ("100644", small, b"a"), ("100644", large, b"b"), ("100644", last, b"c"))
    blobs = Blobs(update(repo.path).directory)
    assert dict(blobs.read([small, large, last], most_bytes=1000)) == {small: b"small", last: b"last"}
    assert dict(blobs.read([small], most_bytes=5)) == {small: b"small"}


def test_reading_may_end_early(repo: Repo, update: Update) -> None:
    oids = [blob(repo, b"x" * 100_000 + str(number).encode()) for number in range(60)]
    commit = put(repo, *[("100644", oid, f"f{number}".encode()) for number, oid in enumerate(oids)])
    blobs = Blobs(update(repo.path).directory)
    reading, listing = blobs.read(oids, most_bytes=1 << 20), blobs.list_files(commit)
    assert next(reading)[0] == oids[0]
    assert next(listing).path == b"f0"
    reading.close()  # type: ignore[attr-defined]  # a generator
    listing.close()  # type: ignore[attr-defined]


def test_an_object_that_is_missing_or_no_file_is_an_error(repo: Repo, update: Update) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    clone = update(repo.path)
    for oid in ("0123456789" * 4, clone.commit):
        with pytest.raises(RepositoryError, match=f"no file with the object {oid[:12]}") as caught:
            list(Blobs(clone.directory).read([oid], most_bytes=100))
        assert "dataset sync" in (caught.value.hint or "")


def test_a_damaged_object_is_an_error(repo: Repo, update: Update) -> None:
    oid = blob(repo, b"one\n" * 1000)
    commit = put(repo, ("100644", oid, b"a.py"))
    clone = update(repo.path)
    pack = next(clone.directory.glob("objects/pack/*.pack"))
    pack.chmod(0o644)
    content = bytearray(pack.read_bytes())
    content[12:-20] = bytes(len(content) - 32)
    pack.write_bytes(content)
    with pytest.raises(RepositoryError):
        list(Blobs(clone.directory).list_files(commit))
    with pytest.raises(RepositoryError):
        list(Blobs(clone.directory).read([oid], most_bytes=100_000))


@pytest.mark.parametrize("oid", ["HEAD", "--output=x", "", "0" * 39, f"{'0' * 40}\n{'1' * 40}"])
def test_a_wrong_program_that_asks_for_anything_but_an_object_is_stopped(repo: Repo, update: Update, oid: str) -> None:
    repo.commit("feat: one")
    blobs = Blobs(update(repo.path).directory)
    with pytest.raises(ValueError, match="full name"):
        list(blobs.read([oid], most_bytes=1))
    with pytest.raises(ValueError, match="full name"):
        list(blobs.list_files(oid))


def test_a_folder_that_is_no_clone_is_never_read_as_the_repository_around_it(repo: Repo) -> None:
    commit = repo.commit("feat: one", {"a.py": "1\n"})
    (repo.path / "state").mkdir()
    with pytest.raises(RepositoryError):
        list(Blobs(repo.path / "state").list_files(commit))


def test_case_34_trees_that_name_each_other_are_not_unfolded_without_end(repo: Repo, update: Update) -> None:
    """Ten levels of ten equal folders are a few hundred bytes and ten thousand million files."""
    one, tree = f"100644 blob {blob(repo, b'x')}", ""
    for _ in range(10):
        tree = repo.git("mktree", "-z", input_bytes=b"".join(f"{one}\tf{number}\0".encode() for number in range(10)))
        one = f"040000 tree {tree}"
    commit = repo.git("commit-tree", "-m", "feat: bomb", tree)
    repo.git("update-ref", "HEAD", commit)
    clone = update(repo.path)
    with pytest.raises(RepositoryError, match="has more than 5,000 files"):
        list(Blobs(clone.directory).list_files(commit, most=5000))


def test_case_34_a_deep_tree_is_listed_or_refused(repo: Repo, update: Update) -> None:
    script = f"commit refs/heads/main\ncommitter A <a@b> 0 +0000\ndata 1\nx\nM 100644 inline {'d/' * 1500}f\ndata 1\nx\n"
    subprocess.run(["git", "-C", str(repo.path), "fast-import", "--quiet"], input=script.encode(), check=True)
    clone = update(repo.path)
    (file,) = Blobs(clone.directory).list_files(clone.commit)
    assert file.path == b"d/" * 1500 + b"f"


def test_reading_many_blobs_costs_in_proportion(repo: Repo, update: Update) -> None:
    oid = blob(repo, b"one\n")
    put(repo, ("100644", oid, b"a"))
    blobs = Blobs(update(repo.path).directory)
    assert_in_proportion(lambda oids: sum(1 for _ in blobs.read(oids, most_bytes=10)), lambda count: [oid] * count, size=500)


def test_a_huge_blob_is_cloned_without_taking_it_into_memory_and_never_read(
    repo: Repo, update: Update, git_server: GitServer, tmp_path: Path
) -> None:
    script, size = tmp_path / "import", 66 << 20
    with script.open("wb") as out:
        out.write(b"blob\nmark :1\ndata %d\n" % size)
        out.truncate(out.tell() + size)
        out.seek(0, 2)
        out.write(
            b"\ncommit refs/heads/main\ncommitter A <a@b> 0 +0000\ndata 1\nx\nM 100644 :1 big.py\nM 100644 inline a.py\ndata 2\n1\n\n"
        )
    with script.open("rb") as content:
        subprocess.run(["git", "-C", str(repo.path), "-c", "core.bigFileThreshold=1m", "fast-import", "--quiet"], stdin=content, check=True)
    git_server.add("acme/big", repo)
    clone = update(git_server.url_of("acme/big"), limits=Limits(memory_bytes=size // 2))
    blobs = Blobs(clone.directory)
    listed = {file.path: file for file in blobs.list_files(clone.commit)}
    assert listed[b"big.py"].size == size
    assert dict(blobs.read([listed[b"a.py"].oid, listed[b"big.py"].oid], most_bytes=1 << 20)) == {listed[b"a.py"].oid: b"1\n"}
