"""A change of some triples as an edit of the RDF/XML that states them.

A triple is an element there, an attribute, or the name of an element, which may hold
others. So an edit is taken only if the document then says what it said, less what goes
and with what comes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

import pyoxigraph as ox

from graph.lines.places import Breaks
from graph.lines.xml import Element, elements_of
from graph.mending.change import Change, Triple3, edited_by_trial, named_triples

_TAG = re.compile(r"""<[^\s<>/!?](?:[^<>"']|"[^"]*"|'[^']*')*>""")
_NAME = re.compile(r"(?<=<)[^\s<>/]+")
_PREFIX = re.compile(r"""\sxmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""")
_IDENTITY = re.compile(r"\srdf:(?:about|ID|nodeID)\s*=")
_BETWEEN = re.compile(r"(?s)^.*?<rdf:RDF[^>]*>\s*(.*?)\s*</rdf:RDF>\s*$")
_INNER = re.compile(r"(?s)^<[^>]*>\s*(.*?)\s*</[^>]*>$")

Piece = tuple[int, int, str]


def edited_elements(text: str, change: Change, base: str) -> str | None:
    """The text with some triples taken out and others put in; None where it cannot be done."""
    return edited_by_trial(
        text,
        change,
        lambda each: _triples_in(each, base),
        lambda each, _, old, new: _ways(_Document(each, base), old, new),
    )


def named(text: str, name: str, base: str) -> Iterator[tuple[str, str]]:
    """Texts in which a node has a name that had none: how it was written, and the text."""
    document = _Document(text, base)
    tags = [(each, *document.tag(each)) for each in document.elements]
    for label in dict.fromkeys(re.findall(r"""\srdf:nodeID=(?:"[^"]*"|'[^']*')""", text)):
        ways = {True: f' rdf:resource="{name}"', False: f' rdf:about="{name}"'}
        yield (
            label.strip(),
            _spliced(
                text,
                [
                    (start, end, text[start:end].replace(label, ways[each.is_property]))
                    for each, start, end in tags
                ],
            ),
        )
    for each, start, end in tags[1:]:
        called = _NAME.search(text, start, end)
        if called and not each.is_property and not _IDENTITY.search(text, start, end):
            place = called.end()
            yield text[start:end], _spliced(text, [(place, place, f' rdf:about="{name}"')])


class _Document:
    """A text with its elements, and with those that state each triple."""

    def __init__(self, text: str, base: str) -> None:
        self.text = text
        self.stating: dict[tuple[str, str, str], list[Element]] = defaultdict(list)
        self.elements = elements_of(text.encode(), base, self._note)
        self._breaks = Breaks(text)

    def _note(self, subject: str, path: str, value: str, element: Element) -> None:
        self.stating[subject, path, value].append(element)

    def tag(self, element: Element) -> tuple[int, int]:
        """Where an element's first tag begins and ends."""
        start = self._breaks.start(element.place)
        found = _TAG.match(self.text, start)
        return start, found.end() if found else start

    def span(self, element: Element) -> tuple[int, int]:
        """Where an element begins and ends."""
        start, end = self.tag(element)
        if not self.text.endswith("/>", start, end):
            end = self.text.index(">", self._breaks.start(element.closed)) + 1
        return start, end


def _triples_in(text: str, base: str) -> set[Triple3]:
    """What a document says of nodes that have a name; nothing if it cannot be read."""
    with suppress(SyntaxError, ValueError):
        return named_triples(ox.parse(text.encode(), ox.RdfFormat.RDF_XML, base_iri=base))
    return set()


def _ways(document: _Document, old: Triple3 | None, new: Triple3 | None) -> Iterator[str]:
    """The texts that might come of one triple going, coming, or giving way to another."""
    text = document.text
    if old is not None:
        stating = document.stating[str(getattr(old[0], "value", "")), old[1].value, str(old[2])]
        if new is not None:
            yield _with(document, stating, old, new)
        text = _with(document, stating, old, None)
    yield _with_added(text, new) if new is not None else text


def _with(document: _Document, stating: list[Element], old: Triple3, new: Triple3 | None) -> str:
    """The text in which the first that stated a triple states another, and the rest nothing."""
    puts = [new, *[None] * len(stating)]
    pieces = [
        piece
        for element, put in zip(stating, puts, strict=False)
        for piece in _pieces(document, element, old, put)
    ]
    return _spliced(document.text, pieces)


def _pieces(
    document: _Document, element: Element, old: Triple3, new: Triple3 | None
) -> Iterator[Piece]:
    """What to put where so that an element no longer states one triple, but another or none."""
    text = document.text
    start, end = document.span(element)
    if element.is_property:
        if new is not None:
            yield start, end, _INNER.sub(r"\1", _written(text, new))
        else:
            yield *_whole_lines(text, start, end), ""
        return
    first = document.tag(element)[1]
    local = re.escape(re.split("[#/]", old[1].value)[-1])
    attribute = re.search(rf"""\s[\w.-]+:{local}\s*=\s*("[^"]*"|'[^']*')""", text[start:first])
    name = _NAME.search(text, start)
    if attribute:
        yield start + attribute.start(), start + attribute.end(), ""
    elif name:
        other = _NAME.search(_written(text, new)) if new is not None else None
        called = other[0] if other else "rdf:Description"
        yield *name.span(), called
        if first != end:
            yield end - len(name[0]) - 1, end - 1, called


def _with_added(text: str, new: Triple3) -> str:
    place = text.rindex("</")
    return f"{text[:place].rstrip()}\n\n\t{_written(text, new)}\n{text[place:]}"


def _written(text: str, triple: Triple3) -> str:
    """A triple as an element for the top of a document, with the prefixes that it declares."""
    root = _TAG.search(text)
    prefixes = dict(_PREFIX.findall(root[0])) if root else {}
    row = [ox.Triple(*triple)]
    data = ox.serialize(row, None, ox.RdfFormat.RDF_XML, prefixes=prefixes) or b""
    return _BETWEEN.sub(r"\1", data.decode())


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch, with the line breaks around it where nothing else stands on its lines."""
    before = text.rfind("\n", 0, start) + 1
    after = text.find("\n", end) + 1 or len(text)
    alone = not text[before:start].strip() and not text[end:after].strip()
    return (before, after) if alone else (start, end)


def _spliced(text: str, pieces: list[Piece]) -> str:
    for start, end, new in sorted(pieces, reverse=True):
        text = text[:start] + new + text[end:]
    return text
