"""Fixes for a table: a row with another word in one cell, tried before it is offered."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from graph.importing.sheets import dialect
from graph.model import Agent, Statement
from graph.report import Fix, Report, Result, Step
from graph.schema import concepts
from graph.selectors import look_alike
from graph.vocab import ASC

Check = Callable[[bytes], Report]

_MOST_BYTES = 100_000
_MARKS = "“”„‘’«»\"'"


def _names(classes: Iterable[str]) -> list[str]:
    return [each.removeprefix(ASC) for each in classes]


_TAKEN = {
    "kind": lambda: _names(Statement.classes),
    "speaker_kind": lambda: _names(Agent.classes),
    "act": lambda: [*concepts("Act")],
    "polarity": lambda: [*concepts("Polarity")],
    "certainty": lambda: [*concepts("Certainty")],
    "temporality": lambda: [*concepts("Temporality")],
}
"""What columns take that do not take any words."""


def with_fixes(report: Report, data: bytes, text: str, check: Check, within_s: float) -> Report:
    """A report on a table with a fix on each row that has one.

    Shape: `text` is the source's; a fix replaces the lines of one row, and takes its message
        away without bringing another.
    Units: `within_s` are seconds of a processor, after which no more fixes are looked for.
    """
    if report.conforms or len(data) > _MOST_BYTES:
        return report
    end_s = time.thread_time() + within_s
    table = data.decode("utf-8-sig")
    found = (
        replace(each, fix=_fix(each, report, table, text, check, end_s)) for each in report.results
    )
    return replace(report, results=tuple(found))


def _fix(
    result: Result, report: Report, table: str, text: str, check: Check, end_s: float
) -> Fix | None:
    if not result.is_violation or not result.line:
        return result.fix
    for fix in _changes(table, text, result.line):
        if time.thread_time() > end_s:
            return None
        then = check(fix.applied(table).encode())
        messages = [(each.line, each.message) for each in then.violations]
        if (result.line, result.message) not in messages and len(messages) < len(report.violations):
            return fix
    return None


def _changes(table: str, text: str, first: int) -> Iterator[Fix]:
    """Rows that might stand in the place of the one that begins at a line."""
    how = dialect(table)
    header = [name.strip() for name in next(csv.reader(table.splitlines(), how), [])]
    reader = csv.reader(table.splitlines(keepends=True)[first - 1 :], how)
    cells = next(reader, [])
    for number, (column, cell) in enumerate(zip(header, cells, strict=False)):
        for word in _instead(column, cell.strip(), text):
            row = io.StringIO()
            csv.writer(row, how, lineterminator="").writerow(
                [*cells[:number], word, *cells[number + 1 :]]
            )
            step = Step(first, first + reader.line_num - 1, row.getvalue())
            yield Fix(f"In the column {column} write: {word}", (step,))


def _instead(column: str, cell: str, text: str) -> list[str]:
    """What might be meant by a cell; nothing if it may stand."""
    if column == "text":
        words = cell.strip(_MARKS)
        found = look_alike(text, words) if text and words and words not in text else None
        return [cell.replace(words, found.strip(_MARKS))] if found else []
    taken = _TAKEN[column]() if column in _TAKEN and cell else []
    return [] if cell in taken else get_close_matches(cell, taken, 3, 0.5)
