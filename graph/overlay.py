"""Writes that are checked but not yet in the store, seen as if they were.

A group of writes is committed together, and a request of several bundles is
checked together: what comes later has to see what came before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

from graph.store import Pattern, Readable, Term

_TELLING = (0, 2, 3)
"""The places in a quad by which it is looked up: subject, object, graph."""


class Layer:
    """Quads to be added and removed, in front of what is below.

    A quad added after it was removed is there, and the other way round.
    """

    def __init__(self) -> None:
        self.added: set[Quad] = set()
        self.removed: set[Quad] = set()
        self._indexes: dict[int, dict[object, set[Quad]]] = {}

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def apply(self, added: Iterable[Quad] = (), removed: Iterable[Quad] = ()) -> None:
        """Remove, then add."""
        leaving, coming = set(removed), set(added)
        self.added -= leaving
        self.removed |= leaving
        self.removed -= coming
        for place, index in self._indexes.items():
            _list(index, place, coming)
        self.added |= coming

    def matching(self, pattern: Pattern) -> Iterator[Quad]:
        """The added quads that fit."""
        if not self.added:
            return
        subject, predicate, value, graph = pattern
        if subject and predicate and value and graph:
            if (whole := Quad(subject, predicate, value, graph)) in self.added:
                yield whole
            return
        for quad in [*self._candidates(pattern)]:
            if (
                quad in self.added
                and (subject is None or quad.subject == subject)
                and (predicate is None or quad.predicate == predicate)
                and (value is None or quad.object == value)
                and (graph is None or quad.graph_name == graph)
            ):
                yield quad

    def _candidates(self, pattern: Pattern) -> Iterable[Quad]:
        """Quads that share the pattern's most telling term, from an index made when needed."""
        for place in _TELLING:
            if pattern[place] is not None:
                if place not in self._indexes:
                    self._indexes[place] = defaultdict(set)
                    _list(self._indexes[place], place, self.added)
                return self._indexes[place].get(pattern[place], ())
        return self.added


def _list(index: dict[object, set[Quad]], place: int, quads: Iterable[Quad]) -> None:
    for quad in quads:
        index[quad[place]].add(quad)


class Overlay:
    """A store with layers of pending writes in front of it, the latest last."""

    def __init__(self, store: Readable, layers: list[Layer]) -> None:
        self._store = store
        self._layers = layers

    def without(self, layer: Layer) -> Overlay:
        """The same view as it is without one of its layers."""
        return Overlay(self._store, [each for each in self._layers if each is not layer])

    def find(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """The quads that fit, each once, as they are met.

        What asks only whether there is another one does not pay for all.
        """
        pattern = (subject, predicate, value, graph)
        layers = [*self._layers]  # taken first: the store may take one over meanwhile
        below: Iterator[Quad] = self._store.find(*pattern)
        for layer in layers:
            if layer:
                below = _through(layer, below, pattern)
        return below

    def match(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> list[Quad]:
        """The quads that fit."""
        return list(self.find(subject, predicate, value, graph))


def _through(layer: Layer, below: Iterator[Quad], pattern: Pattern) -> Iterator[Quad]:
    for quad in below:
        if quad not in layer.removed and quad not in layer.added:
            yield quad
    yield from layer.matching(pattern)
