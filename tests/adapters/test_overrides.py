"""Overrides: what people wrote about commits is found, understood, or named."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from notewright.adapters.overrides import NOTES, OVERRIDES, read_overrides
from notewright.adapters.repository import open_repository
from notewright.changelog.override_file import overrides_text
from notewright.changelog.overrides import Override
from notewright.errors import ConfigError, RepositoryError
from tests.parts.repository import Repo

ADA = "Ada <ada@example.org>"
BOB = "Bob <bob@example.org>"


def write(repo: Repo, text: str | bytes) -> None:
    """Write the file into the work tree, with `{a}` for the first commit's abbreviated name and `{b}` for the second's."""
    path = repo.path / OVERRIDES
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else named(repo, text).encode())


def named(repo: Repo, text: str) -> str:
    first, second = repo.git("rev-list", "--reverse", "HEAD").split("\n")[:2]
    return text.replace("{a}", first[:7]).replace("{b}", second[:7]).replace("{A}", first).replace("{B}", second)


def note(repo: Repo, commit: str, text: str, *, author: str = ADA) -> None:
    repo.git("notes", f"--ref={NOTES}", "add", "--force", "-m", text, commit, author=author)


def grow(repo: Repo, wanted: Callable[[str], bool]) -> str:
    """Write the first of many commits whose name is wanted."""
    tree = repo.git("hash-object", "-t", "tree", "-w", "--stdin", input_bytes=b"")
    for number in range(1_000_000):
        content = f"tree {tree}\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\n{number}\n".encode()
        if wanted(hashlib.sha1(b"commit %d\0" % len(content) + content).hexdigest()):
            return repo.git("hash-object", "-t", "commit", "-w", "--stdin", input_bytes=content)
    raise AssertionError("no such name")


def read(repo: Repo, commit: str | None = None) -> tuple[Override, ...]:
    return read_overrides(open_repository(repo.path), commit)


@pytest.fixture
def two(repo: Repo) -> Repo:
    """A repository of two commits."""
    repo.commit("feat: one")
    repo.commit("fix: two")
    return repo


def count_processes(repo: Repo, commit: str | None, tmp_path: Path) -> int:
    """Count the git processes of one reading, with git itself behind a script that keeps count."""
    repository = open_repository(repo.path)
    tally, folder = tmp_path / "tally", tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    (folder / "git").write_text(f'#!/bin/sh\necho >> "{tally}"\nexec "{real}" "$@"\n')
    (folder / "git").chmod(0o755)
    tally.write_text("")
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}:{path}"
    try:
        read_overrides(repository, commit)
    finally:
        os.environ["PATH"] = path
    return tally.read_text().count("\n")


def test_every_key_of_the_file_says_what_it_promises(two: Repo) -> None:
    first, second = two.git("rev-list", "--reverse", "HEAD").split("\n")
    write(
        two,
        """\
- commit: {a}
  reword: Add   a first thing
  type: fix
  scope: api
  breaking: callers must say why
  security: true
  by: Grace
  why: the message was
    too short
- commit: {A}
  part: 2
  breaking: false
  security: no
  scope: ""
- commit: {b}
  merge: {a}
- commit: {b}
  add: say two as well
  type: docs
  breaking: true
