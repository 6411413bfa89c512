"""Writes that are checked but not yet in the store, seen as if they were.

A group of writes is committed together, and a request of several bundles is
checked together: what comes later has to see what came before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from graph.store import Pattern, Store, Term


class Layer:
    """Quads to be added and removed, in front of what is below.

    A quad added after it was removed is there, and the other way round.
    """

    def __init__(self) -> None:
        self.added: set[Quad] = set()
        self.removed: set[Quad] = set()
        self._index: dict[object, set[Quad]] = defaultdict(set)
        self._unindexed: list[Quad] = []

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def apply(self, added: Iterable[Quad] = (), removed: Iterable[Quad] = ()) -> None:
        """Remove, then add."""
        leaving, coming = set(removed), set(added)
        self.added -= leaving
        self.removed |= leaving
        self.removed -= coming
        self._unindexed.extend(coming - self.added)
        self.added |= coming

    def matching(self, pattern: Pattern) -> Iterator[Quad]:
        """The added quads that fit."""
        if not self.added:
            return
        subject, predicate, value, graph = pattern
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
        """Quads that share the pattern's most telling term; indexed when first asked."""
        subject, _, value, graph = pattern
        key = subject or value or graph
        if key is None:
            return self.added
        for quad in self._unindexed:
            self._index[quad.subject].add(quad)
            self._index[quad.object].add(quad)
            self._index[quad.graph_name].add(quad)
        self._unindexed.clear()
        return self._index.get(key, ())


class Overlay:
    """A store with layers of pending writes in front of it, the latest last."""

    def __init__(self, store: Store, layers: list[Layer]) -> None:
        self._store = store
        self._layers = layers

    def find(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """The quads that fit, each once, as they are met.

        What asks only whether there is another one does not pay for all.
        """
        pattern = (subject, predicate, value, graph)
        below: Iterator[Quad] = self._store.find(*pattern)
        for layer in self._layers:
            if layer:
                below = _through(layer, below, pattern)
        return below

    def match(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | None = None,
    ) -> list[Quad]:
        """The quads that fit."""
        return list(self.find(subject, predicate, value, graph))


def _through(layer: Layer, below: Iterator[Quad], pattern: Pattern) -> Iterator[Quad]:
    for quad in below:
        if quad not in layer.removed and quad not in layer.added:
            yield quad
    yield from layer.matching(pattern)
