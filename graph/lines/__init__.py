"""Where each triple of a file stands.

Turtle and TriG are read a second time with rdflib's parser, the only one here
that can be asked for places, RDF/XML with its other one, N-Quads line by line,
JSON-LD with marks in it; and only once something is wrong with the bundle.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.plugins.parsers.notation3 import BadSyntax, RDFSink
from rdflib.plugins.parsers.trig import TrigSinkParser

from graph.formats import JSON_LD, NQUADS, NTRIPLES, RDF_XML, TRIG, TURTLE, Format
from graph.lines.index import LineIndex, as_ntriples
from graph.lines.places import Breaks
from graph.lines.pointers import PointerIndex
from graph.lines.xml import index_elements
from graph.report import Place
from graph.shacl import name_of

__all__ = ["LineIndex", "LineParser", "QuadLines", "as_ntriples", "index_lines"]

_MAX_BYTES = 16_000_000  # rdflib reads about 0.7 MB/s: past this, no line is worth the wait
_MOST_JSON_BYTES = 2_000_000  # read three times over
_READ_BY_RDFLIB = {TURTLE, TRIG}
_A_QUAD_A_LINE = {NTRIPLES, NQUADS}


def index_lines(data: bytes, form: Format, base: str) -> LineIndex:
    """The line index of a file that has already been parsed without fault.

    Returns an empty index for files over 16 MB (JSON-LD: 2 MB); one that stops at
    nesting or a number too long for the parser.
    """
    index = LineIndex()
    if form in _A_QUAD_A_LINE:
        _index_each_line(data, index)
        return index
    if len(data) > _MAX_BYTES:
        return index
    rdflib.NORMALIZE_LITERALS = False  # pySHACL sets it back to True after each run
    with suppress(RecursionError, ValueError, BadSyntax, SyntaxError):  # read by Oxigraph, not so:
        if form == JSON_LD and len(data) <= _MOST_JSON_BYTES:
            return PointerIndex(data, base)
        if form == RDF_XML:
            index_elements(data, index, base)
        if form in _READ_BY_RDFLIB:
            sink = RDFSink(rdflib.Graph())
            LineParser(sink, index, base).loadBuf(data)  # the lines so far are right
    return index


def _index_each_line(data: bytes, index: LineIndex) -> None:
    for number, line in enumerate(data.splitlines(), 1):
        for quad in parse(line, RdfFormat.N_QUADS):
            focus, path = name_of(quad.subject), quad.predicate.value
            index.note(focus, path, str(quad.object), Place(number))


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


class LineParser(TrigSinkParser):
    """rdflib's TriG parser, noting places in place of storing triples.

    Lines are counted from the place in the text: the parser's own count grows
    each time it tries to read the same line break in another way.
    """

    def __init__(self, sink: RDFSink, index: LineIndex, base: str) -> None:
        super().__init__(sink, baseURI=base, turtle=True)
        self._index = index
        self._starts: dict[int, Place] = {}
        self._breaks: Breaks | None = None

    def object(self, argstr: str, i: int, res: Any) -> int:
        start = max(self.skipSpace(argstr, i), i)
        end: int = super().object(argstr, start, res)
        if end >= 0 and res:
            if self._breaks is None:
                self._breaks = Breaks(argstr)
            self._starts[id(res[-1])] = self._breaks.place(start)
        return end

    def makeStatement(self, quadruple: Any) -> None:  # noqa: N802 (rdflib's name)
        context, predicate_, subject_, value_ = quadruple
        terms = (subject_, predicate_, value_)
        subject, predicate, value = (self._store.normalise(context, t) for t in terms)
        above = self._starts.get(id(terms[0]), Place(1))
        here = self._starts.get(id(terms[2]), above)
        self._index.note(str(subject), str(predicate), as_ntriples(value), here, above)
