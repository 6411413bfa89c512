"""Writes that are committed together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from pyoxigraph import Literal, NamedNode, Quad

from graph.facts import Subject
from graph.formats import NQUADS, dumps
from graph.journal import Write
from graph.merging import Merger
from graph.overlay import Layer
from graph.relating import Relator
from graph.store import Store
from graph.vocab import ASC

FIRST_STEP_BYTES = 64_000_000
"""As much N-Quads of bulk loads waits until the store takes it in one step, 250,000 quads."""

_LARGEST_STEP_BYTES = 96_000_000
"""As much after a while: fewer steps leave the store less to merge. Twice as much may wait,
in memory."""

_CAUGHT_UP_BYTES = 24_000_000
"""As much N-Quads of the log is given to a store that lacks it in one step, quads and all
in memory."""

WORTH_LOADING = 1_000_000
"""As many bytes: a load makes files of its own, 170 ms for 70 KB where a transaction takes 10."""

_GROUPS_BEHIND = 16
"""As many groups may wait for the store; each is one more layer to look through."""

_QUADS_BEHIND = 100_000
"""As many quads may wait for the store, in memory."""


class Group:
    """Writes that are committed together.

    Shape: `loads` holds the N-Quads of writes that were prepared elsewhere, of
        `load_bytes` together; the layer knows of these what later checks may ask for,
        `loaded` which of its quads come with them, `first_said` which things the
        store says nothing about. The store is about to have what is `taken`; `first`
        and `last` are the numbers of its writes.
    """

    def __init__(self) -> None:
        self.layer = Layer()
        self.writes: list[Write] = []
        self.loads: list[bytes] = []
        self.load_bytes = 0
        self.loaded: set[Quad] = set()
        self.first_said: set[Subject] = set()
        self.first = self.last = 0
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
        self.first_said |= later.first_said
        return True

    def take_up(self, write: Write) -> None:
        """Have the store take a logged write in the same step."""
        self.layer.apply(write.added, write.removed)
        self.writes.append(write)
        self.load_bytes += len(write.coming)

    def load_if_worth(self, merger: Merger, catalog: NamedNode) -> None:
        """Have what was taken up loaded, its numbers after it, unless that is slower or
        another comes to stand for somebody."""
        if self.load_bytes >= WORTH_LOADING and not merger.is_moved_by(self.layer):
            named = (Literal(write.revision) for write in self.writes)
            numbers = {Quad(catalog, ASC.revision, each, catalog) for each in named}
            last = {*dumps(numbers, NQUADS).splitlines(keepends=True)}
            lines = b"".join(write.coming for write in self.writes).splitlines(keepends=True)
            self.loads = [b"".join(line for line in lines if line not in last)]
            self.loaded = self.layer.added - numbers

    def store_in(self, store: Store, merger: Merger, relator: Relator) -> None:
        """Bring the store what the writes change; twice is as good as once.

        Shape: the relations that follow from it are for the relator to find afterwards.

        Raises: StoreFault; a load may then be there in part.
        """
        if self.loads:
            self.loads = [b"".join(self.loads)]
        shown = merger.shown(self.layer, b"".join(self.loads), self.loaded)
        told = Layer()
        told.apply(shown.layer.added | self.loaded, shown.layer.removed)
        relator.before(told, shown.moved, self.first_said)
        if shown.load:
            store.load(shown.load)
        store.transact(shown.layer.added, shown.layer.removed)
        merger.settle(shown)


def bring(
    groups: Sequence[Group],
    store: Store,
    merger: Merger,
    relator: Relator,
    checking: AbstractContextManager[object],
) -> None:
    """Bring the store some groups, and what follows from them: once for all, if it can wait.

    Shape: nothing is checked while others come to stand for others.
    """
    numbers: list[int] = []
    for group in groups:
        with checking if merger.is_moved_by(group.layer) else nullcontext():
            group.store_in(store, merger, relator)
        if not group.loads:
            numbers += range(group.first, group.last + 1)
        if relator.is_pressed or group is groups[-1]:
            relator.after(numbers)
            numbers.clear()


def groups_of(writes: Iterable[Write]) -> Iterator[Group]:
    """Logged writes as a store takes them that lacks them: what takes away goes alone.

    To sum it up with others would need the store's own view of when two literals are
    one (`.120Z` and `.12Z`).
    """
    group = Group()
    for write in writes:
        alone = write.leaving or (group.writes and group.writes[-1].leaving)
        if group.writes and (alone or group.load_bytes >= _CAUGHT_UP_BYTES):
            yield group
            group = Group()
        group.take_up(write)
    if group.writes:
        yield group


class Backlog:
    """The groups that are logged and not yet in the store, oldest first."""

    def __init__(self) -> None:
        self._groups: deque[Group] = deque()
        self._loaded_bytes = 0

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def oldest(self) -> Group | None:
        """The group that is to be stored next."""
        return next(iter([*self._groups]), None)

    def until(self, last: Group) -> list[Group]:
        """The groups that wait, up to one; none if that one is stored already."""
        groups = [*self._groups]
        return groups[: groups.index(last) + 1] if last in groups else []

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

    @property
    def step_bytes(self) -> int:
        """How much of a load the store takes at once: more, the more it has taken already."""
        return min(max(FIRST_STEP_BYTES, self._loaded_bytes // 2), _LARGEST_STEP_BYTES)

    def stored(self) -> None:
        """Let the oldest go."""
        self._loaded_bytes += self._groups.popleft().load_bytes

    def is_long(self) -> bool:
        """Whether writers have to wait."""
        groups = [*self._groups]
        layers = [group.layer for group in groups if not group.loads]
        quads = sum(len(layer.added) + len(layer.removed) for layer in layers)
        loads = sum(group.load_bytes for group in groups)
        return (
            len(groups) >= _GROUPS_BEHIND or quads > _QUADS_BEHIND or loads >= 2 * self.step_bytes
        )
