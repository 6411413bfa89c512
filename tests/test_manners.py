"""The manners of HTTP, route by route: tables of requests and what has to come back."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
import rdflib
import zstandard
from conftest import EXAMPLE
from test_server import Client, free_port, start, stop

import graph
from graph.kg import token_book

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, TRIG, LD = "text/turtle", "application/trig", "application/ld+json"
NT, NQ, RDF_XML = "application/n-triples", "application/n-quads", "application/rdf+xml"
FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
ROWS = "/sparql?" + urlencode(
    {"query": "SELECT * { ?s a asc:Statement ; asc:source ?v } ORDER BY ?s"}
)
ASK = "/sparql?" + urlencode({"query": "ASK {}"})
TRIPLES = "/sparql?" + urlencode({"query": "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 60"})
STATEMENT = "/statement/ffc646f2603c/2076-2306-8224e4fc"
VERSION = "doc/us-accidentally-kills-syrian-troops-ffc646f2/v/ffc646f2603cdb7e"


@dataclass(frozen=True)
class Said:
    """What a server said, its headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def names(self) -> set[str]:
        """The methods, headers or fields that a list in a header names."""
        return {each.strip().lower() for each in self.headers.get("vary", "").split(",")}

    @property
    def detail(self) -> str:
        return str(json.loads(self.body)["detail"])


@dataclass(frozen=True)
class Server:
    """A server that is asked word for word, with nothing added."""

    client: Client
    port: int

    def __call__(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Said:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        named = {}
        for name, value in answer.getheaders():
            known = named.get(name.lower())
            named[name.lower()] = f"{known}, {value}" if known else value
        said = Said(answer.status, named, answer.read())
        connection.close()
        return said

    def write(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Said:
        return self(method, path, body, Authorization=f"Bearer {self.client.token}", **headers)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    folder = graph.create(tmp_path_factory.mktemp("served") / "desk", base)
    with graph.open(folder) as kg:
        kg.add(EXAMPLE)
    token = token_book(folder).create("write")
    process = start(["serve", str(folder)], port, ASCRIBE_QUERIES_PER_MINUTE="100000")
    yield Server(Client(base, token), port)
    stop(process)


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        (ROWS, None, JSON),
        (ROWS, "", JSON),
        (ROWS, "*/*", JSON),
        (ROWS, f"{CSV};q=0.2, {XML};q=0.9", XML),
        (ROWS, f"{XML}, {JSON}", JSON),  # a tie goes to what we would rather give
        (ROWS, f"{TSV}, */*;q=0.1", TSV),
        (ROWS, f"{JSON};q=0, */*", XML),
        (ROWS, "text/*", CSV),
        (ROWS, "application/*;q=0.5, text/csv;q=0.4", JSON),
        (ROWS, f"{XML};charset=utf-8", XML),
        (ROWS, f"{CSV};header=present;q=0.8, {JSON};q=0.7", CSV),
        (ROWS, "APPLICATION/SPARQL-RESULTS+XML", XML),
        (ROWS, "application/json", JSON),
        (ROWS, "application/xml", XML),
        (ROWS, BROWSER, "text/html"),
        (ROWS, TURTLE, None),
        (ROWS, "image/png", None),
        (ROWS, "*/*;q=0", None),
        (ASK, XML, XML),
        (TRIPLES, None, TURTLE),
        (TRIPLES, NT, NT),
        (TRIPLES, f"{RDF_XML}, {TURTLE};q=0.9", RDF_XML),
        (TRIPLES, LD, LD),
        (TRIPLES, JSON, None),
        ("/sparql", TURTLE, TURTLE),
        ("/sparql", RDF_XML, RDF_XML),
        ("/sparql", BROWSER, "text/html"),
        ("/update", None, TURTLE),
        ("/update", BROWSER, "text/html"),
        ("/queries/counts", CSV, CSV),
        (STATEMENT, LD, LD),
        (STATEMENT, BROWSER, "text/html"),
        ("/", None, "text/html"),
        ("/", TURTLE, TURTLE),
        (STATEMENT, "image/png", None),
        (f"/graph-store?graph={VERSION}", NT, NT),
        (f"/graph-store?graph={VERSION}", CSV, None),
        ("/ontology", NQ, NQ),
        ("/.well-known/void", TRIG, TRIG),
        ("/export", f"{NQ};q=0.5, {TRIG};q=0.4", NQ),
    ],
)
def test_the_best_format_comes_or_406_with_what_there_is(
    ask: Server, path: str, accept: str | None, kind: str | None
) -> None:
    said = ask("GET", path, **({} if accept is None else {"Accept": accept}))
    assert "accept" in said.names
    if kind is None:
        assert said.status == 406 and "On offer: " in said.detail
        return
    assert (said.status, said.kind) == (200, kind)
    if kind.startswith("text/"):
        assert said.headers["content-type"].endswith("; charset=utf-8")


