"""A queue in which no client keeps the others waiting."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque

from graph.errors import Busy


class FairQueue:
    """Places for a few at a time, given in turn to each client that waits.

    Shape: a client holds at most `per_client` places. Where `length` wait, the
        latest of whoever has the most waiting is turned away for a newcomer.
    """

    def __init__(self, places: int, per_client: int, length: int) -> None:
        self._free = places
        self._per_client = per_client
        self._length = length
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._lines: OrderedDict[str, deque[_Ticket]] = OrderedDict()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting

    def enter(self, client: str, wait_s: float) -> None:
        """Take a place, when it is this client's turn.

        Raises: Busy if the queue is full, or the turn does not come in that time.
        """
        with self._lock:
            if self._free and self._held[client] < self._per_client:
                self._take(client)
                return
            ticket = self._line_up(client)
        ticket.called.acquire(timeout=wait_s)
        with self._lock:
            if ticket.granted:
                return
            if ticket.turned_away:
                raise _full(self._length)
            self._drop(client, ticket)
        raise _late(wait_s)

    def leave(self, client: str) -> None:
        """Give a place back, to whoever's turn it is."""
        with self._lock:
            self._free += 1
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]
            self._call_next()

    def _take(self, client: str) -> None:
        self._free -= 1
        self._held[client] += 1

    def _line_up(self, client: str) -> _Ticket:
        if self._waiting >= self._length:
            longest = max(self._lines, key=lambda each: len(self._lines[each]), default=client)
            if len(self._lines.get(longest, ())) <= len(self._lines.get(client, ())) + 1:
                raise _full(self._length)
            latest = self._lines[longest][-1]
            self._drop(longest, latest)
            latest.turned_away = True
            latest.called.release()
        ticket = _Ticket()
        self._lines.setdefault(client, deque()).append(ticket)
        self._waiting += 1
        return ticket

    def _drop(self, client: str, ticket: _Ticket) -> None:
        self._lines[client].remove(ticket)
        self._waiting -= 1
        if not self._lines[client]:
            del self._lines[client]

    def _call_next(self) -> None:
        for client, line in self._lines.items():
            if self._free and self._held[client] < self._per_client:
                ticket = line[0]
                self._drop(client, ticket)
                if client in self._lines:
                    self._lines.move_to_end(client)
                self._take(client)
                ticket.granted = True
                ticket.called.release()
                return


class _Ticket:
    """One who waits, and is called: by a lock, since a semaphore is one made in Python."""

    def __init__(self) -> None:
        self.called = threading.Lock()
        self.called.acquire()
        self.granted = False
        self.turned_away = False


def _late(wait_s: float) -> Busy:
    return Busy(
        f"The turn of this query did not come within {wait_s:g} s, half of what one may take "
        "(ASCRIBE_QUERY_TIMEOUT_S), so it was not begun. Ask again in a moment."
    )


def _full(length: int) -> Busy:
    return Busy(
        f"More queries have come than are answered at a time, and up to {length} wait. "
        "Ask again in a moment."
    )
