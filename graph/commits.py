"""Group commit: several checked writes become durable with one sync.

A writer enlists its write, lets go of the lock, and settles: the first to come
commits all that wait, the others find it done. Meanwhile the next writes are
already being checked, against a view that holds the pending ones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext

from pyoxigraph import Literal, NamedNode, Quad

from graph.errors import StoreFault
from graph.journal import HalfDone, Journal, Write
from graph.overlay import Layer, Overlay
from graph.store import Store
from graph.vocab import ASC

_MANY = 1000
"""As many numbers of past writes are left in the store before they are swept out."""


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


class Commits:
    """The pending writes of one store, and the one road from there to the disk."""

    def __init__(self, store: Store, catalog: NamedNode, journal: Journal | None) -> None:
        self._store = store
        self._journal = journal
        self._catalog = catalog
        self._checking = threading.RLock()
        self._committing = threading.RLock()  # always taken before the other
        self._open = Group()
        self._layers = [self._open.layer]
        self._issued: int | None = None
        self._revision: int | None = None
        self._stopped: HalfDone | None = None
        self.view = Overlay(store, self._layers)
        """The store as it will be when all that is pending is through."""

    @contextmanager
    def trial(self) -> Iterator[Layer]:
        """Hold the lock, with a layer for changes that may still be refused.

        Shape: the view shows the layer until the block ends; `enlist` takes it
            over.
        """
        with self._checking:
            layer = Layer()
            self._layers.append(layer)
            try:
                yield layer
            finally:
                self._layers.remove(layer)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold every lock with nothing pending: what is read stays true until the end."""
        with self._committing, self._checking:
            self.flush()
            yield

    def enlist(self, writes: Iterable[Write], layer: Layer) -> Group:
        """Put checked writes into the open group; call within `trial`."""
        group = self._open
        group.writes.extend(writes)
        group.layer.apply(layer.added, layer.removed)
        self._issued = group.writes[-1].revision
        return group

    def enlist_load(self, write: Write, payload: bytes, known: Iterable[Quad]) -> Group:
        """Put a write that only adds, and whose N-Quads are made, into the open group.

        Shape: `payload` is what the write brings but its number, which comes
            after, so that a load cut short is seen; `known` are those of its
            quads that later checks may ask for.
        """
        group = self._open
        known = set(known)
        group.loads.append(payload)
        group.loaded |= known
        number = Quad(self._catalog, ASC.revision, Literal(write.revision), self._catalog)
        brought = Layer()
        brought.apply((*known, number))
        return self.enlist((write,), brought)

    def settle(self, group: Group) -> None:
        """See a group onto the disk, by whichever thread comes first.

        Raises: StoreFault, with nothing of the group stored.
        """
        with self._committing:
            if group.writes and not group.done:
                self._commit(group)
        if group.fault is not None:
            raise group.fault

    def flush(self) -> None:
        """See all that is pending onto the disk."""
        with self._committing:
            self.settle(self._open)

    def next_revision(self) -> int:
        """The number of the next write, pending ones counted."""
        if self._issued is None:
            self._issued = self.revision()
        return self._issued + 1

    def revision(self) -> int:
        """How many writes have changed the stored dataset.

        Each write adds its number and takes none away: without a removal a
        write is one `extend`, three times as fast as an Update.
        """
        if self._revision is None:
            self._revision = max(map(_number, self._numbers()), default=0)
        return self._revision

    def catch_up(self) -> int:
        """Apply the logged writes that the store lacks; gives how many there were.

        They were acknowledged, or about to be, when the process or the power
        went away.
        """
        numbers = sorted(self._numbers(), key=_number)
        if len(numbers) > _MANY:
            self._store.transact(remove=numbers[:-1])
        missing = 0
        for write in self._journal.writes(after=self.revision()) if self._journal else ():
            self._store.transact(write.added, write.removed)
            self._revision = write.revision
            missing += 1
        return missing

    def _numbers(self) -> list[Quad]:
        return self._store.match(self._catalog, ASC.revision, None, self._catalog)

    def _commit(self, group: Group) -> None:
        with self._checking:
            following = Group()
            self._open = following
            self._layers.append(following.layer)
        fault: Exception | None = None
        try:
            self._write(group)
        except Exception as error:
            fault = error
        except BaseException:  # Ctrl-C: what is logged is finished first
            self._revision = None
            self.catch_up()
            raise
        finally:
            with self._checking:
                self._drop(group, fault)
                if fault is not None:  # what was checked against it cannot stand either
                    self._drop(self._open, fault)
                    self._open = Group()
                    self._layers.append(self._open.layer)
                    self._issued = None

    def _write(self, group: Group) -> None:
        if self._stopped is not None:
            raise self._stopped
        layer = group.layer
        with self._journal.entries(group.writes) if self._journal else nullcontext():
            if group.loads:
                self._load(group)
            self._store.transact(layer.added - group.loaded, layer.removed)
        self._revision = group.writes[-1].revision

    def _load(self, group: Group) -> None:
        """Load what a group brings; one that stops part of the way stays logged."""
        try:
            self._store.load(b"".join(group.loads))
        except StoreFault as fault:
            self._stopped = HalfDone(
                f"{fault} It is logged whole: make room and open the dataset again to "
                "have the rest applied."
            )
            raise self._stopped from None

    def _drop(self, group: Group, fault: Exception | None) -> None:
        group.fault, group.done = fault, True
        self._layers.remove(group.layer)


def _number(quad: Quad) -> int:
    return int(quad.object.value)  # type: ignore[union-attr]
