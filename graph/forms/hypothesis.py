"""Statements as the notes that Hypothesis imports: who said it, at the words in their source.

A note is what the client's own export writes: `uri`, `document`, `text`, `tags`, `target`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import IO, Any

from pyoxigraph import Literal, NamedNode

from graph.extract import Extract
from graph.formats import Format
from graph.listings import listed
from graph.rows import StatementRow
from graph.selectors import Selector
from graph.vocab import ASC

HYPOTHESIS = Format("Hypothesis", "application/vnd.hypothesis+json", "hypothesis")


def write_hypothesis(extract: Extract, output: IO[bytes]) -> None:
    """Write notes as they come, one source's text held at a time."""
    for text in listed({"client_version": "ascribe"}, "annotations", _notes(extract)):
        output.write(text.encode())


def _notes(extract: Extract) -> Iterator[dict[str, Any]]:
    for version, rows in groupby(extract.rows(), key=lambda row: row.source):
        text = _text_of(extract, version)
        yield from (_note(row, text) for row in rows)


def _note(row: StatementRow, text: str | None) -> dict[str, Any]:
    voices = row.speaker_name
    if row.according_to:
        voices += f", according to {row.according_to}"
    return {
        "uri": row.source,
        "document": {"title": [row.title]},
        "text": f"{voices}\n\n{row.statement}",
        "tags": [row.kind, *filter(None, row.speaker_name.split("; "))],
        "target": [
            {"source": row.source, "selector": [*_selectors(span, text)]} for span in row.spans
        ],
    }


def _selectors(span: Selector, text: str | None) -> Iterator[dict[str, Any]]:
    if text is not None:
        start = _utf16_units(text[: span.start])
        end = start + _utf16_units(span.exact)
        yield {"type": "TextPositionSelector", "start": start, "end": end}
    words = {name: getattr(span, name) for name in ("exact", "prefix", "suffix")}
    yield {"type": "TextQuoteSelector", **words}


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _text_of(extract: Extract, version: str) -> str | None:
    """The archived text, for counting in: none of it is written."""
    for quad in extract.dataset.store.match(NamedNode(version), ASC.sha256):
        if isinstance(quad.object, Literal) and (
            text := extract.dataset.texts.get(quad.object.value)
        ):
            return text.decode()
    return None
