"""One table of formats: media type, extension, parser, serialiser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    serialize,
)

from graph.errors import UnknownFormat
from graph.vocab import PREFIXES


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """A way to write RDF or query results down; there is one object for each."""

    name: str
    media_type: str
    extension: str
    rdf: RdfFormat | None = None
    results: QueryResultsFormat | None = None
    aliases: tuple[str, ...] = ()
    named_graphs: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type header; text formats say their charset.

        Source: RFC 6657 (text types need a charset), W3C Turtle, section 11.
        """
        text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


TURTLE = Format("Turtle", "text/turtle", "ttl", RdfFormat.TURTLE, None, ("application/x-turtle",))
TRIG = Format(
    "TriG", "application/trig", "trig", RdfFormat.TRIG, None, ("application/x-trig",), True
)
NTRIPLES = Format("N-Triples", "application/n-triples", "nt", RdfFormat.N_TRIPLES)
NQUADS = Format(
    "N-Quads", "application/n-quads", "nq", RdfFormat.N_QUADS, None, ("text/x-nquads",), True
)
RDF_XML = Format(
    "RDF/XML",
    "application/rdf+xml",
    "rdf",
    RdfFormat.RDF_XML,
    None,
    ("application/xml", "text/xml"),
)
JSON_LD = Format(
    "JSON-LD", "application/ld+json", "jsonld", RdfFormat.JSON_LD, None, ("application/json",), True
)

RESULTS_JSON = Format(
    "JSON",
    "application/sparql-results+json",
    "srj",
    None,
    QueryResultsFormat.JSON,
    ("application/json",),
)
RESULTS_XML = Format(
    "XML",
    "application/sparql-results+xml",
    "srx",
    None,
    QueryResultsFormat.XML,
    ("application/xml", "text/xml"),
)
RESULTS_CSV = Format("CSV", "text/csv", "csv", None, QueryResultsFormat.CSV)
RESULTS_TSV = Format("TSV", "text/tab-separated-values", "tsv", None, QueryResultsFormat.TSV)

RDF_FORMATS: tuple[Format, ...] = (TURTLE, TRIG, JSON_LD, NTRIPLES, NQUADS, RDF_XML)
"""What is read and written as RDF, in order of preference."""

RESULT_FORMATS: tuple[Format, ...] = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)
"""What SELECT and ASK answer in, in order of preference."""

_BY_EXTENSION = {f.extension: f for f in RDF_FORMATS} | {
    "json": JSON_LD,
    "turtle": TURTLE,
    "xml": RDF_XML,
    "owl": RDF_XML,
}
_BY_MEDIA_TYPE = {m: f for f in RDF_FORMATS for m in (f.media_type, *f.aliases)}


def dumps(rows: Iterable[Quad | Triple], form: Format) -> bytes:
    """Quads or triples as the bytes of one small document, with the prefixes it uses."""
    held = list(rows)
    prefixes = None if form in (NTRIPLES, NQUADS) else used_prefixes(held)
    data = serialize(cast("list[Quad]", held), None, form.rdf, prefixes=prefixes) or b""
    return data.replace(*_RETURN) if form == RDF_XML else data


def write_quads(quads: Iterable[Quad], output: IO[bytes], form: Format) -> None:
    """Write quads as they are streamed; a format without named graphs gets their triples."""
    rows = quads if form.named_graphs else (quad.triple for quad in quads)
    write_rows(rows, output, form)


def write_rows(rows: Iterable[Quad | Triple], output: IO[bytes], form: Format) -> None:
    """Write quads or triples as they come, in a format that takes them."""
    # N-Triples has no prefixes, and a short answer pays for their being handed over.
    prefixes = None if form is NTRIPLES else PREFIXES
    target = keeping_returns(output, form)
    serialize(cast("Iterable[Quad]", rows), target, form.rdf, prefixes=prefixes)


PREFIX_LINES = "".join(f"@prefix {each}: <{iri}> .\n" for each, iri in PREFIXES.items()).encode()
"""What Turtle and TriG begin with."""


def piece(triples: Iterable[Triple], form: Format) -> bytes:
    """Triples as N-Triples, or as Turtle that goes on after `PREFIX_LINES`."""
    if form == NTRIPLES:
        return serialize(triples, format=form.rdf) or b""
    return after_prefixes(serialize(triples, format=form.rdf, prefixes=PREFIXES) or b"")


def after_prefixes(turtle: bytes) -> bytes:
    """Turtle with all our prefixes, without their lines, which come in any order."""
    return turtle[len(PREFIX_LINES) :]


def keeping_returns(output: IO[bytes], form: Format) -> IO[bytes]:
    """Where the engine writes an answer so that none of its characters is lost.

    It writes a carriage return into XML as it is, and a parser makes a line feed of it.
    Source: XML 1.0, section 2.11.
    """
    return cast("IO[bytes]", _Returns(output)) if form in (RDF_XML, RESULTS_XML) else output


class _Returns:
    def __init__(self, output: IO[bytes]) -> None:
        self._output = output

    def write(self, data: bytes) -> int:
        self._output.write(data.replace(*_RETURN))
        return len(data)

    def flush(self) -> None:
        self._output.flush()


_RETURN = (b"\r", b"&#xD;")


def used_prefixes(rows: Iterable[Quad | Triple]) -> dict[str, str]:
    """Our prefixes less those that no term of these rows needs."""
    terms = {term for row in rows for term in row}
    iris = {term.value for term in terms if isinstance(term, NamedNode)}
    iris |= {term.datatype.value for term in terms if isinstance(term, Literal)}
    return {
        prefix: str(namespace)
        for prefix, namespace in PREFIXES.items()
        if any(iri.startswith(namespace) for iri in iris)
    }


def from_path(path: Path) -> Format:
    """The RDF format a file's extension names.

    Raises: UnknownFormat, listing the extensions that are known.
    """
    return from_extension(path.suffix.lstrip(".").lower(), path.name)


def from_extension(extension: str, name: str = "") -> Format:
    """The RDF format an extension (without its dot) names.

    Raises: UnknownFormat, listing the extensions that are known.
    """
    try:
        return _BY_EXTENSION[extension]
    except KeyError:
        known = ", ".join(f".{each}" for each in _BY_EXTENSION)
        raise UnknownFormat(
            f"{name or extension}: .{extension} is no RDF format known here. "
            f"Expected one of {known}; or name the format with --input-format."
        ) from None


def from_media_type(media_type: str) -> Format:
    """The RDF format a Content-Type names; parameters are ignored by the caller.

    Raises: UnknownFormat, listing the media types that are known.
    """
    try:
        return _BY_MEDIA_TYPE[media_type.lower()]
    except KeyError:
        known = ", ".join(f.media_type for f in RDF_FORMATS)
        raise UnknownFormat(
            f"Content-Type {media_type or 'none'} is no RDF format known here. Send one of {known}."
        ) from None
