"""Bundles as text: what the engine writes of each graph, put one after the other.

Handing each quad to Python, sorting and writing it took twice as long and more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cachetools import LRUCache
from pyoxigraph import NamedNode, Quad

from graph.bundle import Graphs, assessments_of
from graph.formats import NQUADS, NTRIPLES, PREFIX_LINES, TURTLE, Format, piece
from graph.overlay import Overlay
from graph.store import Dumpable
from graph.surroundings import described_by
from graph.vocab import ASC, PROV

_MOST_KNOWN = 20_000
"""As many shared things are kept as text, some hundred bytes each."""


class Pieces:
    """What bundles state, as text in N-Quads or TriG, bundle by bundle.

    Shape: first a bundle's own graphs, then the shared things it describes and what
        people judged about it; what several describe comes with each.
    """

    def __init__(self, store: Dumpable, graphs: Graphs, form: Format) -> None:
        self._store = store
        self._view = Overlay(store, [])
        self._graphs = graphs
        self._form = form
        self._plain = NTRIPLES if form == NQUADS else TURTLE
        self._known: LRUCache[tuple[NamedNode, NamedNode], bytes] = LRUCache(_MOST_KNOWN)
        self._judged = [*store.find(None, PROV.used, None, graphs.judgements)]

    def head(self) -> bytes:
        """What comes before all bundles."""
        return b"" if self._form == NQUADS else PREFIX_LINES

    def of(self, version: NamedNode) -> Iterator[bytes]:
        """One bundle."""
        for graph in (version, assessments_of(version)):
            yield self._block(graph, self._store.text_of(graph, self._plain))
        described = sorted(described_by(self._view, version, self._graphs), key=str)
        for graph in (self._graphs.entities, self._graphs.propositions):
            yield self._block(graph, b"".join(self._about(each, graph) for each in described))
        if self._judged:
            judgements = self._judgements(version)
            yield self._block(self._graphs.judgements, self._written(judgements))

    def _about(self, thing: NamedNode, graph: NamedNode) -> bytes:
        text = self._known.get((thing, graph))
        if text is None:
            text = self._known[thing, graph] = self._written(self._store.find(thing, graph=graph))
        return text

    def _judgements(self, version: NamedNode) -> Iterator[Quad]:
        statements = {q.subject for q in self._store.find(None, ASC.source, version, version)}
        for quad in self._judged:
            if quad.object in statements:
                yield from self._store.find(quad.subject, graph=self._graphs.judgements)

    def _written(self, quads: Iterable[Quad]) -> bytes:
        return piece((quad.triple for quad in quads), self._plain)

    def _block(self, graph: NamedNode, text: bytes) -> bytes:
        """Triples in their graph: a line of N-Triples ends as no literal in it can."""
        if not text:
            return b""
        name = str(graph).encode()
        if self._form == NQUADS:
            return text.replace(b" .\n", b" " + name + b" .\n")
        return name + b" {\n" + text + b"}\n"
