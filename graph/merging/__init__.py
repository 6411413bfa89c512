"""Two that are one: merged where the store is read, and told apart in what is stated.

A confirmed identity assessment has one thing stand for another. In every graph the
store then shows what is stated of either as said of the one, so that each query, page
and count follows without knowing. What was stated is in the log and, quad by quad, in
the records of `graph/merged`: what checks and exports reads it there, and parting the
two restores it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from graph.bundle import Graphs
from graph.merging.rewriting import REPLACED, Rewriting
from graph.merging.standing import Pair, Standing, confirmed, standing
from graph.merging.stated import Stated
from graph.overlay import Layer, Overlay
from graph.store import Store
from graph.vocab import RDF


@dataclass(slots=True)
class Shown:
    """What a change amounts to where the store is read.

    Shape: `load` is what of a load is shown as it is stated; `moves` tells whether
        judgements changed, or what they are about; `moved` are those for whom another
        stands now, or no longer, and who stands for them.
    """

    layer: Layer
    load: bytes = b""
    moves: bool = False
    moved: set[NamedNode] = field(default_factory=set)


class Merger:
    """Keeps a store showing as one what people confirmed to be one."""

    def __init__(self, store: Store, graphs: Graphs) -> None:
        self._store = store
        self._graphs = graphs
        self._standing: Standing | None = None
        self._pairs: list[Pair] | None = None
        self.stated = Stated(store, graphs, lambda: self.standing)
        """The store as it was stated."""

    @property
    def standing(self) -> Standing:
        """Who stands for whom in the store as it is."""
        if self._standing is None:
            found = self._store.find(None, REPLACED, None, self._graphs.merged)
            kept = {quad.subject: quad.object for quad in found}
            self._standing = Standing(self._graphs, kept)  # type: ignore[arg-type]
        return self._standing

    def is_moved_by(self, layer: Layer) -> bool:
        """Whether a change may have another stand for somebody."""
        judgements, pairs = self._graphs.judgements, self._confirmed()
        ends = (end for pair in pairs if pair.gone for end in (pair.kept, pair.gone))
        named = set(map(NamedNode, ends))
        told = {NamedNode(pair.assessment) for pair in pairs}
        for quads in (layer.added, layer.removed):
            for quad in quads:
                if quad.graph_name == judgements:
                    return True
                if told and (quad.subject in told or _types(quad, named)):
                    return True
        return False

    def shown(self, layer: Layer, load: bytes = b"", loaded: Iterable[Quad] = ()) -> Shown:
        """A stated change as one of what the store shows.

        Shape: `load` is stated too, as N-Quads; the layer repeats `loaded` of it.
        """
        moves = self.is_moved_by(layer)
        if not moves and not self.standing:
            repeated = Layer()
            repeated.apply(layer.added.difference(loaded), layer.removed)
            return Shown(repeated if load else layer, load)
        plain, merged = self._sorted(load)
        change = Layer()
        change.apply(layer.added.difference(loaded) | merged, layer.removed)
        rewriting = Rewriting(self._store, self._graphs, self.standing)
        rewriting.take(change)
        moved = rewriting.turn(self._after(layer)) if moves else set()
        return Shown(rewriting.layer, plain, moves, moved)

    def settle(self, shown: Shown) -> None:
        """Go on from what the store shows, once a change is in it."""
        if shown.moves:
            self._standing = self._pairs = None

    def all(self) -> None:
        """Have a store that shows all as it is stated show what it has to."""
        self._turn(self._after(Layer()))

    def part_all(self) -> None:
        """Have a store show all as it is stated, whatever is confirmed."""
        self._turn(Standing(self._graphs, {}))

    def _turn(self, after: Standing) -> None:
        rewriting = Rewriting(self._store, self._graphs, self.standing)
        rewriting.turn(after)
        self._store.transact(rewriting.layer.added, rewriting.layer.removed)
        self._standing = None

    def _confirmed(self) -> list[Pair]:
        """What is confirmed, whether or not both are described now."""
        if self._pairs is None:
            self._pairs = confirmed(self.stated, self._graphs)
        return self._pairs

    def _after(self, change: Layer) -> Standing:
        """Who stands for whom once a stated change is made."""
        view, entities = Overlay(self.stated, [change]), self._graphs.entities
        kept = standing(
            confirmed(view, self._graphs),
            lambda node: any(view.find(node, RDF.type, None, entities)),
        )
        return Standing(self._graphs, kept)

    def _sorted(self, load: bytes) -> tuple[bytes, set[Quad]]:
        """The lines of a load that are shown as they are, and the other quads."""
        names = [each for both in self.standing.kept.items() for each in both]
        if not names or not load:
            return load, set()
        concerned = re.compile(b"|".join(re.escape(str(each).encode()) for each in {*names}))
        plain: list[bytes] = []
        merged: list[bytes] = []
        for line in load.splitlines(keepends=True):
            (merged if concerned.search(line) else plain).append(line)
        return b"".join(plain), {*parse(b"".join(merged), RdfFormat.N_QUADS)}


def _types(quad: Quad, named: set[NamedNode]) -> bool:
    return quad.predicate == RDF.type and quad.subject in named
