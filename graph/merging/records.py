"""What is kept of stated quads that are shown as others: their text, in `graph/merged`.

    <gone> dcterms:isReplacedBy <kept> ; asc:statedAs "<s> <p> <o> <g>" .

A quad is recorded under each of those that are gone that it names. One that is stated
and is also what another is shown as is recorded under the graph; alone it needs no record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph.bundle import Graphs
from graph.formats import NQUADS, dumps
from graph.merging.standing import Standing
from graph.store import Readable
from graph.vocab import ASC


class Records:
    """Which quads are stated, as a view and its records tell it."""

    def __init__(self, view: Readable, graphs: Graphs, standing: Standing) -> None:
        self._view = view
        self._graph = graphs.merged
        self.standing = standing

    def of(self, node: NamedNode) -> list[Quad]:
        """The stated quads about one that is gone."""
        found = self._view.match(node, ASC.statedAs, None, self._graph)
        return [_quad(quad.object) for quad in found if isinstance(quad.object, Literal)]

    def entries(self, quad: Quad) -> list[Quad]:
        """What records a stated quad: under those that are gone, else under the graph."""
        text = Literal(_text(quad))
        gone = [each for each in self.standing.members_in(quad) if each in self.standing.kept]
        return [Quad(each, ASC.statedAs, text, self._graph) for each in gone or [self._graph]]

    def holds(self, quad: Quad) -> bool:
        """Whether a quad is recorded as stated."""
        return any(self._view.find(*self.entries(quad)[0]))

    def behind(self, shown: Quad) -> Iterator[Quad]:
        """The stated quads other than itself that are shown as this one."""
        return filter(self.holds, self.standing.statable(shown))

    def is_stated(self, shown: Quad) -> bool:
        """Whether a quad that is shown is stated itself, too."""
        return self.holds(shown) or not any(self.behind(shown))


def _quad(text: Literal) -> Quad:
    quad: Quad
    (quad,) = parse(text.value, RdfFormat.N_QUADS)
    return quad


def _text(quad: Quad) -> str:
    """A quad in one spelling: that of the engine, to which `.120Z` and `.12Z` are one."""
    if isinstance(quad.object, Literal):
        quad = _respelt([quad])[0]
    return dumps([quad], NQUADS).decode().strip()


def _respelt(quads: Iterable[Quad]) -> list[Quad]:
    store = ox.Store()
    store.extend(quads)
    return [*store]
