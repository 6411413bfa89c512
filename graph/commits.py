"""Group commit: several checked writes become durable with one sync.

A writer enlists its write, lets go of the lock, and settles: the first to come
logs all that wait, the others find it done. What is logged is durable, so the
writer goes on; a thread brings the store after it, oldest first. The next
writes are checked meanwhile, against a view that holds what the store lacks,
and whoever reads the store waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import takewhile

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Graphs
from graph.errors import StoreFault
from graph.facts import Subject
from graph.groups import Backlog, Group, bring, groups_of
from graph.journal import Journal, Write
from graph.merging import Merger
from graph.merging.standing import Standing
from graph.merging.stated import Stated
from graph.overlay import Layer, Overlay
from graph.relating import Relator
from graph.store import Store
from graph.vocab import ASC

_MANY = 1000
"""As many numbers of past writes are left in the store before they are swept out."""

_AT_ONCE = 50
"""As many writes that took nothing away are taken back in one step."""


class Commits:
    """The pending writes of one store, and the one road from there to the disk."""

    def __init__(self, store: Store, graphs: Graphs, journal: Journal | None) -> None:
        self._store = store
        self._journal = journal
        self._catalog = graphs.catalog
        self._merger = Merger(store, graphs)
        self._relator = Relator(store, graphs)
        self._parts = store, self._merger, self._relator
        self.on_stored: Callable[[], object] = lambda: None  # told when the store took a group
        # Taken in this order, each where it is needed.
        self._committing = threading.RLock()
        self._storing = threading.RLock()
        self._checking = threading.RLock()
        self._open = Group()
        self._held = threading.local()  # the groups that a thread has yet to settle
        self._layers = [self._open.layer]
        self._behind = Backlog()
        self._refused = False
        self.steps = 0  # how many times the store took in what was logged
        self._follower = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._issued: int | None = None
        self._revision: int | None = None
        self.view = Overlay(self._merger.stated, self._layers)
        """What is stated, as it will be when all that is pending is through."""

    @property
    def store(self) -> Store:
        """The store, with all in it that was acknowledged before.

        Raises: StoreFault if the store refuses what is logged.
        """
        self.follow()
        return self._store

    @property
    def stated(self) -> Stated:
        """What is stated of all that was acknowledged before: nothing is merged in it.

        Raises: StoreFault if the store refuses what is logged.
        """
        self.follow()
        return self._merger.stated

    @property
    def merged(self) -> Standing:
        """Who stands for whom, with all that was acknowledged before.

        Raises: StoreFault if the store refuses what is logged.
        """
        self.follow()
        return self._merger.standing

    @property
    def lag(self) -> int:
        """How many groups of writes are logged and not yet in the store."""
        return len(self._behind)

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
    def grouped(self) -> Iterator[None]:
        """Have the writes of this thread wait for the disk together, at the end.

        Shape: each is checked as it stands after the one before it; no receipt
            may leave before the block has ended.
        Raises: StoreFault at the end, as `settle`.
        """
        held: list[Group] = []
        self._held.groups = held
        try:
            yield
        finally:
            self._held.groups = None
            for group in dict.fromkeys(held):
                self.settle(group)
            self.flush()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from writing, with nothing pending: what is read stays true until the end.

        Shape: readers go on. What is written within is for those who read afterwards.
        Raises: StoreFault if the store refuses what is logged.
        """
        with self._committing, ExitStack() as held:
            with self._storing:
                held.enter_context(self._checking)
                self.flush()
                self.follow()
            yield

    @contextmanager
    def standing(self) -> Iterator[int]:
        """Hold the store still, with all in it that was acknowledged before; writers go on.

        Shape: gives the number of the last write that is in it.
        Raises: StoreFault if the store refuses what is logged.
        """
        with self._storing:
            self.follow()
            latest = self.revision()  # before the next line: what comes now is behind
            waiting = self._behind.oldest
            yield min(latest, waiting.first - 1) if waiting else latest

    def enlist(self, writes: Iterable[Write], layer: Layer) -> Group:
        """Put checked writes into the open group; call within `trial`."""
        group = self._open
        group.writes.extend(writes)
        group.first = group.writes[0].revision
        group.layer.apply(layer.added, layer.removed)
        self._issued = group.last = group.writes[-1].revision
        return group

    def enlist_load(
        self, write: Write, payload: bytes, known: set[Quad], first_said: set[Subject]
    ) -> Group:
        """Put a write that only adds, and whose N-Quads are made, into the open group.

        Shape: `payload` is what the write brings but its number, which comes
            after, so that a load cut short is seen; `known` are those of its
            quads that later checks may ask for, `first_said` what nothing was
            said about before.
        """
        group = self._open
        group.loads.append(payload)
        group.load_bytes += len(payload)
        group.loaded |= known
        group.first_said |= first_said
        number = Quad(self._catalog, ASC.revision, Literal(write.revision), self._catalog)
        brought = Layer()
        brought.apply((*known, number))
        return self.enlist((write,), brought)

    def settle(self, group: Group) -> None:
        """See a group onto the disk, by whichever thread comes first.

        Raises: StoreFault, with nothing of the group stored.
        """
        held: list[Group] | None = getattr(self._held, "groups", None)
        if held is not None:
            held.append(group)
            return
        with self._committing:
            if group.writes and not group.done:
                self._commit(group)
        if group.fault is not None:
            raise group.fault

    def follow(self, last: Group | None = None) -> None:
        """Have the store take all that was acknowledged before, or that up to a group.

        Raises: StoreFault if the store refuses what is logged.
        """
        if (latest := last or self._behind.latest) is not None:
            with self._storing:
                self._bring_up_to(latest)

    def flush(self) -> None:
        """See all that is pending onto the disk."""
        with self._committing:
            self.settle(self._open)

    def close(self) -> None:
        """Bring the store all that is logged, and end the thread that does so.

        Raises: StoreFault if the store refuses it; the next opening tries again.
        """
        try:
            self.follow()
        finally:
            self._follower.shutdown()

    def next_revision(self) -> int:
        """The number of the next write, pending ones counted."""
        if self._issued is None:
            self._issued = self.revision()
        return self._issued + 1

    def revision(self) -> int:
        """How many writes have changed the dataset.

        Each write adds its number and takes none away: without a removal a
        write is one `extend`, three times as fast as an Update.
        """
        if self._revision is None:
            self._revision = max(map(_number, self._numbers()), default=0)
        return self._revision

    def catch_up(self, until: int | None = None) -> int:
        """Apply the logged writes that the store lacks, up to a revision; gives how many.

        They were acknowledged, or about to be, when the process or the power
        went away.
        """
        numbers = sorted(self._numbers(), key=_number)
        if len(numbers) > _MANY:
            self._store.transact(remove=numbers[:-1])
        missing = 0
        writes = self._journal.writes(after=self.revision()) if self._journal else ()
        wanted = takewhile(lambda each: until is None or each.revision <= until, writes)
        for group in groups_of(wanted):
            group.load_if_worth(self._merger, self._catalog)
            group.store_in(self._store, self._merger, self._relator)
            self._revision = group.writes[-1].revision
            missing += len(group.writes)
        self._relator.catch_up()
        return missing

    def go_back(self, writes: Sequence[Write]) -> None:
        """Take back the last writes of a store that nobody else writes to.

        Shape: oldest first, and each of them exact.
        """
        before = writes[0].revision - 1
        lines = [*reversed(writes)]
        while lines:
            alike = [*takewhile(lambda each: not each.leaving, lines[:_AT_ONCE])] or lines[:1]
            del lines[: len(alike)]
            group = Group()
            gone = {quad for write in alike for quad in write.added}
            group.layer.apply((quad for write in alike for quad in write.removed), gone)
            group.store_in(self._store, self._merger, self._relator)
        number = Quad(self._catalog, ASC.revision, Literal(before), self._catalog)
        self._store.transact([number], [each for each in self._numbers() if each != number])
        self._revision = before
        self._relator.go_back((NamedNode(write.bundle) for write in writes), before)

    def relate(self, *, anew: bool = False) -> int:
        """Work out the relations of what a bulk load brought, or of all bundles anew.

        Shape: how many bundles were looked at.
        """
        with self._committing, self._storing, self._checking:
            self.flush()
            self.follow()
            return self._relator.all() if anew else self._relator.catch_up()

    def related_upto(self) -> int:
        """The last write whose relations are worked out."""
        return self._relator.upto()

    def related_since(self, write: int) -> tuple[int, frozenset[NamedNode] | None]:
        """As `related_upto`, and the assessments that rules made or withdrew since a write;
        None if that is not known. Call within `standing`."""
        return self._relator.upto(), self._relator.since(write)

    def _numbers(self) -> list[Quad]:
        return self._store.match(self._catalog, ASC.revision, None, self._catalog)

    def _commit(self, group: Group) -> None:
        with self._checking:
            self._open = Group()
            self._layers.append(self._open.layer)
        try:
            if self._journal is None:
                with self._storing:
                    bring([group], *self._parts, self._checking)
                self._acknowledge(group)
                self._layers.remove(group.layer)
                self.on_stored()
            else:
                self._make_room()
                self._log(group, self._journal)
        except Exception as fault:
            if not group.done:
                self._refuse(group, fault)
        except BaseException:  # Ctrl-C
            if not group.done:
                self._refuse(group, StoreFault("The write was interrupted; nothing was stored."))
            raise

    def _log(self, group: Group, journal: Journal) -> None:
        """Make a group durable, and have the store follow."""
        before = journal.length
        try:
            journal.append(group.writes)
        finally:  # Ctrl-C may come once the lines are on disk
            if journal.length > before:
                with self._checking:
                    within = self._behind.add(group)
                    if within is not group:
                        self._layers.remove(group.layer)
                self._acknowledge(group)
                if not within.loads or within.load_bytes >= self._behind.step_bytes:
                    with suppress(RuntimeError):  # the process is ending: `close` does it
                        self._follower.submit(self.follow, within if within.loads else None)

    def _acknowledge(self, group: Group) -> None:
        self._revision = group.writes[-1].revision
        group.writes = []
        group.done = True

    def _refuse(self, group: Group, fault: Exception) -> None:
        """Let a group go, with what was checked against it: that cannot stand either."""
        with self._checking:
            for lost in (group, self._open):
                lost.fault, lost.done = fault, True
                self._layers.remove(lost.layer)
            self._open = Group()
            self._layers.append(self._open.layer)
            self._issued = None

    def _make_room(self) -> None:
        """Wait while the store is too far behind, or has refused what was logged before."""
        if self._refused or self._behind.is_long():
            with self._storing:
                while (latest := self._behind.latest) and (self._refused or self._behind.is_long()):
                    self._bring_up_to(latest)

    def _bring_up_to(self, last: Group) -> None:
        """Bring the store what it lacks up to a group; interrupted, it is done again.

        Shape: relations are found once for all of it, however many writes that are.
        """
        groups = self._behind.until(last)
        if not groups:
            return
        with self._checking:
            for group in groups:
                group.taken = True
        try:
            bring(groups, *self._parts, self._checking)
        except StoreFault as fault:
            self._refused = True
            raise StoreFault(
                f"{fault} It is in the log and not lost: make room on the disk and open the "
                "dataset again. Until then nothing is read or written."
            ) from None
        self._refused = False
        for group in groups:
            with suppress(ValueError):  # it was interrupted here
                self._layers.remove(group.layer)
            self.steps += 1
            self._behind.stored()
        self.on_stored()


def _number(quad: Quad) -> int:
    return int(quad.object.value)  # type: ignore[union-attr]
