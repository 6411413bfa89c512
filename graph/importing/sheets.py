"""Rows of a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from graph.errors import SyntaxFault
from graph.importing.mapping import Mapping
from graph.importing.rows import Row

_DELIMITERS = ",;\t"
_GUARDED = ("'=", "'+", "'-", "'@")


def is_sheet(text: str) -> bool:
    """Whether a text looks like a table: its header names the column with the words."""
    header = next(iter(text.lstrip("\ufeff").splitlines()), "")
    cells = next(csv.reader([header], dialect(header)), [])
    return "text" in {cell.strip() for cell in cells}


def read_sheet(data: bytes, mapping: Mapping) -> Iterator[Row]:
    """The rows of a CSV file, empty ones left out.

    Shape: the delimiter is the one that the header has; an apostrophe that keeps a
        spreadsheet from taking a cell for a formula is taken off.
    Raises: BadInput for what is no such file, SyntaxFault with the line.
    Source: RFC 4180.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SyntaxFault("it is not UTF-8: save it as “CSV UTF-8”", line=line) from None
    reader = csv.reader(io.StringIO(text, newline=""), dialect(text), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        called = mapping.called(header)
        numbers = {column: header.index(name) for column, name in called.items()}
        before = reader.line_num
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield _row(number, before + 1, cells, header, mapping, numbers, called)
            before = reader.line_num
    except csv.Error as error:
        raise SyntaxFault(f"it is no CSV: {error}", line=reader.line_num) from None


def _row(
    number: int,
    line: int,
    cells: list[str],
    header: list[str],
    mapping: Mapping,
    numbers: dict[str, int],
    called: dict[str, str],
) -> Row:
    if len(cells) > len(header):
        raise SyntaxFault(
            f"row {number} has {len(cells)} cells, and the header {len(header)}: put a cell that "
            "holds the delimiter between quotation marks",
            line=line,
        )
    told = {}
    for column in {*called, *mapping.defaults}:
        at = numbers.get(column, len(cells))
        cell = cells[at] if at < len(cells) else ""
        if value := mapping.read(column, cell[1:] if cell.startswith(_GUARDED) else cell):
            told[column] = value
    return Row(f"row {number}", line, told, called)


def dialect(text: str) -> type[csv.Dialect]:
    """The dialect of a file: the delimiter that its header has most of."""
    header = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max(_DELIMITERS, key=header.count)

    return Found
