"""The dataset as it was: copies of its store at past revisions, replayed from the log.

A copy holds what had been written by then, what follows from it, and who was judged to
be one with whom. It is made once and kept, among the latest few, in `past/{revision}`.
"""

from __future__ import annotations

import os
import shutil
import threading
from datetime import UTC, datetime, time
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from pyoxigraph import Literal

from graph.bundle import Graphs
from graph.catalog import keep_ontology
from graph.commits import Commits
from graph.errors import BadInput, Busy, NotFound, StoreFault
from graph.journal import Journal, Write
from graph.proof import replay
from graph.store import Store
from graph.store.oxigraph import OxigraphStore
from graph.vocab import PROV

_MOST = 6
"""As many copies are kept."""

_NEAR = 2_000
"""Over as many writes a copy is brought on from an earlier one; more are replayed anew."""

_MOST_BYTES = 200_000_000
"""As much of a log is taken back; it is held in memory."""

_MOST_WAITING = 3
"""As many may want a copy at once; each holds a thread of a server."""


class Present(Protocol):
    """The dataset as it is."""

    def revision(self) -> int:
        """How many writes have been acknowledged."""

    def copy(self, target: Path) -> int:
        """Copy the store to a new folder; gives the revision of the copy."""


class Past:
    """Copies of one dataset's store at revisions that are past."""

    def __init__(self, folder: Path, base: str, journal: Journal, present: Present) -> None:
        self._folder = folder / "past"
        self._base = base
        self._graphs = Graphs(base)
        self._journal = journal
        self._present = present
        self._making = threading.Lock()
        self._places = threading.BoundedSemaphore(_MOST_WAITING)

    def store_at(self, revision: int) -> Path:
        """The folder of the store as it was after a write; nobody writes to it.

        Raises: Busy while as many others wait for one; StoreFault if the log is damaged,
            or the disk refuses.
        """
        place = self._folder / str(revision)
        if not self._places.acquire(blocking=False):
            raise Busy("Other past revisions are being read from the log.", retry_after_s=10)
        try:
            with self._making:
                if not place.exists():
                    self._make(place, revision)
                    self._forget_old()
                os.utime(place)
                return place
        except OSError as error:
            raise StoreFault(
                f"The dataset cannot be brought back to revision {revision}: {error.strerror}. "
                "Make room on the disk."
            ) from None
        finally:
            self._places.release()

    def _make(self, place: Path, revision: int) -> None:
        self._folder.mkdir(exist_ok=True)
        with TemporaryDirectory(prefix=".making-", dir=self._folder) as folder:
            made = Path(folder) / "store"
            start = self._begin(made, revision)
            store = OxigraphStore.open(made, self._base, synced=False)
            try:
                commits = Commits(store, self._graphs, self._journal)
                if start is None:
                    replay(self._journal, store, self._graphs, revision)
                elif start <= revision:
                    commits.catch_up(revision)
                else:
                    commits.go_back(self._between(revision, start))
                keep_ontology(store, self._graphs)
            finally:
                store.close()
            made.rename(place)

    def _begin(self, made: Path, revision: int) -> int | None:
        """Copy the nearest state that is kept, or the present one; gives its revision.

        Shape: None, and nothing copied, where the log is the shorter way.
        """
        kept = [int(each.name) for each in self._folder.glob("[0-9]*")]
        present = self._present.revision()
        ways = {each: abs(each - revision) for each in (*kept, present)}
        nearest = min(ways, key=lambda each: (ways[each], each))
        if ways[nearest] >= revision or (
            nearest > revision and not self._can_go_back(revision, nearest)
        ):
            before = [each for each in kept if revision - _NEAR <= each <= revision]
            if not before:
                return None
            nearest = max(before)
        if nearest not in kept:
            return self._present.copy(made)
        earlier = OxigraphStore.open(self._folder / str(nearest), self._base, synced=False)
        earlier.copy(made)
        earlier.close()
        return nearest

    def _can_go_back(self, revision: int, start: int) -> bool:
        """Whether all writes between can be taken back, and held in memory."""
        if self._journal.size_after(revision) > _MOST_BYTES:
            return False
        return all(write.exact for write in self._between(revision, start))

    def _between(self, revision: int, start: int) -> list[Write]:
        return [*takewhile(lambda each: each.revision <= start, self._journal.writes(revision))]

    def _forget_old(self) -> None:
        """Remove the copies that were asked for longest ago."""
        kept = sorted(self._folder.glob("[0-9]*"), key=lambda each: each.stat().st_mtime)
        for each in kept[:-_MOST]:
            shutil.rmtree(each, ignore_errors=True)


def revision_at(store: Store, graphs: Graphs, when: str, latest: int) -> int:
    """The last write that had been made by then.

    Shape: `when` is the number of a write, a time, or a day, which counts to its end; a
        time without a zone is UTC.
    Raises: BadInput if it is none of these; NotFound if there is no such write yet.
    """
    if when.isascii() and when.isdigit():
        if int(when) > latest:
            raise NotFound(f"There is no revision {when}: the last one is {latest}.")
        return int(when)
    limit = moment(when)
    ends = store.find(None, PROV.endedAtTime, None, graphs.catalog)
    made = [
        int(quad.subject.value.rpartition("/")[2])  # type: ignore[union-attr]
        for quad in ends
        if isinstance(quad.object, Literal) and moment(quad.object.value) <= limit
    ]
    return max(made, default=0)


def begins(text: str) -> datetime:
    """A time; of a day its beginning.

    Raises: BadInput as `moment`.
    """
    found = moment(text)
    return datetime.combine(found, time.min, found.tzinfo) if _is_day(text) else found


def moment(text: str) -> datetime:
    """A time; of a day its end.

    Raises: BadInput if it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{text!r} is no time in the past: write a revision, such as 12, a day, such as "
            "2031-05-04, or a time, such as 2031-05-04T09:30:00Z."
        ) from None
    if _is_day(text):
        found = datetime.combine(found, time.max)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_day(text: str) -> bool:
    return len(text) == len("2031-05-04")
