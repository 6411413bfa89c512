"""The workers that wait for a question."""

from __future__ import annotations

import threading
from collections.abc import Callable

from graph.asking.child import Child
from graph.errors import StoreFault


class Idle:
    """Workers that wait, the one that answered last in front."""

    def __init__(self) -> None:
        self._waiting: list[Child] = []
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, child: Child, *, last: bool = False) -> None:
        """Have a worker wait; `last` for one that has yet to open the store."""
        with self._changed:
            self._waiting.insert(0 if last else len(self._waiting), child)
            self._changed.notify()

    def take(self, prefers: Callable[[Child], bool], wait_s: float) -> Child:
        """A worker, if possible one that is preferred.

        Raises: StoreFault if there is none, and none comes.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, wait_s):
                raise StoreFault("The processes that answer queries cannot be started.")
            latest_first = reversed(self._waiting)
            child = next(filter(prefers, latest_first), self._waiting[-1])
            self._waiting.remove(child)
            return child

    def take_if(self, wanted: Callable[[Child], bool]) -> Child | None:
        """A worker of a certain kind, if one waits."""
        with self._changed:
            found = next((child for child in self._waiting if wanted(child)), None)
            if found is not None:
                self._waiting.remove(found)
            return found
