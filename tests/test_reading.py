"""Strangers' files: each gets one sentence, in bounded memory, with no request made."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph import formats
from graph.errors import BadInput, SyntaxFault, TooLarge, UnknownFormat
from graph.formats import Format
from graph.reading import Reader
from graph.settings import Settings

ENTITY_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><r>&j;</r>"
)
NAMESPACES = b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/"'
ONE_QUAD = b"<a> <b> <c> .\n"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(Settings(max_bytes=30_000_000, max_triples=100_000, parse_timeout_s=20))
    yield made
    made.close()


HOSTILE: dict[str, tuple[Format, bytes, type[BadInput], str]] = {
    "truncated": (formats.TURTLE, b"<a> <b> ", SyntaxFault, "Unexpected end"),
    "undeclared prefix": (formats.TURTLE, b"<a> <b> c:d .", SyntaxFault, "prefix c: has not"),
    "binary": (formats.TURTLE, b"\x89PNG\r\n\x1a\n\x00\xff", SyntaxFault, "1:1: not readable"),
    "a NUL": (formats.TURTLE, b'<a> <b> "\0" .', BadInput, "NUL"),
    "entity bomb": (formats.RDF_XML, ENTITY_BOMB.encode(), BadInput, "document type"),
    "entity bomb in UTF-16": (
        formats.RDF_XML,
        ENTITY_BOMB.replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16"),
        BadInput,
        "document type",
    ),
    "unclosed XML": (formats.RDF_XML, b"<r>", SyntaxFault, "no element found"),
    "deep XML": (formats.RDF_XML, b"<r>" * 200_000, SyntaxFault, "not well-formed"),
    "deep JSON": (formats.JSON_LD, b'{"a":' * 5000 + b"1" + b"}" * 5000, TooLarge, "deeply"),
    "deep JSON-LD": (
        formats.JSON_LD,
        b'{"@context":{"a":"http://e/a"},"a":' + b"[" * 900_000,
        BadInput,
        "",
    ),
    "deep triple terms": (
        formats.TURTLE,
        b"<a> <b> " + b"<<( <a> <b> " * 20_000 + b"<c>" + b" )>>" * 20_000 + b" .",
        TooLarge,
        "nested too deeply",
    ),
    "deep collections": (
        formats.TURTLE,
        b"<a> <b> " + b"(" * 20_000 + b"<c>" + b")" * 20_000 + b" .",
        BadInput,
        "no asc:DocumentVersion",
    ),
    "deep blank nodes": (
        formats.TURTLE,
        b"<a> <b> " + b"[ <b> " * 150_000 + b"<c>" + b" ]" * 150_000 + b" .",
        TooLarge,
        "ASCRIBE_MAX_TRIPLES",
    ),
    "deep annotations": (
        formats.TURTLE,
        b"<a> <b> <c> " + b"{| <b> <c> " * 20_000 + b" |}" * 20_000 + b" .",
        BadInput,
        "triple term",
    ),
    "deep JSON-LD lists": (
        formats.JSON_LD,
        b'{"http://e/a":' + b'{"@list":[' * 5000 + b"1" + b"]}" * 5000 + b"}",
        TooLarge,
        "nested too deeply",
    ),
    "deep XML in a literal": (
        formats.RDF_XML,
        b"<rdf:RDF %b><e:C><e:p rdf:parseType='Literal'>" % NAMESPACES
        + b"<e:C>" * 300_000
        + b"</e:C>" * 300_000
        + b"</e:p></e:C></rdf:RDF>",
        TooLarge,
        "ASCRIBE_MAX_LITERAL_BYTES",
    ),
    "a long number in JSON": (
        formats.JSON_LD,
        b"[1%b]" % (b"0" * 10_000),
        TooLarge,
        "4,300 digits",
    ),
    "a long IRI": (formats.TURTLE, b"<a> <b> <" + b"x" * 9_000 + b"> .", TooLarge, "8,192 bytes"),
    "a long datatype": (
        formats.TURTLE,
        b'<a> <b> "c"^^<' + b"x" * 9_000 + b"> .",
        TooLarge,
        "an IRI is longer",
    ),
    "a DTD elsewhere": (
        formats.RDF_XML,
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/"><r/>',
        BadInput,
        "document type",
    ),
    "XML in an unread encoding": (
        formats.RDF_XML,
        b'<?xml version="1.0" encoding="utf-7"?><r/>',
        BadInput,
        "send UTF-8",
    ),
    "a triple term": (formats.TURTLE, b"<a> <b> <<( <a> <b> <c> )>> .", BadInput, "triple term"),
    "long literal": (formats.TURTLE, b'<a> <b> "' + b"x" * 2_000_000 + b'" .', TooLarge, "longer"),
    "too large": (formats.TURTLE, b" " * 30_000_001, TooLarge, "ASCRIBE_MAX_BYTES"),
    "no source": (formats.TURTLE, ONE_QUAD, BadInput, "no asc:DocumentVersion"),
    "not JSON": (formats.JSON_LD, b"{", SyntaxFault, "not JSON"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_gets_one_clear_sentence(reader: Reader, name: str) -> None:
    form, data, kind, words = HOSTILE[name]
    with pytest.raises(kind) as caught:
        reader.read(data, form, "input")
    message = str(caught.value)
    assert words in message
    assert message.startswith("input:") and "\n" not in message and len(message) < 400


def test_the_reader_goes_on_after_input_that_kills_the_parser(reader: Reader) -> None:
    form, data, *_ = HOSTILE["deep triple terms"]
    for _ in range(2):
        with pytest.raises(TooLarge):
            reader.read(data, form, "input")
        with pytest.raises(BadInput, match="no asc:DocumentVersion"):
            reader.read(ONE_QUAD, formats.TURTLE, "input")


def test_syntax_faults_say_file_line_and_column(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "claims.ttl"
    file.write_text("<a> <b> <c> .\n<a> <b> c:d .\n")
    with pytest.raises(SyntaxFault, match=r"claims\.ttl:2:9: not readable as Turtle") as caught:
        reader.read_file(file)
    assert (caught.value.line, caught.value.column) == (2, 9)


def test_a_file_of_200_mb_is_refused_before_it_is_read(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "large.ttl"
    with file.open("wb") as handle:
        handle.truncate(200_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge, match="200,000,000 bytes"):
        reader.read_file(file)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 50_000


def test_a_bomb_of_blank_space_does_not_outlast_the_limit() -> None:
    slow = Reader(Settings(parse_timeout_s=0.2))
    rows = b"".join(b'<a%d> <b> "c" .\n' % number for number in range(1_500_000))
    with pytest.raises(TooLarge, match=r"longer than 0\.2 s"):
        slow.read(rows, formats.TURTLE, "input")
    slow.close()


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port on this machine that notes each connection."""
    seen: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                seen.append(server.accept()[1])
            except OSError:
                return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield server.getsockname()[1], seen
    server.close()


