"""Where each triple of a file stands.

Turtle and TriG are read a second time with rdflib's parser, the only one here
that can be asked for places, N-Quads line by line; and only once something is
wrong with the bundle.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib.plugins.parsers.notation3 import BadSyntax, RDFSink
from rdflib.plugins.parsers.trig import TrigSinkParser

from graph.formats import NQUADS, NTRIPLES, TRIG, TURTLE, Format
from graph.report import Result
from graph.shacl import name_of

_MAX_BYTES = 16_000_000  # rdflib reads about 0.7 MB/s: past this, no line is worth the wait
_READ_BY_RDFLIB = {TURTLE, TRIG}
_A_QUAD_A_LINE = {NTRIPLES, NQUADS}


@dataclass(slots=True)
class LineIndex:
    """The line of each subject, property and triple, from 1; first mention wins."""

    subjects: dict[str, int] = field(default_factory=dict)
    properties: dict[tuple[str, str], int] = field(default_factory=dict)
    triples: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def line_of(self, result: Result) -> int | None:
        """Where a reader should look: at the triple, the property or the subject."""
        focus, path, value = result.focus, result.path or "", result.value or ""
        return (
            self.triples.get((focus, path, value))
            or self.properties.get((focus, path))
            or self.subjects.get(focus)
        )

    def lines_of(self, results: Iterable[Result]) -> dict[Result, int | None]:
        """The line of each result."""
        return {result: self.line_of(result) for result in results}


def index_lines(data: bytes, form: Format, base: str) -> LineIndex:
    """The line index of a file that has already been parsed without fault.

    Returns an empty index for formats without lines of their own (JSON-LD,
    RDF/XML), for files over 16 MB; one that stops at nesting or a number too long for rdflib.
    """
    index = LineIndex()
    if form in _A_QUAD_A_LINE:
        _index_each_line(data, index)
        return index
    if form not in _READ_BY_RDFLIB or len(data) > _MAX_BYTES:
        return index
    rdflib.NORMALIZE_LITERALS = False  # pySHACL sets it back to True after each run
    sink = RDFSink(rdflib.Graph())
    with suppress(RecursionError, ValueError, BadSyntax):  # read by Oxigraph, not by rdflib:
        _LineParser(sink, index, base).loadBuf(data)  # the lines so far are right
    return index


def _index_each_line(data: bytes, index: LineIndex) -> None:
    for number, line in enumerate(data.splitlines(), 1):
        for quad in parse(line, RdfFormat.N_QUADS):
            focus, path = name_of(quad.subject), quad.predicate.value
            index.subjects.setdefault(focus, number)
            index.properties.setdefault((focus, path), number)
            index.triples.setdefault((focus, path, str(quad.object)), number)


class QuadLines:
    """The lines of an N-Quads file that hold its quads, read as far as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = _numbers_of_quads(path)
        self._passed = 0

    def after(self, quads: int, count: int) -> list[int]:
        """The lines of the `count` quads that come after the first `quads` of the file."""
        if quads < self._passed:
            self._numbers, self._passed = _numbers_of_quads(self._path), 0
        skipped = quads - self._passed
        self._passed = quads + count
        return [*islice(self._numbers, skipped, skipped + count)]


def _numbers_of_quads(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.lstrip().startswith(b"#"):
                yield number


class _LineParser(TrigSinkParser):
    """rdflib's TriG parser, noting lines in place of storing triples.

    Lines are counted from the place in the text: the parser's own count grows
    each time it tries to read the same line break in another way.
    """

    def __init__(self, sink: RDFSink, index: LineIndex, base: str) -> None:
        super().__init__(sink, baseURI=base, turtle=True)
        self._index = index
        self._object_lines: dict[int, int] = {}
        self._breaks: list[int] | None = None

    def object(self, argstr: str, i: int, res: Any) -> int:
        start = max(self.skipSpace(argstr, i), i)
        end: int = super().object(argstr, start, res)
        if end >= 0 and res:
            self._object_lines[id(res[-1])] = self._line(argstr, start)
        return end

    def makeStatement(self, quadruple: Any) -> None:  # noqa: N802 (rdflib's name)
        context, predicate_, subject_, value_ = quadruple
        terms = (subject_, predicate_, value_)
        subject, predicate, value = (self._store.normalise(context, t) for t in terms)
        subject_line = self._object_lines.get(id(terms[0]), 1)
        here = self._object_lines.get(id(terms[2]), subject_line)
        focus, path = str(subject), str(predicate)
        self._index.subjects.setdefault(focus, subject_line)
        self._index.properties.setdefault((focus, path), here)
        self._index.triples.setdefault((focus, path, as_ntriples(value)), here)

    def _line(self, text: str, place: int) -> int:
        if self._breaks is None:
            self._breaks = [found.start() for found in re.finditer("\n", text)]
        return bisect_left(self._breaks, place) + 1


def as_ntriples(term: rdflib.term.Node) -> str:
    """An rdflib term in N-Triples syntax, written the way Oxigraph writes it."""
    if isinstance(term, rdflib.Literal):
        if term.language:
            return str(Literal(str(term), language=term.language))
        datatype = NamedNode(term.datatype) if term.datatype else None
        return str(Literal(str(term), datatype=datatype))
    if isinstance(term, rdflib.URIRef):
        return f"<{term}>"
    return f"_:{term}"
