"""Queries about past revisions, each answered by workers that read a store as it was."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Protocol

from graph.asking.pool import Pool
from graph.asking.question import Question, Told
from graph.errors import BadInput, Busy
from graph.settings import Settings

_MOST = 2
"""As many past revisions are asked about at once; each has workers of its own."""


class Rememberer(Protocol):
    """A dataset that can say what it was."""

    settings: Settings

    def place_of_copies(self) -> tuple[Path, str] | None:
        """Where copies of the store are made, and how their names begin."""

    def past_store(self, revision: int) -> Path:
        """The folder of the store as it was after a write; nobody writes to it."""


class _Fixed:
    """A store that stays as it is, where workers look for one that moves on."""

    def __init__(self, dataset: Rememberer, revision: int) -> None:
        self._dataset = dataset
        self._revision = revision

    def revision(self) -> int:
        """The one revision there is."""
        return self._revision

    def copy(self, target: Path) -> int:
        """Link its files to a new folder: it may be forgotten while it is read."""
        place = self._dataset.past_store(self._revision)
        shutil.copytree(place, target, copy_function=os.link)
        return self._revision


class PastAsker:
    """Answers queries about a dataset as it was, under the limits of any stranger's."""

    def __init__(self, dataset: Rememberer) -> None:
        self._dataset = dataset
        self._pools: dict[int, Pool] = {}  # the one asked last stands last
        self._lock = threading.Lock()

    def ask(
        self,
        revision: int,
        question: Question,
        solutions: str | None,
        graph: str | None,
        client: str,
    ) -> Told:
        """The answer to a query at a revision; see `graph.asking.question.Asker`.

        Raises: Busy while as many others are asked about as may be; and as `Pool.ask`.
        """
        with self._lock:
            pool = self._pools.pop(revision, None) or self._new(revision)
            self._pools[revision] = pool
        return pool.ask(question, solutions, graph, client)

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _new(self, revision: int) -> Pool:
        place = self._dataset.place_of_copies()
        if place is None:
            raise BadInput("This dataset is in memory only: it keeps no log to look back into.")
        if len(self._pools) >= _MOST:
            idle = [each for each, pool in self._pools.items() if not pool.stats()["busy"]]
            if not idle:
                raise Busy("As many past revisions are asked about as may be: ask again soon.")
            self._pools.pop(idle[0]).close()
        settings = self._dataset.settings.but(query_workers=1)
        return Pool(_Fixed(self._dataset, revision), settings, place)
