"""What a repository says of its own files is read as git reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewright.dataset.ignoring import Attributes, IgnoreFiles, compile_patterns
from tests.parts.cost import assert_in_proportion
from tests.parts.repository import Repo

_CASES = {
    "a folder": ({".gitignore": "build/\n"}, ["build/a.py", "src/build/a.py", "build", "src/builder/a.py"]),
    "at the root only": ({".gitignore": "/build\n"}, ["build/a.py", "src/build/a.py"]),
    "a suffix": ({".gitignore": "*.log.py\n"}, ["a.log.py", "x/y/b.log.py", "log.py"]),
    "the last line counts": ({".gitignore": "*.py\n!keep.py\n"}, ["a.py", "keep.py", "x/keep.py"]),
    "nothing in an ignored folder comes back": ({".gitignore": "build/\n!build/keep.py\n"}, ["build/keep.py", "build/a.py"]),
    "what is in it may": ({".gitignore": "build/*\n!build/keep.py\n"}, ["build/keep.py", "build/a.py", "build/x/keep.py"]),
    "two stars at the end": ({".gitignore": "build/**\n!build/keep.py\n"}, ["build/keep.py", "build/a.py", "build/x/y.py"]),
    "two stars in the middle": ({".gitignore": "a/**/z.py\n"}, ["a/z.py", "a/b/z.py", "a/b/c/z.py", "z.py"]),
    "two stars at the start": ({".gitignore": "**/gen/*.py\n"}, ["gen/a.py", "x/gen/a.py", "x/gen/y/a.py"]),
    "a folder's own file": ({"src/.gitignore": "gen.py\n"}, ["src/gen.py", "gen.py", "src/x/gen.py", "other/gen.py"]),
    "the nearer file counts": ({".gitignore": "*.py\n", "src/.gitignore": "!a.py\n"}, ["src/a.py", "src/b.py", "a.py", "src/x/a.py"]),
    "but not in an ignored folder": ({".gitignore": "src/\n", "src/.gitignore": "!a.py\n"}, ["src/a.py"]),
    "anchored in a folder": ({"src/.gitignore": "/gen/\n"}, ["src/gen/a.py", "src/x/gen/a.py", "gen/a.py"]),
    "everything": ({".gitignore": "*\n!*.py\n"}, ["a.py", "a.js", "x/a.py"]),
    "everything but folders": ({".gitignore": "/*\n!/src\n"}, ["a.py", "src/a.py", "lib/a.py"]),
    "comments and blanks": ({".gitignore": "# a.py\n\n  \nb.py  \n\\#c.py\n"}, ["a.py", "b.py", "#c.py"]),
    "line ends of Windows": ({".gitignore": "a.py\nb.py\n"}, ["a.py", "b.py"]),
    "a set of letters": ({".gitignore": "*.py[co]\nx[0-9].py\n"}, ["a.pyc", "a.pyx", "x1.py", "xa.py"]),
    "a question mark": ({".gitignore": "a?.py\n"}, ["ab.py", "a.py", "abc.py"]),
    "an escaped mark": ({".gitignore": "\\!a.py\n"}, ["!a.py", "a.py"]),
    "a name with blanks and umlauts": ({".gitignore": "sch ön/\n"}, ["sch ön/a.py", "schön/a.py"]),
    "folders above": ({".gitignore": "doc/frotz\n"}, ["doc/frotz/a.py", "a/doc/frotz"]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "paths"), [pytest.param(*case, id=name) for name, case in _CASES.items()])
def test_a_path_is_ignored_exactly_where_git_ignores_it(repo: Repo, files: dict[str, str], paths: list[str]) -> None:
    assert _ours(files, paths) == _gits(repo.path, files, paths)


_NAMES = st.sampled_from(["a", "b", "ab", "build"])
_PATTERN = st.builds(
    lambda no, start, parts, end: no + start + "/".join(parts) + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/", "**/"]),
    st.lists(st.sampled_from(["a", "b", "f", "*", "a*", "build", "?", "**"]), min_size=1, max_size=2),
    st.sampled_from(["", "/", "/*"]),
)


def _file(folders: list[str]) -> str:
    return "/".join([*folders, "f"])


_LINES = st.lists(_PATTERN, max_size=4).map("\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_LINES, _LINES, st.lists(st.lists(_NAMES, max_size=3).map(_file), min_size=1, max_size=12, unique=True))
def test_any_patterns_ignore_what_git_ignores(repo: Repo, root: str, nested: str, paths: list[str]) -> None:
    files = {".gitignore": root, "a/.gitignore": nested}
    assert _ours(files, paths) == _gits(repo.path, files, paths)


def test_patterns_that_would_take_hours_ignore_nothing() -> None:
    ignored = IgnoreFiles({b".gitignore": ("*a" * 40 + "b\n" + "**/" * 30 + "x\n" + "[" * 600 + "\nreal.py\n").encode()})
    assert not ignored.ignores("a" * 250)
    assert not ignored.ignores("a/" * 400 + "y")
    assert ignored.ignores("real.py")


@pytest.mark.parametrize(
    "content", [b"\xff\xfe*.py\n\0", b"\xef\xbb\xbfa.py\n", b"[\n!\n\\\n**\n***\na\x00b\n/\n//\n", b"\n" * 1000, b"[!\n[^\n[a-\n"]
)
def test_files_that_are_none_stop_nothing(content: bytes) -> None:
    IgnoreFiles({b".gitignore": content}).ignores("x/y/z.txt")
    Attributes({b".gitattributes": content}).says("generated", "x/y/z.txt")


def test_deep_trees_cost_in_proportion() -> None:
    def work(count: int) -> None:
        ignored = IgnoreFiles({b".gitignore": b"build/\n*.pyc\n", b"d/d/.gitignore": b"!x\n"})
        for number in range(count):
            ignored.ignores("d/" * 40 + f"{number}.py")

    assert_in_proportion(work, lambda size: size, size=400)


@pytest.mark.parametrize(
    ("line", "generated", "vendored"),
    [
        ("a.py linguist-generated", True, None),
        ("a.py linguist-generated=true", True, None),
        ("*.py linguist-generated linguist-vendored", True, True),
        ("a.py -linguist-generated", False, None),
        ("a.py linguist-generated=false linguist-vendored", False, True),
        ("a.py text eol=lf", None, None),
        ("# a.py linguist-generated", None, None),
        ("*.py linguist-generated\na.py -linguist-generated", False, None),
        ("b.py linguist-generated", None, None),
        ("", None, None),
    ],
)
def test_attributes_say_what_is_generated_or_vendored(line: str, generated: bool | None, vendored: bool | None) -> None:
    attributes = Attributes({b".gitattributes": line.encode()})
    assert (attributes.says("generated", "a.py"), attributes.says("vendored", "a.py")) == (generated, vendored)


def test_attributes_of_a_folder_speak_of_that_folder_and_before_those_above() -> None:
    attributes = Attributes({b".gitattributes": b"*.py linguist-vendored\n", b"lib/.gitattributes": b"*.py -linguist-vendored\n"})
    assert attributes.says("vendored", "lib/a.py") is False
    assert attributes.says("vendored", "a.py") is True


def test_a_users_pattern_that_is_none_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="!"):
        compile_patterns(["!"])


def _ours(files: dict[str, str], paths: list[str]) -> list[str]:
    ignored = IgnoreFiles({name.encode(): content.encode() for name, content in files.items()})
    return [path for path in paths if ignored.ignores(path)]


def _gits(folder: Path, files: dict[str, str], paths: list[str]) -> list[str]:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    command = ["git", "check-ignore", "--no-index", "--stdin", "-z"]
    done = subprocess.run(command, cwd=folder, input="\0".join(paths).encode(), capture_output=True, check=False)
    said = {path.decode() for path in done.stdout.split(b"\0")}
    return [path for path in paths if path in said]
