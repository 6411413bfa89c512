"""Statements as a table and as Web Annotations, streamed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from graph.formats import Format
from graph.rows import COLUMNS, StatementRow

CSV = Format("CSV", "text/csv", "csv")
WEB_ANNOTATION = Format(
    "Web Annotation",
    'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
    "anno",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(rows: Iterable[StatementRow], output: IO[bytes], form: Format) -> None:
    """Write statements as they come, none of them held."""
    for text in _WRITERS[form.extension](rows):
        output.write(text.encode())


def _csv(rows: Iterable[StatementRow]) -> Iterator[str]:
    """A line for each statement below one of column names.

    Shape: a cell that a spreadsheet would take for a formula has an apostrophe first.
    Source: RFC 4180; OWASP, CSV Injection.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_safe(getattr(row, name)) for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _annotations(rows: Iterable[StatementRow]) -> Iterator[str]:
    """A page of annotations: who said it, upon the words in their source.

    Units: code points, as the standard has them.
    Source: Web Annotation Data Model, sections 3.2 and 4.2.
    """
    head = {"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationPage"}
    return listed(head, "items", map(_annotation, rows))


def _annotation(row: StatementRow) -> dict[str, Any]:
    voices = f"{row.speaker_name}, according to {row.according_to}"
    return {
        "id": f"{row.statement}#annotation",
        "type": "Annotation",
        "motivation": "describing",
        "created": row.recorded,
        "body": [
            {"id": row.statement, "type": "Dataset", "format": "application/ld+json"},
            {
                "type": "TextualBody",
                "value": voices if row.according_to else row.speaker_name,
                "format": "text/plain",
            },
        ],
        "target": [
            {
                "source": row.source,
                "selector": [
                    {
                        "type": "TextQuoteSelector",
                        **{name: getattr(span, name) for name in ("exact", "prefix", "suffix")},
                    },
                    {"type": "TextPositionSelector", "start": span.start, "end": span.end},
                ],
            }
            for span in row.spans
        ],
    }


def listed(head: dict[str, Any], name: str, items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A JSON object whose last member is a list that is never held as a whole."""
    yield json.dumps(head, ensure_ascii=False).removesuffix("}")
    yield f', "{name}": ['
    for number, item in enumerate(items):
        yield ("," if number else "") + "\n" + json.dumps(item, ensure_ascii=False)
    yield "\n]}\n"


_WRITERS: dict[str, Callable[[Iterable[StatementRow]], Iterator[str]]] = {
    CSV.extension: _csv,
    WEB_ANNOTATION.extension: _annotations,
}
