"""How the processes that read and answer keep freed memory at hand, and let go of it."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

MALLOC: Final = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=100"}
"""For a process's environment. The C library keeps 7 freed pieces of a size at hand; the
engine, for which that is too few, answers in two thirds of the time with more, and what
is loaded in bulk is read and checked in six sevenths."""

SERVING: Final = {"MALLOC_ARENA_MAX": "2"} | MALLOC
"""For one with many threads: else each of them keeps what it has freed to itself."""


def give_back() -> None:
    """Have the C library let go of what is free; others than glibc do so by themselves."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