CONTEXTS = (
    '{"@context":"%s","a":"b"}',
    '[{"@context":["%s"],"a":"b"}]',
    '{"@context":{"a":"http://e/a"},"a":{"@context":"%s","a":"b"}}',
    '{"@context":{"a":{"@id":"http://e/a","@context":"%s"}},"a":{"b":"c"}}',
    '{"@context":{"@import":"%s"},"a":{"b":"c"}}',
)


@pytest.mark.parametrize("document", CONTEXTS)
def test_a_remote_context_is_refused_and_never_fetched(
    reader: Reader, listener: tuple[int, list[object]], document: str
) -> None:
    port, seen = listener
    data = (document % f"http://127.0.0.1:{port}/context").encode()
    with pytest.raises(BadInput, match=r"fetched|DocumentVersion"):
        reader.read(data, formats.JSON_LD, "input")
    assert not seen


def test_our_own_context_is_known_by_its_address(reader: Reader) -> None:
    data = (
        b'{"@context":"https://w3id.org/ascribe/context.jsonld",'
        b'"id":"doc/x/v/1","type":"DocumentVersion"}'
    )
    bundle = reader.read(data, formats.JSON_LD, "input")
    assert bundle.version.value.endswith("/doc/x/v/1")


def test_an_unknown_extension_lists_the_known_ones(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"\.ttl.*--input-format"):
        reader.read_file(tmp_path / "claims.docx")


@pytest.mark.parametrize("name", ["missing.ttl", "folder.ttl"])
def test_a_path_that_is_no_file_is_named(reader: Reader, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(BadInput, match=name):
        reader.read_file(tmp_path / name)


def test_a_bundle_with_two_versions_names_both(reader: Reader) -> None:
    data = b"""
        @prefix asc: <https://w3id.org/ascribe/ns#> .
        <doc/a/v/1> a asc:DocumentVersion . <doc/b/v/1> a asc:DocumentVersion ."""
    with pytest.raises(BadInput, match="2 document versions"):
        reader.read(data, formats.TURTLE, "input")


def test_a_bundle_cannot_redefine_the_ontology(reader: Reader) -> None:
    data = b"""
        @prefix asc: <https://w3id.org/ascribe/ns#> .
        <doc/a/v/1> a asc:DocumentVersion . asc:Statement a <http://e/Nonsense> ."""
    with pytest.raises(BadInput, match="the term"):
        reader.read(data, formats.TURTLE, "input")
