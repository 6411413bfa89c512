"""One worker, as the process that asks it sees it."""

from __future__ import annotations

import json
import math
import os
import pickle
import resource
import select
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path

from graph.asking import frames, sandbox
from graph.asking.copies import Copy
from graph.asking.nursery import Nursery
from graph.asking.question import Job
from graph.asking.trial import Trial
from graph.asking.worker import Limits
from graph.processors import ALL, OTHERS, run_on
from graph.settings import Settings

_CHUNK_BYTES = 65_536
_NICE = 5
_PAUSE_S = 0.002
_DYING_S = 0.5
_LOOK = struct.pack("@ll", 0, 250_000)
"""After how many seconds and microseconds whoever waits looks at the clock."""


class Gone(Exception):
    """The worker ended, and how: as `subprocess` has it, None where it was slow."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"a worker ended with {code}")
        self.code = code


class Child:
    """A process that answers queries.

    Raises: StoreFault if it cannot be started.
    """

    def __init__(self, nursery: Nursery, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.pid = nursery.start(theirs, limits)
        self._nursery = nursery
        self._ending: int | None = None
        # One system call a wait: to set a time for each would be two more.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _LOOK)
        self._line = ours
        self._hung_up = select.poll()
        self._hung_up.register(ours, 0)
        self._unread = b""
        # As the worker tells it: to look for it in /proc has the kernel note down what is to be
        # forgotten when the thread ends, and whoever waits for the process wait at work.
        self._thread: int | None = None
        self._at_first_bytes: int | None = None
        self.answered_at = time.monotonic()
        """When it was last done with an answer; for its owner to keep."""
        self.copy: Copy | None = None
        """What it reads; for its owner to keep."""
        self.gives_way = False
        """Whether it works behind all others; for its owner to keep."""

    def open(self, path: Path, timeout_s: float) -> None:
        """Have it read a copy of the store.

        Raises: Gone; OSError, in the worker's words, if it cannot.
        """
        self._send(frames.OPEN, str(path).encode())
        answer = self.receive(time.monotonic() + timeout_s)
        if answer is None:
            raise Gone(None)
        if answer[0] != frames.READY:
            raise OSError(json.loads(answer[1])["message"])
        if self._at_first_bytes is None:
            self._at_first_bytes = _resident_bytes(self.pid)

    def kept_bytes(self) -> int:
        """By how much it has grown since it first read a copy."""
        first = self._at_first_bytes
        return 0 if first is None else _resident_bytes(self.pid) - first

    def ask(self, job: Job | Trial) -> None:
        """Send it a question; what comes back is received frame by frame.

        Raises: Gone.
        """
        self._send(frames.ASK, pickle.dumps(job))

    def receive(self, until: float) -> tuple[bytes, bytes] | None:
        """The next frame, its kind and what it holds; None if none has come.

        Units: `until` on the monotonic clock; it may be a quarter of a second later.
        Raises: Gone.
        """
        while (frame := self._next()) is None:
            late = time.monotonic() >= until
            try:
                more = self._line.recv(_CHUNK_BYTES, socket.MSG_DONTWAIT if late else 0)
            except BlockingIOError:
                if late:
                    return None
                continue
            except OSError:
                more = b""
            if not more:
                raise Gone(self._code(_DYING_S))
            self._unread += more
        return frame

    def kill(self) -> None:
        """Have the process end, whatever it does."""
        if self._ending is None:
            self._nursery.kill(self.pid)
            if self._thread is not None:
                run_on(ALL, self._thread)  # it may have much to free

    def put_last(self) -> None:
        """Have all others go before what it works at, and leave them a processor."""
        if self._thread is not None:
            sandbox.give_way(self._thread)
            run_on(OTHERS, self._thread)

    def give_way(self) -> None:
        """Have others go before what it works at, and leave it a share."""
        if self._thread is not None:
            with suppress(OSError):  # it has ended
                nice = os.getpriority(os.PRIO_PROCESS, self.pid)
                sandbox.give_way(self._thread, nice + _NICE)

    def ended(self) -> bool:
        """Whether the process has ended."""
        if self._ending is None and self._hung_up.poll(0):
            self._ending = self._nursery.code_of(self.pid)
        return self._ending is not None

    def bury(self) -> None:
        """Let go of a process that was killed or has ended."""
        self.kill()
        self._code(math.inf)
        self._line.close()

    def _next(self) -> tuple[bytes, bytes] | None:
        """The next frame of what has come; None if it has not come whole."""
        unread, start = self._unread, frames.HEADER.size
        if len(unread) < start:
            return None
        kind, length = frames.HEADER.unpack_from(unread)
        end = start + length
        if len(unread) < end:
            return None
        self._unread = unread[end:]
        if kind == frames.THREAD:
            self._thread = int(unread[start:end])
            return self._next()
        return kind, unread[start:end]

    def _send(self, kind: bytes, payload: bytes) -> None:
        try:
            self._line.sendall(frames.frame(kind, payload))
        except OSError:
            raise Gone(self._code(_DYING_S)) from None

    def _code(self, patience_s: float) -> int | None:
        until = time.monotonic() + patience_s
        while not self.ended() and time.monotonic() < until:
            time.sleep(_PAUSE_S)
        return self._ending


def _resident_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except OSError:  # it has ended
        return 0
    return pages * resource.getpagesize()


def limits_of(settings: Settings) -> Limits:
    """What an answer may take, by the settings."""
    return Limits(
        timeout_s=settings.query_timeout_s,
        memory_bytes=settings.query_memory_bytes,
        max_rows=settings.query_max_rows,
        max_result_bytes=settings.query_max_result_bytes,
        base=settings.base,
        union=settings.gate,
        nice=_NICE,
    )