GETTABLE = [
    *("/", STATEMENT, STATEMENT + ".ttl", "/agent/cnn-f2e80d", "/sparql", ROWS, TRIPLES),
    *("/queries/counts", "/export", "/dump.nq.gz", f"/graph-store?graph={VERSION}"),
    *("/graph-store?default", "/ontology", "/shapes", "/context.jsonld", "/.well-known/void"),
    *("/update", "/health", "/static/ascribe.css", "/no-such-page", "/sparql?query=nonsense"),
]
PASSING = {"date", "ratelimit", "x-request-id", "cache-status", "content-length"}


@pytest.mark.parametrize("path", GETTABLE)
def test_head_says_what_get_says_without_a_body(ask: Server, path: str) -> None:
    got, head = ask("GET", path), ask("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    headers = {name: value for name, value in got.headers.items() if name not in PASSING}
    told = {name: value for name, value in head.headers.items() if name not in PASSING}
    headers.pop("transfer-encoding", "")  # RFC 9110, section 9.3.2: it may be left out
    assert told == headers
    length = head.headers.get("content-length", str(len(got.body)))
    assert length == got.headers.get("content-length", length)


METHODS = {
    "/": {"GET"},
    "/sparql": {"GET", "POST"},
    "/queries/counts": {"GET"},
    "/update": {"GET", "POST"},
    "/validate": {"POST"},
    "/bundles": {"POST"},
    "/bundles/" + VERSION: {"GET", "PUT", "DELETE"},
    "/graph-store": {"GET", "PUT", "POST", "PATCH", "DELETE"},
    "/graph-store/some/graph": {"GET", "PUT", "POST", "PATCH", "DELETE"},
    "/export": {"GET"},
    STATEMENT: {"GET"},
}


def methods(listed: str) -> set[str]:
    return {each.strip() for each in listed.split(",")} - {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", METHODS)
def test_options_lists_the_methods_and_lets_other_origins_use_them(ask: Server, path: str) -> None:
    said = ask(
        "OPTIONS",
        path,
        Origin="https://a.example",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization, content-type",
    )
    assert (said.status, said.body) == (204, b"")
    assert methods(said.headers["allow"]) == METHODS[path]
    assert ("HEAD" in said.headers["allow"]) == ("GET" in METHODS[path])
    assert methods(said.headers["access-control-allow-methods"]) == METHODS[path]
    sent = said.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "if-match"} <= {*re.findall(r"[\w-]+", sent)}
    assert int(said.headers["access-control-max-age"]) > 600
    assert said.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", METHODS)
def test_another_method_is_405_with_those_that_are_taken(ask: Server, path: str) -> None:
    other = next(m for m in ("DELETE", "PUT", "PATCH", "TRACE") if m not in METHODS[path])
    said = ask(other, path, b"")
    assert said.status == 405
    assert methods(said.headers["allow"]) == METHODS[path]


def test_other_origins_see_the_headers_that_count(ask: Server) -> None:
    said = ask("GET", STATEMENT + ".ttl", Origin="https://a.example")
    seen = said.headers["access-control-expose-headers"].lower()
    assert {
        *("ascribe-revision", "etag", "link", "location", "retry-after", "ratelimit"),
    } <= {*re.findall(r"[\w-]+", seen)}


@pytest.mark.parametrize(
    "path",
    [
        each
        for each in GETTABLE
        if each not in ("/agent/cnn-f2e80d", "/health", "/no-such-page", "/sparql?query=nonsense")
    ],
)
def test_what_the_client_has_is_not_sent_again(ask: Server, path: str) -> None:
    first = ask("GET", path)
    tag = first.headers["etag"]
    assert "no-cache" in first.headers["cache-control"]
    for known in (tag, "*", f'"other", {tag}', "W/" + tag.removeprefix("W/")):
        again = ask("GET", path, If_None_Match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag), known
        assert "vary" not in first.headers or again.headers["vary"] == first.headers["vary"]
    assert ask("HEAD", path, If_None_Match=tag).status == 304
    assert ask("GET", path, If_None_Match='"other"').status == 200


def test_each_form_of_an_answer_has_a_tag_of_its_own(ask: Server) -> None:
    for path in (STATEMENT, f"/graph-store?graph={VERSION}"):
        forms = [
            ask("GET", path, Accept=accept, **({"Accept_Encoding": coding} if coding else {}))
            for accept in (TURTLE, NT)
            for coding in ("", "gzip", "zstd")
        ]
        assert len({said.headers["etag"] for said in forms}) == len(forms)


def unpacked(said: Said) -> bytes:
    coding = said.headers.get("content-encoding")
    if coding == "gzip":
        return gzip.decompress(said.body)
    if coding == "zstd":
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(said.body)) as reader:
            return reader.read()
    assert coding is None
    return said.body


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("zstd;q=0, gzip;q=0.1", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("br", None),
        ("*;q=0.5", "zstd"),
        (None, None),
    ],
)
def test_an_answer_is_packed_as_the_client_likes(
    ask: Server, accepted: str | None, coding: str | None
) -> None:
    wish = {} if accepted is None else {"Accept_Encoding": accepted}
    paths = (ROWS, STATEMENT + ".ttl", "/static/ascribe.css", "/graph-store?default")
    for path in paths if coding else paths[:3]:
        plain, said = ask("GET", path), ask("GET", path, **wish)
        assert said.headers.get("content-encoding") == coding, path
        assert unpacked(said) == plain.body, path
        assert "accept-encoding" in said.names, path
        assert coding is None or len(said.body) * 2 < len(plain.body)
        known = ask("GET", path, If_None_Match=said.headers["etag"], **wish)
        assert known.status == 304, path


