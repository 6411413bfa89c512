"""Parses RDF from strangers, in a process of its own that may die of it.

Run as a script by `graph.parsing`: deep nesting and entity
bombs kill parsers (JSON-LD 5,000 deep, triple terms 20,000 deep and a small
RDF/XML file of 940 MB were seen), and only a process can be given a limit of
memory. Nothing here opens a socket, or a file but what the system says of its memory.

Each request is a line of JSON followed by the bytes it announces; each answer
is a line of JSON followed by N-Quads.
"""

import ctypes
import io
import json
import os
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from xml.parsers import expat

import pyoxigraph as ox

_MUCH_BYTES = 8_000_000
LONGEST_IRI = 8_192  # bytes: servers take no longer addresses
_LONG_IRI = re.compile(rb'<[^\s"<>]{%d,}>' % (LONGEST_IRI + 1))


class Fault(Exception):
    """An input that is refused, with the kind of error and its place."""

    def __init__(
        self,
        kind: str,
        message: str,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.answer = {"error": kind, "message": message, "line": line, "column": column}


def main() -> None:
    """Answer requests until standard input ends."""
    limits = json.loads(sys.argv[1])
    memory = limits["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    at_first = resident_bytes()
    while line := stdin.readline():
        request = json.loads(line)
        payload = b""
        answer: dict[str, Any]
        try:
            payload = parse(stdin.read(request["length"]), request, limits)
            answer = {"length": len(payload)}
        except Fault as fault:
            answer = fault.answer
        except MemoryError:
            answer = Fault("TooLarge", "it needs more memory than one input may use").answer
        stdout.write(json.dumps(answer).encode() + b"\n")
        stdout.write(payload)
        stdout.flush()
        if resident_bytes() > at_first + _MUCH_BYTES:
            give_back()


def resident_bytes() -> int:
    """How much memory this process holds."""
    return int(os.pread(_statm(), 100, 0).split()[1]) * resource.getpagesize()


@cache
def _statm() -> int:
    return os.open("/proc/self/statm", os.O_RDONLY)


def give_back() -> None:
    """Have the C library let go of what is free; others than glibc do so by themselves.

    Shape: inputs differ in size, and what one leaves between others is kept: 40 MB were seen
        after five hundred of 200 KB.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


def parse(data: bytes, request: dict[str, Any], limits: dict[str, int]) -> bytes:
    """The input as N-Quads.

    Raises: Fault for wrong syntax, binary data, a DTD, remote contexts, triple
        terms and anything over a limit.
    """
    rdf_format = ox.RdfFormat.from_media_type(request["media_type"])
    assert rdf_format is not None, request["media_type"]
    if rdf_format == ox.RdfFormat.RDF_XML:
        refuse_dtd(data)
    else:
        refuse_binary(data)
    if rdf_format == ox.RdfFormat.JSON_LD:
        data = with_local_contexts(data, request["contexts"])
    out = io.BytesIO()
    try:
        quads = ox.parse(data, rdf_format, base_iri=request["base"])
        ox.serialize(within(quads, limits), out, ox.RdfFormat.N_QUADS)
    except SyntaxError as error:
        raise Fault("SyntaxFault", plain(error), error.lineno, error.offset) from None
    except RecursionError:
        raise Fault("TooLarge", "it is nested too deeply") from None
    if _LONG_IRI.search(out.getbuffer()):
        raise Fault("TooLarge", f"an IRI is longer than {LONGEST_IRI:,} bytes")
    return out.getvalue()


def within(quads: Iterable[ox.Quad], limits: dict[str, int]) -> Iterator[ox.Quad]:
    """The quads, as long as they stay inside the limits."""
    longest = limits["max_literal_bytes"]
    for number, quad in enumerate(quads, 1):
        if number > limits["max_triples"]:
            raise Fault(
                "TooLarge",
                f"it holds more than {limits['max_triples']:,} triples: split it, or raise "
                "ASCRIBE_MAX_TRIPLES",
            )
        term = quad.object
        if isinstance(term, ox.Triple):
            raise Fault(
                "BadInput", "it holds a triple term (RDF 1.2), which bundles have no use for"
            )
        if isinstance(term, ox.Literal) and len(term.value) > longest:
            raise Fault(
                "TooLarge",
                f"a literal is longer than {longest:,} characters: shorten it, or raise "
                "ASCRIBE_MAX_LITERAL_BYTES",
            )
        if isinstance(term, ox.Literal) and "\0" in term.value:
            raise Fault("BadInput", f"a literal holds a NUL (\\u0000), so it is no text: {term}")
        yield quad


def refuse_binary(data: bytes) -> None:
    """Refuse what is not UTF-8 text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise Fault("SyntaxFault", "this is not UTF-8 text", *place) from None
    if text.startswith("\ufeff"):
        raise Fault("BadInput", "it begins with a byte order mark: save it as UTF-8 without one")
    if "\0" in text:
        raise Fault("BadInput", f"character {text.index(chr(0))} is a NUL, so it is no text")


def refuse_dtd(data: bytes) -> None:
    """Refuse XML with a document type: entities in it can grow without bound."""

    def doctype(*_: object) -> None:
        raise Fault(
            "BadInput",
            "it has a document type declaration (<!DOCTYPE), which is never read: remove it",
            parser.CurrentLineNumber,
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise Fault(
            "SyntaxFault", f"not well-formed XML: {reason}", error.lineno, error.offset + 1
        ) from None
    except (ValueError, LookupError):
        raise Fault("BadInput", "it names an encoding that is not read: send UTF-8") from None


def with_local_contexts(data: bytes, contexts: dict[str, Any]) -> bytes:
    """JSON-LD with our own contexts put in place of their addresses."""
    try:
        document = json.loads(data)
    except json.JSONDecodeError as error:
        raise Fault("SyntaxFault", f"not JSON: {error.msg}", error.lineno, error.colno) from None
    except ValueError:
        raise Fault("TooLarge", "it holds a number of more than 4,300 digits") from None
    except RecursionError:
        raise Fault("TooLarge", "it is nested too deeply") from None
    if not named_context(document):
        return data
    return json.dumps(inlined(document, contexts)).encode()


def named_context(document: Any) -> bool:
    """Whether a top-level object names a context by its address."""
    tops = document if isinstance(document, list) else [document]
    found = [top.get("@context") for top in tops if isinstance(top, dict)]
    return any(
        isinstance(each, str)
        for context in found
        for each in (context if isinstance(context, list) else [context])
    )


def inlined(document: Any, contexts: dict[str, Any]) -> Any:
    """The document with each known context address replaced by the context."""

    def known(context: Any) -> Any:
        if isinstance(context, list):
            return [known(each) for each in context]
        if isinstance(context, str):
            if context not in contexts:
                raise Fault(
                    "BadInput",
                    f"its @context <{context}> would have to be fetched, and remote "
                    f"contexts never are: write the context inline, or use "
                    f"{' or '.join(contexts)}",
                )
            return contexts[context]
        return context

    if isinstance(document, list):
        return [inlined(each, contexts) for each in document]
    if isinstance(document, dict) and "@context" in document:
        return document | {"@context": known(document["@context"])}
    return document


def plain(error: SyntaxError) -> str:
    """The parser's reason without its prefix, as a sentence part."""
    reason = re.sub(r" \(line \d+\)$", "", str(error))
    if "LoadDocumentCallback" in reason:
        return (
            "a remote @context would have to be fetched, and remote contexts never are: "
            "write it inline"
        )
    head, _, tail = reason.partition(": ")
    return tail if head.startswith("Parser error") and tail else reason


if __name__ == "__main__":
    main()
