"""Answers queries, in a process of its own that may hang or die of one.

`main` is run by `graph.asking.nursery`. What a query comes to is handed on as it is
written, in frames; the head is held back until the first of them is full, so that a
query that fails early is answered with its fault.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import resource
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, ClassVar, cast

import pyoxigraph as ox

from graph.asking import frames, sandbox
from graph.asking.inside import refuse_outside
from graph.asking.question import FORMATS, Job
from graph.asking.trial import Trial, as_bytes
from graph.errors import GraphError, StoreFault, SyntaxFault, TooLarge
from graph.formats import (
    RESULTS_CSV,
    RESULTS_JSON,
    RESULTS_TSV,
    RESULTS_XML,
    Format,
    keeping_returns,
    write_rows,
)
from graph.malloc import give_back
from graph.store import Kind
from graph.store.faults import as_ours
from graph.store.oxigraph import OxigraphStore

_FRAME_BYTES = 65_536
_TURN_MS = 4
_GROWTH_BYTES, _MOST_GROWTH_BYTES = 64_000_000, 256_000_000
"""A process that has grown by more gives back what it has freed; one that has then still
grown by more than the second ends after its answer. Between them lies what the engine
holds of the store, which is worth keeping: another process would have to read it again."""


def main(line: int, limits: Limits) -> None:
    """Answer what comes over a socket."""
    sandbox.name_process(sandbox.WORKER)
    os.nice(limits.nice)
    sandbox.take_turns(0, _TURN_MS, _niceness())
    worker = _Worker(line, limits)
    with os.fdopen(line, "rb", closefd=False) as incoming:
        worker.serve(incoming)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may take.

    Units: seconds of processor time; the asking process watches the clock.
    """

    timeout_s: float
    memory_bytes: int
    max_rows: int
    max_result_bytes: int
    base: str
    union: bool
    nice: int


class _Worker:
    def __init__(self, line: int, limits: Limits) -> None:
        self._line = line
        self._limits = limits
        self._store: OxigraphStore | None = None
        self._confined = False
        self._at_first = 0
        self._nice = _niceness()
        self._processors = os.sched_getaffinity(0)
        self._goes_on = True

    def serve(self, incoming: IO[bytes]) -> None:
        """Answer frame by frame, until the other end is closed.

        Shape: a thread that was put behind all others stays there, so that another goes on.
        """
        while self._goes_on:
            turn = threading.Thread(target=self._serve, args=(incoming,))
            turn.start()
            turn.join()

    def _serve(self, incoming: IO[bytes]) -> None:
        self._goes_on = False
        self._send(frames.THREAD, b"%d" % threading.get_native_id())
        while header := incoming.read(frames.HEADER.size):
            kind, length = frames.HEADER.unpack(header)
            payload = incoming.read(length)
            if kind == frames.OPEN:
                self._open(Path(payload.decode()))
            else:
                self._answer(pickle.loads(payload))
                if self._has_grown(_GROWTH_BYTES):
                    give_back()
                    if self._has_grown(_MOST_GROWTH_BYTES):
                        return
                if self._gives_way():
                    self._goes_on = True
                    return

    def _gives_way(self) -> bool:
        """Whether this thread was put behind others."""
        return _niceness() > self._nice or os.sched_getaffinity(0) != self._processors

    def _has_grown(self, size: int) -> bool:
        return _resident() > self._at_first + size

    def _open(self, path: Path) -> None:
        try:
            self._store = None
            gc.collect()
            limits = self._limits
            self._store = OxigraphStore.open(path, limits.base, read_only=True, union=limits.union)
            give_back()  # what the engine held of the copy before
            if not self._confined:
                sandbox.enter(limits.memory_bytes)
                self._confined = True
                self._at_first = _resident()
        except (GraphError, OSError) as error:
            self._send(frames.FAULT, _as_json(as_ours(error)))
        else:
            self._send(frames.READY)

    def _answer(self, job: Job | Trial) -> None:
        # The kernel ends this process where a query takes longer: nobody may be
        # waiting for it, as long as a client is slow to take what was answered.
        signal.setitimer(signal.ITIMER_PROF, self._limits.timeout_s + 0.5)
        output = _Output(self._line, self._limits)
        try:
            if isinstance(job, Trial):
                self._store = None
                output.begin("graph", None)
                output.write_all(_worked_out(job))
            else:
                if job.is_aside:
                    sandbox.give_way(0)
                self._write(job, output)
            output.end()
        except Exception as error:
            asked = job.update.request if isinstance(job, Trial) else job.question.sparql
            self._send(frames.FAULT, _as_json(output.fault or as_ours(error, asked)))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _write(self, job: Job, output: _Output) -> None:
        asked, sink = job.question, cast("IO[bytes]", output)
        if self._store is None:
            raise StoreFault("No store was opened.")
        refuse_outside(asked.sparql)
        found = self._store.ask(asked.sparql, asked.default_graphs, asked.named_graphs)
        if isinstance(found, ox.QueryTriples):
            if form := output.begin("graph", job.graph):
                write_rows(output.counted(found), sink, form)
        else:
            kind: Kind = "ask" if isinstance(found, ox.QueryBoolean) else "select"
            if form := output.begin(kind, job.solutions):
                found.serialize(keeping_returns(sink, form), form.results)

    def _send(self, kind: bytes, payload: bytes = b"") -> None:
        _write(self._line, frames.frame(kind, payload))