@pytest.mark.parametrize("path", [ASK, "/health", "/dump.nq.gz"])
def test_what_is_small_or_packed_is_left_alone(ask: Server, path: str) -> None:
    assert "content-encoding" not in ask("GET", path, Accept_Encoding="gzip, zstd").headers


def get(query: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": query, **more}, doseq=True)


@pytest.mark.parametrize(
    ("method", "path", "kind", "body", "status", "words"),
    [
        ("GET", get("SELECT * {"), "", "", 400, "line 1, column 11 on, where it ends"),
        ("GET", get("ASK {}\n garbage"), "", "", 400, "line 2, column 2 on, at “garbage”"),
        ("GET", get("SELECT * { ?s no:such ?o }"), "", "", 400, "“no:such ?o }”. Prefix not found"),
        ("GET", get("INSERT DATA { <x:a> <x:b> 1 }"), "", "", 400, "at “INSERT DATA"),
        ("GET", get(""), "", "", 400, "empty"),
        ("GET", "/sparql?query=%FF%FE", "", "", 400, "UTF-8"),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", "", "", 400, "2 times"),
        ("GET", get("ASK {}", **{"default-graph-uri": "not an IRI"}), "", "", 400, "no IRI"),
        ("GET", get("ASK {}", format="docx"), "", "", 406, "On offer"),
        ("POST", "/sparql", FORM, "", 400, "`query`"),
        ("POST", "/sparql", FORM, "query=ASK%7B%7D&query=ASK%7B%7D", 400, "2 times"),
        ("POST", "/sparql", FORM, "query=%FF", 400, "UTF-8"),
        ("POST", ASK, FORM, "query=ASK%7B%7D", 400, "address and body"),
        ("POST", ASK, QUERY, "ASK {}", 400, "address and body"),
        ("POST", "/sparql", QUERY, "", 400, "empty"),
        ("POST", "/sparql", QUERY + "; charset=latin-1", "ASK {}", 415, "UTF-8"),
        ("POST", "/sparql", "text/plain", "ASK {}", 415, QUERY),
        ("POST", "/sparql", "", "ASK {}", 415, QUERY),
        ("POST", "/update", UPDATE, "INSERT DATA {", 400, "line 1, column"),
        ("POST", "/update", QUERY, "ASK {}", 415, UPDATE),
        ("GET", "/update?update=CLEAR%20ALL", "", "", 400, "by POST"),
        ("POST", "/update?update=CLEAR%20ALL", UPDATE, "CLEAR ALL", 400, "address"),
        ("POST", "/bundles", "text/plain", "x", 415, TURTLE),
        ("PUT", f"/graph-store?graph={VERSION}", "image/png", "x", 415, TURTLE),
        ("PATCH", f"/graph-store?graph={VERSION}", TURTLE, "x", 415, UPDATE),
        ("POST", "/update", UPDATE + "|gzip", "x", 415, "Content-Encoding"),
        ("GET", "/graph-store?graph=not%20an%20IRI", "", "", 400, "no IRI"),
        ("GET", "/graph-store?graph=no/such", "", "", 404, "no graph"),
        ("GET", "/dump.docx.gz", "", "", 404, "dump.docx.gz"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    ask: Server, method: str, path: str, kind: str, body: str, status: int, words: str
) -> None:
    kind, _, coding = kind.partition("|")
    headers = {"Content_Type": kind} if kind else {}
    if coding:
        headers["Content_Encoding"] = coding
    said = ask.write(method, path, body.encode() if method != "GET" else None, **headers)
    assert (said.status, said.kind) == (status, "application/problem+json"), said.body
    assert words in said.detail
    assert "Traceback" not in said.detail and "expected one of" not in said.detail
    assert len(said.detail) < 600
    assert "no-store" in said.headers["cache-control"]
    if "column" in words:
        assert json.loads(said.body)["line"] >= 1


def value(said: Said) -> str:
    assert said.status == 200, said.body
    (row,) = json.loads(said.body)["results"]["bindings"]
    return str(row["x"]["value"])


@pytest.mark.parametrize("text", ["a+b", "50%25", "%2B", "ü & é=", "a\r\nb", "\t"])
def test_a_form_is_decoded_once(ask: Server, text: str) -> None:
    query = f'SELECT ("""{text}""" AS ?x) {{}}'
    encoded = urlencode({"query": query}).encode()
    assert value(ask("POST", "/sparql", encoded, Content_Type=FORM)) == text
    assert value(ask("GET", "/sparql?" + encoded.decode())) == text
    assert value(ask("POST", "/sparql", query.encode(), Content_Type=QUERY)) == text
    typed = ask("POST", "/sparql", encoded, Content_Type=FORM + "; charset=UTF-8")
    assert value(typed) == text


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        (JSON, b"a\\r\\nb\\rc"),
        (CSV, b'"a\r\nb\rc"'),
        (TSV, b"a\\r\\nb\\rc"),
        (XML, b"a&#xD;\nb&#xD;c"),  # a parser would make line feeds of bare ones
    ],
)
def test_results_keep_carriage_returns(ask: Server, form: str, kept: bytes) -> None:
    assert kept in ask("GET", get(r'SELECT ("a\r\nb\rc" AS ?x) {}'), Accept=form).body


def test_graphs_keep_carriage_returns_in_xml(ask: Server) -> None:
    query = r'CONSTRUCT { <x:s> <x:p> "a\r\nb\rc" } {}'
    data = ask("GET", get(query), Accept=RDF_XML).body
    (literal,) = rdflib.Graph().parse(data=data, format="xml").objects()
    assert str(literal) == "a\r\nb\rc"


def test_a_default_graph_named_twice_is_one(ask: Server) -> None:
    graph_iri = ask.client.base + VERSION
    query = "SELECT (COUNT(*) AS ?x) { ?s ?p ?o }"
    once = ask("GET", get(query, **{"default-graph-uri": graph_iri}))
    twice = ask("GET", get(query, **{"default-graph-uri": [graph_iri, graph_iri]}))  # type: ignore[arg-type]
    assert value(once) == value(twice) != "0"


def test_a_query_longer_than_an_address_may_be_goes_in_the_body(ask: Server) -> None:
    long = f"SELECT (STRLEN('{'x' * 100_000}') AS ?x) {{}}"
    assert value(ask("POST", "/sparql", long.encode(), Content_Type=QUERY)) == "100000"
    said = ask("GET", "/sparql?query=" + quote(long))
    assert said.status in (200, 400, 414, 431)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (ROWS, "no-cache"),
        (get("SELECT (NOW() AS ?x) {}"), "no-store"),
        (get("SELECT (RAND() AS ?x) {}"), "no-store"),
        (get("SELECT ('not NOW' AS ?x) {}"), "no-cache"),
        ("/health", "no-store"),
        ("/no-such-page", "no-store"),
        ("/static/ascribe.css", "no-cache"),
        ("/static/ascribe.css?0123abcd", "max-age=31536000, immutable"),
    ],
)
def test_caches_are_told_what_they_may_keep(ask: Server, path: str, kept: str) -> None:
    assert ask("GET", path).headers["cache-control"].endswith(kept)


@pytest.mark.parametrize("path", ["/", STATEMENT, "/sparql", ROWS, "/no-such-page"])
def test_pages_and_errors_vary_with_what_is_accepted(ask: Server, path: str) -> None:
    assert {"accept", "accept-encoding"} <= ask("GET", path, Accept=BROWSER).names
