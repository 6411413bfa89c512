"""How much there is of each class and property, counted aside from those who ask.

Counting reads every quad: at best a second for a million, all of it in the engine, where
nobody is held up by it. So it is done on a thread of its own, and what it found is given
out until it is done again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pyoxigraph import NamedNode

from graph.errors import GraphError
from graph.queries import named_query
from graph.store import Store

_PATIENCE_S = 1.5
"""Whoever asks waits so long for a count of what is stored now: enough for a small dataset."""

_REST = 20
"""As many times as long as a count took, none is begun again."""


@dataclass(frozen=True, slots=True)
class Census:
    """What was counted: the members of each class and the triples of each property.

    Shape: the largest first; `revision` is the write after which it was so.
    """

    revision: int
    classes: dict[NamedNode, int]
    properties: dict[NamedNode, int]

    @property
    def triples(self) -> int:
        """How many triples there are."""
        return sum(self.properties.values())


def take(store: Store, revision: int) -> Census:
    """A census of what is stored."""
    return Census(revision, *(_counted(store, name) for name in _COUNTING))


_COUNTING = ("page_classes", "page_properties")


def _counted(store: Store, name: str) -> dict[NamedNode, int]:
    rows = store.query(named_query(name).sparql).rows
    return {row["of"]: int(row["number"].value) for row in rows}  # type: ignore


class Counter:
    """Counts one store, and keeps the last result."""

    def __init__(self, store: Callable[[], Store], revision: Callable[[], int]) -> None:
        self._store = store
        self._revision = revision
        self._last: Census | None = None
        self._counting: threading.Event | None = None
        self._not_before = 0.0
        self._lock = threading.Lock()

    def census(self) -> Census | None:
        """The latest census, of now if that takes no longer than a moment; None where
        the first is not done yet."""
        if self._is_due():
            self._begin().wait(_PATIENCE_S)
        return self._last

    def _is_due(self) -> bool:
        last = self._last
        is_old = last is None or last.revision != self._revision()
        return is_old and time.monotonic() >= self._not_before

    def _begin(self) -> threading.Event:
        """Count on a thread of its own, unless that is under way."""
        with self._lock:
            if self._counting is None or self._counting.is_set():
                self._counting = threading.Event()
                arguments = (self._counting,)
                threading.Thread(target=self._count, args=arguments, daemon=True).start()
            return self._counting

    def _count(self, done: threading.Event) -> None:
        began = time.monotonic()
        with suppress(GraphError):  # told to those who read the store itself
            self._last = take(self._store(), self._revision())
        took_s = time.monotonic() - began
        if took_s > _PATIENCE_S:
            self._not_before = time.monotonic() + _REST * took_s
        done.set()
