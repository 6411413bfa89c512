"""A store as it was stated, beneath what is merged in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

from graph.bundle import Graphs
from graph.formats import Format, piece, write_quads
from graph.merging.records import Records
from graph.merging.standing import Standing
from graph.store import Pattern, Store, Term
from graph.vocab import RDFS, SKOS


class Stated:
    """Reads a store as if nobody stood for anybody else.

    Shape: where nothing is merged it is the store and costs nothing.
    """

    def __init__(self, store: Store, graphs: Graphs, standing: Callable[[], Standing]) -> None:
        self._store = store
        self._graphs = graphs
        self._merged = graphs.merged
        self._standing = standing

    def find(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """The stated quads that fit; see `graph.store.Store`."""
        pattern = (subject, predicate, value, graph)
        standing = self._standing()
        if not standing:
            return self._store.find(*pattern)
        records = Records(self._store, self._graphs, standing)
        gone = [each for each in (subject, value) if each in standing.kept]
        if gone:
            assert isinstance(gone[0], NamedNode)
            recorded = (quad for quad in records.of(gone[0]) if _fits(quad, pattern))
            return self._also_shown(recorded, pattern)
        return self._uncovered(pattern, records)

    def match(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> list[Quad]:
        """The stated quads that fit."""
        return list(self.find(subject, predicate, value, graph))

    def graphs(self) -> Iterator[NamedNode]:
        """The names of all graphs."""
        return (each for each in self._store.graphs() if each != self._merged)

    def dump(
        self,
        output: IO[bytes],
        form: Format,
        graphs: Iterable[NamedNode | DefaultGraph] | None = None,
    ) -> None:
        """Write the stated quads as they are streamed; see `graph.store.Store`."""
        if not self._standing():
            self._store.dump(output, form, graphs)
            return
        names: Iterable[NamedNode | DefaultGraph | None] = (None,) if graphs is None else graphs
        quads = (quad for each in names for quad in self.find(graph=each))
        write_quads(quads, output, form)

    def text_of(self, graph: NamedNode, form: Format) -> bytes:
        """A graph as it was stated, as text; see `graph.store.Store`."""
        if not self._standing():
            return self._store.text_of(graph, form)
        return piece((quad.triple for quad in self.find(graph=graph)), form)

    def _also_shown(self, recorded: Iterable[Quad], pattern: Pattern) -> Iterator[Quad]:
        """What is recorded of one that is gone, and what names it as it is."""
        yield from recorded
        for quad in self._store.find(*pattern):
            if quad.graph_name != self._merged:
                yield quad

    def _uncovered(self, pattern: Pattern, records: Records) -> Iterator[Quad]:
        for quad in self._shown(pattern):
            if quad.graph_name == self._merged:
                continue
            if not records.standing.members_in(quad):
                yield quad
                continue
            if _fits(quad, pattern) and records.is_stated(quad):
                yield quad
            yield from (each for each in records.behind(quad) if _fits(each, pattern))

    def _shown(self, pattern: Pattern) -> Iterator[Quad]:
        """What is shown in the place of what may fit: names, as aliases of others too."""
        yield from self._store.find(*pattern)
        subject, predicate, value, graph = pattern
        if subject is None and predicate == RDFS.label:
            for quad in self._store.find(None, SKOS.altLabel, value, graph):
                if self._standing().concerns(quad.subject):
                    yield quad


def _fits(quad: Quad, pattern: Pattern) -> bool:
    return all(wanted is None or wanted == got for wanted, got in zip(pattern, quad, strict=True))
