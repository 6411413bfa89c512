"""Copies of a store for workers to read, made when the store has moved on.

A copy is made of hard links, so it costs no room, and the writer goes on while it is
made. The files of a store that is being written to are no such ground: RocksDB's log
has to be replayed each time, and files go away as they are opened.
"""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

from graph.errors import Busy


class Source(Protocol):
    """A dataset that is written to."""

    def revision(self) -> int:
        """How many writes have been acknowledged."""

    def copy(self, target: Path) -> int:
        """Copy the store to a new folder, with all in it that was acknowledged before;
        gives the revision of the copy."""


@dataclass(eq=False, slots=True)
class Copy:
    """A copy, with the number of workers that read it."""

    path: Path
    revision: int
    users: int = field(default=0)


class Copies:
    """The latest copy of a dataset's store, and those before that are still read."""

    def __init__(self, source: Source, place: tuple[Path, str]) -> None:
        self._source = source
        self._place = place
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="copies")
        self._lock = threading.Lock()
        self._coming: Future[None] | None = None
        self._latest: Copy | None = None

    def latest(self, until: float) -> Copy:
        """A copy with all in it that is acknowledged now; to be given back.

        Those who come while one is made wait for it, and share the next.

        Units: `until` on the monotonic clock.
        Raises: Busy if it takes longer; StoreFault if the disk refuses.
        """
        wanted = self._source.revision()
        while True:
            with self._lock:
                if self._latest is not None and self._latest.revision >= wanted:
                    self._latest.users += 1
                    return self._latest
                if self._coming is None:
                    self._coming = self._maker.submit(self._renew)
                coming = self._coming
            try:
                coming.result(until - time.monotonic())
            except TimeoutError:
                raise not_ready() from None

    def is_latest(self, copy: Copy | None) -> bool:
        """Whether nothing was acknowledged since a copy was made."""
        return copy is not None and copy.revision >= self._source.revision()

    def give_back(self, copy: Copy) -> None:
        """Read a copy no more; the last one to do so removes it."""
        with self._lock:
            copy.users -= 1
            unused = not copy.users
        if unused:
            shutil.rmtree(copy.path.parent, ignore_errors=True)

    def close(self) -> None:
        """Let go of the latest."""
        self._maker.shutdown()
        if self._latest is not None:
            self.give_back(self._latest)
        self._latest = None

    def _renew(self) -> None:
        made, before = None, None
        try:
            made = self._make()
            made.users += 1
        finally:
            with self._lock:
                self._coming = None
                if made is not None:
                    before, self._latest = self._latest, made
        if before is not None:
            self.give_back(before)

    def _make(self) -> Copy:
        beside, prefix = self._place
        folder = Path(mkdtemp(prefix=prefix, dir=beside))
        try:
            return Copy(folder / "store", self._source.copy(folder / "store"))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def not_ready() -> Busy:
    """What a query is told that no worker was ready for in time."""
    return Busy(
        "To make ready the copy of the store that is read takes longer than a query may "
        "(ASCRIBE_QUERY_TIMEOUT_S), so this one was not begun. Ask again in a moment."
    )
