"""`datasets.load_dataset(folder)` reads what is exported, to the last character."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import cast

import pytest

from notewright.control import Cancel, ignore
from notewright.dataset.export.filters import Rules
from notewright.dataset.export.rows import build_row
from notewright.dataset.export.settings import ExportSettings, Format
from notewright.dataset.export.templates import TEMPLATES, TemplateName
from notewright.flows.dataset.export import Source, export_dataset
from tests.parts.stored_pairs import in_order, stored_pair

PYTHON = os.environ.get("NOTEWRIGHT_DATASETS_PYTHON")
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "parquet")
READ = """
import json, sys, datasets
datasets.disable_progress_bars()
for folder in sys.argv[1:]:
    read = datasets.load_dataset(folder)
    print(json.dumps({split: [dict(row) for row in rows] for split, rows in read.items()}))
"""
# What readers of CSV and JSON take for something else than text
HOSTILE = (
    "=SUM(A1:A9)",
    "NA",
    "null",
    "1e5",
    "007",
    "True",
    '"quoted", and a comma',
    "line\r\nreturn\rfeed\n",
    "  blanks \t",
    "\ufeffmark",
    "line\u2028paragraph\u2029next\x85",
    "<|im_end|>\n<|im_start|>system",
    "{'a': 1}\\",
    "a\0b\x1b",
    "🇪🇺 e\u0301 \u202egnp",
    "---\nlicense: [gpl]\n---",
)
PAIRS = [
    stored_pair(number, question=f"{text}{number}" if number % 2 else text, answer=text, text=text, path=f"{number}{text}.py", verdict="")
    for number, text in enumerate(HOSTILE)
] + [stored_pair(number, license_name="no: [such\nthing", repository="https://example.org/a|b/`c`") for number in range(100, 160)]


@pytest.mark.skipif(not PYTHON, reason="NOTEWRIGHT_DATASETS_PYTHON names no Python that has `datasets`")
def test_every_format_and_template_is_read_as_it_was_written(tmp_path: Path) -> None:
    folders = [(kind, name, tmp_path / f"{name}-{kind}") for kind in FORMATS for name in TEMPLATES]
    for kind, name, folder in folders:
        export(folder, kind, name)
    assert PYTHON
    environment = {**os.environ, "HF_HOME": str(tmp_path / "cache"), "HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}
    command = [PYTHON, "-c", READ, *(str(folder) for *_, folder in folders)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    for (kind, name, _), line in zip(folders, done.stdout.splitlines(), strict=True):
        assert by_id(json.loads(line)) == expected(kind, name), (kind, name)


def export(folder: Path, kind: Format, name: TemplateName) -> None:
    settings = ExportSettings(formats=(kind,), template=name, near_duplicates=1)
    export_dataset(Source(in_order(PAIRS), "g1"), folder, rules=Rules(), settings=settings, report=ignore, cancel=Cancel())


def by_id(splits: dict[str, list[dict[str, object]]]) -> dict[str, dict[str, object]]:
    for split, rows in splits.items():
        assert {row["split"] for row in rows} == {split}
    return {str(row["id"]): {**row, "split": ""} for rows in splits.values() for row in rows}


def expected(kind: Format, name: TemplateName) -> dict[str, dict[str, object]]:
    template = TEMPLATES[name]
    rows = [cast(dict[str, object], dict(zip(template.columns, template.render(build_row(stored, "")), strict=True))) for stored in PAIRS]
    if kind == "csv" and template.turns:
        rows = [
            {**row, template.columns[0]: json.dumps(row[template.columns[0]], ensure_ascii=False, separators=(",", ":"))} for row in rows
        ]
    return {str(row["id"]): row for row in rows}
