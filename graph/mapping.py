"""Records to quads and back, without loss, driven by the table in `graph.model`.

What no field can hold exactly (a second value of a single field, a literal
written in another way, a property the model does not know) stays as it came,
in `Records.extra`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from graph.bundle import Graphs
from graph.bundle import graph_of as home_of
from graph.fields import Kind, Record, Text, Written
from graph.model import RECORD_TYPES, DocumentVersion
from graph.records import Records
from graph.vocab import RDF, XSD

Term = NamedNode | BlankNode | Literal | Triple

_FIELDS: dict[type[Record], tuple[tuple[str, Written], ...]] = {
    record_type: tuple(
        (each.name, each.metadata["written"]) for each in fields(record_type) if each.metadata
    )
    for record_type in RECORD_TYPES
}
_DATE_TYPES = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}
_DATATYPES = {
    Kind.INTEGER: XSD.integer,
    Kind.DECIMAL: XSD.decimal,
    Kind.BOOLEAN: XSD.boolean,
    Kind.DATE_TIME: XSD.dateTime,
}


def to_quads(records: Records, base: str) -> Iterator[Quad]:
    """Every triple of the records, each in its graph, then the extra quads."""
    version = next((each.iri for each in records.of(DocumentVersion)), base)
    for record in records:
        graph = NamedNode(records.graphs.get(record.iri) or graph_of(record, version, base))
        subject = NamedNode(record.iri)
        for each in record.types:
            yield Quad(subject, RDF.type, NamedNode(each), graph)
        for name, written in _FIELDS[type(record)]:
            value = getattr(record, name)
            for each in value if written.many else () if value is None else (value,):
                yield Quad(subject, written.property, _encode(each, written.kind), graph)
    yield from records.extra


def from_quads(quads: Iterable[Quad]) -> Records:
    """The records that some quads describe, and what is left over.

    Shape: a subject is read from the one graph that says most about it; graphs
        of derived triples (`.../entailed`) are never that graph.
    """
    by_subject: dict[str, list[Quad]] = defaultdict(list)
    extra: list[Quad] = []
    for quad in set(quads):
        if isinstance(quad.subject, NamedNode):
            by_subject[quad.subject.value].append(quad)
        else:
            extra.append(quad)
    found: list[Record] = []
    graphs: dict[str, str] = {}
    for iri, about in by_subject.items():
        home = _home(about)
        record, rest = _read(iri, [quad for quad in about if quad.graph_name == home])
        extra += rest + [quad for quad in about if quad.graph_name != home]
        if record is not None and isinstance(home, NamedNode):
            found.append(record)
            graphs[iri] = home.value
    return Records(found, extra, graphs)


def graph_of(record: Record, version: str, base: str) -> str:
    """The graph where a record is written unless it came from another."""
    kinds = map(NamedNode, record.types)
    return home_of(kinds, NamedNode(version), Graphs(base)).value


def _home(about: list[Quad]) -> NamedNode | BlankNode | DefaultGraph | None:
    """The graph with most triples about a subject; the first by name if several."""
    counts = Counter(
        quad.graph_name
        for quad in about
        if isinstance(quad.graph_name, NamedNode) and not quad.graph_name.value.endswith("entailed")
    )
    return min(counts, key=lambda graph: (-counts[graph], str(graph)), default=None)


def _read(iri: str, quads: list[Quad]) -> tuple[Record | None, list[Quad]]:
    types = {
        quad.object.value
        for quad in quads
        if quad.predicate == RDF.type and isinstance(quad.object, NamedNode)
    }
    record_type = next((each for each in RECORD_TYPES if each.classes & types), None)
    if record_type is None:
        return None, quads
    values: dict[str, Any] = {}
    taken = {quad for quad in quads if quad.predicate == RDF.type and _iri(quad.object)}
    for name, written in _FIELDS[record_type]:
        decoded = [
            (value, quad)
            for quad in quads
            if quad.predicate == written.property
            and (value := _decode(quad.object, written.kind)) is not None
        ]
        decoded.sort(key=lambda pair: str(pair[1].object))
        if decoded and not written.many:
            decoded = decoded[:1]
            values[name] = decoded[0][0]
        elif decoded:
            values[name] = tuple(sorted(value for value, _ in decoded))
        taken.update(quad for _, quad in decoded)
    record = record_type(iri=iri, types=tuple(sorted(types)), **values)
    return record, [quad for quad in quads if quad not in taken]


def _encode(value: Any, kind: Kind) -> NamedNode | Literal:
    if kind is Kind.IRI:
        return NamedNode(value)
    if kind is Kind.STRING:
        return Literal(value)
    if kind is Kind.TEXT:
        return Literal(value.words, language=value.language)
    if kind is Kind.NUMBER:
        kind = Kind.INTEGER if isinstance(value, int) else Kind.DECIMAL
    if kind is Kind.DATE:
        return Literal(value, datatype=_DATE_TYPES.get(len(value), XSD.dateTime))
    if kind is Kind.BOOLEAN:
        value = "true" if value else "false"
    if kind is Kind.DECIMAL:
        value = format(value, "f")
    return Literal(str(value), datatype=_DATATYPES[kind])


def _decode(term: Term, kind: Kind) -> Any:
    """The value of a term, or None where writing it again would not give that term."""
    value: Any = None
    if kind is Kind.IRI:
        return _iri(term)
    if not isinstance(term, Literal):
        return None
    try:
        value = _value(term, kind)
    except (ValueError, InvalidOperation):
        return None
    return value if value is not None and _encode(value, kind) == term else None


def _value(term: Literal, kind: Kind) -> Any:
    if kind is Kind.TEXT:
        return Text(term.value, term.language) if term.language else None
    if kind is Kind.BOOLEAN:
        return term.value == "true"
    if kind is Kind.INTEGER or (kind is Kind.NUMBER and term.datatype == XSD.integer):
        return int(term.value)
    if kind in (Kind.DECIMAL, Kind.NUMBER):
        return Decimal(term.value)
    return term.value


def _iri(term: Term) -> str | None:
    return term.value if isinstance(term, NamedNode) else None
