"""A takedown leaves out what it names, and says which of its lines are wrong."""

from __future__ import annotations

import pytest

from notewright.dataset.export.takedown import read_takedown
from notewright.errors import ConfigError

BLOB = "0123456789abcdef0123456789abcdef01234567"
URL = "https://github.com/Team/Project.git"


@pytest.mark.parametrize(
    "line",
    [
        "repository: https://github.com/team/project",
        "repository: https://user@github.com/team/project.git/",
        "repository: git@github.com:team/project.git",
        "repository: ssh://git@github.com:22/team/project",
        "repository: team/project",
        "  repository:github.com/Team/Project  ",
        f"blob: {BLOB.upper()}",
        "path: src/secret/",
        "path: *.py",
        "path: /src/**/keys.py",
        "path: https://github.com/team/project keys.py",
    ],
)
def test_a_line_takes_a_file_down(line: str) -> None:
    assert read_takedown(f"\ufeff# asked for in May\n\n{line}\n".encode(), "takedown.txt").matcher()(URL, "src/secret/keys.py", BLOB)


@pytest.mark.parametrize(
    "line",
    [
        "repository: https://github.com/team/project-two",
        "repository: other/project",
        "repository: https://example.org/team/project",
        "repository: am/project",
        f"blob: {'0' * 40}",
        "path: secret.py",
        "path: /secret/",
        "path: https://github.com/team/other keys.py",
        "# repository: team/project",
    ],
)
def test_other_files_stay(line: str) -> None:
    assert not read_takedown(line.encode(), "takedown.txt").matcher()(URL, "src/secret/keys.py", BLOB)


def test_every_wrong_line_is_named() -> None:
    wrong = [
        "team/project",
        "blob: 12",
        "path:",
        "path: !kept.py",
        "path: /",
        "repository: two words/x",
        "repositories: a/b",
        "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    ]
    text = "\n".join(["repository: a/b", *wrong])
    with pytest.raises(ConfigError) as caught:
        read_takedown(text.encode(), "takedown.txt")
    assert [f"line {number}:" in caught.value.message for number in range(1, 10)] == [False, *[True] * 8]
    assert "repository: URL" in (caught.value.hint or "")


def test_a_thousand_wrong_lines_make_no_endless_message() -> None:
    with pytest.raises(ConfigError, match="and 980 more") as caught:
        read_takedown(b"what?\n" * 1000, "takedown.txt")
    assert len(caught.value.message) < 2_000


def test_a_list_that_is_empty_takes_nothing_down() -> None:
    assert not read_takedown(b"", "takedown.txt").matcher()(URL, "a", BLOB)
