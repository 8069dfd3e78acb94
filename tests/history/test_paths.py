"""The log with paths, cut anywhere, and the patches of a log, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.history.patches import parse_patches
from notewright.history.paths import parse_log_with_paths, parse_paths

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAMES = st.lists(TEXT.filter(bool), max_size=5).map(tuple)
RECORDS = st.lists(st.tuples(st.tuples(TEXT, TEXT, TEXT, TEXT), NAMES), max_size=6)
SHA = "0123456789" * 4
PATCH = (
    b"%b\n\ndiff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -%b +1 @@ def x\n-a\n+b\n"
    b"diff --git a/y b/y\nindex %b..4 100644\nBinary files a/y and b/y differ\n"
)


def cut(whole: bytes, size: int) -> list[bytes]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]


@given(RECORDS, st.integers(1, 40))
def test_records_come_back_as_they_went_in_wherever_the_bytes_are_cut(
    records: list[tuple[tuple[str, str, str, str], tuple[str, ...]]], size: int
) -> None:
    whole = "".join(
        "\0".join(("", SHA, "", author, email, at and "7", message))
        + "\0"
        + ("\n" if names else "")
        + "".join(f"{name}\0" for name in names)
        for (author, email, at, message), names in records
    )
    found = [((commit.author, commit.email, commit.message), names) for commit, names in parse_log_with_paths(cut(whole.encode(), size))]
    assert found == [((author, email, message), names) for (author, email, _, message), names in records]


def test_a_commit_with_many_files_takes_no_longer_a_file() -> None:
    names = tuple(f"dir/file-{number}" for number in range(200_000))
    whole = b"\0" + SHA.encode() + b"\0\n" + b"".join(name.encode() + b"\0" for name in names)
    assert list(parse_paths(cut(whole, 1 << 12))) == [(SHA, names)]


@pytest.mark.parametrize(
    "whole", [b"x\0" + SHA.encode() + b"\0", b"\0" + SHA.encode() + b"\0name without a line end\0", b"\0", b"\0cut"], ids=str
)
def test_bytes_that_are_no_log_are_refused(whole: bytes) -> None:
    with pytest.raises(ValueError, match=r"log"):
        list(parse_paths([whole]))


@pytest.mark.parametrize("size", [1, 2, 7, 41, 64, 1000])
def test_a_patch_is_the_same_wherever_the_bytes_are_cut_and_whatever_lines_it_stands_on(size: int) -> None:
    one, other, third = ((digit * 40).encode() for digit in "abc")
    whole = PATCH % (one, b"1", b"3") + b"\n" + PATCH % (other, b"200", b"3") + b"\n" + PATCH % (third, b"1", b"5") + SHA.encode() + b"\n"
    found = dict(parse_patches(cut(whole, size)))
    assert found == dict(parse_patches([whole]))
    assert list(found) == ["a" * 40, "b" * 40, "c" * 40]
    assert found["a" * 40] == found["b" * 40] != found["c" * 40]
