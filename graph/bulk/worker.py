"""Reads and checks bundles for a bulk load, in a process of its own.

`main` is run by `graph.bulk.loader`, which holds the store. A job goes two ways
twice: read, and tell what the check has to know of the store; be told, and
check. With several jobs on their way the process need not wait.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from pyoxigraph import Literal, RdfFormat, parse

from graph import catalog
from graph.bulk.plain import Plain, Terms, plain, read_plain
from graph.bulk.slicing import Span
from graph.bundle import Bundle, Origin
from graph.errors import GraphError
from graph.formats import NQUADS, dumps, from_extension
from graph.malloc import seldom_collecting
from graph.reading import Reader
from graph.reasoning import entail
from graph.report import Report
from graph.settings import Settings
from graph.surroundings import Questions, questions_of
from graph.texts import TextArchive
from graph.validation import validate
from graph.vocab import ASC, XSD

_SWITCH_S = 0.0005
"""How long the thread that takes messages in waits for the other one: who sends waits too."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file, or one bundle of a large one.

    Shape: `data` is what was read of it; of an N-Quads file `span` says where one
        bundle stands, of another `split` that the data are one bundle, as N-Quads;
        `weight` is how many bytes of a file it stands for; `fault` says why a
        file could not be opened.
    """

    name: str
    extension: str
    weight: int
    data: bytes = b""
    span: Span | None = None
    split: bool = False
    fault: GraphError | None = None

    @property
    def is_part(self) -> bool:
        """Whether it is one bundle of a file."""
        return self.split or self.span is not None

    def text(self) -> bytes:
        """What is to be read.

        Raises: BadInput if the file can no longer be read.
        """
        return self.data if self.span is None else self.span.read(Path(self.name))

    def bundles(self, reader: Reader) -> list[Bundle]:
        """The bundles of the item.

        Raises: BadInput and its kinds.
        """
        if self.fault is not None:
            raise self.fault
        form = from_extension(self.extension, self.name)
        if not self.is_part:
            return reader.read_all(self.data, form, self.name)
        first = self.span.line if self.span else 1
        return [reader.read(self.text(), form, self.name, first_line=first)]

    def plains(self, reader: Reader, terms: Terms) -> Iterator[Plain]:
        """The bundles of the item, with their N-Quads.

        Raises: BadInput and its kinds.
        """
        if self.is_part:
            data, base = self.text(), reader.settings.base
            found = read_plain(data, base, terms, Origin(self.name, data, NQUADS, base))
            if found is not None:
                yield found
                return
        yield from map(plain, self.bundles(reader))

    def as_nquads(self, bundle: Bundle) -> bytes:
        """One of the item's bundles as N-Quads; where it was split, in the order it came."""
        return self.text() if self.is_part else dumps(bundle.quads, NQUADS)


@dataclass(frozen=True, slots=True)
class Job:
    """Some items to be read."""

    number: int
    items: tuple[Item, ...]


class Asked(NamedTuple):
    """One bundle that was read, with its questions; or why an item was not."""

    item: int
    place: int = 0
    version: str = ""
    digest: str = ""
    questions: Questions | None = None
    fault: GraphError | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the store says to each bundle of a job, as N-Quads; None needs no check."""

    number: int
    time: str
    answers: tuple[bytes | None, ...]


class Judged(NamedTuple):
    """A bundle's verdict; where it may be stored, the quads it brings as N-Quads.

    Shape: `shared` holds those that later checks may ask for and that others may
        have brought, `own` the rest; `refused` is what a refused bundle states,
        to be mended.
    """

    report: Report
    statements: int = 0
    own: bytes = b""
    shared: bytes = b""
    refused: bytes = b""


@dataclass(frozen=True, slots=True)
class _Read:
    """A bundle that waits for its answers."""

    item: Item
    plain: Plain


@dataclass(slots=True)
class _Desk:
    """The bundles of the jobs under way."""

    reader: Reader
    texts: TextArchive
    terms: Terms = field(default_factory=Terms)
    held: dict[int, list[_Read | None]] = field(default_factory=dict)

    def read(self, job: Job) -> tuple[int, list[Asked]]:
        asked: list[Asked] = []
        held: list[_Read | None] = []
        for number, item in enumerate(job.items):
            try:
                for place, each in enumerate(item.plains(self.reader, self.terms)):
                    name, questions = each.bundle.version.value, questions_of(each.bundle)
                    asked.append(Asked(number, place, name, each.digest, questions))
                    held.append(_Read(item, each))
            except GraphError as fault:
                asked.append(Asked(number, fault=fault))
                held.append(None)
        self.held[job.number] = held
        return job.number, asked

    def judge(self, told: Told) -> tuple[int, list[Judged | None]]:
        time = Literal(told.time, datatype=XSD.dateTime)
        held = self.held.pop(told.number)
        return told.number, [
            None if each is None or answer is None else self._judge(each, answer, time)
            for each, answer in zip(held, told.answers, strict=True)
        ]

    def _judge(self, read: _Read, answer: bytes, time: Literal) -> Judged:
        plain, stated = read.plain, read.plain.bundle
        stamps = [*catalog.stamps(stated, time)]
        bundle = stated.with_quads(stamps)
        beside = set(answer.splitlines(True)).difference(plain.shared.splitlines(True))
        context = parse(b"".join(beside), RdfFormat.N_QUADS)
        report, quotes = validate(bundle, self.texts.of(bundle), context)
        if not report.conforms:
            return Judged(report, refused=read.item.as_nquads(stated))
        statements = len(bundle.subjects_of(ASC.Statement))
        entry = catalog.entry(bundle, plain.digest, statements, time)
        derived = {*stamps, *entail(bundle, quotes.verbatim), *entry}
        graphs = bundle.graphs.shared
        shared = {quad for quad in derived if quad.graph_name in graphs}
        own = plain.own + dumps(derived - shared, NQUADS)
        return Judged(report, statements, own, plain.shared + dumps(shared, NQUADS))


def work(connection: Connection, settings: Settings, texts: Path | None) -> None:
    """Answer until the other end hangs up.

    A thread takes messages in, so that neither end waits for the other to read.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that writes
    desk = _Desk(Reader(settings), TextArchive(texts))
    messages: SimpleQueue[Job | Told | None] = SimpleQueue()
    threading.Thread(target=_take_in, args=(connection, messages), daemon=True).start()
    gc.freeze()
    sys.setswitchinterval(_SWITCH_S)
    with seldom_collecting():
        while (message := messages.get()) is not None:
            connection.send(desk.read(message) if isinstance(message, Job) else desk.judge(message))
    desk.reader.close()


def _take_in(connection: Connection, messages: SimpleQueue[Job | Told | None]) -> None:
    try:
        while True:
            messages.put(connection.recv())
    except (EOFError, OSError):
        messages.put(None)


def main() -> None:
    """Work for the process that started this one, over the socket it names."""
    with Connection(int(sys.argv[1])) as line, suppress(BrokenPipeError):  # it has died
        work(line, *line.recv())
