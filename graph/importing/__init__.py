"""Statements from elsewhere: tables and other formats, turned into bundles.

mapping      which column holds what, and what holds where a cell is empty
rows         one row per statement, with its place in the file
sheets       rows of a CSV file
mending      rows that might stand in the place of one at fault
trees        JSON-LD, with contexts that are known
reviews      rows of ClaimReview
annotations  rows of Web Annotation and of Hypothesis
sources      rows of one source, as an annotation
bundles      annotations as bundles, faults with the row they come from

Whatever it comes from, a statement is a row with the columns of our own CSV export, and
a row becomes a table of an annotation: IRIs, spans and chains are made there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import BadInput, Refused, SyntaxFault
from graph.importing.annotations import read_annotations, read_hypothesis
from graph.importing.bundles import Imported, imported
from graph.importing.mapping import Mapping, read_mapping
from graph.importing.mending import with_fixes
from graph.importing.reviews import read_reviews
from graph.importing.rows import RULE as ROW
from graph.importing.rows import Row
from graph.importing.sheets import is_sheet, read_sheet
from graph.importing.trees import as_tree, nodes_in
from graph.ingest import Receipt
from graph.reading import read_limited
from graph.report import Report

if TYPE_CHECKING:
    from graph.kg import KnowledgeGraph

__all__ = ["ROW", "Imported", "check_source", "check_table", "import_file", "is_sheet", "keep_all"]

_MOST_ROWS = 500
"""A table that is checked while serving may have so many: at worst some seconds of work."""


def import_file(
    kg: KnowledgeGraph,
    path: Path | str,
    *,
    mapping: Path | str = "",
    texts: Path | str = "",
    annotator: Path | str = "",
) -> Iterator[Imported]:
    """The sources that a file tells of as bundles, to be added to a dataset.

    Shape: `mapping` is a TOML file, see `graph.importing.mapping`; `texts` is the folder
        of the texts that rows name, the file's own if it is not given.
    Raises: BadInput if the file or the mapping cannot be read, with the line.
    """
    data = read_limited(Path(path), kg.settings)
    how = Mapping()
    if mapping:
        how = read_mapping(read_limited(Path(mapping), kg.settings), str(mapping))
    return imported(
        _told(_rows(data, how), str(path)),
        str(path),
        kg.settings.base,
        read_text=_texts_in(Path(texts or Path(path).parent), kg),
        known=kg.store,
        annotator=str(annotator),
    )


def check_table(
    kg: KnowledgeGraph, data: bytes, name: str, text: bytes | None = None, within_s: float = 0
) -> Report:
    """What would keep the rows of a CSV table out, whoever sent it; nothing is stored.

    Shape: `text` is that of its source, whatever name its rows have for it; without one,
        quotes are unchecked. Columns are called what they hold.
    Units: `within_s` are seconds of a processor for which fixes are looked for.
    Raises: BadInput if it cannot be read or has too many rows, SyntaxFault with the line.
    """
    report = _report_on(kg, data, name, text)
    told = (text or b"").decode("utf-8", "replace")
    return with_fixes(report, data, told, lambda row: _report_on(kg, row, name, text), within_s)


def _report_on(kg: KnowledgeGraph, data: bytes, name: str, text: bytes | None) -> Report:
    rows = _told(islice(read_sheet(data, Mapping()), _MOST_ROWS + 1), name)
    if len(rows) > _MOST_ROWS:
        raise BadInput(
            f"{name} has more than {_MOST_ROWS:,} rows, as many as are checked here: send it in "
            "parts, or run `ascribe import FILE --dry-run` where there is no such limit."
        )
    file = {"file": "the text"} if text else {}
    rows = [
        replace(row, cells={**{c: v for c, v in row.cells.items() if c != "file"}, **file})
        for row in rows
    ]
    found = imported(rows, name, kg.settings.base, read_text=lambda _: text or b"", known=kg.store)
    return reduce(Report.joined, (check_source(kg, each) for each in found), Report())


def check_source(kg: KnowledgeGraph, source: Imported) -> Report:
    """What is wrong with one source of a file, its rows and the bundle made of them."""
    if source.bundle is None:
        return source.report
    return source.report.joined(kg.writer.check(source.bundle, source.text))


def _told(rows: Iterable[Row], name: str) -> list[Row]:
    """The rows of a file.

    Raises: BadInput and SyntaxFault, with the file's name.
    """
    try:
        return [*rows]
    except SyntaxFault as fault:
        line = f":{fault.line}" if fault.line else ""
        raise SyntaxFault(f"{name}{line}: {fault}.", line=fault.line) from None
    except BadInput as fault:
        raise BadInput(f"{name}: {fault}.") from None


def _rows(data: bytes, how: Mapping) -> Iterator[Row]:
    """The rows of a file, which is JSON if it begins as such.

    Raises: BadInput and SyntaxFault, without the file's name.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        yield from read_sheet(data, how)
        return
    tree = as_tree(data)
    notes = tree.get("annotations", tree.get("rows")) if isinstance(tree, dict) else None
    if isinstance(notes, list) and "@context" not in tree:
        found = [*read_hypothesis(notes)]
    else:
        nodes = [*nodes_in(tree)]
        found = [*read_reviews(nodes), *read_annotations(nodes)]
    if not found:
        raise BadInput("it holds no ClaimReview and no annotation that quotes words")
    yield from (how.filled(row) for row in found)


def keep_all(kg: KnowledgeGraph, sources: Iterable[Imported], *, by: str = "") -> list[Receipt]:
    """Keep the sources of a file, all or none.

    Raises: Refused with the results of all in one report.
    """
    held = [*sources]
    report = reduce(Report.joined, (each.report for each in held), Report())
    if not report.conforms:
        raise Refused(report)
    bundles = [each.bundle for each in held if each.bundle]
    texts = {each.bundle.version: each.text for each in held if each.bundle and each.text}
    return kg.writer.write(bundles, texts=texts, replace=False, by=by)


def _texts_in(folder: Path, kg: KnowledgeGraph) -> Callable[[str], bytes]:
    """Reads texts in a folder, and nothing outside it.

    Raises: BadInput.
    """

    def read(name: str) -> bytes:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise BadInput(f"{name} lies outside {folder}: put the text beside the table")
        return read_limited(path, kg.settings)

    return read
