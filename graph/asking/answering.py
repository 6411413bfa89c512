"""An answer under way: what a worker has written of it, passed on as it comes."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable

from graph import errors
from graph.asking import frames
from graph.asking.child import Child, Gone
from graph.asking.question import Job
from graph.asking.trial import Trial
from graph.errors import GraphError, OverLimit, SyntaxFault
from graph.settings import Settings
from graph.store import Kind

_LOOK_S = 0.25
_CRASHES = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL}


class Cut(Exception):
    """An answer broke off after its beginning had been sent."""


class Answering:
    """The chunks of an answer; `close` lets go of the worker, whatever it is at.

    Shape: `whole` is all of it where it is short. An empty chunk says that there is
        none yet, and lets a server find out that its client has left.
        `asked` is what was asked, in a word.
    Units: the limit is on the seconds spent waiting for the worker, and on those before.
    """

    def __init__(
        self,
        child: Child,
        limit_s: float,
        done: Callable[[Answering, bool], None],
        asked: str = "query",
        spent_s: float = 0.0,
    ) -> None:
        assert child.copy
        self.child = child
        self.revision = child.copy.revision
        self.kind: Kind = "select"
        self.whole: bytes | None = None
        self._handed_at: float | None = None
        self._limit_s = limit_s
        self._before_s = self.spent_s = spent_s
        self.begun_at = time.monotonic()
        self._asked = asked
        self._done: Callable[[Answering, bool], None] | None = done
        self._chunks: list[bytes] = []

    def begin(self, job: Job | Trial) -> None:
        """Ask, and wait until the beginning is sure.

        Raises: Gone; OverLimit if it takes too long; what the query is refused for.
        """
        self.child.ask(job)
        while not self._chunks:
            kind, payload = self._frame(self._left_s()) or self._late()
            if kind == frames.HEAD:
                self.kind = payload.decode()  # type: ignore[assignment]
            elif kind == frames.FAULT:
                raise _fault(payload)
            elif kind == frames.END:
                self.whole = b""
                return self._finish(True)
            else:
                self._chunks.append(payload)
        if (last := self._frame(0)) and last[0] == frames.END:
            self.whole = self._chunks.pop()
            self._finish(True)
        elif last:
            self._after(*last)
        return None

    def __iter__(self) -> Answering:
        return self

    def __next__(self) -> bytes:
        """The next chunk.

        Raises: Cut where it breaks off: what was sent must not look whole.
        """
        if not self._chunks and self._done is None:
            raise StopIteration
        self._handed_at = None
        try:
            if not self._chunks:
                if (frame := self._frame(min(self._left_s(), _LOOK_S))) is not None:
                    self._after(*frame)
                elif self._left_s() <= 0:
                    self._late()
        except Gone:
            self._finish(False)
            raise Cut("the worker ended in the midst of an answer") from None
        except GraphError as fault:
            self._finish(False)
            raise Cut(str(fault)) from None
        if not self._chunks and self._done is None:
            raise StopIteration
        self._handed_at = time.monotonic()
        return self._chunks.pop(0) if self._chunks else b""

    def held_up_s(self, now: float) -> float:
        """For how long the client has been taking a chunk; 0 while it waits for one."""
        handed_at = self._handed_at
        return now - handed_at if handed_at else 0.0

    def close(self) -> None:
        """Let go of the worker; one that is not done is ended."""
        self._finish(False)

    def _frame(self, wait_s: float) -> tuple[bytes, bytes] | None:
        start = time.monotonic()
        try:
            return self.child.receive(start + wait_s)
        finally:
            self.spent_s += time.monotonic() - start

    def _left_s(self) -> float:
        return self._limit_s - self.spent_s

    def _after(self, kind: bytes, payload: bytes) -> None:
        """Take in a frame after the first."""
        if kind == frames.DATA:
            self._chunks.append(payload)
        elif kind == frames.END:
            self._finish(True)
        else:
            raise _fault(payload)

    def _finish(self, well: bool) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(self, well)

    def _late(self) -> tuple[bytes, bytes]:
        raise OverLimit(too_late(self._limit_s, self._asked, self._before_s))


def too_late(limit_s: float, asked: str = "query", waited_s: float = 0.0) -> str:
    """What a query or an Update is told that took longer than it may."""
    waiting = f", {waited_s:.1f} s of it spent waiting for its turn" if waited_s >= 0.1 else ""
    return (
        f"The {asked} took longer than {limit_s:g} s{waiting}, which is the limit here "
        "(ASCRIBE_QUERY_TIMEOUT_S). Begin with the pattern that fits least, ask for fewer "
        "rows, or do it in parts."
    )


def blamed(code: int | None, settings: Settings, asked: str = "query") -> OverLimit | None:
    """What a query or an Update is told whose worker ended so; None if it is not to blame."""
    if code == -signal.SIGPROF:
        return OverLimit(too_late(settings.query_timeout_s, asked))
    if code in _CRASHES:
        return OverLimit(
            f"The {asked} needs more memory than one may take, which is "
            f"{settings.query_memory_bytes:,} bytes (ASCRIBE_QUERY_MEMORY_BYTES), or "
            "nests too deep. Ask for fewer rows at a time, or write it flatter."
        )
    return None


def _fault(payload: bytes) -> GraphError:
    told = json.loads(payload)
    if told["place"]:
        line, column = told["place"]
        return SyntaxFault(told["message"], line=line, column=column)
    kind: type[GraphError] = getattr(errors, told["kind"])
    return kind(told["message"])
