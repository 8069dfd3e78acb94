"""Repositories that mean harm, and what is left out of every dataset."""

from __future__ import annotations

from pathlib import Path

import pytest

from notewright.adapters.dataset.confined import ConfinedCutter
from notewright.dataset.tokens import EstimatedTokenizer
from tests.parts.mining import Mine, function_of
from tests.parts.repository import Repo

_KEY = "ghp_" + "Zq3Rt8LmX0vB5nK7wYcD2fGhJ4sPaU6eT1iO"
_MAIL = "ada.quill@" + "lovelace-works.org"
_GPL = "# SPDX-License-Identifier: GPL-3.0-or-later\n"


@pytest.mark.case(45)
def test_secrets_addresses_and_foreign_licences_are_in_no_export_and_their_number_is_told(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        "feat: all of it",
        {
            "LICENSE": (Path(__file__).parents[3] / "LICENSE").read_bytes(),
            "good.py": function_of("apples"),
            "key.py": function_of("pears") + f'\nTOKEN = "{_KEY}"\n',
            "mail.py": function_of("plums").replace("Work with plums.", f"Work with plums, by {_MAIL}."),
            "gpl.py": _GPL + function_of("figs"),
            ".env": f"TOKEN={_KEY}\n",
        },
    )
    mine = Mine.open(tmp_path / "mine", [repo.path], licenses=["Apache-2.0"], unknown_license="drop", formats=["jsonl", "csv", "parquet"])
    mine.make()
    everything = b"".join(path.read_bytes() for path in (mine.path / "dataset").rglob("*") if path.is_file())
    assert {row["path"] for row in mine.rows()} == {"good.py", "mail.py"}
    for planted in (_KEY, _MAIL, "GPL-3.0", "load_figs"):
        assert planted.encode() not in everything, planted
    assert mine.run("check", "dataset").code == 0, "what is redacted is compared as it is redacted"
    summary = mine.run("report").out.decode()
    for reason in ("secret", "licence"):
        assert reason in summary
        assert reason in (mine.path / "dataset" / "report.html").read_text("utf-8")


def test_a_hostile_repository_gives_what_is_good_of_it(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        "feat: harm",
        {
            "good.py": function_of("apples"),
            "name\nwith a line end.py": function_of("pears"),
            "\u202egnp.py": function_of("plums"),
            "pointer.py": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n",
            "half.py": function_of("figs").encode() + "é".encode() + "# \xe9\n".encode("latin-1"),
            "long.py": "x = [" + "1, " * 70_000 + "]\n",
            "memory.rs": ">1(\n" * 4_000,
            "deep.js": "(" * 20_000,
            "nul.c": b"int a;\0int b;\n",
            "empty.go": "",
        },
    )
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    link = repo.git("hash-object", "-w", "--stdin", input_bytes=b"../../../../etc/passwd")
    repo.git("update-index", "--add", "--cacheinfo", f"120000,{link},link.py")
    repo.git("-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "feat: links")
    mine = Mine.open(tmp_path / "mine", [repo.path])
    mine.make()
    assert {row["path"] for row in mine.rows()} == {"good.py"}
    summary = mine.run("report").out.decode()
    for reason in ("path", "lfs_pointer", "encoding", "binary", "empty", "symlink", "submodule"):
        assert reason in (mine.path / "dataset" / "report.html").read_text("utf-8"), (reason, summary)
    assert "passwd" not in "".join(row["input"] for row in mine.rows())


@pytest.mark.parametrize("language", ["rust", "javascript"])
def test_a_file_whose_tree_takes_gigabytes_is_cut_by_its_lines(language: str) -> None:
    text = {"rust": b">1(\n" * 4_000, "javascript": b"a = &\n" * 4_000}[language]
    cutter = ConfinedCutter(EstimatedTokenizer(), limit=500, header_limit=50, memory_bytes=300 << 20)
    try:
        passages, headers = cutter.cut(text, language)
        assert b"".join(text[passage.start : passage.end] for passage in passages) == text
        assert set(headers) == {""}
        assert cutter.cut(b"def a():\n    pass\n", "python")[0][0].definition, "it goes on"
    finally:
        cutter.close()
