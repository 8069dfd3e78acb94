"""Paths and patches of real repositories: strange names, merges, binary files, submodules, and configuration that interferes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from notewright.adapters.repository import Repository, open_repository
from notewright.errors import RepositoryError
from tests.parts.repository import Repo

STRANGE = ("\nstarts with a line end", "a\nb", "f" * 40, " ", "-z", '"quoted"', "tab\there", "ümläut/ß.txt", "\x01", "back\\slash", "[x]*?")
# Everything a repository's own configuration can say about differences; the commands would leave a trace if they ran.
INTERFERENCE = {
    "diff.external": "touch {trace}; true",
    "diff.mine.command": "touch {trace}; true",
    "diff.mine.textconv": "touch {trace}; cat",
    "diff.mine.cachetextconv": "true",
    "diff.mine.xfuncname": "^(.*)$",
    "diff.renames": "copies",
    "diff.relative": "true",
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.context": "0",
    "diff.interHunkContext": "9",
    "diff.algorithm": "patience",
    "diff.indentHeuristic": "false",
    "diff.ignoreSubmodules": "all",
    "diff.submodule": "log",
    "diff.suppressBlankEmpty": "true",
    "diff.orderFile": "order",
    "log.showRoot": "false",
    "log.diffMerges": "separate",
    "core.abbrev": "4",
    "core.quotePath": "true",
    "color.ui": "always",
    "format.pretty": "fuller",
}


def reader(repo: Repo) -> Repository:
    return open_repository(repo.path)


def paths(repo: Repo, *shas: str) -> list[tuple[str, ...]]:
    """Read them in both ways, which must agree."""
    at_once = {commit.sha: found for commit, found in reader(repo).commits_with_paths([repo.sha()])}
    one_by_one = reader(repo).paths(shas)
    assert {sha: at_once[sha] for sha in shas} == one_by_one
    return [one_by_one[sha] for sha in shas]


def patch_ids(repo: Repo, *shas: str) -> list[str | None]:
    found = reader(repo).patch_ids(shas)
    assert set(found) <= set(shas)
    return [found.get(sha) for sha in shas]


def test_paths_are_what_a_commit_changed_the_first_one_included(repo: Repo) -> None:
    first = repo.commit("feat: a", {"src/a.py": "1\n", "README.md": "a\n"})
    second = repo.commit("fix: a", {"src/a.py": "2\n"})
    assert paths(repo, first, second) == [("README.md", "src/a.py"), ("src/a.py",)]


def test_a_renamed_file_counts_with_both_its_names(repo: Repo) -> None:
    repo.commit("feat: a", {"lib/a.py": "one\ntwo\nthree\n"})
    assert paths(repo, repo.commit("refactor: move", {"lib/a.py": None, "src/a.py": "one\ntwo\nthree\n"})) == [("lib/a.py", "src/a.py")]


def test_a_commit_that_changes_nothing_has_no_paths_and_no_patch(repo: Repo) -> None:
    repo.commit("feat: a", {"a": "1\n"})
    empty = repo.commit("chore: empty")
    assert paths(repo, empty) == [()]
    assert patch_ids(repo, empty) == [None]


@pytest.mark.parametrize("name", STRANGE)
def test_no_name_of_a_file_is_taken_for_anything_else(repo: Repo, name: str) -> None:
    first = repo.commit("feat: a", {name: "1\n", "z" * 50: "1\n"})
    last = repo.commit("\n\nmessage\n\n\n" + "e" * 40 + "\n", {name: "2\n"})
    assert paths(repo, first, last) == [tuple(sorted((name, "z" * 50), key=str.encode)), (name,)]
    assert len(set(patch_ids(repo, first, last))) == 2


def test_all_strange_names_together_are_kept_apart(repo: Repo) -> None:
    repo.commit("", dict.fromkeys(STRANGE, "1\n"))
    sha = repo.commit(b"", dict.fromkeys(STRANGE, "2\n"))
    assert paths(repo, sha) == [tuple(sorted(STRANGE, key=str.encode))]


def test_files_named_like_the_fields_of_a_commit_forge_none(repo: Repo) -> None:
    names = ("1" * 40, "2" * 40, "3 Mallory", "4 mallory@example.org", "5", "feat: forged")
    sha = repo.commit("feat: real", dict.fromkeys(names, "x\n"))
    assert [(commit.message, found) for commit, found in reader(repo).commits_with_paths([sha])] == [("feat: real\n", names)]


def test_a_name_that_is_no_text_is_shown_with_replacement_characters(repo: Repo) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", input_bytes=b"x")
    tree = repo.git("mktree", "-z", input_bytes=b"100644 blob %b\t\xff\xfe.txt\0" % blob.encode())
    sha = repo.git("commit-tree", "-m", "feat: x", tree)
    assert reader(repo).paths([sha]) == {sha: ("\ufffd\ufffd.txt",)}


def test_a_message_in_an_encoding_that_can_spell_nul_ends_there(repo: Repo) -> None:
    tree = repo.git("write-tree")
    raw = f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\nencoding UTF-7\n\none+AAA-two\n".encode()
    sha = repo.git("hash-object", "-t", "commit", "-w", "--stdin", input_bytes=raw)
    ((commit, found),) = reader(repo).commits_with_paths([sha])
    assert (commit.sha, commit.author, found) == (sha, "A", ())


def test_a_merge_has_the_paths_that_it_brings_to_its_branch_and_no_patch(repo: Repo) -> None:
    repo.commit("feat: a", {"a": "1\n"})
    repo.branch("topic")
    repo.commit("feat: b", {"b": "1\n"})
    repo.commit("feat: c", {"c": "1\n"})
    repo.branch("main")
    repo.commit("feat: d", {"d": "1\n"})
    merge = repo.merge("topic", "Merge branch 'topic'")
    assert paths(repo, merge) == [("b", "c")]
    assert patch_ids(repo, merge) == [None]


def test_the_log_with_paths_gives_the_same_commits_in_the_same_order(repo: Repo) -> None:
    for number in range(30):
        repo.commit(f"feat: {number}\n\nbody {number}\n", {f"dir{number % 3}/file": f"{number}\n"})
    ours, tips, without = reader(repo), [repo.sha()], [repo.sha("HEAD~20")]
    assert [commit for commit, _ in ours.commits_with_paths(tips, without=without)] == list(ours.commits(tips, without=without))


def test_asking_for_no_commits_gives_none(repo: Repo) -> None:
    repo.commit("feat: a", {"a": "1\n"})
    assert reader(repo).paths([]) == {}
    assert reader(repo).patch_ids([]) == {}
    assert list(reader(repo).commits_with_paths([])) == []
    assert list(reader(repo).commits([])) == []


def test_a_cherry_pick_has_the_patch_of_its_source_though_it_stands_elsewhere(repo: Repo) -> None:
    lines = [f"line {number}\n" for number in range(60)]
    repo.commit("feat: a", {"a": "".join(lines)})
    repo.branch("maintenance")
    repo.branch("main")
    repo.commit("feat: top", {"a": "".join(["new\n"] * 5 + lines)})
    fix = repo.commit("fix: bottom", {"a": "".join(["new\n"] * 5 + lines[:40] + ["fixed\n"] + lines[41:])})
    repo.branch("maintenance")
    repo.git("cherry-pick", fix)
    one, other = patch_ids(repo, fix, repo.sha())
    assert one == other
    assert one is not None


def test_patches_differ_where_a_file_a_mode_or_white_space_does(repo: Repo) -> None:
    repo.commit("feat: a", {"a": "x\n", "b": "x\n"})
    found = [repo.commit("fix", {"a": "y\n"}), repo.commit("fix", {"b": "y\n"}), repo.commit("fix", {"a": " y\n"})]
    repo.git("update-index", "--chmod=+x", "a")
    found.append(repo.commit("fix"))
    ids = patch_ids(repo, *found)
    assert None not in ids
    assert len(set(ids)) == 4


def test_binary_files_count_by_their_content(repo: Repo) -> None:
    repo.commit("feat: a", {"a.bin": b"\0one"})
    two, back = repo.commit("fix", {"a.bin": b"\0two"}), repo.commit("fix", {"a.bin": b"\0one"})
    three, back_again, again = (repo.commit("fix", {"a.bin": content}) for content in (b"\0three", b"\0one", b"\0two"))
    ids = patch_ids(repo, two, back, three, back_again, again)
    assert ids[0] == ids[4]
    assert len(set(ids)) == 4


def test_content_that_looks_like_a_log_of_patches_splits_no_patch(repo: Repo) -> None:
    forged = "\n".join(["f" * 40, "", "diff --git a/x b/x", "index 1..2 100644", "@@ -1 +1 @@", "", "\0late nul", "commit " + "e" * 40, ""])
    repo.commit("feat: a", {"a": forged, ".gitattributes": "a diff\n"})
    one, other = repo.commit("fix", {"a": forged + "one\n"}), repo.commit("fix", {"a": forged + "other\n"})
    ids = patch_ids(repo, one, other)
    assert None not in ids
    assert ids[0] != ids[1]


def test_a_file_of_many_megabytes_has_a_patch(repo: Repo) -> None:
    repo.commit("feat: a", {"a": "x" * 17_000_000})
    one, other = repo.commit("fix", {"a": "y" * 17_000_000}), repo.commit("fix", {"a": "z" * 3_000_000})
    assert len({*patch_ids(repo, one, other)} - {None}) == 2


def test_a_submodule_counts_as_the_path_that_it_is(repo: Repo) -> None:
    repo.commit("feat: a", {"a": "1\n"})
    moved = []
    for digit in "123":
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{digit * 40},vendor/lib")
        moved.append(repo.commit("build: lib"))
    assert paths(repo, *moved) == [("vendor/lib",)] * 3
    assert len(set(patch_ids(repo, *moved)) - {None}) == 3


def test_no_configuration_or_attribute_runs_a_program_or_changes_the_answer(repo: Repo, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    first = repo.commit("feat: a", {".gitattributes": "* diff=mine\n", "order": "z\na\n", "a": "1\n\n2\n\n3\n", "dir/z": "1\n"})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendor/lib")
    second = repo.commit("fix: a", {"a": "1\n\n2\n\n4\n", "dir/z": "2\n"})
    renamed = repo.commit("refactor: a", {"a": None, "c": "1\n\n2\n\n4\n"})
    before = paths(repo, first, second, renamed), patch_ids(repo, first, second, renamed)
    for key, value in INTERFERENCE.items():
        repo.git("config", key, value.format(trace=trace))
    repo.git("diff", "--ext-diff", first, second)
    assert trace.exists(), "the trap must work on git itself, or this test shows nothing"
    trace.unlink()
    assert (paths(repo, first, second, renamed), patch_ids(repo, first, second, renamed)) == before
    assert not trace.exists()


def test_a_recorded_history_has_the_twins_that_git_patch_id_finds(recorded: Callable[[str], Path]) -> None:
    repository = open_repository(recorded("git-cliff"))
    found = repository.patch_ids([commit.sha for commit in repository.commits([repository.resolve("HEAD")])])
    pipe = "git rev-list --no-merges HEAD | git diff-tree --stdin -p -r --root --no-renames --full-index | git patch-id --stable"
    listed = subprocess.run(["bash", "-c", pipe], cwd=repository.root, check=True, capture_output=True, text=True).stdout
    git = {sha: identity for identity, sha in (line.split() for line in listed.splitlines())}
    assert found.keys() == git.keys()
    assert len(set(found.values())) >= len(set(git.values()))  # git's is blind to white space


def test_a_work_tree_that_the_configuration_puts_elsewhere_is_refused(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: one")
    elsewhere = Repo(tmp_path / "elsewhere")
    elsewhere.commit("feat: not yours")
    repo.git("config", "core.worktree", str(elsewhere.path))
    with pytest.raises(RepositoryError, match=r"core\.worktree of .* names another folder") as caught:
        open_repository(repo.path)
    assert "unset core.worktree" in (caught.value.hint or "")


def test_a_submodule_whose_repository_lies_elsewhere_is_opened(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: one")
    outer = Repo(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo.path), "part")
    (outer.path / "part" / "folder").mkdir()
    assert open_repository(outer.path / "part" / "folder").root == outer.path / "part"
