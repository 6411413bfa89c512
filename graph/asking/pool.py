"""A pool of workers, of whom a query hangs or kills one at most."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from pathlib import Path
from queue import Empty, SimpleQueue

from graph.asking.answering import Answering, blamed
from graph.asking.child import Child, Gone, limits_of
from graph.asking.copies import Copies, Source, not_ready
from graph.asking.fair import FairQueue
from graph.asking.idle import Idle
from graph.asking.nursery import Nursery
from graph.asking.question import Job, Question
from graph.errors import Busy, GraphError, OverLimit, StoreFault, TooLarge
from graph.malloc import give_back
from graph.settings import Settings

_OPENING_S = 60.0
_TICK_S = 0.1
_WARM_S, _COLD_S = 1.0, 60.0
_ASKED_LATELY_S = 10.0
_LONG_S = 0.1
_LEAST_S, _LATER_S = 1.0, 1.0
_RESTED_S, _KEPT_BYTES = 3.0, 16_000_000
_TRIMMED_S = 30.0
_COUNTED = ("asked", "stopped_for_time", "stopped_for_memory", "cut_for_others", "replaced")


class Pool:
    """Workers that answer queries about one dataset, started when first needed.

    Shape: one more than may be busy is kept, so that another is there at once. Of a client
        with several queries under way, all but one give way to everybody else's, and leave them
        a processor where they take long; less so does whichever takes long.
    """

    def __init__(self, source: Source, settings: Settings, place: tuple[Path, str]) -> None:
        self._settings = settings
        self._copies = Copies(source, place)
        self._places = max(settings.query_workers, 1)
        self._queue = FairQueue(self._places, max(self._places - 1, 1), settings.query_queue)
        self._limits = limits_of(settings)
        self._nursery = Nursery()
        self._idle = Idle()
        self._dead: SimpleQueue[Child | None] = SimpleQueue()
        self._counts: Counter[str] = Counter()
        self._under_way: dict[Answering, str] = {}
        self._starting = threading.Lock()
        self._keeper: threading.Thread | None = None
        self._children: set[Child] = set()
        self._dying: list[Child] = []  # what gives way to all others takes a while to end
        self._asked_at = self._warmed_at = self._trimmed_at = 0.0

    def ask(
        self, question: Question, solutions: str | None, graph: str | None, client: str
    ) -> Answering:
        """The answer to a query, once its beginning is sure; see `Asker`."""
        size, limit = len(question.sparql.encode()), self._settings.query_max_bytes
        if size > limit:
            raise TooLarge(
                f"The query is {size:,} bytes long and the limit is {limit:,} "
                "(ASCRIBE_QUERY_MAX_BYTES): shorten it, or ask in parts."
            )
        self.start()
        self._asked_at = arrived_at = time.monotonic()
        self._queue.enter(client, self._settings.query_wait_s)
        waited_s = time.monotonic() - arrived_at
        self._counts["asked"] += 1
        try:
            more = client in [*self._under_way.values()]
            return self._begin(Job(question, solutions, graph, is_aside=more), client, waited_s)
        except BaseException:
            self._queue.leave(client)
            raise

    def start(self) -> None:
        """Start the workers, if that has not been done."""
        if self._keeper is None:
            with self._starting:
                if self._keeper is None:
                    keeper = threading.Thread(target=self._keep, name="query-workers", daemon=True)
                    keeper.start()
                    self._keeper = keeper

    def stats(self) -> dict[str, int]:
        """How the workers are, and what happened so far; see `Asker`."""
        now = {
            "workers": len(self._children),
            "busy": len(self._under_way),
            "queued": self._queue.waiting,
        }
        return now | {name: self._counts[name] for name in _COUNTED}

    def close(self) -> None:
        """End the workers, whatever they are at."""
        with self._starting:
            if self._keeper is not None:
                self._dead.put(None)
                self._keeper.join()
        self._copies.close()

    def _begin(self, job: Job, client: str, spent_s: float) -> Answering:
        """Ask one worker; another where that one was ended from outside.

        Shape: so much of the limit is spent. What it takes a worker to read what is new counts as
            well, for half of the limit at most and as long as a second is left: the query cannot
            help it. But none is answered later than a second after its limit, once there are
            workers.
        Raises: Busy if no worker has read it by then; and as `ask`.
        """
        limit_s = self._settings.query_timeout_s
        for _ in range(self._places + 2):
            prefers = self._has_to_open if job.is_aside else self._is_fresh
            patience_s, has_begun = limit_s - spent_s + _LATER_S, self._warmed_at > 0
            began_at = time.monotonic()
            child = self._idle.take(prefers, patience_s if has_begun else _OPENING_S)
            child.gives_way = job.is_aside
            opened_at = began_at if has_begun else time.monotonic()
            until = opened_at + patience_s
            try:
                self._bring_up_to_date(child, until)
            except Gone:
                self._discard(child)
                if time.monotonic() >= until:
                    raise not_ready() from None
                continue
            except Busy:
                self._idle.put(child, last=True)
                raise
            except BaseException:
                self._discard(child)
                raise
            most_s = max(min(self._settings.query_wait_s, limit_s - spent_s - _LEAST_S), 0)
            opened_s = time.monotonic() - opened_at
            spent_s += max(min(opened_s, most_s), opened_s - _LATER_S)
            answering = Answering(child, limit_s, self._done, spent_s=spent_s)
            self._under_way[answering] = client
            try:
                answering.begin(job)
            except Gone as gone:
                self._release(answering, well=False)
                if (fault := self._blamed(gone.code)) is not None:
                    raise fault from None
                spent_s = answering.spent_s
            except GraphError as fault:
                late = isinstance(fault, OverLimit)
                self._counts["stopped_for_time"] += late
                self._release(answering, well=not late)
                raise
            else:
                return answering
        raise StoreFault("The processes that answer queries are ended again and again.")

    def _done(self, answering: Answering, well: bool) -> None:
        client = self._under_way[answering]
        self._release(answering, well=well)
        self._queue.leave(client)

    def _release(self, answering: Answering, *, well: bool) -> None:
        self._under_way.pop(answering, None)
        if well:
            # Behind all others it takes a while until another thread goes on.
            child, last = answering.child, answering.child.gives_way
            child.gives_way, child.answered_at = False, time.monotonic()
            self._idle.put(child, last=last)
        else:
            self._discard(answering.child)

    def _blamed(self, code: int | None) -> OverLimit | None:
        fault = blamed(code, self._settings)
        if fault is not None:
            late = code == -signal.SIGPROF
            self._counts["stopped_for_time" if late else "stopped_for_memory"] += 1
        return fault

    def _is_fresh(self, child: Child) -> bool:
        return self._copies.is_latest(child.copy)

    def _has_to_open(self, child: Child) -> bool:
        return not self._is_fresh(child)

    def _bring_up_to_date(self, child: Child, until: float) -> None:
        """Have a worker read what is stored now.

        Units: `until` on the monotonic clock.
        Raises: Busy or Gone, also if it takes longer; StoreFault.
        """
        if self._is_fresh(child):
            return
        copy, before = self._copies.latest(until), child.copy
        child.copy = copy
        if before is not None:
            self._copies.give_back(before)
        if copy is not before:
            try:
                child.open(copy.path, until - time.monotonic())
            except OSError as error:
                raise StoreFault(f"A worker cannot read the store: {error}.") from None

    def _discard(self, child: Child) -> None:
        child.kill()
        self._dead.put(child)

    def _keep(self) -> None:
        """Replace workers that end, and have those that wait read what is new."""
        for _ in range(self._places + 1):
            self._add()
        while True:
            try:
                dead = self._dead.get(timeout=_TICK_S)
            except Empty:
                self._look_after()
                continue
            if dead is None:
                break
            self._dying.append(dead)
            self._counts["replaced"] += 1
            self._add()
        for child in [*self._children]:
            self._bury(child)
        self._nursery.close()

    def _add(self) -> None:
        child = Child(self._nursery, self._limits)
        self._children.add(child)
        self._idle.put(child, last=True)

    def _bury(self, child: Child) -> None:
        child.bury()
        self._children.discard(child)
        copy, child.copy = child.copy, None
        if copy is not None:
            self._copies.give_back(copy)

    def _look_after(self) -> None:
        """See to workers that have ended, to slow clients, to what is new."""
        for dead in filter(Child.ended, [*self._dying]):
            self._dying.remove(dead)
            self._bury(dead)
        while child := self._idle.take_if(Child.ended):
            self._dead.put(child)
        now = time.monotonic()
        self._have_memory_back(now)
        if self._queue.waiting:
            for answering in [*self._under_way]:
                if answering.held_up_s(now) > self._settings.query_timeout_s:
                    self._counts["cut_for_others"] += 1
                    answering.child.kill()
        clients = [*self._under_way.values()]
        for answering, client in [*self._under_way.items()]:
            if now - answering.begun_at > _LONG_S:
                answering.child.gives_way = True
                if clients.count(client) > 1:
                    answering.child.put_last()
                else:
                    answering.child.give_way()
        asked = now - self._asked_at < _ASKED_LATELY_S
        if now - self._warmed_at > (_WARM_S if asked else _COLD_S) or not self._warmed_at:
            self._warm()
            self._warmed_at = time.monotonic()

    def _have_memory_back(self, now: float) -> None:
        """Replace a worker that rests, and let go of what is free here, if that is worth it."""
        if child := self._idle.take_if(lambda each: _holds_on(each, now)):
            self._discard(child)
        if now - self._asked_at > _RESTED_S and self._asked_at - self._trimmed_at > _TRIMMED_S:
            self._trimmed_at = now
            give_back()

    def _warm(self) -> None:
        for _ in self._children:
            child = self._idle.take_if(lambda each: not self._is_fresh(each))
            if child is None:
                return
            try:
                self._bring_up_to_date(child, time.monotonic() + _OPENING_S)
            except Busy:
                self._idle.put(child, last=True)
                return
            except (Gone, StoreFault):
                self._discard(child)
            else:
                self._idle.put(child, last=True)


def _holds_on(child: Child, now: float) -> bool:
    """Whether a worker rests and has kept so much that another, split off in milliseconds, is
    to take its place."""
    return now - child.answered_at > _RESTED_S and child.kept_bytes() > _KEPT_BYTES
