"""What is told of statements and of what they share, kept as N-Triples for pages to read.

A quad out of the store costs 20 µs, and a statement has forty of them with its spans, its
chain and its times; together and compressed they cost a few µs each.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from graph.bundle import Graphs, entailed_of
from graph.store import Store
from graph.vocab import ASC, RDF

_LEVEL = 1  # of compression: a tenth larger than 6, in half the time


def _written(*terms: NamedNode) -> frozenset[bytes]:
    return frozenset(str(each).encode() for each in terms)


_OWNED = _written(
    *(ASC.contentSpan, ASC.attribution, ASC.relayedBy),
    *(ASC.cueSpan, ASC.saidAt, ASC.timeMention),
)
"""What leads from a statement to what is its own and stands on a card."""

_SOURCE, _DOCUMENT, _TYPE = (str(each).encode() for each in (ASC.source, ASC.versionOf, RDF.type))


@dataclass(slots=True)
class Told:
    """What is told in a bundle, packed.

    Shape: by the IRIs of `statements`, with what is their own; of the `source` and its document.
    """

    statements: dict[str, bytes] = field(default_factory=dict)
    source: bytes = b""


def told_in(nquads: bytes, version: NamedNode) -> Told:
    """What a bundle tells, from all its quads; types that follow from others left out."""
    by_subject: dict[bytes, list[tuple[bytes, bytes, bytes]]] = {}
    statements: list[bytes] = []
    for subject, predicate, value, line in _within(nquads, (version, entailed_of(version))):
        by_subject.setdefault(subject, []).append((predicate, value, line))
        if predicate == _SOURCE:
            statements.append(subject)
    source = str(version).encode()
    return Told(
        {_iri(each): _packed(_reached(by_subject, each, _OWNED)) for each in statements},
        _packed(_reached(by_subject, source, frozenset({_DOCUMENT}))),
    )


def shared_in(nquads: bytes, graphs: Graphs) -> dict[str, bytes]:
    """What some quads tell of things that sources share, by their IRIs, as N-Triples."""
    found: dict[str, list[bytes]] = {}
    for subject, _, _, line in _within(nquads, graphs.shared):
        found.setdefault(_iri(subject), []).append(line)
    return {iri: b"".join(lines) for iri, lines in found.items()}


def shared_of(store: Store, graphs: Graphs, iri: str) -> bytes:
    """What is stored of such a thing, as N-Triples; empty if nothing is."""
    quads = (quad for quad in store.match(NamedNode(iri)) if quad.graph_name in graphs.shared)
    return shared_in(as_nquads(quads), graphs).get(iri, b"")


def as_nquads(quads: Iterable[Quad]) -> bytes:
    """Quads as the log has them."""
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def unpacked(packed: bytes) -> bytes:
    """N-Triples that were packed."""
    return zlib.decompress(packed)


def read(ntriples: bytes) -> Iterator[Quad]:
    """What some N-Triples of ours tell."""
    return iter(parse(ntriples, RdfFormat.N_TRIPLES, lenient=True))


def _within(
    nquads: bytes, graphs: Iterable[NamedNode]
) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """The lines in some graphs: subject, predicate, object, and all three as N-Triples.

    Shape: of what was worked out on the way in without the types, which their classes tell.
    """
    ends = [f" {graph} .".encode() for graph in graphs]
    for line in nquads.split(b"\n"):
        for end in ends:
            if line.endswith(end):
                triple = line.removesuffix(end)
                subject, predicate, value = triple.split(b" ", 2)
                if predicate != _TYPE or not end.endswith(_WORKED_OUT):
                    yield subject, predicate, value, triple + b" .\n"
                break


_WORKED_OUT = b"/entailed> ."


def _reached(
    by_subject: dict[bytes, list[tuple[bytes, bytes, bytes]]],
    start: bytes,
    follow: frozenset[bytes],
) -> bytes:
    """What is told of a subject and of those that some properties lead to from it."""
    lines: list[bytes] = []
    waiting, met = [start], {start}
    while waiting:
        for predicate, value, line in by_subject.get(waiting.pop(), ()):
            lines.append(line)
            if predicate in follow and value in by_subject and value not in met:
                met.add(value)
                waiting.append(value)
    return b"".join(lines)


def _packed(lines: bytes) -> bytes:
    return zlib.compress(lines, _LEVEL)


def _iri(subject: bytes) -> str:
    return subject[1:-1].decode()
