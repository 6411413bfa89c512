"""The index of one dataset: opened when it is first needed, kept in step, asked.

It is a convenience and never in the way of a write: whatever goes wrong with it is told
to who reads it, and it can be made anew at any time.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from graph.bundle import Graphs
from graph.commits import Commits
from graph.errors import Busy, GraphError
from graph.index import Keeper, Searcher, Tables
from graph.index.keeping import Told
from graph.journal import Journal

_NEAR = 100
"""As many writes are followed as they come; more are left to who looks next, or to
`ascribe index`, since a bulk load should not be held up."""

_SOON = 2_000
"""Whoever reads a page waits while as many writes are read, some seconds."""


class Index:
    """The index of a dataset; in a folder of its own for one that is in memory."""

    def __init__(
        self,
        folder: Path | None,
        commits: Commits,
        graphs: Graphs,
        journal: Journal | None,
        *,
        is_past: bool = False,
    ) -> None:
        self._folder = folder
        self._is_past = is_past
        self._commits = commits
        self._graphs = graphs
        self._journal = journal
        self._scratch: TemporaryDirectory[str] | None = None
        self._opened: Keeper | None = None
        self._lock = threading.RLock()
        self._pool: ThreadPoolExecutor | None = None
        self._waiting = threading.Event()
        self._progress = (0, 0)

    def asked(self) -> Searcher:
        """The index with all in it that was acknowledged before.

        Raises: StoreFault if the disk refuses.
        """
        self.catch_up()
        return Searcher(self._keeper().tables, self._graphs.base)

    def at_hand(self) -> Searcher | None:
        """The same, or None: where it has to be made first, and of the past."""
        if self._is_past:
            return None
        with suppress(GraphError):
            return self.asked_soon()
        return None

    def asked_soon(self) -> Searcher:
        """The same for somebody who should not wait long.

        Raises: Busy if it has to be made first, which then begins; StoreFault.
        """
        keeper = self._keeper()
        lag = keeper.lag()
        if 0 <= lag <= _SOON:
            return self.asked()
        self._later(keeper, _FAR)
        done, of = self._progress
        raise Busy(
            f"The index behind this page is being made: {done:,} of {of or lag:,} writes are "
            "read. Everything else answers meanwhile; `ascribe index` makes it ahead of time.",
            retry_after_s=10,
        )

    def catch_up(self, *, anew: bool = False, told: Told = lambda _done, _all: None) -> int:
        """Read what is missing, or everything; gives how many writes were read.

        Raises: StoreFault if the disk refuses.
        """
        keeper = self._keeper()
        return keeper.anew(told) if anew else keeper.catch_up(told)

    def doubt_relations(self) -> None:
        """Have all computed relations read again, if there is an index."""
        if self._is_there():
            self._keeper().doubt_relations()

    def follow(self) -> None:
        """See that what the store just took is indexed soon; never raises."""
        with suppress(GraphError, RuntimeError):
            if self._is_there():
                self._later(self._keeper(), _NEAR)

    def close(self) -> None:
        """Bring the index what little it lacks, and let go of it."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown()
            if self._opened is not None:
                self._opened.tables.close()
            if self._scratch is not None:
                self._scratch.cleanup()

    def _keeper(self) -> Keeper:
        """The index, opened.

        Raises: StoreFault if the disk refuses.
        """
        with self._lock:
            if self._opened is None:
                folder = self._folder
                if folder is None:
                    self._scratch = TemporaryDirectory(prefix="ascribe-index-")
                    folder = Path(self._scratch.name)
                tables = Tables(folder / "index.sqlite", self._graphs.base)
                self._opened = Keeper(tables, self._commits, self._graphs, self._journal)
            return self._opened

    def _is_there(self) -> bool:
        """Whether somebody has asked the index, or it lies in the dataset's folder."""
        return self._opened is not None or self._folder is not None

    def _later(self, keeper: Keeper, most: int) -> None:
        """Catch up on a thread of its own, unless that is under way or too much is missing."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="index")
            if not self._waiting.is_set():
                self._waiting.set()
                self._pool.submit(self._catch_up, keeper, most)

    def _catch_up(self, keeper: Keeper, most: int) -> None:
        self._waiting.clear()  # what comes from here on may not be seen any more
        with suppress(GraphError):
            if keeper.lag() <= most:
                keeper.catch_up(self._note)
        self._progress = (0, 0)

    def _note(self, done: int, of: int) -> None:
        self._progress = (done, of)


_FAR = 1 << 60
