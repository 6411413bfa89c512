"""Many quads at once into files of Oxigraph's own, on all processors."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from pyoxigraph import RdfFormat, Store

from graph.processors import spread, threads

_PART_BYTES = 48_000_000
"""As much N-Quads is sorted and written at once: of more, less stays in a processor's caches;
of less, more files are left to be merged, and looked through until they are."""

_LAST = 10
"""As nice is the thread that merges files: a tenth of a processor is left to it where
others want all, and whoever waits for it, once a load is over, does not wait for ever."""


def load(store: Store, nquads: bytes) -> None:
    """Load N-Quads of our own.

    Raises: OSError; some of them may then be there.
    """
    _tidy_up_last()

    def bring(part: bytes) -> None:
        # Its terms were parsed before: not testing each IRI again takes a quarter off.
        store.bulk_load(part, RdfFormat.N_QUADS, lenient=True)

    with spread(), ThreadPoolExecutor(2) as both:  # a server's own threads share one processor
        deque(both.map(bring, _parts(nquads)), maxlen=0)


def _parts(nquads: bytes) -> Iterator[bytes]:
    """Whole lines, two parts of them at least if there are many."""
    most = min(_PART_BYTES, max(len(nquads) // 2, _PART_BYTES // 3))
    start = 0
    while start < len(nquads):
        end = nquads.find(b"\n", min(start + most, len(nquads) - 1)) + 1
        yield nquads[start:end]
        start = end


def _tidy_up_last() -> None:
    """Have RocksDB merge its files while nobody else needs the processors.

    A bulk load brings files faster than they are worth merging, and the more wait the
    more are merged at once.
    """
    for thread, name in threads():
        if name.startswith("rocksdb:low"):
            with suppress(OSError):  # it has just ended
                os.setpriority(os.PRIO_PROCESS, thread, _LAST)
