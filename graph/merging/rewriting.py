"""A stated change turned, quad by quad, into one of what is shown."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from graph.bundle import Graphs
from graph.merging.records import Records
from graph.merging.standing import Standing
from graph.overlay import Layer, Overlay
from graph.store import Store
from graph.vocab import DCTERMS

REPLACED = DCTERMS.isReplacedBy
"""What leads from one that is gone to the one that stands for it."""


class Rewriting:
    """The change while it is worked out; each step sees those before it.

    Shape: `layer` is what the store has to take in.
    """

    def __init__(self, store: Store, graphs: Graphs, standing: Standing) -> None:
        self.layer = Layer()
        self._graphs = graphs
        self._view = Overlay(store, [self.layer])
        self._records = Records(self._view, graphs, standing)

    def take(self, change: Layer) -> None:
        """Take in a change as it is stated."""
        concerns = self._records.standing.members_in
        merged = {quad for quad in change.removed | change.added if concerns(quad)}
        self.layer.apply(change.added - merged, change.removed - merged)
        for quad in merged & change.removed:
            self._remove(quad)
        for quad in merged & change.added:
            self._add(quad)

    def turn(self, after: Standing) -> set[NamedNode]:
        """Have others stand for others; gives those who move, and who stands for them."""
        before = self._records.standing
        gone = before.kept.keys() | after.kept.keys()
        moved = {each for each in gone if before.kept.get(each) != after.kept.get(each)}
        told = {quad for each in moved for quad in self._about(each)}
        for quad in told:
            self._remove(quad)
        self._records = Records(self._view, self._graphs, after)
        for each in moved:
            self.layer.apply(self._leading(each, after), self._leading(each, before))
        for quad in told:
            self._add(quad)
        ends = (standing.kept.get(each) for each in moved for standing in (before, after))
        return moved | {each for each in ends if each is not None}

    def _about(self, node: NamedNode) -> Iterator[Quad]:
        """The stated quads about one that moves."""
        records = self._records
        if node in records.standing.kept:
            yield from records.of(node)
            return
        for quad in (*self._view.find(node), *self._view.find(value=node)):
            if records.standing.reaches(quad):
                yield from records.behind(quad)
                if records.is_stated(quad):
                    yield quad

    def _leading(self, gone: NamedNode, standing: Standing) -> list[Quad]:
        kept = standing.kept.get(gone)
        return [Quad(gone, REPLACED, kept, self._graphs.merged)] if kept else []

    def _remove(self, quad: Quad) -> None:
        """Take away a stated quad, and what it is shown as unless more is behind that."""
        records, shown = self._records, self._records.standing.shown(quad)
        if shown == quad and not records.holds(quad):
            if not any(records.behind(quad)):
                self.layer.apply(removed=[quad])
            return
        self.layer.apply(removed=records.entries(quad))
        if any(records.behind(shown)):
            return
        own = records.entries(shown)
        if shown != quad and any(self._view.find(*own[0])):  # stated alone: it needs no record
            self.layer.apply(removed=own)
        elif shown != quad:
            self.layer.apply(removed=[shown])

    def _add(self, quad: Quad) -> None:
        """Bring a stated quad, shown as it has to be."""
        records, shown = self._records, self._records.standing.shown(quad)
        others = any(records.behind(shown))
        if shown == quad:
            self.layer.apply(records.entries(quad) if others else [quad])
            return
        if not others and any(self._view.find(*shown)):
            self.layer.apply(records.entries(shown))
        self.layer.apply([shown, *records.entries(quad)])
