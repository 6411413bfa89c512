"""Where workers come from: a process that has read their modules, and splits in two for each.

To read them takes a third of a second of a processor, to split in two some milliseconds,
and what all have read is in memory once. Neither threads nor an open store would come
along whole, so this process has one thread, and opens nothing.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from typing import Any

from graph.asking import sandbox, worker
from graph.asking.worker import Limits
from graph.errors import StoreFault
from graph.malloc import SERVING
from graph.processors import spread

_PROGRAM = "from graph.asking.nursery import main; main()"
_MOST_BYTES = 10_000
_TRIES = 2


class Nursery:
    """The process that starts workers, as the one that asks for them sees it.

    Shape: `prepared` names a module that its workers have read as well. It is started when
        first needed, and again when it has ended, with which all its workers do.
    """

    def __init__(self, prepared: str = "sys") -> None:
        self._prepared = prepared
        self._turn = threading.Lock()
        self._line: socket.socket | None = None

    def start(self, line: socket.socket, limits: Limits) -> int:
        """Start a worker that is asked over a line; gives its number.

        Raises: StoreFault if that cannot be.
        """
        return int(self._told({"start": asdict(limits)}, line.fileno()))

    def kill(self, pid: int) -> None:
        """Have a worker end, whatever it does."""
        self._told({"kill": pid})

    def code_of(self, pid: int) -> int | None:
        """How a worker ended, as `subprocess` has it; None while it goes on. It is told once:
        then, and of one that ended with all others, that it was killed."""
        code: int | None = self._told({"end": pid})
        return code

    def close(self) -> None:
        """End this process, and the workers that are left."""
        with self._turn:
            self._let_go()

    def _told(self, wanted: dict[str, Any], *lines: int) -> Any:
        asked = json.dumps(wanted).encode()
        with self._turn:
            for _ in range(_TRIES):
                self._line = self._line or self._begun()
                with suppress(OSError):
                    socket.send_fds(self._line, [asked], lines)
                    if answer := self._line.recv(_MOST_BYTES):
                        return json.loads(answer)
                self._let_go()
        raise StoreFault("The processes that answer queries cannot be started.")

    def _begun(self) -> socket.socket:
        """The line to a new process. The kernel ends it with the thread that started it, so
        that one waits for it."""
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        threading.Thread(target=self._live, args=(theirs,), name="nursery", daemon=True).start()
        return ours

    def _live(self, line: socket.socket) -> None:
        with line, spread():
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    _PROGRAM,
                    str(line.fileno()),
                    str(os.getpid()),
                    self._prepared,
                ],
                pass_fds=[line.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **SERVING},
            )
        process.wait()

    def _let_go(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


def main() -> None:
    """Start workers as they are wanted, and tell how each has ended, until nobody asks."""
    line, parent, prepared = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    sandbox.end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import_module(prepared)
    gc.freeze()  # what no collection looks at is not written to, and stays shared
    living: set[int] = set()
    with socket.socket(fileno=line) as asked:
        while True:
            told, lines, *_ = socket.recv_fds(asked, _MOST_BYTES, 1)
            if not told:
                return
            [(act, what)] = json.loads(told).items()
            answer = None
            if act == "start":
                answer = _started(asked, lines[0], Limits(**what))
                living.add(answer)
            elif act == "end":
                answer = _ended(what) if what in living else -signal.SIGKILL
                living -= {what} if answer is not None else set()
            elif what in living:
                os.kill(what, signal.SIGKILL)
            asked.send(json.dumps(answer).encode())


def _started(asked: socket.socket, line: int, limits: Limits) -> int:
    here = os.getpid()
    pid = os.fork()
    if not pid:
        try:
            asked.close()
            sandbox.end_with_parent(here)
            worker.main(line, limits)
        finally:
            os._exit(0)  # nothing that this process has begun is to be ended twice
    os.close(line)
    return pid


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None