- {commit: {a}, part: 1, hide: true}
""",
    )
    source, by = f"{OVERRIDES}, entry", "an uncommitted change"
    assert read(two) == (
        Override(
            first, "Grace", "the message was too short", f"{source} 1", summary="Add a first thing", type="fix", scope="api",
            breaking=True, breaking_text="callers must say why", security=True,
        ),
        Override(first, by, "", f"{source} 2", part=2, breaking=False, security=False, scope=""),
        Override(second, by, "", f"{source} 3", into=first),
        Override(second, by, "", f"{source} 4", add=True, summary="say two as well", type="docs", breaking=True),
        Override(first, by, "", f"{source} 5", part=1, hide=True),
    )  # fmt: skip


def test_words_that_yaml_takes_for_something_else_stay_words(two: Repo) -> None:
    write(two, "- {commit: {a}, reword: 1.10, scope: on, why: no, by: 2026-01-02, type: 'yes'}\n- {commit: {b}, scope: null}\n")
    first, second = read(two)
    assert (first.summary, first.scope, first.why, first.by, first.type) == ("1.10", "on", "no", "2026-01-02", "yes")
    assert second.scope == ""


def test_a_commit_whose_name_is_a_number_to_yaml_is_found(repo: Repo) -> None:
    """YAML reads 0123456 as an octal number."""
    sha = grow(repo, lambda name: name[0] == "0" and name[:7].isdigit())
    repo.git("update-ref", "HEAD", sha)
    write(repo, f"- commit: {sha[:7]}\n  hide: true\n".encode())
    assert [one.commit for one in read(repo)] == [sha]


def test_the_file_is_read_as_the_commit_holds_it(two: Repo) -> None:
    kept = two.commit("chore: correct", {OVERRIDES: named(two, "- {commit: {a}, hide: true}\n")}, author=BOB)
    write(two, "- {commit: {b}, reword: other}\n")
    assert [(one.hide, one.by) for one in read(two, kept)] == [(True, "Bob")]
    assert [(one.summary, one.by) for one in read(two)] == [("other", "an uncommitted change")]
    assert read(two, f"{two.sha()}") == read(two, kept)


def test_who_last_changed_the_file_answers_for_it(two: Repo) -> None:
    two.commit("chore: correct", {OVERRIDES: named(two, "- {commit: {a}, hide: true}\n")}, author=ADA)
    two.commit("chore: more", {OVERRIDES: named(two, "- {commit: {a}, hide: true}\n- {commit: {b}, hide: true, by: Eve}\n")}, author=BOB)
    two.commit("feat: three", author=ADA)
    write(two, (two.path / OVERRIDES).read_bytes().replace(b"\n", b"\r\n"))
    assert [one.by for one in read(two)] == ["Bob", "Eve"]


def test_a_bare_repository_is_read_at_head(two: Repo, tmp_path: Path) -> None:
    two.commit("chore: correct", {OVERRIDES: named(two, "- {commit: {a}, hide: true}\n")}, author=BOB)
    repository = open_repository(two.clone_bare(tmp_path / "bare.git"))
    assert [(one.hide, one.by) for one in read_overrides(repository, None)] == [(True, "Bob")]


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "[]\n", "---\n"], ids=["absent", "empty", "comment", "list", "document"])
def test_a_repository_without_overrides_has_none(text: str | None, two: Repo) -> None:
    if text is not None:
        write(two, text)
    assert read(two) == ()


def test_a_repository_without_overrides_pays_one_git_process(two: Repo, tmp_path: Path) -> None:
    assert count_processes(two, None, tmp_path) == 1
    assert count_processes(two, two.sha(), tmp_path) == 1


def test_many_overrides_cost_no_more_processes_than_one(two: Repo, tmp_path: Path) -> None:
    write(two, "- {commit: {a}, hide: true}\n")
    one = count_processes(two, None, tmp_path)
    shas = [two.commit(f"fix: {number}") for number in range(30)]
    write(two, "".join(f"- {{commit: {sha[:9]}, hide: true}}\n" for sha in shas))
    assert (count_processes(two, None, tmp_path), one) == (one, one)


def test_a_repository_without_commits_has_no_commit_to_override(repo: Repo) -> None:
    assert read(repo) == ()
    write(repo, b"- {commit: 1234567, hide: true}\n")
    with pytest.raises((ConfigError, RepositoryError)):
        read(repo)


def test_notes_say_the_same_as_the_file(two: Repo) -> None:
    first, second = two.git("rev-list", "--reverse", "HEAD").split("\n")
    note(two, first, "reword: from a note\nwhy: shorter", author=BOB)
    note(two, second, f"- merge: {first[:8]}\n  by: Eve\n- add: more\n", author=ADA)
    write(two, "- {commit: {a}, security: true}\n")
    found = read(two)
    by_note = sorted(found[1:], key=lambda one: one.source)
    assert found[0].source == f"{OVERRIDES}, entry 1"
    assert [one.commit for one in found[1:]] == sorted(one.commit for one in found[1:])
    assert sorted((one.commit, one.by, one.summary, one.into, one.why) for one in by_note) == sorted(
        [(first, "Bob", "from a note", None, "shorter"), (second, "Eve", None, first, ""), (second, "Ada", "more", None, "")], key=str
    )
    assert {one.source for one in by_note} == {
        f"the note on {first[:7]}", f"the note on {second[:7]}, entry 1", f"the note on {second[:7]}, entry 2",
    }  # fmt: skip


def test_each_note_has_the_author_who_last_changed_it(two: Repo) -> None:
    first, second = two.git("rev-list", "--reverse", "HEAD").split("\n")
    note(two, first, "reword: first", author=ADA)
    note(two, second, "reword: second", author=ADA)
    note(two, second, "reword: second again", author=BOB)
    assert {one.summary: one.by for one in read(two)} == {"first": "Ada", "second again": "Bob"}


def test_a_note_that_git_only_moved_keeps_its_author(two: Repo) -> None:
    """With some hundred notes git spreads them over folders, in the commit of whoever adds the next."""
    first, second = two.git("rev-list", "--reverse", "HEAD").split("\n")
    note(two, first, "reword: first", author=ADA)
    blob = two.git("rev-parse", f"{NOTES}:{first}")
    other = two.git("hash-object", "-w", "--stdin", input_bytes=b"reword: second")
    trees = [
        (sha, two.git("mktree", input_bytes=f"100644 blob {kept}\t{sha[2:]}\n".encode())) for sha, kept in ((first, blob), (second, other))
    ]
    tree = two.git("mktree", input_bytes="".join(f"040000 tree {tree}\t{sha[:2]}\n" for sha, tree in trees).encode())
    two.git("update-ref", NOTES, two.git("commit-tree", "-m", "more", "-p", NOTES, tree, author=BOB))
    assert {one.summary: one.by for one in read(two)} == {"first": "Ada", "second": "Bob"}


def test_a_note_on_another_branch_says_nothing_here(two: Repo) -> None:
    two.branch("side")
    aside = two.commit("fix: aside")
    note(two, aside, "hide: true")
    note(two, two.git("hash-object", "-w", "--stdin", input_bytes=b"a blob"), "hide: true")
    two.branch("main")
    assert read(two) == ()
    assert [one.commit for one in read(two, aside)] == [aside]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("- {commit: abcdef0, hide: true}", "entry 1: no commit abcdef0", id="unknown"),
        pytest.param("- {commit: {a}, hide: true}\n- {commit: {b}, merge: abcdef0}", "entry 2: no commit abcdef0", id="unknown merge"),
        pytest.param("- {commit: abc, hide: true}", "entry 1: commit: 'abc' is not a commit's name", id="too short"),
        pytest.param("- {commit: HEAD~1, hide: true}", "entry 1: commit: 'HEAD~1' is not a commit's name", id="a revision"),
        pytest.param("- {commit: --output=x, hide: true}", "entry 1: commit: '--output=x' is not a commit's name", id="an option"),
        pytest.param("- {commit: {a}, rewrod: x}", "entry 1: unknown key 'rewrod', did you mean reword?", id="typo"),
        pytest.param("- {reword: x}", "entry 1: commit is missing", id="no commit"),
        pytest.param("- {commit: {a}, why: x}", "entry 1: it says nothing of the commit", id="nothing said"),
        pytest.param("- {commit: {a}, hide: true, reword: x}", "entry 1: hide and reword exclude each other", id="hide and reword"),
        pytest.param("- {commit: {a}, merge: {b}, add: x}", "entry 1: merge and add exclude each other", id="merge and add"),
        pytest.param("- {commit: {a}, add: x, part: 1}", "entry 1: part: add makes an entry of its own", id="part of an added"),
        pytest.param("- {commit: {a}, merge: {b}, part: 1}", "entry 1: part: merge takes a commit as a whole", id="part of a merged"),
        pytest.param("- {commit: {a}, add: x, security: true}", "entry 1: add and security exclude", id="security of an added"),
        pytest.param("- {commit: {a}, hide: false}", "entry 1: hide: false says nothing", id="hide false"),
        pytest.param("- {commit: {a}, hide: maybe}", "entry 1: hide: 'maybe' is neither true nor false", id="hide maybe"),
        pytest.param("- {commit: {a}, part: -1, hide: true}", "entry 1: part: '-1' is not a number", id="negative part"),
        pytest.param("- {commit: {a}, type: new thing}", "entry 1: type: 'new thing' is not a type", id="two words"),
        pytest.param('- {commit: {a}, reword: " \\u200b"}', "entry 1: reword: it is empty", id="nothing visible"),
        pytest.param("- {commit: {a}, reword: null}", "entry 1: reword: it is empty", id="null"),
        pytest.param("- {commit: {a}, reword: x, reword: y}", "line 1: reword is said twice", id="a key twice"),
        pytest.param("- {commit: {a}, reword: [x]}", "line 1: a value is a list or a mapping", id="nested"),
        pytest.param("- [{a}]", "entry 1, line 1: it is not a mapping", id="a list in the list"),
        pytest.param("- {commit: {a}, ? {x: y} : z}", "line 1: a value is a list or a mapping", id="a mapping as key"),
        pytest.param("commit: {a}\nhide: true", "is one mapping, not a list", id="no list"),
        pytest.param("just words", "is neither a list nor a mapping: 'just words'", id="words"),
        pytest.param("- commit: {a}\n\thide: true", "is not YAML in line 2", id="tab"),
        pytest.param("- &x {commit: {a}, hide: true}\n- *x", "line 2: aliases are not taken", id="alias"),
        pytest.param("- {commit: {a}, reword: !!python/name:os.system x}", "is no plain value", id="tag"),
        pytest.param("- {commit: {a}, hide: true}\n---\n- {}", "is not YAML in line 2", id="two documents"),
        pytest.param("- {commit: {a}, hide: true}\n- {commit: {A}, hide: yes}", "entry 2 (hide) contradicts", id="hidden twice"),
        pytest.param("- {commit: {a}, reword: x}\n- {commit: {A}, type: fix, reword: y}", "entry 1 (reword): both are", id="two rewords"),
        pytest.param("- {commit: {a}, reword: x}\n- {commit: {A}, merge: {b}}", "entry 2 (merge) contradicts", id="reword and merge"),
        pytest.param("- {commit: {a}, add: x}\n- {commit: {A}, add: x}", "entry 2 (add) contradicts", id="added twice"),
        pytest.param("- {commit: {a}, merge: {A}}", "cannot be merged into itself", id="into itself"),
        pytest.param("- {commit: {a}, merge: {b}}\n- {commit: {b}, merge: {a}}", "merge commits in a circle", id="a circle"),
        pytest.param(
            "- {commit: {a}, merge: {b}}\n- {commit: {b}, hide: true}", "is hidden by .notewright/overrides.yaml, entry 2", id="hid"
        ),
    ],
)
def test_what_nobody_can_follow_is_an_error_that_names_it(text: str, told: str, two: Repo) -> None:
    write(two, text)
    with pytest.raises(ConfigError) as error:
        read(two)
    assert OVERRIDES in error.value.message
    assert told in error.value.message
    assert error.value.hint


def test_a_circle_that_others_lead_into_is_found(two: Repo) -> None:
    shas = [two.commit(f"fix: {number}")[:9] for number in range(5)]
    chain = [(0, 1), (1, 2), (2, 3), (3, 1)]
    write(two, "".join(f"- {{commit: {shas[one]}, merge: {shas[other]}}}\n" for one, other in chain))
    with pytest.raises(ConfigError, match=r"entry 2 and .*entry 4 merge commits in a circle"):
        read(two)
    write(two, "".join(f"- {{commit: {shas[one]}, merge: {shas[other]}}}\n" for one, other in [*chain[:3], (3, 4)]))
    assert len(read(two)) == 4


def test_different_parts_and_different_words_of_one_commit_agree(two: Repo) -> None:
    write(two, "- {commit: {a}, reword: x}\n- {commit: {a}, type: fix}\n- {commit: {a}, part: 1, hide: true}\n- {commit: {a}, add: y}\n")
    assert len(read(two)) == 4


def test_a_commit_that_head_does_not_reach_is_an_error_that_names_it(two: Repo) -> None:
    two.branch("side")
    aside = two.commit("fix: aside")
    two.branch("main")
    write(two, f"- {{commit: {aside[:8]}, hide: true}}\n")
    with pytest.raises(ConfigError, match=f"entry 1: commit {aside[:8]} is not in the history of HEAD"):
        read(two)


def test_what_is_no_commit_is_an_error_that_says_what_it_is(two: Repo) -> None:
    tree = two.git("rev-parse", "HEAD^{tree}")
    write(two, f"- {{commit: {tree[:10]}, hide: true}}\n")
    with pytest.raises(ConfigError, match=f"{tree[:10]} is a tree, no commit"):
        read(two)


def test_a_branch_that_is_called_like_a_commit_deceives_nobody(two: Repo) -> None:
    first = two.git("rev-list", "--reverse", "HEAD").split("\n")[0]
    two.git("update-ref", f"refs/heads/{first[:7]}", "HEAD")
    write(two, "- {commit: {a}, hide: true}\n")
    with pytest.raises(ConfigError, match="is the name of a branch or a tag as well"):
        read(two)
    write(two, "- {commit: {A}, hide: true}\n")
    assert [one.commit for one in read(two)] == [first]


def test_a_name_that_two_objects_begin_with_is_an_error(repo: Repo) -> None:
    seen: set[str] = set()

    def is_second(name: str) -> bool:
        known = name[:7] in seen
        seen.add(name[:7])
        return known

    sha = grow(repo, is_second)
    grow(repo, lambda name: name[:7] == sha[:7])
    repo.git("update-ref", "HEAD", sha)
    write(repo, f"- {{commit: {sha[:7]}, hide: true}}\n".encode())
    with pytest.raises(ConfigError, match=f"more than one object's name begins with {sha[:7]}"):
        read(repo)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("Tested-by: Ada", "unknown key 'Tested-by'", id="a trailer"),
        pytest.param("looks good to me", "is neither a list nor a mapping", id="words"),
        pytest.param("hide: [", "is not YAML in line", id="no yaml"),
        pytest.param("{commit: 1234567, hide: true}", "a note is about the commit that it is on", id="a commit"),
    ],
)
def test_a_note_that_nobody_can_follow_is_an_error_naming_its_commit(text: str, told: str, two: Repo) -> None:
    note(two, "HEAD", text)
    with pytest.raises(ConfigError) as error:
        read(two)
    assert f"the note on {two.sha()[:7]}" in error.value.message
    assert told in error.value.message


def test_a_note_and_the_file_may_not_contradict_each_other(two: Repo) -> None:
    write(two, "- {commit: {b}, reword: x}\n")
    note(two, "HEAD", "reword: y")
    with pytest.raises(ConfigError, match=r"the note on \w{7} \(reword\) contradicts .notewright/overrides.yaml, entry 1"):
        read(two)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"[" * 900_000, id="deep"),
        pytest.param(b"- " * 400_000, id="deep blocks"),
        pytest.param(b"#" * (1 << 21), id="huge"),
        pytest.param(b"a: &a [x]\n" + b"b: [*a, *a]\n" * 9, id="aliases"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"- {commit: 1234567, reword: \x00}", id="nul"),
        pytest.param(b'- {commit: 1234567, reword: "\\ud800"}', id="surrogate"),
        pytest.param(b"{" * 100_000, id="mappings"),
        pytest.param(b"- ? " * 100_000, id="keys"),
    ],
)  # fmt: skip
def test_hostile_yaml_ends_in_an_error_and_soon(text: bytes, two: Repo) -> None:
    write(two, text)
    with pytest.raises(ConfigError, match=OVERRIDES):
        read(two)


def test_hidden_characters_of_an_override_are_not_kept(two: Repo) -> None:
    write(two, '- {commit: {a}, reword: "a\\e[31m \\u202eb\\n::set-output c", why: "x\\0y"}\n')
    (one,) = read(two)
    assert (one.summary, one.why) == ("a[31m b ::set-output c", "xy")


def test_a_link_in_the_place_of_the_file_is_refused(two: Repo, tmp_path: Path) -> None:
    (two.path / ".notewright").mkdir()
    (tmp_path / "elsewhere").write_text("[]")
    (two.path / "inside.yaml").write_text("[]")
    for target in (tmp_path / "elsewhere", two.path / "inside.yaml"):
        (two.path / OVERRIDES).unlink(missing_ok=True)
        (two.path / OVERRIDES).symlink_to(target)
        with pytest.raises(Exception, match=r"leads out of|is a link or no file"):
            read(two)
    two.git("add", "--force", OVERRIDES)
    two.git("commit", "-q", "-m", "link")
    with pytest.raises(RepositoryError, match="is no file in commit"):
        read(two, two.sha())
    two.git("rm", "-q", OVERRIDES)
    (two.path / ".notewright").symlink_to(tmp_path)
    two.git("add", "--force", ".notewright")
    two.git("commit", "-q", "-m", "link")
    with pytest.raises(RepositoryError, match="is no folder in commit"):
        read(two, two.sha())


def test_the_text_that_a_proposal_binds_says_what_counts(two: Repo) -> None:
    write(two, "- {commit: {a}, hide: true, by: Ada}\n")
    before = overrides_text(read(two))
    write(two, "# a comment\n- {by: Ada, hide: yes, commit: {A}}\n")
    assert overrides_text(read(two)) == before
    write(two, "- {commit: {a}, hide: true, by: Bob}\n")
    assert overrides_text(read(two)) != before
    assert overrides_text(()) == b'{\n  "overrides": [],\n  "schema": 1\n}\n'


def test_a_huge_note_is_refused_by_its_size(two: Repo) -> None:
    blob = two.git("hash-object", "-w", "--stdin", input_bytes=b"x" * (2 << 20))
    two.git("notes", f"--ref={NOTES}", "add", "-C", blob, "HEAD")
    with pytest.raises(ConfigError, match=r"the note on \w{7} is no text of at most 1 MiB"):
        read(two)
