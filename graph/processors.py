"""Which processors the threads of a server run on: all of its own on one.

Python runs one thread of a process at a time. Where they are spread over processors, each
that goes on wakes the next on another one, which takes longer than what it has to do; and a
processor of their own that greedy queries keep off is free for whoever wakes. Which one it is
is drawn by lot, as several servers may share a machine. The engine's own threads use all, and so
do the processes that a server starts.
"""

from __future__ import annotations

import os
import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

ALL: Final = tuple(sorted(os.sched_getaffinity(0)))
"""Those that the program may use."""

_HOME: Final = random.choice(ALL)

OTHERS: Final = tuple(each for each in ALL if each != _HOME) or ALL
"""All but one; for what may keep nobody waiting. With one there is no other."""

_ENGINE = "rocksdb:"


def stay_together() -> None:
    """Have the threads of this process, and those that they start, share one processor."""
    for thread, name in threads():
        if not name.startswith(_ENGINE):
            run_on((_HOME,), thread)


def threads() -> Iterator[tuple[int, str]]:
    """The threads of this process, by number and name; none where there is no /proc."""
    with suppress(OSError):
        for each in Path("/proc/self/task").iterdir():
            with suppress(OSError):  # it has just ended
                yield int(each.name), (each / "comm").read_text()


@contextmanager
def spread() -> Iterator[None]:
    """Have what the calling thread starts meanwhile use all processors."""
    before = os.sched_getaffinity(0)
    run_on(ALL)
    try:
        yield
    finally:
        run_on(before)


def run_on(processors: Collection[int], thread: int = 0) -> None:
    """Have a thread use some processors; 0 is the one that calls."""
    with suppress(OSError):  # it has ended, or may not be moved
        os.sched_setaffinity(thread, processors)
