"""SPARQL Update and graph writes: worked out first, then through the one gate.

Between working out and writing nothing else is written, so that what a request
read still holds when it writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol
from uuid import uuid4

from pyoxigraph import DefaultGraph, NamedNode, Quad

from graph.bundle import Graphs, digest_of_quads
from graph.conditions import Match, require
from graph.errors import BadInput, NotFound
from graph.formats import NQUADS, dumps
from graph.ingest import Receipt, Writer
from graph.merging import Merger
from graph.overlay import Overlay
from graph.placing import placed
from graph.reading import Reader
from graph.store import Dumpable, Store
from graph.updating import Effect, Scope, Update, WorkOut, effect_of

GraphName = NamedNode | DefaultGraph


class Gate(Protocol):
    """What decides whether a change of quads is kept."""

    union: bool
    """Whether the default graph is the union of all graphs."""

    def alone(self) -> AbstractContextManager[object]:
        """Keep all others from writing until the end."""

    def stated(self) -> AbstractContextManager[Store]:
        """A store in which nothing is merged, to work a change out in."""

    def keep(self, effect: Effect, by: str) -> list[Receipt]:
        """Keep a change whole, or raise with nothing stored; one receipt for each
        bundle, or each graph, that it touches."""

    def new_graph(self) -> GraphName:
        """Where triples go that are sent without a graph."""


class Changer:
    """Changes what is stored by what is said about its quads."""

    def __init__(self, store: Dumpable, reader: Reader, gate: Gate) -> None:
        self._stated = store
        self._reader = reader
        self.gate = gate

    def update(
        self,
        request: str,
        scope: Scope = Scope(),  # noqa: B008
        *,
        graph: GraphName = DefaultGraph(),  # noqa: B008
        if_match: Match = None,
        by: str = "",
        work_out: WorkOut = effect_of,
    ) -> list[Receipt]:
        """Run a SPARQL Update request: all its operations, or none.

        Shape: what comes is held to the limits of a file; `work_out` finds what that
            would be, in this process unless it is told otherwise.
        Raises: PreconditionFailed if `if_match` is not the digest of `graph`; as
            `effect_of` and the gate, with nothing stored.
        """
        with self.gate.alone():
            if if_match is not None:
                self._held(graph, if_match)
            with self.gate.stated() as store:
                base = self._reader.settings.base
                effect = work_out(store, Update(request, scope, self.gate.union, base))
            self._reader.read_quads(dumps(effect.added, NQUADS), NQUADS, "the update")
            return self.gate.keep(effect, by)

    def put(
        self,
        graph: GraphName | None,
        quads: Iterable[Quad],
        *,
        merge: bool = False,
        if_match: Match = None,
        by: str = "",
    ) -> list[Receipt]:
        """Have a graph hold these triples and no others, or these as well.

        Shape: without a graph the gate names one.
        Raises: PreconditionFailed if `if_match` is not the graph's digest; BadInput
            for a union that would be replaced; and as the gate.
        """
        graph = graph or self.gate.new_graph()
        new = {Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads}
        with self.gate.alone():
            old = self._held(graph, if_match, "replaced" if not merge else "")
            removed = frozenset() if merge else frozenset(old - new)
            return self.gate.keep(Effect(frozenset(new - old), removed, _named(graph)), by)

    def drop(self, graph: GraphName, *, if_match: Match = None, by: str = "") -> list[Receipt]:
        """Take away all that a graph holds.

        Raises: NotFound if it holds nothing; and as `put`.
        """
        with self.gate.alone():
            old = self._held(graph, if_match, "deleted")
            if not old and isinstance(graph, NamedNode):
                raise NotFound(f"There is no graph <{graph.value}>.")
            return self.gate.keep(Effect(removed=frozenset(old), named=_named(graph)), by)

    def _held(self, graph: GraphName, if_match: Match, done: str = "") -> set[Quad]:
        """What a graph holds, if that is what the client has seen, and can be `done`."""
        if done and self.gate.union and not isinstance(graph, NamedNode):
            raise BadInput(
                f"The default graph is the union of all graphs and cannot be {done}: name a graph."
            )
        held = set(self._stated.match(graph=graph))
        if if_match is not None:
            require(if_match, str(graph), digest_of_quads(held) if held else None)
        return held


class BundleGate:
    """The gate of a dataset: a change is one of bundles, which are checked."""

    union = True

    def __init__(self, writer: Writer, store: Store, graphs: Graphs) -> None:
        self._writer = writer
        self._store = store
        self._graphs = graphs

    def alone(self) -> AbstractContextManager[None]:
        """Keep all others from writing until the end."""
        return self._writer.alone()

    @contextmanager
    def stated(self) -> Iterator[Store]:
        """The store, or a copy of it in which what is merged is apart."""
        if not self._writer.commits.merged:
            yield self._store
            return
        with self._store.scratch() as copy:
            Merger(copy, self._graphs).part_all()
            yield copy

    def keep(self, effect: Effect, by: str) -> list[Receipt]:
        """Write the bundles as they would stand.

        Raises: as `placed` and `Writer.write`.
        """
        change = placed(Overlay(self._writer.commits.stated, []), self._graphs, effect)
        return self._writer.write(change.bundles, change.retract, by=by)

    def new_graph(self) -> DefaultGraph:
        """None in particular: triples go to the bundles that they belong to."""
        return DefaultGraph()


class NoGate:
    """Nothing is checked: for suites and experiments, on a store of their own."""

    union = False

    def __init__(self, store: Store, base: str) -> None:
        self._store = store
        self._base = base
        self._lock = threading.RLock()
        self.revision = time.time_ns() // 1_000_000
        """Goes up with each change, over restarts as well."""

    def alone(self) -> AbstractContextManager[object]:
        """Keep all others from writing until the end."""
        return self._lock

    def stated(self) -> AbstractContextManager[Store]:
        """The store: nothing is merged in it."""
        return nullcontext(self._store)

    def keep(self, effect: Effect, by: str) -> list[Receipt]:
        """Store a change as it is."""
        names = {quad.graph_name for quad in effect.added | effect.removed}
        graphs = sorted((name for name in names if isinstance(name, NamedNode)), key=str)
        before = {graph for graph in graphs if any(self._store.find(graph=graph))}
        self._store.transact(effect.added, effect.removed)
        self.revision += 1
        after = {graph for graph in graphs if any(self._store.find(graph=graph))}
        states = {(False, True): "added", (True, True): "replaced", (True, False): "retracted"}
        return [
            Receipt(graph.value, states[graph in before, graph in after], "", 0) for graph in graphs
        ]

    def new_graph(self) -> NamedNode:
        """A graph of its own."""
        return NamedNode(f"{self._base}graph/{uuid4()}")


def _named(graph: GraphName) -> frozenset[NamedNode]:
    return frozenset({graph} if isinstance(graph, NamedNode) else ())
