"""Where each triple of a file stands.

Turtle and TriG are read a second time with rdflib's parser, the only one here
that can be asked for places, RDF/XML with its other one, N-Quads line by line,
JSON-LD with marks in it; and only once something is wrong with the bundle, so
rdflib is only then imported.
"""

from __future__ import annotations

from contextlib import suppress

from pyoxigraph import RdfFormat, parse

from graph.formats import JSON_LD, NQUADS, NTRIPLES, RDF_XML, TRIG, TURTLE, Format
from graph.lines.index import LineIndex
from graph.lines.pointers import PointerIndex
from graph.report import Place
from graph.shacl import name_of

__all__ = ["LineIndex", "index_lines"]

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
    with suppress(RecursionError, ValueError, SyntaxError):  # read by Oxigraph, not so here:
        if form == JSON_LD and len(data) <= _MOST_JSON_BYTES:
            return PointerIndex(data, base)
        if form == RDF_XML:
            from graph.lines.xml import index_elements

            index_elements(data, index, base)
        if form in _READ_BY_RDFLIB:
            from graph.lines.turtle import index_statements

            index_statements(data, index, base)
    return index


def _index_each_line(data: bytes, index: LineIndex) -> None:
    for number, line in enumerate(data.splitlines(), 1):
        for quad in parse(line, RdfFormat.N_QUADS):
            focus, path = name_of(quad.subject), quad.predicate.value
            index.note(focus, path, str(quad.object), Place(number))
