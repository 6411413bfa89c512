"""Writes that are committed together."""

from __future__ import annotations

from pyoxigraph import Quad

from graph.journal import Write
from graph.merging import Merger
from graph.overlay import Layer
from graph.relating import Relator
from graph.store import Store


class Group:
    """Writes that are committed together.

    Shape: `loads` holds the N-Quads of writes that were prepared elsewhere; the
        layer knows of these what later checks may ask for, and `loaded` which
        of its quads come with them.
    """

    def __init__(self) -> None:
        self.layer = Layer()
        self.writes: list[Write] = []
        self.loads: list[bytes] = []
        self.loaded: set[Quad] = set()
        self.done = False
        self.fault: Exception | None = None

    def store_in(self, store: Store, merger: Merger, relator: Relator) -> None:
        """Bring the store what the writes change, and what follows from it; twice is as
        good as once.

        Raises: StoreFault; a load may then be there in part.
        """
        shown = merger.shown(self.layer, b"".join(self.loads), self.loaded)
        relator.before(shown.layer, shown.moved)
        if shown.load:
            store.load(shown.load)
        store.transact(shown.layer.added, shown.layer.removed)
        merger.settle(shown)
        if not self.loads:
            relator.after(shown.layer)
