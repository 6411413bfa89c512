"""Records as a TriG file that belongs to no base yet."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, serialize

from graph.formats import used_prefixes
from graph.mapping import to_quads
from graph.records import Records

_STAND_IN = "ascribe-base://here/"
"""A base that shares no scheme with any prefix: Oxigraph writes prefixes relative
to the base too, and `//w3id.org/...` would mean something else under https."""


def to_trig(records: Records, base: str) -> str:
    """The records as TriG, the same text every time, with IRIs relative to `base`.

    Shape: sorted by graph, subject, predicate and object; no absolute data IRI.
    """
    quads = sorted({_moved(quad, base) for quad in to_quads(records, base)}, key=_order)
    prefixes = used_prefixes(quads)
    data = serialize(quads, format=RdfFormat.TRIG, prefixes=prefixes, base_iri=_STAND_IN)
    assert data is not None
    # The first line is `@base`. Without it, the dataset that a file is added to gives the base.
    lines = data.decode().split("\n")[1:-1]
    # Oxigraph writes the prefixes in an order that changes from run to run.
    lines.sort(key=lambda line: line if line.startswith("@prefix ") else "~")
    return "\n".join(lines) + "\n"


def _moved(quad: Quad, base: str) -> Quad:
    """The quad with `base` replaced by the stand-in."""

    def moved(term: NamedNode | BlankNode | Literal) -> NamedNode | BlankNode | Literal:
        if isinstance(term, NamedNode) and term.value.startswith(base):
            return NamedNode(_STAND_IN + term.value.removeprefix(base))
        return term

    return Quad(*map(moved, quad))  # type: ignore[arg-type]


def _order(quad: Quad) -> tuple[str, ...]:
    return (str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object))
