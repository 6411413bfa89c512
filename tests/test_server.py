"""The server as a client meets it: `ascribe serve`, real HTTP, a real store on disk."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from conftest import EXAMPLE, RIVER, ROOT

import graph
from graph.kg import KnowledgeGraph, token_book
from graph.queries import named_queries, named_query

CASES = ROOT / "tests" / "cases"
VALID = CASES / "bundle" / "valid-river-report.ttl"
INVALID = CASES / "attribution" / "invalid-act-of-another-scheme.ttl"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):  # type: ignore[no-untyped-def]
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return self.headers.get_content_type()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Client:
    base: str
    token: str

    def __call__(
        self,
        path: str,
        *,
        method: str | None = None,
        data: bytes | None = None,
        token: str = "",
        follow: bool = True,
        **headers: str,
    ) -> Answer:
        """One request; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            named["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else self.base + path.lstrip("/")
        request = urllib.request.Request(url, data, named, method=method)
        opener = urllib.request.build_opener(*([] if follow else [_NoRedirect]))
        try:
            with opener.open(request, timeout=60) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def ask(self, sparql: str, accept: str = "application/sparql-results+json") -> Answer:
        return self("sparql?" + urllib.parse.urlencode({"query": sparql}), Accept=accept)


WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = iter(random.SystemRandom().sample(range(10_000 + WORKER % 16, 32_000, 16), 1_000))


def free_port() -> int:
    """A port at which nothing listens, and which nobody is told twice.

    Below those that the system gives to what connects: one of these could be taken
    before a server has started at it. No other process of a run is told the same.
    """
    for port in PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


FEW = {"ASCRIBE_QUERY_WORKERS": "1"}
"""For a server that few ask: each worker takes a third of a second to start."""


def start(arguments: list[str], port: int, **environ: str) -> subprocess.Popen[str]:
    """An `ascribe` server process whose ready line has been printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from graph.cli import run; run()", *arguments, "--port", str(port)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), **FEW, **environ},
        start_new_session=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    assert f"http://127.0.0.1:{port}/" in line, line
    return process


def stop(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, which a terminal sends to all processes of its group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    folder = graph.create(tmp_path_factory.mktemp("served") / "desk", base)
    with graph.open(folder) as kg:
        kg.add(EXAMPLE)
    token = token_book(folder).create("write")
    process = start(["serve", str(folder)], port)
    yield Client(base, token)
    stop(process)


@pytest.fixture(scope="module")
def minted(client: Client) -> list[str]:
    """Every IRI under the base that the seed bundle uses as a subject."""
    answer = client.ask(
        "SELECT DISTINCT ?s { GRAPH ?g { ?s ?p ?o } "
        f'FILTER (STRSTARTS(STR(?s), "{client.base}") && !STRSTARTS(STR(?s), "{client.base}graph")'
        ' && !STRENDS(STR(?g), "/catalog")) }',
        "text/csv",
    )
    return [line for line in answer.body.decode().splitlines()[1:] if line]


def test_health_says_ok(client: Client) -> None:
    answer = client("health")
    assert answer.json["status"] == "ok" and answer.json["base"] == client.base


QUERY = "PREFIX asc: <https://w3id.org/ascribe/ns#> SELECT (COUNT(?s) AS ?n) { ?s asc:source ?v }"


def test_a_query_is_taken_by_get_and_both_posts(client: Client) -> None:
    form = urllib.parse.urlencode({"query": QUERY}).encode()
    answers = [
        client.ask(QUERY),
        client("sparql", data=form, Content_Type="application/x-www-form-urlencoded"),
        client("sparql", data=QUERY.encode(), Content_Type="application/sparql-query"),
    ]
    counts = {answer.json["results"]["bindings"][0]["n"]["value"] for answer in answers}
    assert len(counts) == 1 and int(counts.pop()) > 40


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.9", "application/sparql-results+xml"),
    ],
)
def test_rows_come_in_the_format_asked_for(client: Client, accept: str, media_type: str) -> None:
    answer = client.ask(QUERY, accept)
    assert (answer.status, answer.media_type) == (200, media_type)
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "media_type",
    [
        *("text/turtle", "application/n-triples", "application/ld+json"),
        *("application/trig", "application/n-quads", "application/rdf+xml"),
    ],
)
def test_graphs_come_in_the_format_asked_for(client: Client, media_type: str) -> None:
    answer = client.ask("CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 20", media_type)
    assert (answer.status, answer.media_type) == (200, media_type)
    form = pyoxigraph.RdfFormat.from_media_type(media_type)
    assert len(list(pyoxigraph.parse(answer.body, form))) == 20


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("sparql?query=SELECT%20*%20%7B", 400, "not SPARQL"),
        ("sparql?query=ASK%7B%7D&query=ASK%7B%7D", 400, "2 times"),
        ("statement/none", 404, "Nothing is stored"),
        ("no-such-page", 404, "no page"),
        ("dump.docx.gz", 404, "dump.trig.gz"),
    ],
)
def test_a_wrong_request_gets_a_problem_in_plain_words(
    client: Client, path: str, status: int, words: str
) -> None:
    answer = client(path, Accept="application/json")
    assert (answer.status, answer.media_type) == (status, "application/problem+json")
    assert words in answer.json["detail"]
    assert "Traceback" not in answer.body.decode()
    page = client(path, Accept="text/html")
    assert (page.status, page.media_type) == (status, "text/html")


QUESTIONS = sorted(
    name
    for name, query in named_queries().items()
    if not name.startswith("page_") and all(each.default is not None for each in query.params)
)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_named_query_gives_over_http_what_it_gives_in_python(
    client: Client, seed: KnowledgeGraph, name: str
) -> None:
    """By its address; and by its text, sent to `/sparql`, where it needs no parameter."""
    expected = seed.query(name)
    answer = client(f"queries/{name}")
    assert answer.status == 200
    assert len(answer.json["results"]["bindings"]) == len(expected)
    if not named_query(name).params:
        text = client.ask(named_query(name).sparql).json
        assert text == answer.json


def test_a_named_query_takes_its_parameters_from_the_address(client: Client) -> None:
    for toll, compatible in ((60, "false"), (61, "true"), (83, "true")):
        rows = client(f"queries/compatible_tolls?toll={toll}").json["results"]["bindings"]
        assert {row["compatible"]["value"] for row in rows} == {compatible}
    wrong = client("queries/compatible_tolls?toll=many")
    assert wrong.status == 400 and "integer" in wrong.json["detail"]
    assert client("queries/nothing").status == 404


def test_a_browser_gets_a_page_for_a_query(client: Client) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    empty = client("sparql", Accept=browser)
    assert empty.media_type == "text/html" and b"<textarea" in empty.body
    page = client.ask(QUERY, browser)
    assert page.media_type == "text/html" and b"<td><bdi>82</bdi></td>" in page.body
    wrong = client.ask("SELECT * {\n ?s ?p ", browser)
    assert wrong.status == 400 and b"line 2, column 8" in wrong.body
    none = client.ask("SELECT ?s { ?s a <http://e/nothing> }", browser)
    assert b"Nothing fits" in none.body


def test_a_page_escapes_what_a_query_makes(client: Client) -> None:
    hostile = """SELECT ("<script>alert(1)</script>" AS ?x) (IRI("javascript:alert(1)") AS ?y) {}"""
    page = client.ask(hostile, "text/html").body.decode()
    assert "<script>" not in page and 'href="javascript:' not in page


def test_a_long_answer_is_cut_on_the_page_and_says_so(client: Client) -> None:
    page = client.ask("SELECT ?s ?p ?o { ?s ?p ?o }", "text/html").body.decode()
    assert page.count("<tr>") == 501
    assert "The first 500 are shown here." in page and "format=csv" in page


def test_what_cannot_be_served_is_406_with_what_can(client: Client) -> None:
    answer = client.ask(QUERY, "image/png")
    assert answer.status == 406 and "text/csv" in answer.json["detail"]


def test_a_post_of_another_type_is_415(client: Client) -> None:
    answer = client("sparql", data=b"x", Content_Type="text/plain")
    assert answer.status == 415 and "application/sparql-query" in answer.json["detail"]


SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


@pytest.mark.parametrize("path", ["sparql", "update"])
def test_without_a_query_the_service_describes_itself(client: Client, path: str) -> None:
    answer = client(path, Accept="text/turtle")
    described = rdflib.Graph().parse(data=answer.body, format="turtle")
    for endpoint, language in (("sparql", SD.SPARQL11Query), ("update", SD.SPARQL11Update)):
        (service,) = described.subjects(SD.endpoint, rdflib.URIRef(client.base + endpoint))
        assert (service, rdflib.RDF.type, SD.Service) in described
        assert set(described.objects(service, SD.supportedLanguage)) == {language}
        assert set(described.objects(service, SD.feature)) == {SD.UnionDefaultGraph}
        regime = described.value(service, SD.defaultEntailmentRegime)
        assert regime == rdflib.URIRef("http://www.w3.org/ns/entailment/Simple")
        dataset = described.value(service, SD.defaultDataset)
        assert (dataset, rdflib.RDF.type, SD.Dataset) in described
    formats = {str(each).rpartition("/")[2] for each in described.objects(None, SD.resultFormat)}
    assert {f"SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")} < formats
    assert {"Turtle", "TriG", "N-Triples", "N-Quads", "RDF_XML", "JSON-LD"} < formats
    assert len(set(described.objects(None, SD.inputFormat))) == 6
    default = described.value(dataset, SD.defaultGraph)
    triples = described.value(default, rdflib.VOID.triples)
    counted = client.ask("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").json
    assert str(triples) == counted["results"]["bindings"][0]["n"]["value"]
    names = {str(each) for each in described.objects(None, SD.name)}
    rows = client.ask("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").json["results"]["bindings"]
    assert names == {row["g"]["value"] for row in rows}


def test_every_minted_iri_answers_in_html_json_ld_and_turtle(
    client: Client, minted: list[str]
) -> None:
    assert len(minted) > 300
    forms = ("text/html", "application/ld+json", "text/turtle")
    for number, iri in enumerate(minted):
        accept = forms[number % len(forms)]
        answer = client(iri, Accept=accept)
        assert (answer.status, answer.media_type) == (200, accept), iri


def test_a_document_is_about_its_resource(client: Client, minted: list[str]) -> None:
    for iri in minted[::25]:
        turtle = client(iri, Accept="text/turtle").body
        graph_ = rdflib.Graph().parse(data=turtle, format="turtle")
        assert (rdflib.URIRef(iri), None, None) in graph_
        assert client(iri, Accept="application/ld+json").json["id"] == iri


def test_things_in_the_world_answer_303_and_documents_200(
    client: Client, minted: list[str]
) -> None:
    for iri in minted[::7]:
        kind = iri.removeprefix(client.base).partition("/")[0]
        answer = client(iri, follow=False, Accept="text/turtle")
        in_the_world = kind in {"agent", "event", "place", "post", "membership"}
        assert answer.status == (303 if in_the_world else 200), iri


def test_an_extension_names_the_format(client: Client, minted: list[str]) -> None:
    statement = next(iri for iri in minted if "/statement/" in iri)
    assert client(statement + ".ttl").media_type == "text/turtle"
    assert client(statement + ".jsonld").media_type == "application/ld+json"
    assert client(statement + ".html").media_type == "text/html"


def test_an_unchanged_document_is_not_sent_again(client: Client, minted: list[str]) -> None:
    statement = next(iri for iri in minted if "/statement/" in iri)
    first = client(statement, Accept="text/turtle")
    again = client(statement, Accept="text/turtle", If_None_Match=first.headers["ETag"])
    assert again.status == 304 and not again.body


def test_json_ld_is_one_nested_object_and_loads_again(client: Client, minted: list[str]) -> None:
    statement = next(iri for iri in minted if "/statement/" in iri)
    tree = client(statement, Accept="application/ld+json").json
    kept = client(tree["@context"])
    assert "immutable" in kept.headers["Cache-Control"]
    assert tree["text"] == " […] ".join(span["exact"] for span in tree["contentSpan"])
    assert tree["chain"][0]["agent"]["label"] and tree["speaker"][0]["label"]
    tree |= kept.json
    loaded = rdflib.Graph().parse(data=json.dumps(tree), format="json-ld")
    source = rdflib.URIRef("https://w3id.org/ascribe/ns#source")
    assert (rdflib.URIRef(statement), source, None) in loaded


def test_an_answer_says_from_which_revision_it_is(client: Client) -> None:
    revision = str(client("health").json["revision"])
    for path in ("sparql?query=ASK%7B%7D", "queries/counts", "", "graph-store?default"):
        assert client(path).headers["Ascribe-Revision"] == revision, path
    assert "Ascribe-Revision" not in client("sparql?query=ASK").headers


def test_pages_carry_the_security_headers(client: Client) -> None:
    headers = client("", Accept="text/html").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accept", ["application/json", "text/turtle", "application/ld+json"])
def test_validate_reports_without_storing(client: Client, accept: str) -> None:
    before = client("health").json["revision"]
    data = INVALID.read_bytes()
    answer = client("validate", data=data, Content_Type="text/turtle", Accept=accept)
    assert (answer.status, answer.media_type) == (200, accept)
    assert client("health").json["revision"] == before


def test_validate_names_the_line_and_the_rule(client: Client) -> None:
    data = INVALID.read_bytes()
    report = client("validate", data=data, Content_Type="text/turtle").json
    assert report["conforms"] is False
    expected = INVALID.read_text("utf-8").splitlines()[0]
    assert report["results"][0]["line"] == int(expected.rpartition("line ")[2])
    assert report["results"][0]["rule"].endswith("#Attribution-act")


def test_a_write_needs_a_token(client: Client) -> None:
    data = VALID.read_bytes()
    nobody = client("bundles", data=data, Content_Type="text/turtle")
    assert nobody.status == 401 and nobody.headers["WWW-Authenticate"].startswith("Bearer")
    guess = client("bundles", data=data, Content_Type="text/turtle", token="asc_guess")
    assert guess.status == 401


def test_a_bundle_is_added_replaced_and_retracted_over_http(client: Client) -> None:
    data = VALID.read_bytes()
    first = client("bundles", data=data, token=client.token, Content_Type="text/turtle")
    assert first.status == 201 and first.json["state"] == "added"
    location, etag = first.headers["Location"], first.headers["ETag"]
    assert client(location, Accept="text/html").status == 200

    again = client("bundles", data=data, token=client.token, Content_Type="text/turtle")
    assert again.status == 200 and again.headers["ETag"] == etag

    path = "bundles/" + location.removeprefix(client.base)
    stale = client(path, method="DELETE", token=client.token, If_Match='"0000"')
    assert stale.status == 412
    gone = client(path, method="DELETE", token=client.token, If_Match=etag)
    assert gone.status == 200 and gone.json["state"] == "retracted"
    assert client(path, method="DELETE", token=client.token).status == 410
    put = client(path, method="PUT", data=data, token=client.token, Content_Type="text/turtle")
    assert put.status == 201
    client(path, method="DELETE", token=client.token)


def test_a_bundle_with_its_text_has_its_quotes_checked(client: Client) -> None:
    boundary = "xxxxxxxx"
    parts = []
    for name, file in (("bundle", VALID), ("text", RIVER)):
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file.name}"'
        parts += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), file.read_bytes(), b"\r\n"]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    content_type = f"multipart/form-data; boundary={boundary}"
    report = client("validate", data=body, Content_Type=content_type).json
    assert report["quotesChecked"] > 0 and report["quotesUnchecked"] == 0


def test_a_refused_bundle_is_422_with_its_report_and_changes_nothing(client: Client) -> None:
    before = client("health").json["revision"]
    data = INVALID.read_bytes()
    answer = client("bundles", data=data, token=client.token, Content_Type="text/turtle")
    assert answer.status == 422
    assert answer.json["report"]["results"][0]["rule"].endswith("#Attribution-act")
    assert client("health").json["revision"] == before


def test_the_export_holds_what_bundles_state_in_each_format(client: Client) -> None:
    sizes = set()
    for extension in ("nq", "trig"):
        answer = client(f"export?format={extension}")
        form = pyoxigraph.RdfFormat.from_extension(extension)
        sizes.add(len(list(pyoxigraph.parse(answer.body, form))))
        assert b"ns#chainDepth" not in answer.body
    assert len(sizes) == 1


@pytest.mark.parametrize("path", ["ontology", "shapes", ".well-known/void"])
def test_descriptions_are_rdf(client: Client, path: str) -> None:
    answer = client(path, Accept="text/turtle")
    assert answer.status == 200
    assert len(rdflib.Graph().parse(data=answer.body, format="turtle")) > 5


def test_a_query_that_kills_the_engine_is_told_so(client: Client) -> None:
    """20,000 parentheses overflow the engine's stack."""
    deep = f"ASK {{ FILTER {'(' * 20_000}1{')' * 20_000} }}".encode()
    answer = client("sparql", data=deep, Content_Type="application/sparql-query")
    assert answer.status == 503 and "nests too deep" in answer.json["detail"]


def test_demo_answers_for_the_real_article_at_its_own_iris(tmp_path: Path) -> None:
    port = free_port()
    process = start(["demo"], port, TMPDIR=str(tmp_path))
    try:
        demo = Client(f"http://127.0.0.1:{port}/", "")
        rows = demo.ask("SELECT ?s { ?s a <https://w3id.org/ascribe/ns#Statement> }").json
        iris = [row["s"]["value"] for row in rows["results"]["bindings"]]
        assert len(iris) > 40
        assert demo(iris[0], Accept="text/html").status == 200
        write = demo("bundles", data=b"", Content_Type="text/turtle", token="asc_x")
        assert write.status == 403 and "read-only" in write.json["detail"]
    finally:
        stop(process)
    assert not list(tmp_path.iterdir()), "the throw-away folder is thrown away"
