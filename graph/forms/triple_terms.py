"""All that bundles state in RDF 1.2: an assessment reifies the relation that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, serialize

from graph.extract import Extract
from graph.facts import Subject, Term
from graph.formats import Format
from graph.vocab import ASC, PREFIXES, RDF

TRIG_12 = Format(
    "TriG 1.2", "application/trig; version=1.2", "trig12", RdfFormat.TRIG, named_graphs=True
)

_PARTS = (ASC.subject, ASC.relation, ASC.object)


def write_trig_12(extract: Extract, output: IO[bytes]) -> None:
    """Write TriG 1.2, streamed bundle by bundle, as TriG is.

    Source: RDF 1.2 Concepts, section 1.5; RDF 1.2 TriG.
    """
    serialize(with_reifiers(extract.quads()), output, TRIG_12.rdf, prefixes=PREFIXES)


def with_reifiers(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Quads, with `rdf:reifies` and the triple after each assessment of a relation.

    Shape: the triple is what was judged, asserted or not; the assessment's own
        `asc:subject`, `asc:relation` and `asc:object` stay.
    """
    waiting: dict[Subject, dict[NamedNode, Term]] = {}
    for quad in quads:
        yield quad
        if quad.predicate in _PARTS:
            parts = waiting.setdefault(quad.subject, {})
            parts[quad.predicate] = quad.object
            if len(parts) == len(_PARTS):
                del waiting[quad.subject]
                subject, relation, other = (parts[each] for each in _PARTS)
                assert isinstance(subject, NamedNode | BlankNode)
                assert isinstance(relation, NamedNode)
                triple = Triple(subject, relation, other)
                yield Quad(quad.subject, RDF.reifies, triple, quad.graph_name)
