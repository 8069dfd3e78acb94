"""How `datasets` finds the rows of an artifact, and of what kind their columns are."""

from __future__ import annotations

import json
from collections.abc import Mapping

from notewright.dataset.export.settings import ExportSettings, Format
from notewright.dataset.export.tally import Counts
from notewright.dataset.export.templates import TEMPLATES, Template
from notewright.rendering.canonical import canonical_json

NAME = "dataset_info.json"
# pandas, which reads CSV for `datasets`, would take empty texts, and the words "null" and "NA", for nothing
_OPTIONS: Mapping[Format, tuple[str, ...]] = {"jsonl": (), "csv": ("keep_default_na: false",), "parquet": ()}


def data_file(split: str, kind: Format) -> str:
    """Return the path of a split's rows in the artifact."""
    return f"data/{split}.{kind}"


def config_lines(settings: ExportSettings, rows: Counts) -> list[str]:
    """Return the part of the card's YAML that names files and columns; splits without rows have no file. Of several formats the first is
    loaded, because `datasets` reads one alone from a folder."""
    kind, template = settings.formats[0], TEMPLATES[settings.template]
    filled = [split.name for split in settings.splits if rows.get(split.name)]
    if not filled:
        return []
    return [
        "configs:",
        "- config_name: default",
        *(f"  {option}" for option in _OPTIONS[kind]),
        "  data_files:",
        *(line for name in filled for line in (f"  - split: {name}", f"    path: {json.dumps(data_file(name, kind))}")),
        "dataset_info:",
        "  features:",
        *(line for column in template.columns for line in _feature_lines(template, column, kind)),
        "  splits:",
        *(line for name in filled for line in (f"  - name: {name}", f"    num_examples: {rows[name]}")),
    ]


def build_info(settings: ExportSettings, rows: Counts) -> bytes:
    """Return dataset_info.json: columns and splits, as `datasets` writes them."""
    template = TEMPLATES[settings.template]
    splits = {split.name: {"name": split.name, "num_examples": rows[split.name]} for split in settings.splits if rows.get(split.name)}
    features = {column: _feature(template, column, settings.formats[0]) for column in template.columns}
    return canonical_json({"features": features, "splits": splits})


def _feature_lines(template: Template, column: str, kind: Format) -> list[str]:
    if (turn := _turn(template, column, kind)) is None:
        return [f"  - name: {column}", f"    dtype: {_dtype(template, column)}"]
    return [f"  - name: {column}", "    list:", *(line for key in turn for line in (f"    - name: {key}", "      dtype: string"))]


def _feature(template: Template, column: str, kind: Format) -> object:
    if (turn := _turn(template, column, kind)) is None:
        return {"dtype": _dtype(template, column), "_type": "Value"}
    return [{key: {"dtype": "string", "_type": "Value"} for key in turn}]


def _turn(template: Template, column: str, kind: Format) -> tuple[str, str] | None:
    """Return the keys of a column of turns; CSV has them as a text."""
    return template.turns if template.kind(column) == "turns" and kind != "csv" else None


def _dtype(template: Template, column: str) -> str:
    return "int64" if template.kind(column) == "int64" else "string"
