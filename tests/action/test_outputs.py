from __future__ import annotations

from pathlib import Path

import pytest

from notewright.action.outputs import append_summary, set_outputs
from notewright.errors import StorageError
from tests.action.runner_files import read_outputs


@pytest.mark.case(4)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("1.4.0", id="plain"),
        pytest.param("", id="empty"),
        pytest.param("1.0\nversion=9.9.9", id="another output"),
        pytest.param("1.0\nEOF\nversion=9.9.9", id="a usual delimiter"),
        pytest.param("1.0\nend-0123456789abcdef0123456789abcdef\nversion<<x\n9.9.9\nx", id="a delimiter like ours"),
        pytest.param('"; echo "version=9.9.9" >> $GITHUB_OUTPUT; $(touch x) `y`', id="a script"),
        pytest.param("ünïcode ✓", id="unicode"),
    ],
)
def test_a_value_sets_its_own_output_and_no_other(tmp_path: Path, value: str) -> None:
    file = tmp_path / "output"
    file.write_text("before=1\n")
    set_outputs({"GITHUB_OUTPUT": str(file)}, {"engine": value, "changed": "true"})
    assert read_outputs(file.read_text("utf-8")) == {"before": "1", "engine": value, "changed": "true"}


def test_no_delimiter_comes_twice(tmp_path: Path) -> None:
    file = tmp_path / "output"
    for _ in range(50):
        set_outputs({"GITHUB_OUTPUT": str(file)}, {"engine": "x"})
    delimiters = [line.partition("<<")[2] for line in file.read_text().splitlines() if "<<" in line]
    assert len(set(delimiters)) == 50


def test_without_a_runner_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    set_outputs({}, {"engine": "x"})
    append_summary({"GITHUB_STEP_SUMMARY": ""}, "# x\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        set_outputs({"GITHUB_OUTPUT": str(tmp_path)}, {"engine": "x"})


@pytest.mark.case(15)
def test_a_summary_that_is_too_long_is_cut_at_a_line_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    append_summary({"GITHUB_STEP_SUMMARY": str(file)}, "ä" * 99 + "\n" + ("ü" * 99 + "\n") * 10_000)
    content = file.read_bytes()
    assert len(content) <= 1 << 20
    assert content.decode("utf-8").endswith("ü\n\n\n*More did not fit here: GitHub takes 1 MiB.*\n")


def test_a_summary_that_fits_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    append_summary({"GITHUB_STEP_SUMMARY": str(file)}, "# x\n")
    append_summary({"GITHUB_STEP_SUMMARY": str(file)}, "y\n")
    assert file.read_text() == "# x\ny\n"
