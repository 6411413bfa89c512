"""What is wrong with what somebody sends to be checked: RDF or a table; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable

from graph.formats import Format
from graph.importing import check_table
from graph.kg import KnowledgeGraph
from graph.listings import CSV
from graph.mending import WHILE_SERVING_S, Mender
from graph.report import Report


def form_of(name: str, media_type: str, rdf: Callable[[], Format]) -> Format:
    """CSV where a file's name or its media type says so, else the form that `rdf` finds."""
    is_table = media_type == CSV.media_type or name.lower().endswith(f".{CSV.extension}")
    return CSV if is_table else rdf()


def report_on(
    kg: KnowledgeGraph, data: bytes, form: Format, name: str, text: bytes | None
) -> Report:
    """What would keep a bundle, or the rows of a table, out; with fixes where there are some.

    Shape: `text` is the source's, to compare quotes with.
    Raises: BadInput and its kinds for what cannot be read.
    """
    if form == CSV:
        return check_table(kg, data, name or "The table", text, WHILE_SERVING_S)
    bundle = kg.reader.read(data, form, name)
    return Mender(bundle, text, kg.writer.check, kg.reader, WHILE_SERVING_S).report()
