"""rdflib's grammar of SPARQL, which one thread at a time may use.

pyparsing finds out by trying how many arguments a parse action takes, and keeps what
it found. Two threads that try at once can have it keep a wrong number: from then on
the grammar fails on every text with that part in it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_TURN = threading.Lock()


class InUse(Exception):
    """Another thread reads by the grammar."""


@contextmanager
def turn(*, wait: bool = True) -> Iterator[None]:
    """Have the grammar for oneself.

    Raises: InUse where another has it and one would not `wait`.
    """
    if not _TURN.acquire(blocking=wait):
        raise InUse
    try:
        yield
    finally:
        _TURN.release()
