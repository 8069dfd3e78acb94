"""Writers of rows: JSON lines, CSV and Parquet, a row at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from operator import add
from typing import TYPE_CHECKING, Protocol

from notewright.adapters.dataset.exports.hashed import HashedFile
from notewright.dataset.export.settings import Format
from notewright.dataset.export.templates import PROVENANCE, Template, Value
from notewright.errors import NotewrightError

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it brings no types

# A group of rows is what Parquet compresses, and what a writer holds in memory; it depends on the rows alone, so the bytes do too
_GROUP_ROWS = 2_048
_GROUP_CHARACTERS = 3_000_000


class RowWriter(Protocol):
    """Writes rows to a file, in the order in which they come."""

    def write(self, values: tuple[Value, ...]) -> None:
        """Add a row: the values of the template's columns."""
        ...

    def close(self) -> None:
        """Write what is still in memory; the file itself is closed by who opened it."""
        ...


def open_writer(kind: Format, file: HashedFile, template: Template) -> RowWriter:
    """Return what writes rows of a template to a file."""
    match kind:
        case "jsonl":
            return _JsonLines(file, template)
        case "csv":
            return _Csv(file, template)
        case "parquet":
            return _Parquet(file, template)


class _Cells:
    """Texts of values, a column at a time. Rows of a passage follow each other, and most of what they say is the same: what was in a column
    last need not be written anew."""

    def __init__(self, columns: int, show: Callable[[Value], str]) -> None:
        self._show = show
        self._last: list[Value | None] = [None] * columns
        self._shown = [""] * columns

    def show(self, values: tuple[Value, ...]) -> list[str]:
        """Return the texts of a row's values, to be read before the next row is."""
        for place, (value, last) in enumerate(zip(values, self._last, strict=True)):
            if value != last:
                self._last[place], self._shown[place] = value, self._show(value)
        return self._shown


class _JsonLines:
    def __init__(self, file: HashedFile, template: Template) -> None:
        self._file = file
        encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
        self._keys = ["{" * (not place) + encode(column) + ":" for place, column in enumerate(template.columns)]
        self._cells = _Cells(len(template.columns), encode)

    def write(self, values: tuple[Value, ...]) -> None:
        self._file.write((",".join(map(add, self._keys, self._cells.show(values))) + "}\n").encode())

    def close(self) -> None:
        pass


class _Csv:
    """RFC 4180 with line feeds; every text is quoted, turns are JSON. Texts are not changed, so a spreadsheet would take one that begins
    with `=` for a formula: the card says so. Written by hand, because `csv` looks at every character: 25 us a row, this takes 5."""

    def __init__(self, file: HashedFile, template: Template) -> None:
        self._file = file
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self._cells = _Cells(len(template.columns), self._cell)
        self.write(template.columns)

    def write(self, values: tuple[Value, ...]) -> None:
        self._file.write((",".join(self._cells.show(values)) + "\n").encode())

    def close(self) -> None:
        pass

    def _cell(self, value: Value) -> str:
        if isinstance(value, int):
            return str(value)
        text = value if isinstance(value, str) else self._encode(value)
        return '"' + text.replace('"', '""') + '"'


class _Parquet:
    def __init__(self, file: HashedFile, template: Template) -> None:
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as error:
            raise NotewrightError("Parquet needs pyarrow, which is not installed", hint="pip install 'notewright[dataset]'") from error
        pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own kept 45 MB more for the same rows (pyarrow 26, 40,000 rows)
        self._schema = _schema(template)
        self._rows: list[tuple[Value, ...]] = []
        self._characters = 0
        # pinned, so that another default of a later version changes no bytes
        self._writer = parquet.ParquetWriter(
            file,
            self._schema,
            version="2.6",
            data_page_version="1.0",
            compression="zstd",
            compression_level=3,
            use_dictionary=[column for column in template.columns if column in PROVENANCE and column != "id"],  # texts gain nothing
            write_statistics=[column for column in template.columns if column in PROVENANCE],  # of texts they would be as long as these
            store_schema=True,
        )

    def write(self, values: tuple[Value, ...]) -> None:
        self._rows.append(values)
        self._characters += sum(len(value) for value in values if isinstance(value, str)) + _turn_characters(values[0])
        if len(self._rows) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        columns = zip(*self._rows, strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema), row_group_size=len(self._rows))
        self._rows, self._characters = [], 0


def _schema(template: Template) -> pa.Schema:
    import pyarrow as pa

    turn = pa.list_(pa.struct([(key, pa.string()) for key in template.turns or ()]))
    types = {"int64": pa.int64(), "string": pa.string(), "turns": turn}
    return pa.schema([(column, types[template.kind(column)]) for column in template.columns])


def _turn_characters(value: Value) -> int:
    return sum(len(text) for turn in value for text in turn.values()) if isinstance(value, list) else 0
