"""Many bundles into the store: read and checked on every core, kept in groups.

Two processes read and check; this one answers what they have to know of the
store, logs and stores. A verdict counts only if the store still says the same
when its turn comes; otherwise the bundle goes the slow road, alone.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph import catalog
from graph.bulk.parcels import jobs_of
from graph.bulk.recall import Recall, first_said
from graph.bulk.worker import Asked, Item, Job, Judged, Told
from graph.bundle import Bundle, Graphs
from graph.errors import GraphError, Refused
from graph.formats import NQUADS, Format, dumps
from graph.groups import Group
from graph.ingest import Receipt, Writer
from graph.journal import Write
from graph.malloc import MALLOC, seldom_collecting
from graph.reading import Reader
from graph.report import Place, Report, Result
from graph.texts import TextArchive
from graph.vocab import ASC, RDF, RDFS

_JOBS = 8
"""As many jobs are under way in each process, so that it has work while this one is busy."""

_GROUP_BYTES = 24_000_000
"""How much N-Quads is logged with one sync, if the log is ready for it; the store takes
several such groups in one step."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one bundle, or of a file that could not be read.

    Shape: a receipt or a fault; `refused` is what a refused bundle states, as
        N-Quads, and `weight` how many bytes of input are done with it; of a
        large file `within` is the report with its lines counted in `refused`.
    """

    name: str
    receipt: Receipt | None = None
    fault: GraphError | None = None
    refused: bytes = b""
    weight: int = 0
    within: Report | None = None


@dataclass(slots=True)
class _Flight:
    """A job under way: what was asked, what was told and when, what was judged."""

    job: Job
    asked: list[Asked] = field(default_factory=list)
    told: tuple[bytes | None, ...] = ()
    told_at: int = 0
    judged: list[Judged | None] | None = None
    lost: bool = False


class _Child:
    """A process that reads and checks."""

    def __init__(self, reader: Reader, texts: TextArchive) -> None:
        ours, theirs = socket.socketpair()
        program = "from graph.bulk.worker import main; main()"
        command = [sys.executable, "-c", program, str(theirs.fileno())]
        environment = {
            **MALLOC,
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
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
        self._recall = Recall(writer.commits.view, self._graphs)
        self._next = writer.commits.next_revision()
        self._group: Group | None = None
        self._size = self._steps = 0
        self._waiting: list[Outcome] = []  # of the open group
        self._settling: tuple[Future[None], list[Outcome]] | None = None

    def load(self, paths: Sequence[Path], form: Format | None = None) -> Iterator[Outcome]:
        """Check the bundles of some files and keep those that pass, on disk when yielded.

        Shape: an outcome for each bundle, in the order of the files; relations are not sought.
        """
        jobs = jobs_of(paths, form, self._reader.settings)
        with seldom_collecting(), self._children() as children, ThreadPoolExecutor(1) as committer:
            while True:
                self._feed(children, jobs)
                if not self._order:
                    break
                while self._order and self._is_ready(self._order[0]):
                    flight = self._flights.pop(self._order.popleft())
                    yield from self._keep(flight, committer)
                if self._order:
                    self._hear(children)
            yield from self._all_settled(committer)
        self._writer.commits.follow()

    @contextmanager
    def _children(self) -> Iterator[list[_Child]]:
        children = [_Child(self._reader, self._texts) for _ in range(self._workers)]
        try:
            yield children
        finally:
            for child in children:
                child.end()

    def _feed(self, children: list[_Child], jobs: Iterator[Job]) -> None:
        """Give each process enough to do."""
        for child in sorted(children, key=lambda each: len(each.jobs)):
            while len(child.jobs) < _JOBS and not self.stop.is_set():
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
                self._notice_others()
                flight.asked, flight.told_at = said, self._recall.step
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
            return self._recall.answers(asked.questions)

    def _notice_others(self) -> None:
        """See whether somebody else wrote, or the store has what no check saw until then."""
        commits = self._writer.commits
        if commits.next_revision() != self._next:
            self._next, self._steps = commits.next_revision(), commits.steps
            self._recall.come_from_elsewhere()
        elif commits.steps != self._steps:
            self._steps = commits.steps
            self._recall.come_to_the_store()

    def _keep(self, flight: _Flight, committer: ThreadPoolExecutor) -> Iterator[Outcome]:
        """Put the bundles of a job that is ready into the open group, in order."""
        if flight.lost:
            yield from self._all_settled(committer)
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
                continue
            pending = self._pending(flight, number)
            if pending == asked.digest:
                receipt = Receipt(asked.version, "unchanged", asked.digest, self._writer.revision())
                self._waiting.append(Outcome(item.name, receipt, weight=weight))
                continue
            stored = self._stands(flight, number) if pending is None else None
            if judged is None or stored is None:
                yield from self._all_settled(committer)
                yield from self._alone(item, asked.place, weight)
            elif not judged.report.conforms:
                refused = self._refused(item, judged.report, judged.refused, weight)
                self._waiting.append(refused)
            else:
                self._waiting.append(self._enlist(item, asked, judged, stored, weight))
        ready = self._settling is None or self._settling[0].done()
        if self._size >= (_GROUP_BYTES if ready else _GROUP_BYTES * 3 // 2):
            yield from self._settle(committer)

    def _pending(self, flight: _Flight, number: int) -> str | None:
        """The digest that a bundle is kept with by now; None if it is not."""
        version = NamedNode(flight.asked[number].version)
        self._notice_others()
        was_told = bool(flight.told) and flight.told[number] is not None  # there was none then
        if was_told and not self._recall.has_changed(version, flight.told_at):
            return None
        return self._writer.pending_digest_of(version)

    def _stands(self, flight: _Flight, number: int) -> set[bytes] | None:
        """What the store says to a bundle's questions, if its verdict still stands on it."""
        asked, told = flight.asked[number], flight.told[number]
        judged = flight.judged[number] if flight.judged else None
        if (
            told is None
            or judged is None
            or asked.questions is None
            or (not judged.report.conforms and self._is_ahead())
        ):  # of a refused bundle, what it lacks may be on its way to the store
            return None
        then = set(told.splitlines(keepends=True))
        if not self._recall.is_other(asked.questions, flight.told_at):
            return then
        now = set((self._answer(asked) or b"").splitlines(keepends=True))
        return now if (now ^ then) <= set(judged.shared.splitlines(keepends=True)) else None

    def _enlist(
        self, item: Item, asked: Asked, judged: Judged, stored: set[bytes], weight: int
    ) -> Outcome:
        """Put a bundle that may be stored into the open group, less what is `stored`."""
        shared = judged.shared.splitlines(keepends=True)
        lines = [line for line in dict.fromkeys(shared) if line not in stored]
        listed = b"".join(lines)
        new = dict(zip(lines, parse(listed, RdfFormat.N_QUADS), strict=True))
        version = NamedNode(asked.version)
        commits, graphs = self._writer.commits, self._graphs
        time = self._writer.time()
        with commits.trial():
            revision = commits.next_revision()
            self._notice_others()
            books = [*catalog.activity(graphs, version, revision, time, self._by)]
            books.append(catalog.made_by(graphs, version, revision))
            activity = {
                quad  # only who writes was named before
                for quad in books
                if quad.predicate != RDFS.label or not any(commits.view.find(*quad))
            }
            number = catalog.number(graphs, revision)
            payload = judged.own + listed + dumps(activity - {number}, NQUADS)
            coming = payload + dumps([number], NQUADS)
            write = Write(
                revision, time.value, "added", version.value, self._by, coming, exact=True
            )
            known = {
                *new.values(),
                *(quad for quad in activity if quad.predicate == RDFS.label),
                Quad(version, RDF.type, ASC.DocumentVersion, version),
                Quad(version, ASC.bundleDigest, Literal(asked.digest), graphs.catalog),
            }
            self._group = commits.enlist_load(write, payload, known, first_said(new, stored))
        self._recall.come(new, version)
        self._next = revision + 1
        self._size += len(coming)
        report = _placed(item, judged.report)
        receipt = Receipt(
            *(asked.version, "added", asked.digest, revision),
            statements=judged.statements,
            quads=len(activity) + judged.own.count(b"\n") + len(shared),
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
                told = _placed(item, Report(receipt.warnings)).results
                yield Outcome(item.name, replace(receipt, warnings=told), weight=weight)
            except Refused as fault:
                yield self._refused(item, fault.report, item.as_nquads(bundle), weight)
            except GraphError as fault:
                yield Outcome(item.name, fault=fault, weight=weight)

    def _refused(self, item: Item, report: Report, refused: bytes, weight: int) -> Outcome:
        """A refused bundle, with the report as its file and as what it states count lines."""
        fault = Refused(_placed(item, report))
        return Outcome(
            item.name, None, fault, refused, weight, within=report if item.is_part else None
        )

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

    def _all_settled(self, committer: ThreadPoolExecutor) -> Iterator[Outcome]:
        """The outcomes of all that is kept, once the store has it."""
        yield from self._settle(committer)
        yield from self._settled()
        self._writer.commits.follow()

    def _is_ahead(self) -> bool:
        """Whether something was kept that the store does not have yet."""
        return bool(self._group or self._settling or self._writer.commits.lag)


def _placed(item: Item, report: Report) -> Report:
    """A report with the lines of the file, where they are known, in place of the item's."""
    if not item.is_part or not report.results:
        return report
    places: dict[Result, Place | None] = {}
    if item.span is not None:
        before = item.span.line - 1
        places = {each: Place(before + each.line) for each in report.results if each.line}
    return report.at(item.name, places)
