"""Only the version's own characters change in a version file, and what cannot be changed so is an error before anything is written."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.errors import ConfigError
from notewright.review.version_files import VersionFile, bump_files


def bumped(path: str, content: str | bytes, version: str = "1.3.0", *, pattern: str | None = None, **others: str) -> str:
    """The new text of one file, after the others, by paths in which __ stands for what a name may not hold."""
    files = {name.replace("__", "."): text.encode() for name, text in others.items()}
    files[path] = content if isinstance(content, bytes) else content.encode()
    listed = [VersionFile(name, pattern if name == path else None) for name in files]
    new = bump_files(listed, files, version)
    again = bump_files(listed, new, version)
    assert again == new, "a second time changes nothing"
    return new[path].decode("utf-8", "surrogateescape")


PYPROJECT = """\
# version = "1.2.0", as ever
[build-system]
requires = ["hatchling"]   # version = "1.2.0"

[project]
name    = "app"
description = \"\"\"
[project]
version = "1.2.0"
\"\"\"
version =   '{}'   # keep in step
dependencies = ["dep==1.2.0"]

[tool.other]
version = "1.2.0"
"""
PACKAGE = '{\n\t"name": "app", "dependencies": {"version": "1.2.0"},\n\t"version" : "%s",\n\t"x": ["version", "1.2.0"], "y": "\\u00e9"\n}'
CARGO = '[workspace]\nmembers = ["a"]\n\n[dependencies]\nserde = { version = "1.2.0" }\n\n[%s]\nname = "app"\nversion = "%s"\n'
POETRY = '[tool.poetry.dependencies]\nx = {version = "1.2.0"}\n[tool.poetry]\nversion = "%s"\n'


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param("pyproject.toml", PYPROJECT.format("1.2.0"), PYPROJECT.format("1.3.0"), id="pyproject.toml"),
        pytest.param("lib/pyproject.toml", POETRY % "1.2.0", POETRY % "1.3.0", id="poetry, in a folder"),
        pytest.param("pyproject.toml", 'project = {version = "1.2.0"}', 'project = {version = "1.3.0"}', id="all on one line"),
        pytest.param("pyproject.toml", 'project."version" = "1"', 'project."version" = "1.3.0"', id="a dotted key, no newline"),
        pytest.param(
            "pyproject.toml",
            '[project]\ndynamic = ["version"]\n[tool.poetry]\nversion = "0"\n',
            '[project]\ndynamic = ["version"]\n[tool.poetry]\nversion = "1.3.0"\n',
            id="dynamic, but from poetry's",
        ),
        pytest.param(
            "pyproject.toml", '[project]\nversion = """\n1"""\n', '[project]\nversion = """\n1.3.0"""\n', id="a string of many lines"
        ),
        pytest.param("package.json", PACKAGE % "1.2.0", PACKAGE % "1.3.0", id="package.json"),
        pytest.param("package.json", '{"version":""}', '{"version":"1.3.0"}', id="an empty version"),
        pytest.param("package.json", '{"\\u0076ersion":"1"}', '{"\\u0076ersion":"1.3.0"}', id="an escaped key"),
        pytest.param(
            "package-lock.json",
            '{"version": "1.2.0", "lockfileVersion": 3, "packages": {"": {"version": "1.2.0"}, "node_modules/a": {"version": "1.2.0"}}}',
            '{"version": "1.3.0", "lockfileVersion": 3, "packages": {"": {"version": "1.3.0"}, "node_modules/a": {"version": "1.2.0"}}}',
            id="package-lock.json",
        ),
        pytest.param(
            "npm-shrinkwrap.json",
            '{"version": "1.2.0", "dependencies": {"a": {"version": "1.2.0"}}}',
            '{"version": "1.3.0", "dependencies": {"a": {"version": "1.2.0"}}}',
            id="an old lock file",
        ),
        pytest.param("Cargo.toml", CARGO % ("package", "1.2.0"), CARGO % ("package", "1.3.0"), id="Cargo.toml"),
        pytest.param("Cargo.toml", CARGO % ("workspace.package", "1.2.0"), CARGO % ("workspace.package", "1.3.0"), id="a workspace"),
        pytest.param(
            "Cargo.toml",
            '[workspace.package]\nversion = "1"\n[package]\nversion.workspace = true\n',
            '[workspace.package]\nversion = "1.3.0"\n[package]\nversion.workspace = true\n',
            id="a package that takes its workspace's",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_the_version_changes(path: str, old: str, new: str, newline: str, mark: str) -> None:
    assert bumped(path, mark + old.replace("\n", newline)) == mark + new.replace("\n", newline)


LOCK = """\
version = 4

[[package]]
name = "app"
version = "{}"
dependencies = ["serde"]

[[package]]
name = "member"
version = "{}"