class _Output:
    """Where the engine writes an answer: counted, and sent on in frames."""

    _ROW_ENDS: ClassVar = {
        RESULTS_JSON: b"}},{",
        RESULTS_XML: b"</result>",
        RESULTS_CSV: b"\r\n",
        RESULTS_TSV: b"\n",
    }

    def __init__(self, line: int, limits: Limits) -> None:
        self.fault: Exception | None = None
        self._line = line
        self._limits = limits
        self._head = b""
        self._held = bytearray()
        self._row_end = b""
        self._tail = b""
        self._rows = 0
        self._bytes = 0

    def begin(self, kind: Kind, media_type: str | None) -> Format | None:
        """The format to write this kind of answer in; None where it is not wanted."""
        self._head = frames.frame(frames.HEAD, kind.encode())
        form = FORMATS[media_type] if media_type else None
        self._row_end = self._ROW_ENDS.get(form, b"") if form and kind == "select" else b""
        return form

    def counted(self, triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
        """The triples, as long as there are no more than may be."""
        for triple in triples:
            self._count(1)
            yield triple

    def write(self, data: bytes) -> int:
        """Take what the engine has written."""
        self._bytes += len(data)
        if self._bytes > self._limits.max_result_bytes:
            self._refuse(
                f"The answer is larger than {self._limits.max_result_bytes:,} bytes, which is "
                "the limit here (ASCRIBE_QUERY_MAX_RESULT_BYTES)."
            )
        if self._row_end:
            seen = self._tail + data
            self._count(seen.count(self._row_end))
            self._tail = seen[1 - len(self._row_end) :]
        self._held += data
        if len(self._held) >= _FRAME_BYTES:
            self._pass_on()
        return len(data)

    def write_all(self, data: bytes) -> None:
        """Take much at once, to be sent in pieces."""
        for start in range(0, len(data), _FRAME_BYTES):
            self.write(data[start : start + _FRAME_BYTES])

    def flush(self) -> None:
        """Nothing: what is held goes with what follows."""

    def end(self) -> None:
        """Send what is left, and that it is all."""
        self._pass_on(frames.frame(frames.END))

    def _pass_on(self, last: bytes = b"") -> None:
        data = frames.frame(frames.DATA, bytes(self._held)) if self._held else b""
        _write(self._line, self._head + data + last)
        self._head, self._held = b"", bytearray()

    def _count(self, rows: int) -> None:
        self._rows += rows
        if self._rows > self._limits.max_rows:
            self._refuse(
                f"The answer has more than {self._limits.max_rows:,} rows, which is the limit "
                "here (ASCRIBE_QUERY_MAX_ROWS)."
            )

    def _refuse(self, reason: str) -> None:
        self.fault = TooLarge(f"{reason} Take it in parts, with ORDER BY, LIMIT and OFFSET.")
        raise self.fault


def _worked_out(trial: Trial) -> bytes:
    """What an Update would change, as `graph.asking.updater` reads it."""
    from graph.updating import effect_of  # with rdflib, which queries do without

    update = trial.update
    store = OxigraphStore.open(trial.path, update.base, synced=False, union=update.union)
    with closing(store):
        return as_bytes(effect_of(store, update))


def _as_json(error: Exception) -> bytes:
    place = (error.line, error.column) if isinstance(error, SyntaxFault) else None
    told = {"kind": type(error).__name__, "message": str(error), "place": place}
    return json.dumps(told).encode()


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


@cache
def _statm() -> int:
    return os.open("/proc/self/statm", os.O_RDONLY)


def _resident() -> int:
    pages = int(os.pread(_statm(), 100, 0).split()[1])
    return pages * resource.getpagesize()


def _write(line: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(line, rest) :]
