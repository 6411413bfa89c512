"""A workbook and columns: the cells are those of the CSV, and never a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from conftest import EXAMPLE

from graph.errors import ToolMissing
from graph.exports import EXPORTS, Export
from graph.extract import Extract
from graph.forms import sheets
from graph.forms.sheets import PARQUET, XLSX
from graph.kg import KnowledgeGraph
from graph.listings import CSV
from graph.rows import COLUMNS, StatementRow, statement_rows
from graph.settings import Settings

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    with KnowledgeGraph(Settings()) as kg:
        kg.add(EXAMPLE)
        yield kg


def table(kg: KnowledgeGraph) -> list[list[str]]:
    output = io.BytesIO()
    kg.export(output, CSV)
    return list(csv.reader(io.StringIO(output.getvalue().decode(), newline="")))


class Some(Extract):
    """An extract of rows that are made up."""

    found: list[StatementRow]

    def rows(self) -> Iterator[StatementRow]:
        return iter(self.found)


def made_up(kg: KnowledgeGraph, rows: list[StatementRow]) -> Extract:
    some = Some(kg, kg.settings.base)
    object.__setattr__(some, "found", rows)
    return some


def pages(data: bytes) -> list[list[list[ElementTree.Element]]]:
    """The cells of each sheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = sorted(n for n in book.namelist() if n.startswith("xl/worksheets/"))
        trees = [ElementTree.fromstring(book.read(name)) for name in names]
    return [[list(row) for row in tree.iter(MAIN + "row")] for tree in trees]


def text(cell: ElementTree.Element) -> str:
    return "".join(each.text or "" for each in cell.iter() if each.tag in (MAIN + "t", MAIN + "v"))


@pytest.mark.extras
def test_a_workbook_has_the_cells_of_the_table(kg: KnowledgeGraph) -> None:
    pytest.importorskip("xlsxwriter")
    output = io.BytesIO()
    kg.export(output, XLSX)
    (page,) = pages(output.getvalue())
    told = table(kg)
    assert [[text(cell) for cell in line] for line in page] == told
    assert {cell.get("t") for line in page for cell in line} == {"inlineStr", None}


@pytest.mark.extras
def test_a_cell_of_a_workbook_is_text_whatever_it_begins_with(
    kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xlsxwriter")
    monkeypatch.setattr(sheets, "_MOST_ROWS", 4)
    row = next(statement_rows(kg.store))
    said = ["=1+1", "+1", "-1", "@x", "http://a.example/", "7", "a\x01b", "x" * 40_000]
    output = io.BytesIO()
    sheets.write_xlsx(made_up(kg, [replace(row, text=each) for each in said]), output)
    assert b"<f>" not in output.getvalue()
    first, second = pages(output.getvalue())
    assert [len(first), len(second)] == [5, 5], "a full sheet is followed by another"
    cells = [line[1] for page in (first, second) for line in page[1:]]
    assert {cell.get("t") for cell in cells} == {"inlineStr"}
    assert [text(cell) for cell in cells[:6]] == said[:6]
    assert text(cells[7]) == "x" * 32_766 + "…"


@pytest.mark.extras
def test_parquet_has_typed_columns_that_say_what_they_hold(
    kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(sheets, "_ROWS_AT_ONCE", 10)
    output = io.BytesIO()
    kg.export(output, PARQUET)
    read = parquet.ParquetFile(io.BytesIO(output.getvalue()))
    rows = read.read().to_pylist()
    assert rows == [
        {name: getattr(row, name) for name in COLUMNS} for row in statement_rows(kg.store)
    ]
    assert read.num_row_groups == -(-len(rows) // 10)
    schema = read.schema_arrow
    assert {f.name: f.metadata[b"holds"].decode() for f in schema} == COLUMNS
    assert str(schema.field("start").type) == "int64"


def test_a_form_whose_package_is_missing_says_what_to_install(kg: KnowledgeGraph) -> None:
    export = Export(XLSX, "", EXPORTS[XLSX].writer, "no_such_package")
    with pytest.raises(ToolMissing, match=r"pip install 'ascribe\[xlsx\]'"):
        export.write(Extract(kg, kg.settings.base), io.BytesIO())
