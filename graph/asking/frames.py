"""How a worker and the process that asks it talk: frames over a socket.

A frame is a letter, the length of what follows, and that. Questions go to a worker
as pickles; what comes back is only ever read as text or JSON, or passed on as it is.
"""

from __future__ import annotations

import struct
from typing import Final

HEADER: Final = struct.Struct("!cI")

OPEN: Final = b"O"  # to the worker: the store to read
ASK: Final = b"A"  # to the worker: a question
THREAD: Final = b"T"  # the number of the thread that answers from here on
READY: Final = b"R"  # the store is open
HEAD: Final = b"H"  # the kind of answer
DATA: Final = b"D"  # bytes of it
END: Final = b"E"  # it was all
FAULT: Final = b"F"  # it went wrong: the error's class, its words and place


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """One frame's bytes."""
    return HEADER.pack(kind, len(payload)) + payload
