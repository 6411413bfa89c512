"""Where each triple of an RDF/XML document stands: at the element that states it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.sax import SAXException

import rdflib
from rdflib.exceptions import ParserError
from rdflib.parser import create_input_source
from rdflib.plugins.parsers.rdfxml import RDFXMLHandler, create_parser

from graph.lines.index import LineIndex
from graph.lines.terms import as_ntriples
from graph.report import Place


@dataclass(eq=False, slots=True)
class Element:
    """An element: where its tag begins, and where the tag that closes it does.

    Shape: `closed` is where the tag ends if it closes itself; `is_property` tells it from an
        element that stands for a thing.
    """

    place: Place
    closed: Place
    is_property: bool = False


Noting = Callable[[str, str, str, Element], None]
"""Takes subject, property and value of a triple, and the element that states it."""


def index_elements(data: bytes, index: LineIndex, base: str) -> None:
    """Note the elements of a document that has been read without fault, and has no DTD."""

    def note(subject: str, path: str, value: str, element: Element) -> None:
        index.note(subject, path, value, element.place)

    elements_of(data, base, note)


def elements_of(data: bytes, base: str, note: Noting) -> list[Element]:
    """The elements of such a document; what each states is noted."""
    rdflib.NORMALIZE_LITERALS = False  # pySHACL sets it back to True after each run
    sink = _Sink(note)
    source = create_input_source(data=data, publicID=base)
    parser = create_parser(source, sink)
    sink.handler = _Handler(sink)
    parser.setContentHandler(sink.handler)
    with suppress(SAXException, ParserError, RecursionError, ValueError):
        parser.parse(source)  # what was read so far is right
    return sink.handler.found


class _Handler(RDFXMLHandler):
    """rdflib's reader, which remembers the elements, and which of them are open."""

    def __init__(self, store: rdflib.Graph) -> None:
        super().__init__(store)
        self.found: list[Element] = []
        self.open: list[Element] = []

    def startElementNS(self, *args: Any) -> None:  # noqa: N802 (SAX's name)
        element = Element(self._here(), self._here())
        self.found.append(element)
        self.open.append(element)
        super().startElementNS(*args)

    def endElementNS(self, *args: Any) -> None:  # noqa: N802 (SAX's name)
        super().endElementNS(*args)
        self.open.pop().closed = self._here()

    def property_element_start(self, *args: Any) -> None:
        self.open[-1].is_property = True
        super().property_element_start(*args)

    def _here(self) -> Place:
        return Place(self.locator.getLineNumber(), (self.locator.getColumnNumber() or 0) + 1)


class _Sink(rdflib.Graph):
    """Takes triples and notes the element that was open."""

    handler: _Handler

    def __init__(self, note: Noting) -> None:
        super().__init__()
        self._note = note

    def add(self, triple: Any) -> _Sink:
        subject, predicate, value = triple
        self._note(str(subject), str(predicate), as_ntriples(value), self.handler.open[-1])
        return self
