"""A change of some triples as an edit of N-Quads or N-Triples, where each has a line."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad, Triple, parse

from graph.formats import Format, dumps
from graph.mending.change import Change


def edited_lines(text: str, change: Change, form: Format, version: NamedNode) -> str:
    """The text with a change made: what goes loses its line, what comes stands at the end."""
    removed = {*change.removed}
    kept = [line for line in text.splitlines() if removed.isdisjoint(_said_in(line, form))]
    rows: list[Quad | Triple] = [
        Quad(*each, version) if form.named_graphs else Triple(*each) for each in change.added
    ]
    return "\n".join([*kept, *dumps(rows, form).decode().splitlines(), ""])


def _said_in(line: str, form: Format) -> Iterator[tuple[object, ...]]:
    """The triple of a line, if it has one."""
    for quad in parse(line.encode(), form.rdf):
        yield quad.subject, quad.predicate, quad.object