[[package]]
name = "serde"
version = "1.2.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "tool"
version = "0.1.0"
"""


def test_a_cargo_lock_follows_its_own_package() -> None:
    toml = '[package]\nname = "app"\nversion = "1.2.0"\n'
    assert bumped("Cargo.lock", LOCK.format("1.2.0", "0.9.0"), Cargo__toml=toml) == LOCK.format("1.3.0", "0.9.0")


def test_a_cargo_lock_follows_the_packages_of_its_workspace() -> None:
    toml = '[workspace.package]\nversion = "1.2.0"\n'
    assert bumped("Cargo.lock", LOCK.format("1.2.0", "1.2.0"), Cargo__toml=toml) == LOCK.format("1.3.0", "1.3.0")


@pytest.mark.parametrize(
    ("pattern", "old", "new"),
    [
        pytest.param('^__version__ = "(.+)"', '"""x"""\n__version__ = "1.2.0"\n', '"""x"""\n__version__ = "1.3.0"\n', id="a module"),
        pytest.param("^VERSION=(.*)$", "A=1\r\nVERSION=1.2.0\r\nB=2\r\n", "A=1\r\nVERSION=1.3.0\r\nB=2\r\n", id="up to the end of a line"),
        pytest.param("(.*)", "1.2.0", "1.3.0", id="the whole file"),
        pytest.param("^(.*)$", "1.2.0\n", "1.3.0\n", id="its only line"),
        pytest.param(r"app:v?([^\s@]+)@", "x app:v1.2.0@sha y 1.2.0", "x app:v1.3.0@sha y 1.2.0", id="in the middle of words"),
        pytest.param(r"v(\d\S+)", "\udcff v1.2rc1 \udce9", "\udcff v1.3.0 \udce9", id="bytes that are no text"),
        pytest.param(
            r"(?:AC_INIT\(\[app\], \[([^]]+)\])", "AC_INIT([app], [1.2.0])", "AC_INIT([app], [1.3.0])", id="groups that capture nothing"
        ),
    ],
)
def test_a_pattern_finds_the_version_in_any_file(pattern: str, old: str, new: str) -> None:
    assert bumped("any.txt", old.encode("utf-8", "surrogateescape"), pattern=pattern) == new


def test_two_patterns_may_find_two_places_of_one_file() -> None:
    files = [VersionFile("README.md", r"app@(\S+)"), VersionFile("README.md", r"app:(\S+)")]
    assert bump_files(files, {"README.md": b"app@1.2.0 app:1.2.0"}, "1.3.0") == {"README.md": b"app@1.3.0 app:1.3.0"}


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("path", "content", "pattern", "told", "hint"),
    [
        pytest.param("pyproject.toml", None, None, "no such file", "commit it", id="missing"),
        pytest.param("VERSION", "1.2.0", None, "nothing says where", "pattern", id="of no known kind"),
        pytest.param("pyproject.toml", "", None, "no project.version or tool.poetry.version", "write one", id="an empty file"),
        pytest.param("pyproject.toml", "[project]\nversion = 1.2\n", None, "no project.version", "write one", id="a number"),
        pytest.param("pyproject.toml", "project = 5\n", None, "no project.version", "write one", id="no table"),
        pytest.param("pyproject.toml", '[project]\ndynamic = ["version"]\n', None, "dynamic", "tag", id="dynamic"),
        pytest.param("pyproject.toml", "[project]\ndynamic = 5\n", None, "no project.version", "write one", id="dynamic, but nonsense"),
        pytest.param(
            "pyproject.toml", '[project]\nversion = "1"\n[tool.poetry]\nversion = "1"\n', None, "several places, lines 2, 4", "keep one",
            id="two places",
        ),
        pytest.param("pyproject.toml", "[project\n", None, "not valid TOML", "mend", id="no TOML"),
        pytest.param("pyproject.toml", b"[project]\nversion = '\xff'\n", None, "not UTF-8", "UTF-8", id="no text"),
        pytest.param("pyproject.toml", f"x = {DEEP}", None, "not valid TOML", "mend", id="a very deep TOML"),
        pytest.param("package.json", "{}", None, "no version", "write one", id="nothing there"),
        pytest.param("package.json", '{"version": "1", "version": "1"}', None, "several places, lines 1, 1", "keep one", id="a key twice"),
        pytest.param("package.json", "[]", None, "no mapping", "mend", id="a list"),
        pytest.param("package.json", '{"version": "1",}', None, "not valid JSON", "mend", id="no JSON"),
        pytest.param("package.json", '{"x": ' + DEEP, None, "not valid JSON", "mend", id="a very deep JSON"),
        pytest.param("package.json", '{"x": ' + "9" * 9000 + ', "version": "1"}', None, "not valid JSON", "mend", id="a very long number"),
        pytest.param("package-lock.json", '{"packages": {}}', None, "no version or packages..version", "write one", id="an empty lock"),
        pytest.param("Cargo.toml", "[package]\nversion.workspace = true\n", None, "the workspace's", "of the workspace", id="inherited"),
        pytest.param("Cargo.lock", LOCK, None, "no Cargo.toml", "list that", id="a lock alone"),
        pytest.param("any.txt", "1.2.0", "1(", "no regular expression", "one group", id="no regular expression"),
        pytest.param("any.txt", "1.2.0", ".+", "has 0 groups", "one group", id="no group"),
        pytest.param("any.txt", "1.2.0", "(.)(.)", "has 2 groups", "one group", id="two groups"),
        pytest.param("any.txt", "1.2.0", "x(.*)", "found nowhere", "exactly once", id="nothing found"),
        pytest.param("any.txt", "1.2.0", "1(x)?", "found nowhere", "exactly once", id="a group that takes no part"),
        pytest.param("any.txt", "a 1\nb\na 2", "a (.)", "several places, lines 1, 3", "exactly once", id="found twice"),
        pytest.param("any.txt", "v1.2.0", "(.*0)", "is no version: 'v1.2.0'", "nothing else", id="more than a version"),
        pytest.param("any.txt", "a\n1\nb", "a([^b]*b)", "is no version", "nothing else", id="several lines"),
        pytest.param("any.txt", "x=", "x=(.*)", "is no version: ''", "nothing else", id="an empty version"),
    ],
)  # fmt: skip
def test_what_cannot_be_bumped_is_a_matter_of_configuration(
    path: str, content: str | bytes | None, pattern: str | None, told: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        bump_files(
            [VersionFile(path, pattern)], {path: content.encode() if isinstance(content, str) else content}, "1.3.0"
        )  # fmt: skip
    assert caught.value.message.startswith(f"release.version_files: {path}: ")
    assert told in caught.value.message
    assert hint in (caught.value.hint or "")
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    ("toml", "lock", "told"),
    [
        pytest.param('[package]\nname = "gone"\nversion = "1.2.0"\n', LOCK.format("1", "1"), "no entry for gone", id="not in the lock"),
        pytest.param('[package]\nname = "serde"\nversion = "1.2.0"\n', LOCK.format("1", "1"), "no entry for serde", id="another's"),
        pytest.param('[workspace.package]\nversion = "7.0.0"\n', LOCK.format("1", "1"), "no entry for a package", id="stale"),
        pytest.param('[package]\nname = "app"\nversion = "1.2.0"\n', "package = 5\n", "no entry for app", id="nonsense"),
        pytest.param(
            '[package]\nname = "app"\nversion = "1.2.0"\n', '[[package]]\nname = "app"\n', "no version", id="an entry without one"
        ),
    ],
)
def test_a_cargo_lock_that_does_not_fit_is_a_matter_of_configuration(toml: str, lock: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        bumped("Cargo.lock", lock, Cargo__toml=toml)


@pytest.mark.parametrize(
    ("path", "version", "told"),
    [
        pytest.param("package.json", "1.3.0rc1", "it takes no 1.3.0rc1", id="PEP 440 in package.json"),
        pytest.param("package.json", "1.3", "it takes no 1.3", id="two numbers in package.json"),
        pytest.param("pyproject.toml", "1.3.0-next.1", "it takes no 1.3.0-next.1", id="semver's words in pyproject.toml"),
    ],
)
def test_a_version_that_the_kind_of_file_has_no_form_for_is_refused(path: str, version: str, told: str) -> None:
    content = b'{"version": "1.2.0"}' if path.endswith("json") else b'[project]\nversion = "1.2.0"\n'
    with pytest.raises(ConfigError, match=told) as caught:
        bump_files([VersionFile(path)], {path: content}, version)
    assert "changelog.scheme" in (caught.value.hint or "")


TEXT = st.text(alphabet="ab\"'\\#[]{}=\n ✓", max_size=12)


@given(TEXT, TEXT, TEXT, st.sampled_from([None, 2]))
def test_whatever_else_stands_in_a_package_json_stays(one: str, two: str, three: str, indent: int | None) -> None:
    data = {one: two, "version": "1.2.0", "nested": {"version": three}, two: [one, {"version": one}]}
    text = json.dumps({**data, "version": "1.2.0"}, indent=indent)
    assert json.loads(bumped("package.json", text)) == {**data, "version": "1.3.0"}


@given(TEXT, TEXT, TEXT)
def test_whatever_else_stands_in_a_pyproject_stays(one: str, two: str, three: str) -> None:
    quoted, literal = json.dumps(one, ensure_ascii=False), "'''\n" + two.replace("'", "") + "'''"
    many = '"""' + three.replace("\\", "").replace('"', "") + '"""'
    text = f'[project]\nx = {literal}\nversion = "1.2.0" # {quoted}\nz = [{quoted}, {many}]\n{quoted} = {many}\n'
    try:
        old = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a key twice
    old["project"]["version"] = "1.3.0"
    new = bumped("pyproject.toml", text)
    assert (tomllib.loads(new), len(new)) == (old, len(text))


def test_a_large_lock_file_changes_in_one_entry() -> None:
    entries = "".join(
        f'[[package]]\nname = "p{number}"\nversion = "1.2.0"\nsource = "registry"\nchecksum = "{number:064x}"\n\n' for number in range(2000)
    )
    own = '[[package]]\nname = "app"\nversion = "1.2.0"\n\n'
    new = bumped("Cargo.lock", entries + own, Cargo__toml='[package]\nname = "app"\nversion = "1.2.0"\n')
    assert new == entries + own.replace("1.2.0", "1.3.0")
