"""Many bundles into the store: read and checked on every core, kept in groups.

Two processes read and check; this one answers what they have to know of the
store, logs and stores. A verdict counts only if the store still says the same
when its turn comes; otherwise the bundle goes the slow road, alone.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph import catalog
from graph.bulk_worker import Asked, Item, Job, Judged, Told
from graph.bundle import Bundle, Graphs
from graph.commits import Group
from graph.errors import BadInput, GraphError, Refused, SyntaxFault
from graph.files import PACKAGE
from graph.formats import NQUADS, TRIG, Format, dumps, from_path
from graph.ingest import Receipt, Writer
from graph.journal import Write
from graph.reading import Reader, read_limited
from graph.surroundings import answers
from graph.texts import TextArchive
from graph.vocab import ASC

_JOB_BYTES = 400_000
"""How much is read and checked in one go."""

_GROUP_BYTES = 24_000_000
"""How much N-Quads is logged with one sync and loaded at once."""

_SPLIT_BYTES = 2_000_000
"""Larger files that name their graphs are taken apart while they are read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one bundle, or of a file that could not be read.

    Shape: a receipt or a fault; `refused` is what a refused bundle states, as
        N-Quads, and `weight` how many bytes of input are done with it; with
        `split` a report counts lines in `refused`, not in the file.
    """

    name: str
    receipt: Receipt | None = None
    fault: GraphError | None = None
    refused: bytes = b""
    weight: int = 0
    split: bool = False


@dataclass(slots=True)
class _Flight:
    """A job under way: what was asked, what was told, what was judged."""

    job: Job
    asked: list[Asked] = field(default_factory=list)
    told: tuple[bytes | None, ...] = ()
    judged: list[Judged | None] | None = None
    lost: bool = False


class _Child:
    """A process that reads and checks."""

    def __init__(self, reader: Reader, texts: TextArchive) -> None:
        ours, theirs = socket.socketpair()
        program = "from graph.bulk_worker import main; main()"
        command = [sys.executable, "-c", program, str(theirs.fileno())]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment)
        theirs.close()
        self.line = Connection(ours.detach())
        self.line.send((reader.settings, texts.folder))
        self.jobs: list[int] = []

    def end(self) -> None:
        self.line.close()
        self._process.terminate()
        self._process.wait()


class Loader:
    """One bulk load into one store.

    Shape: after `stop` is set no more is taken up; what is under way is ended.
    """

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        texts: TextArchive,
        *,
        replace: bool = False,
        by: str = "",
        workers: int = 2,
    ) -> None:
        self.stop = threading.Event()
        self._writer = writer
        self._reader = reader
        self._texts = texts
        self._graphs = Graphs(reader.settings.base)
        self._replace = replace
        self._by = by
        self._workers = workers
        self._flights: dict[int, _Flight] = {}
        self._order: deque[int] = deque()
        self._group: Group | None = None
        self._size = 0
        self._waiting: list[Outcome] = []  # of the open group
        self._settling: tuple[Future[None], list[Outcome]] | None = None

    def load(self, paths: Sequence[Path], form: Format | None = None) -> Iterator[Outcome]:
        """Check the bundles of some files and keep those that pass, on disk when yielded.

        Shape: an outcome for each bundle, in the order of the files.
        """
        jobs = _jobs(self._items(paths, form))
        with self._children() as children, ThreadPoolExecutor(1) as committer:
            while True:
                self._feed(children, jobs)
                if not self._order:
                    break
                while self._order and self._is_ready(self._order[0]):
                    flight = self._flights.pop(self._order.popleft())
                    yield from self._keep(flight, committer)
                if self._order:
                    self._hear(children)
            yield from self._settle(committer)
            yield from self._settled()

    @contextmanager
    def _children(self) -> Iterator[list[_Child]]:
        children = [_Child(self._reader, self._texts) for _ in range(self._workers)]
        try:
            yield children
        finally:
            for child in children:
                child.end()

    def _items(self, paths: Iterable[Path], form: Format | None) -> Iterator[Item]:
        settings = self._reader.settings
        for path in paths:
            try:
                known = form or from_path(path)
                named = known in (NQUADS, TRIG) and path.is_file()
                if named and path.stat().st_size > _SPLIT_BYTES:
                    yield from self._split(path, known)
                else:
                    data = read_limited(path, settings)
                    yield Item(str(path), data, known.extension, len(data))
            except GraphError as fault:
                yield Item(str(path), b"", NQUADS.extension, 0, fault=fault)

    def _split(self, path: Path, form: Format) -> Iterator[Item]:
        """The bundles of a large file, each as N-Quads.

        Raises: SyntaxFault and BadInput where the file cannot be read on.
        """
        settings = self._reader.settings
        task = {
            "path": str(path),
            "media_type": form.media_type,
            "base": settings.base,
            "shared": [graph.value for graph in self._graphs.shared],
            "triples": settings.max_triples,
            "literal_bytes": settings.max_literal_bytes,
            "memory_bytes": settings.parse_memory_bytes,
        }
        command = [sys.executable, str(PACKAGE / "split_worker.py"), json.dumps(task)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:
            assert child.stdout is not None
            try:
                done = 0
                while not (head := json.loads(child.stdout.readline() or b'{"end": 1}')).get("end"):
                    data = child.stdout.read(head["length"])
                    yield Item(str(path), data, NQUADS.extension, head["bytes"] - done, True)
                    done = head["bytes"]
                if "error" in head:
                    raise _unsplit(path, head)
                if "length" not in head:
                    raise BadInput(f"{path}: not read to its end: the process that reads it died.")
            finally:
                child.kill()

    def _feed(self, children: list[_Child], jobs: Iterator[Job]) -> None:
        """Give each process two jobs."""
        for child in sorted(children, key=lambda each: len(each.jobs)):
            while len(child.jobs) < 2 and not self.stop.is_set():
                job = next(jobs, None)
                if job is None:
                    return
                child.jobs.append(job.number)
                self._flights[job.number] = _Flight(job)
                self._order.append(job.number)
                with suppress(OSError):  # one that died is noticed when it is listened to
                    child.line.send(job)

    def _is_ready(self, number: int) -> bool:
        flight = self._flights[number]
        return flight.judged is not None or flight.lost

    def _hear(self, children: list[_Child]) -> None:
        """Take what the processes have to say, and answer."""
        by_line = {child.line: child for child in children}
        for line in wait(list(by_line)):
            child = by_line[line]  # type: ignore[index]
            try:
                number, said = child.line.recv()
            except (EOFError, OSError):
                for number in child.jobs:
                    self._flights[number].lost = True
                child.end()
                children[children.index(child)] = _Child(self._reader, self._texts)
                continue
            flight = self._flights[number]
            if flight.told:
                flight.judged = said
                child.jobs.remove(number)
            else:
                flight.asked = said
                flight.told = tuple(self._answer(asked) for asked in said)
                with suppress(OSError):
                    child.line.send(Told(number, self._writer.time().value, flight.told))

    def _answer(self, asked: Asked) -> bytes | None:
        """What the store says to a bundle's questions; None if it goes another road."""
        if (
            asked.questions is None
            or self._writer.pending_digest_of(NamedNode(asked.version)) is not None
        ):
            return None
        with self._writer.commits.trial():
            return dumps(answers(self._writer.commits.view, self._graphs, asked.questions), NQUADS)

    def _keep(self, flight: _Flight, committer: ThreadPoolExecutor) -> Iterator[Outcome]:
        """Put the bundles of a job that is ready into the open group, in order."""
        if flight.lost:
            yield from self._settle(committer)
            yield from self._settled()
            for item in flight.job.items:
                yield from self._alone(item)
            return
        last = {asked.item: number for number, asked in enumerate(flight.asked)}
        for number, asked in enumerate(flight.asked):
            item = flight.job.items[asked.item]
            judged = flight.judged[number] if flight.judged else None
            weight = item.weight if last[asked.item] == number else 0
            if asked.fault is not None:
                self._waiting.append(Outcome(item.name, fault=asked.fault, weight=weight))
            elif self._writer.pending_digest_of(NamedNode(asked.version)) == asked.digest:
                receipt = Receipt(asked.version, "unchanged", asked.digest, self._writer.revision())
                self._waiting.append(Outcome(item.name, receipt, weight=weight))
            elif judged is None or not self._stands(asked, flight.told[number], judged):
                yield from self._settle(committer)
                yield from self._settled()
                yield from self._alone(item, asked.place, weight)
            elif not judged.report.conforms:
                refused = Refused(judged.report)
                self._waiting.append(
                    Outcome(item.name, None, refused, judged.refused, weight, item.split)
                )
            else:
                self._waiting.append(self._enlist(item, asked, judged, weight))
        if self._size >= _GROUP_BYTES:
            yield from self._settle(committer)

    def _stands(self, asked: Asked, told: bytes | None, judged: Judged) -> bool:
        """Whether the store still says what a verdict was built on."""
        if told is None or self._writer.pending_digest_of(NamedNode(asked.version)) is not None:
            return False
        if not judged.report.conforms and self._group is not None:
            return False  # what it lacks may be in the open group
        then = set(told.splitlines())
        now = set((self._answer(asked) or b"").splitlines())
        return now == then or (now ^ then) <= set(judged.shared.splitlines())

    def _enlist(self, item: Item, asked: Asked, judged: Judged, weight: int) -> Outcome:
        """Put a bundle that may be stored into the open group."""
        version = NamedNode(asked.version)
        commits, graphs = self._writer.commits, self._graphs
        time = self._writer.time()
        with commits.trial():
            revision = commits.next_revision()
            activity = {
                *catalog.activity(graphs, version, revision, time, self._by),
                catalog.made_by(graphs, version, revision),
            }
            payload = judged.coming + dumps(activity - {catalog.number(graphs, revision)}, NQUADS)
            coming = payload + dumps([catalog.number(graphs, revision)], NQUADS)
            write = Write(revision, time.value, "added", asked.version, self._by, coming)
            digest = Quad(version, ASC.bundleDigest, Literal(asked.digest), graphs.catalog)
            known = (*parse(judged.shared, RdfFormat.N_QUADS), digest)
            self._group = commits.enlist_load(write, payload, known)
        self._size += len(coming)
        report = judged.report
        receipt = Receipt(
            *(asked.version, "added", asked.digest, revision),
            statements=judged.statements,
            quads=coming.count(b"\n"),
            quotes_checked=report.quotes_checked,
            quotes_unchecked=report.quotes_unchecked,
            warnings=report.warnings,
        )
        return Outcome(item.name, receipt, weight=weight)

    def _alone(self, item: Item, place: int | None = None, weight: int = 0) -> Iterator[Outcome]:
        """One bundle of an item, or all, by the road that a single one goes."""
        bundles: list[Bundle] = []
        try:
            bundles = item.bundles(self._reader)
        except GraphError as fault:
            yield Outcome(item.name, fault=fault, weight=item.weight)
        for bundle in bundles if place is None else bundles[place : place + 1]:
            try:
                receipt = self._writer.add(bundle, replace=self._replace, by=self._by)
                yield Outcome(item.name, receipt, weight=weight)
            except Refused as fault:
                refused = item.as_nquads(bundle)
                yield Outcome(item.name, None, fault, refused, weight, item.split)
            except GraphError as fault:
                yield Outcome(item.name, fault=fault, weight=weight)

    def _settle(self, committer: ThreadPoolExecutor) -> Iterator[Outcome]:
        """Have the open group committed, beside what goes on here."""
        yield from self._settled()
        if self._group is not None:
            future = committer.submit(self._writer.commits.settle, self._group)
            self._settling = future, self._waiting
        elif self._waiting:
            yield from self._waiting
        self._group, self._size, self._waiting = None, 0, []

    def _settled(self) -> Iterator[Outcome]:
        """The outcomes of the group that is being committed, once it is."""
        if self._settling is not None:
            future, outcomes = self._settling
            self._settling = None
            future.result()
            yield from outcomes


def _jobs(items: Iterable[Item]) -> Iterator[Job]:
    """Items in parcels that are worth a message."""
    held: list[Item] = []
    numbers = count()
    for item in items:
        held.append(item)
        if sum(len(each.data) for each in held) >= _JOB_BYTES:
            yield Job(next(numbers), tuple(held))
            held = []
    if held:
        yield Job(next(numbers), tuple(held))


def _unsplit(path: Path, head: dict[str, Any]) -> BadInput:
    """Why a large file could not be read on."""
    line, column = head.get("line"), head.get("column")
    place = ":".join(str(part) for part in (path, line, column) if part)
    if line:
        return SyntaxFault(f"{place}: not readable: {head['error']}.", line=line, column=column)
    return BadInput(f"{place}: not read on: {head['error']}.")
