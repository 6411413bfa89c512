"""One worker, as the process that asks it sees it."""

from __future__ import annotations

import json
import os
import pickle
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from graph.asking import frames, sandbox
from graph.asking.copies import Copy
from graph.asking.question import Job
from graph.asking.trial import Trial
from graph.asking.worker import Limits
from graph.malloc import SERVING
from graph.settings import Settings

_PROGRAM = """
import os, threading
def read():
    os.nice({})
    import {}, graph.asking.worker
reading = threading.Thread(target=read)
reading.start()
reading.join()
from graph.asking.worker import main
main()
"""
_CHUNK_BYTES = 65_536
_NICE = 5
_LOOK = struct.pack("@ll", 0, 250_000)
"""After how many seconds and microseconds whoever waits looks at the clock."""
_BEHIND = 10
"""How much nicer a thread is that reads modules, a third of a second of a processor."""


class Gone(Exception):
    """The worker ended, and how: as `subprocess` has it, None where it was slow."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"a worker ended with {code}")
        self.code = code


class Child:
    """A process that answers queries.

    Shape: `prepared` names a module that it reads before it is ready; where nobody
        waits for it there is no `hurry`, and others go first until it is.
    """

    def __init__(self, limits: Limits, prepared: str = "sys", *, hurry: bool = True) -> None:
        ours, theirs = socket.socketpair()
        program = _PROGRAM.format(0 if hurry else _BEHIND, prepared)
        arguments = [str(theirs.fileno()), str(os.getpid()), json.dumps(asdict(limits))]
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                **SERVING,
            },
        )
        theirs.close()
        # One system call a wait: to set a time for each would be two more.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _LOOK)
        self._line = ours
        self._unread = b""
        self.pid = self._process.pid
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
                raise Gone(self._code())
            self._unread += more
        return frame

    def kill(self) -> None:
        """Have the process end, whatever it does."""
        self._process.kill()

    def put_last(self) -> None:
        """Have all others go before what it works at."""
        with suppress(OSError):
            for each in Path(f"/proc/{self.pid}/task").iterdir():
                if (each / "comm").read_text().strip() == sandbox.ANSWERING:
                    sandbox.put_last(int(each.name))

    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def bury(self) -> None:
        """Let go of a process that was killed or has ended."""
        self._process.kill()
        self._process.wait()
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
        return kind, unread[start:end]

    def _send(self, kind: bytes, payload: bytes) -> None:
        try:
            self._line.sendall(frames.frame(kind, payload))
        except OSError:
            raise Gone(self._code()) from None

    def _code(self) -> int | None:
        try:
            return self._process.wait(1)
        except subprocess.TimeoutExpired:
            return None


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
