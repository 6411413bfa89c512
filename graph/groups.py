"""Writes that are committed together."""

from __future__ import annotations

from collections import deque

from pyoxigraph import Quad

from graph.journal import Write
from graph.merging import Merger
from graph.overlay import Layer
from graph.relating import Relator
from graph.store import Store

STEP_BYTES = 128_000_000
"""As much N-Quads of bulk loads waits until the store takes it in one step, about half a
million quads; twice as much may wait, in memory."""

_GROUPS_BEHIND = 16
"""As many groups may wait for the store; each is one more layer to look through."""

_QUADS_BEHIND = 100_000
"""As many quads may wait for the store, in memory."""


class Group:
    """Writes that are committed together.

    Shape: `loads` holds the N-Quads of writes that were prepared elsewhere, of
        `load_bytes` together; the layer knows of these what later checks may ask for,
        and `loaded` which of its quads come with them. The store is about to have
        what is `taken`; `first` is the number of the first write.
    """

    def __init__(self) -> None:
        self.layer = Layer()
        self.writes: list[Write] = []
        self.loads: list[bytes] = []
        self.load_bytes = 0
        self.loaded: set[Quad] = set()
        self.first = 0
        self.done = False
        self.taken = False
        self.fault: Exception | None = None

    def join(self, later: Group) -> bool:
        """Have the store take a later group in the same step, if both are loads that wait.

        Each load has the store tidy up all there is, so fewer are cheaper.
        """
        if self.taken or not (self.loads and later.loads):
            return False
        self.layer.apply(later.layer.added, later.layer.removed)
        self.loads += later.loads
        self.load_bytes += later.load_bytes
        self.loaded |= later.loaded
        return True

    def store_in(self, store: Store, merger: Merger, relator: Relator) -> None:
        """Bring the store what the writes change, and what follows from it; twice is as
        good as once.

        Raises: StoreFault; a load may then be there in part.
        """
        if self.loads:
            self.loads = [b"".join(self.loads)]
        shown = merger.shown(self.layer, b"".join(self.loads), self.loaded)
        relator.before(shown.layer, shown.moved)
        if shown.load:
            store.load(shown.load)
        store.transact(shown.layer.added, shown.layer.removed)
        merger.settle(shown)
        if not self.loads:
            relator.after(shown.layer)


class Backlog:
    """The groups that are logged and not yet in the store, oldest first."""

    def __init__(self) -> None:
        self._groups: deque[Group] = deque()

    def __len__(self) -> int:
        return len(self._groups)

    def __contains__(self, group: Group) -> bool:
        return group in self._groups

    @property
    def oldest(self) -> Group | None:
        """The group that is to be stored next."""
        return next(iter([*self._groups]), None)

    @property
    def latest(self) -> Group | None:
        """The group that is to be stored last."""
        return next(iter([*self._groups][-1:]), None)

    def add(self, group: Group) -> Group:
        """Put a group behind those that wait; gives the one that it is part of now."""
        latest = self.latest
        if latest is not None and latest.join(group):
            return latest
        self._groups.append(group)
        return group

    def stored(self) -> None:
        """Let the oldest go."""
        self._groups.popleft()

    def is_long(self) -> bool:
        """Whether writers have to wait."""
        groups = [*self._groups]
        layers = [group.layer for group in groups if not group.loads]
        quads = sum(len(layer.added) + len(layer.removed) for layer in layers)
        loads = sum(group.load_bytes for group in groups)
        return len(groups) >= _GROUPS_BEHIND or quads > _QUADS_BEHIND or loads >= 2 * STEP_BYTES
