"""How the processes that read and answer keep freed memory at hand, and let go of it."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

MALLOC: Final = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=100"}
"""For a process's environment. The C library keeps 7 freed pieces of a size at hand; the
engine, for which that is too few, answers in two thirds of the time with more, and what
is loaded in bulk is read and checked in six sevenths."""

SERVING: Final = {"MALLOC_ARENA_MAX": "2"} | MALLOC
"""For one with many threads: else each of them keeps what it has freed to itself."""


_OBJECTS = 200_000
"""As many are made before the garbage collector looks for circles, about those of
100 bundles: at its usual 700 it looked at the same ones again and again."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Have the garbage collector look for circles seldom, where much is held and few are made."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def give_back() -> None:
    """Have the C library let go of what is free; others than glibc do so by themselves."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
