"""Where each triple of an RDF/XML document stands: at the element that states it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from xml.sax import SAXException

import rdflib
from rdflib.exceptions import ParserError
from rdflib.parser import create_input_source
from rdflib.plugins.parsers.rdfxml import RDFXMLHandler, create_parser

from graph.lines.index import LineIndex
from graph.lines.terms import as_ntriples
from graph.report import Place


def index_elements(data: bytes, index: LineIndex, base: str) -> None:
    """Note the elements of a document that has been read without fault, and has no DTD."""
    rdflib.NORMALIZE_LITERALS = False  # pySHACL sets it back to True after each run
    sink = _Sink(index)
    source = create_input_source(data=data, publicID=base)
    parser = create_parser(source, sink)
    sink.handler = _Handler(sink)
    parser.setContentHandler(sink.handler)
    with suppress(SAXException, ParserError, RecursionError, ValueError):
        parser.parse(source)  # what was read so far is right


class _Handler(RDFXMLHandler):
    """rdflib's reader, which remembers where the open elements begin."""

    def __init__(self, store: rdflib.Graph) -> None:
        super().__init__(store)
        self.open: list[Place] = []

    def startElementNS(self, *args: Any) -> None:  # noqa: N802 (SAX's name)
        place = Place(self.locator.getLineNumber(), (self.locator.getColumnNumber() or 0) + 1)
        self.open.append(place)
        super().startElementNS(*args)

    def endElementNS(self, *args: Any) -> None:  # noqa: N802 (SAX's name)
        super().endElementNS(*args)
        self.open.pop()


class _Sink(rdflib.Graph):
    """Takes triples and notes the element that was open."""

    handler: _Handler

    def __init__(self, index: LineIndex) -> None:
        super().__init__()
        self._index = index

    def add(self, triple: Any) -> _Sink:
        subject, predicate, value = triple
        self._index.note(str(subject), str(predicate), as_ntriples(value), self.handler.open[-1])
        return self
