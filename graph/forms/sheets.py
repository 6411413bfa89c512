"""Statements as a workbook (XLSX) and as columns (Parquet), in the columns of the CSV."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any

from graph.extract import Extract
from graph.formats import Format
from graph.rows import COLUMNS, StatementRow

XLSX = Format("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
PARQUET = Format("Parquet", "application/vnd.apache.parquet", "parquet")

_NUMBERS = ("start", "end")
_MOST_ROWS = 1_048_575
"""A sheet of Excel has one more, for the names of columns."""
_MOST_CHARACTERS = 32_767
"""A cell of Excel holds as many."""
_ROWS_AT_ONCE = 10_000


def write_xlsx(extract: Extract, output: IO[bytes]) -> None:
    """Write a workbook row by row, on a further sheet where one is full.

    Shape: text is never a formula, a link or a number. What is longer than a cell
        holds ends in an ellipsis.
    """
    from xlsxwriter import Workbook

    with TemporaryFile() as file:
        with Workbook(file, {"constant_memory": True}) as book:
            for sheet in _sheets(extract.rows()):
                page = book.add_worksheet()
                page.freeze_panes(1, 0)
                for column, name in enumerate(COLUMNS):
                    page.write_string(0, column, name)
                for number, row in enumerate(sheet, 1):
                    _write(page, number, row)
        _copy(file, output)


def _sheets(rows: Iterator[StatementRow]) -> Iterator[Iterator[StatementRow]]:
    """The rows of each sheet; at least one sheet."""
    yield islice(rows, _MOST_ROWS)
    for first in rows:
        yield chain((first,), islice(rows, _MOST_ROWS - 1))


def _write(page: Any, number: int, row: StatementRow) -> None:
    for column, name in enumerate(COLUMNS):
        value = getattr(row, name)
        if isinstance(value, int):
            page.write_number(number, column, value)
        elif len(value) > _MOST_CHARACTERS:
            page.write_string(number, column, value[: _MOST_CHARACTERS - 1] + "…")
        else:
            page.write_string(number, column, value)


def write_parquet(extract: Extract, output: IO[bytes]) -> None:
    """Write columns, 10,000 statements to a row group: text, and numbers for places."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    kinds = {name: pyarrow.int64() if name in _NUMBERS else pyarrow.string() for name in COLUMNS}
    schema = pyarrow.schema(
        [pyarrow.field(name, kinds[name], False, {"holds": COLUMNS[name]}) for name in COLUMNS]
    )
    rows = extract.rows()
    with TemporaryFile() as file:
        with ParquetWriter(file, schema, compression="zstd") as writer:
            while group := [*islice(rows, _ROWS_AT_ONCE)]:
                columns = {name: [getattr(row, name) for row in group] for name in COLUMNS}
                writer.write_table(pyarrow.table(columns, schema), _ROWS_AT_ONCE)
        _copy(file, output)


def _copy(file: IO[bytes], output: IO[bytes]) -> None:
    """Both formats end in a list of what is where, and go back for it: a pipe cannot."""
    file.seek(0)
    copyfileobj(file, output)
