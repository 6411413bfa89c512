"""SERVICE: off, or for listed endpoints alone; real servers that do what peers may do."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from conftest import EXAMPLE
from test_door import Server, serve
from test_server import stop

from graph import peers
from graph.errors import BadInput, PeerFault
from graph.federation import inlined
from graph.kg import KnowledgeGraph
from graph.peers import ask
from graph.settings import Settings
from graph.store.oxigraph import OxigraphStore

JSON = "application/sparql-results+json"
ROWS = {
    "head": {"vars": ["name", "rank"]},
    "results": {
        "bindings": [
            {
                "name": {"type": "literal", "value": "CNN", "xml:lang": "en"},
                "rank": {"type": "bnode", "value": "b0"},
            },
            {"name": {"type": "literal", "value": 'Reuters "x" \\ \n } #', "xml:lang": "en"}},
        ]
    },
}
Act = Callable[[http.server.BaseHTTPRequestHandler], None]


@dataclass
class Peers:
    """A server whose paths do what its name says, and what was asked of it."""

    address: str
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, path: str) -> str:
        return f"{self.address}/{path}"


def send(handler: http.server.BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def hang(handler: http.server.BaseHTTPRequestHandler) -> None:
    time.sleep(4)


def trickle(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    for _ in range(40):
        handler.wfile.write(b"X: y\r\n")
        time.sleep(0.1)


def flood(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(2_000_000_000))
    handler.end_headers()
    for _ in range(2_000):
        handler.wfile.write(b" " * 1_000_000)


def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(307)
    handler.send_header("Location", "/sparql")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def deep(handler: http.server.BaseHTTPRequestHandler) -> None:
    inner = '{"type":"triple","value":{"object":' * 10_000
    send(handler, b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + inner.encode())


def nested(handler: http.server.BaseHTTPRequestHandler) -> None:
    term = {"type": "triple", "value": {"subject": {"type": "uri", "value": "http://e/"}}}
    found = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": term}]}}
    send(handler, json.dumps(found).encode())


def inject(handler: http.server.BaseHTTPRequestHandler) -> None:
    term = {"type": "uri", "value": "http://e/> } } INSERT DATA { <a"}
    found = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": term}]}}
    send(handler, json.dumps(found).encode())


ACTS: dict[str, Act] = {
    "sparql": lambda handler: send(handler, json.dumps(ROWS).encode()),
    "rubbish": lambda handler: send(handler, b"<html>\xff"),
    "failing": lambda handler: send(handler, b"no", 500),
    **{act.__name__: act for act in (hang, trickle, flood, redirect, deep, nested, inject)},
}


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        found: Peers = self.server.peers  # type: ignore[attr-defined]
        found.asked.append((self.path, parse_qs(body).get("query", [""])[0]))
        with contextlib.suppress(OSError):  # who asked has hung up
            ACTS[self.path.strip("/")](self)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Peers]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found = server.peers = Peers(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(elsewhere: Peers) -> Settings:
    listed = " ".join(elsewhere(name) for name in ACTS if name != "failing")
    return Settings(service_endpoints=listed, service_timeout_s=0.5)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, elsewhere: Peers) -> Iterator[Server]:
    listed = " ".join(map(elsewhere, ("sparql", "redirect", "hang")))
    running = serve(
        tmp_path_factory.mktemp("federated"),
        ASCRIBE_SERVICE_ENDPOINTS=listed,
        ASCRIBE_SERVICE_TIMEOUT_S="0.5",
    )
    yield running
    stop(running.process)


def test_a_listed_endpoint_is_asked_and_joined(server: Server, elsewhere: Peers) -> None:
    elsewhere.asked.clear()
    asked = f"""PREFIX own: <http://e/>  # SERVICE <http://127.0.0.1:1/> {{ }}
        SELECT ?agent ?rank {{
          ?agent rdfs:label ?name .
          SERVICE <{elsewhere("sparql")}> {{ ?s own:name ?name ; asc:cue "SERVICE <x> {{ }}" }}
        }} ORDER BY ?agent"""
    found = server.client.ask(asked).json["results"]["bindings"]
    (row,) = [each for each in found if "rank" in each]
    assert row["agent"]["value"] == server.client.base + "agent/cnn-f2e80d"
    genid = row["rank"]["value"].removeprefix(server.client.base + ".well-known/genid/")
    assert len(genid) > 32, "a blank node has become an IRI of its own"
    ((path, sent),) = elsewhere.asked
    assert path == "/sparql" and 'asc:cue "SERVICE <x> { }"' in sent
    assert "PREFIX own: <http://e/>" in sent and "PREFIX asc: " in sent


@pytest.mark.parametrize("silent", ["", "SILENT"])
@pytest.mark.parametrize(
    "service",
    [
        "<URL/failing>",
        "<URL/sparql/>",
        "<URL/sparql?x>",
        "<http://localhost:1/sparql>",
        "?service",
        "own:sparql",
        "<sparql>",
        "<URL/sparql> { SERVICE <URL/failing> { ?a ?b ?c } } SERVICE <URL/sparql>",
    ],
)
def test_no_other_is_asked_by_any_name(
    server: Server, elsewhere: Peers, service: str, silent: str
) -> None:
    elsewhere.asked.clear()
    query = (
        "PREFIX own: <URL/> SELECT * { VALUES ?service { <URL/sparql> <URL/failing> } "
        f"SERVICE {silent} {service} {{ ?s ?p ?o }} }}"
    )
    answer = server.client.ask(query.replace("URL", elsewhere.address))
    assert answer.status == 400 and not elsewhere.asked
    assert "SERVICE" in answer.json["detail"]


def test_the_service_says_whether_it_asks_others(server: Server) -> None:
    described = server("sparql", Accept="text/turtle").body
    assert b"BasicFederatedQuery" in described


def test_a_redirect_is_not_followed(server: Server, elsewhere: Peers) -> None:
    elsewhere.asked.clear()
    query = f"SELECT * {{ SERVICE <{elsewhere('redirect')}> {{ ?s ?p ?o }} }}"
    answer = server.client.ask(query)
    assert answer.status == 502 and "status 307" in answer.json["detail"]
    assert [path for path, _ in elsewhere.asked] == ["/redirect"]


def test_an_update_asks_nobody(server: Server, elsewhere: Peers) -> None:
    elsewhere.asked.clear()
    update = f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{elsewhere('sparql')}> {{ ?s ?p ?o }} }}"
    for text in (update, f"LOAD <{elsewhere('sparql')}>"):
        answer = server(
            "update", data=text.encode(), scope="write", Content_Type="application/sparql-update"
        )
        assert answer.status == 400 and not elsewhere.asked


def test_a_silent_group_of_a_failing_endpoint_binds_nothing(
    server: Server, elsewhere: Peers
) -> None:
    query = f"SELECT ?n ?s {{ BIND(1 AS ?n) SERVICE SILENT <{elsewhere('hang')}> {{ ?s ?p ?o }} }}"
    begun = time.monotonic()
    (row,) = server.client.ask(query).json["results"]["bindings"]
    assert list(row) == ["n"] and time.monotonic() - begun < 3.5


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("hang", "did not answer within 0.5 s"),
        ("trickle", "did not answer within 0.5 s"),
        ("flood", "more than 500,000 bytes"),
        ("rubbish", "no SPARQL JSON table"),
        ("deep", "no SPARQL JSON table"),
        ("nested", "no SPARQL JSON table"),
        ("inject", "no SPARQL JSON table"),
    ],
)
def test_an_endpoint_that_misbehaves_is_named(
    settings: Settings, elsewhere: Peers, path: str, said: str
) -> None:
    begun = time.monotonic()
    with pytest.raises(PeerFault, match=said):
        inlined(f"SELECT * {{ SERVICE <{elsewhere(path)}> {{ ?x ?y ?z }} }}", settings)
    assert time.monotonic() - begun < 3.5


def test_groups_keep_their_place_in_any_spelling(settings: Settings, elsewhere: Peers) -> None:
    """Tabs, strings, comments and lower case between two groups move nothing."""
    url = elsewhere("sparql")
    query = (
        f"SELECT * {{\t\tOPTIONAL {{\tservice\t<{url}>{{?a ?b ?c}} }} # SERVICE\n"
        f'\t?x ?y "\t}} SERVICE <{url}> {{" SERVICE # here\n silent <{url}> {{ ?d ?e "}}" }}\t}}'
    )
    found = inlined(query, settings)
    assert found.count("VALUES (?name ?rank)") == 2
    outside = found.replace(found[found.index("{ VALUES") : found.index("} }") + 3], "GROUP")
    assert outside.startswith("SELECT * {\t\tOPTIONAL {\tGROUP } # SERVICE\n\t?x ?y ")
    OxigraphStore.in_memory("http://e/").query(found)


def test_no_more_than_a_few_groups_are_taken(settings: Settings, elsewhere: Peers) -> None:
    groups = f"SERVICE <{elsewhere('sparql')}> {{ ?s ?p ?o }} " * 6
    with pytest.raises(BadInput, match="6 SERVICE groups, and 5 may be"):
        inlined(f"SELECT * {{ {groups} }}", settings)


def test_a_name_that_leads_to_a_private_address_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Peers
) -> None:
    """The name's owner binds it anew after the operator has listed it."""
    port = int(elsewhere.address.rpartition(":")[2])
    elsewhere.asked.clear()
    for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
        monkeypatch.setattr(peers.socket, "getaddrinfo", lambda *_, found=found, **__: found)
        with pytest.raises(PeerFault, match="leads to a private address"):
            ask(f"http://rebound.example.org:{port}/sparql", "ASK {}", 1, 1000)
    assert not elsewhere.asked


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("93.184.216.34", True), ("2606:2800:220:1::1", True), ("192.168.1.1", False)),
        *(("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("fe80::1", False)),
        *(("fd00::1", False), ("2002:7f00:1::", False), ("64:ff9b::7f00:1", False)),
        *(("::ffff:8.8.8.8", False), ("2001:0:53aa::1", False)),
    ],
)
def test_what_counts_as_public(address: str, public: bool) -> None:
    assert peers._is_public(address) is public


def test_a_certificate_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def answer() -> None:
        line, _ = listening.accept()
        line.recv(1000)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        line.close()

    threading.Thread(target=answer, daemon=True).start()
    with pytest.raises(PeerFault, match="did not answer"):
        ask(f"https://127.0.0.1:{port}/sparql", "ASK {}", 1, 1000)
    assert ssl.create_default_context().check_hostname
    listening.close()


def test_without_a_list_nothing_is_asked() -> None:
    from graph.web import create_web

    with KnowledgeGraph(Settings()) as kg:
        kg.add(EXAMPLE)
        web = create_web(kg).test_client()
        query = "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }"
        answer = web.get("/sparql", query_string={"query": query})
        assert answer.status_code == 400 and b"nothing is fetched" in answer.data


@pytest.mark.parametrize("endpoint", ["ftp://e/", "http:///x", "http://me:pw@e/sparql", "e"])
def test_what_is_no_endpoint_cannot_be_listed(endpoint: str) -> None:
    with pytest.raises(BadInput, match="ASCRIBE_SERVICE_ENDPOINTS"):
        Settings(service_endpoints=endpoint)
