"""Who may do what, how often, and what is never told: real servers, real HTTP."""

from __future__ import annotations

import base64
import http.client
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from conftest import EXAMPLE, ROOT
from test_server import FEW, VALID, Answer, Client, free_port, stop

import graph
from graph.errors import BadInput, StoreFault
from graph.kg import KnowledgeGraph, token_book
from graph.settings import Settings
from graph.tokens import SCOPES, TokenBook
from graph.web import create_web

TURTLE = "text/turtle"
LIMITS = {
    "ASCRIBE_QUERIES_PER_MINUTE": "4",
    "ASCRIBE_CHECKS_PER_MINUTE": "3",
    "ASCRIBE_WRITES_PER_MINUTE": "5",
    "ASCRIBE_WRONG_TOKENS_PER_MINUTE": "3",
    "ASCRIBE_TRUSTED_PROXIES": "1",
    "ASCRIBE_ACCESS_LOG": "1",
    "ASCRIBE_MAX_BYTES": "3000000",
    "ASCRIBE_PARSE_TIMEOUT_S": "2",
}
_hosts = count(1)


@dataclass(frozen=True)
class Server:
    """A running `ascribe serve`, and all that it writes."""

    folder: Path
    process: subprocess.Popen[str]
    client: Client
    out: Path

    def __call__(self, path: str, *, scope: str = "", **options: object) -> Answer:
        """One request, with a new token of a scope if one is named."""
        if scope:
            options["token"] = self.token(scope)
        return self.client(path, **options)  # type: ignore[arg-type]

    def token(self, scope: str = "write", name: str = "") -> str:
        return token_book(self.folder).create(scope, name)


def serve(folder: Path, **environ: str) -> Server:
    """Start a server over a new dataset that holds the seed bundle."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    graph.create(folder / "desk", base)
    with graph.open(folder / "desk") as kg:
        kg.add(EXAMPLE)
    token_book(folder / "desk").create("write", "first")
    out = folder / "output"
    run = [sys.executable, "-c", "from graph.cli import run; run()", "serve", str(folder / "desk")]
    process = subprocess.Popen(
        [*run, "--port", str(port)],
        stdout=out.open("w"),
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **FEW, **environ},
    )
    deadline = time.monotonic() + 60
    while base not in out.read_text("utf-8"):
        assert time.monotonic() < deadline and process.poll() is None, out.read_text("utf-8")
        time.sleep(0.05)
    return Server(folder / "desk", process, Client(base, ""), out)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Behind a proxy, with low limits: each test takes addresses of its own."""
    running = serve(tmp_path_factory.mktemp("limited"), **LIMITS)
    yield running
    stop(running.process)


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Not for everybody, and with no limit but on wrong tokens."""
    running = serve(
        tmp_path_factory.mktemp("private"),
        ASCRIBE_PUBLIC="0",
        ASCRIBE_QUERIES_PER_MINUTE="0",
        ASCRIBE_WRONG_TOKENS_PER_MINUTE="3",
    )
    yield running
    stop(running.process)


@pytest.fixture
def host() -> str:
    """An address that no other test asks from."""
    return f"192.0.2.{next(_hosts)}"


ASK = "sparql?query=ASK%7B%7D"


def statuses(server: Server, times: int, path: str, **options: object) -> list[int]:
    return [server(path, **options).status for _ in range(times)]


def test_more_queries_than_allowed_get_429_with_when_to_come_back(
    server: Server, host: str
) -> None:
    answers = [server(ASK, X_Forwarded_For=host) for _ in range(5)]
    assert [each.status for each in answers] == [200] * 4 + [429]
    assert answers[0].headers["RateLimit-Policy"] == '"queries";q=4;w=60'
    assert answers[0].headers["RateLimit"].startswith('"queries";r=3;t=')
    refused = answers[-1]
    assert refused.media_type == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 15
    assert "4 queries from this address" in refused.json["detail"]
    assert "ASCRIBE_QUERIES_PER_MINUTE" in refused.json["detail"]
    for path in ("queries/counts", "export", "dump.nq.gz", "graph-store?default"):
        assert server(path, X_Forwarded_For=host).status == 429, path


def test_one_client_over_its_limit_keeps_nobody_else_out(server: Server, host: str) -> None:
    assert statuses(server, 5, ASK, X_Forwarded_For=host)[-1] == 429
    assert server(ASK, X_Forwarded_For=f"198.51.100.{next(_hosts)}").status == 200
    for path in ("", "health", "static/ascribe.css", "agent/cnn-f2e80d.ttl"):
        assert server(path, X_Forwarded_For=host).status == 200, path


def test_the_addresses_of_one_ipv6_network_count_as_one(server: Server) -> None:
    found = [server(ASK, X_Forwarded_For=f"2001:db8:0:7::{n}").status for n in range(1, 6)]
    assert found[-1] == 429
    assert server(ASK, X_Forwarded_For="2001:db8:0:8::1").status == 200


def test_a_token_takes_its_holder_past_the_limit_of_the_address(server: Server, host: str) -> None:
    data = VALID.read_bytes()

    def check(**options: str) -> int:
        return server(
            "validate", data=data, Content_Type=TURTLE, X_Forwarded_For=host, **options
        ).status

    assert [check() for _ in range(4)] == [200, 200, 200, 429]
    assert check(scope="check") == 200
    assert check(scope="read") == 429
    assert statuses(server, 6, ASK, X_Forwarded_For=host, token=server.token("read")) == [200] * 6


def test_writes_are_counted_for_each_token(server: Server) -> None:
    data, first = VALID.read_bytes(), server.token()
    found = [server("bundles", data=data, Content_Type=TURTLE, token=first) for _ in range(6)]
    assert [each.status for each in found[1:]] == [200] * 4 + [429]
    assert "writes with this token" in found[-1].json["detail"]
    assert server("update", data=b"", method="POST", token=first).status == 429
    assert server("bundles", data=data, Content_Type=TURTLE, scope="write").status == 200


def test_wrong_tokens_are_refused_sooner_than_they_can_be_guessed(
    server: Server, host: str
) -> None:
    right = server.token()
    guesses = [
        server("bundles", data=b"", Content_Type=TURTLE, token=f"asc_{n}", X_Forwarded_For=host)
        for n in range(4)
    ]
    assert [each.status for each in guesses] == [401, 401, 401, 429]
    assert int(guesses[-1].headers["Retry-After"]) > 0
    known = server("bundles", data=b"", Content_Type=TURTLE, token=right, X_Forwarded_For=host)
    assert known.status == 400, "a colleague at the same address is not kept out"


def test_an_address_that_no_trusted_proxy_gave_is_not_believed(private: Server) -> None:
    found = [private("", token="asc_wrong", X_Forwarded_For=f"192.0.2.{n}") for n in range(4)]
    assert [each.status for each in found] == [401, 401, 401, 429]


def test_a_limit_of_0_is_no_limit(private: Server) -> None:
    token = private.token("read")
    assert statuses(private, 10, ASK, token=token) == [200] * 10


def test_a_private_server_shows_nothing_without_a_token(private: Server) -> None:
    for path in ("", ASK, "export", "ontology", "agent/cnn-f2e80d", "sparql", "no-such-page"):
        answer = private(path)
        assert answer.status == 401, path
        assert "private" in answer.json["detail"]
        assert private(path, scope="read").status in (200, 404), path
    assert private("health").status == 200
    assert "(private, writes need a token)" in private.out.read_text("utf-8")
    assert private("static/ascribe.css").status == 200


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_allows_what_it_says_and_includes_those_before_it(
    private: Server, scope: str
) -> None:
    data = VALID.read_bytes()
    options = {"data": data, "Content_Type": TURTLE, "token": private.token(scope)}
    acts = {
        "read": private("", token=options["token"]),
        "check": private("validate", **options),
        "write": private("bundles", **options),
        "admin": private("bundles?by=Ines%20Falk", **options),
    }
    for needed, answer in acts.items():
        allowed = SCOPES.index(needed) <= SCOPES.index(scope)
        assert (answer.status in (200, 201)) == allowed, (scope, needed)
        if not allowed:
            assert answer.status == 403
            first = "write" if needed == "admin" and scope != "write" else needed
            assert f"has the scope {scope}, and this needs {first}" in answer.json["detail"]


def test_who_writes_for_another_is_named_with_the_other(server: Server) -> None:
    token = server.token("admin", "newsroom")
    write = {"data": VALID.read_bytes(), "Content_Type": TURTLE, "token": token}
    added = server("bundles", **write)
    path = "bundles/" + added.headers["Location"].removeprefix(server.client.base)
    gone = server(f"{path}?by=Ines%20Falk", method="DELETE", token=token)
    assert gone.json["state"] == "retracted"
    last = (server.folder / "journal.log").read_text("utf-8").splitlines()[-1]
    assert '"by": "Ines Falk via newsroom"' in last
    for name in ("two%0Alines", "a,b", "", "x" * 65, "asc_" + "x" * 43):
        refused = server(f"bundles?by={name}", **write | {"token": server.token("admin")})
        assert refused.status == 400 and "is no name" in refused.json["detail"], name


def test_a_revoked_token_stops_working_at_once(server: Server) -> None:
    token = server.token(name="lost-laptop")
    assert server("bundles", data=b"", Content_Type=TURTLE, token=token).status == 400
    token_book(server.folder).revoke("lost-laptop")
    assert server("bundles", data=b"", Content_Type=TURTLE, token=token).status == 401


def test_a_damaged_token_file_is_named_and_lets_nobody_write(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    for damage in ("{", "[1]", '[{"name": "x"}]'):
        file.write_text(damage)
        with pytest.raises(StoreFault, match=r"tokens\.json cannot be read"):
            TokenBook(file).find("asc_x")


def test_a_setting_below_0_is_refused() -> None:
    with pytest.raises(BadInput, match="ASCRIBE_CHECKS_PER_MINUTE=-1 is below 0"):
        Settings.from_environment({"ASCRIBE_CHECKS_PER_MINUTE": "-1"})


def test_a_server_does_not_start_with_a_setting_that_cannot_be_read(server: Server) -> None:
    run = [sys.executable, "-c", "from graph.cli import run; run()", "serve", str(server.folder)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "ASCRIBE_CHECKS_PER_MINUTE": "some"}
    ended = subprocess.run(run, check=False, capture_output=True, env=environ, timeout=30)
    assert ended.returncode == 2
    assert ended.stderr == b"ascribe: ASCRIBE_CHECKS_PER_MINUTE='some' is not a number.\n"


def logged(server: Server, line: str, patience_s: float = 10) -> bool:
    """Whether a line is logged soon: that is done once the answer is out."""
    until = time.monotonic() + patience_s
    while not re.search(line, server.out.read_text("utf-8"), re.M):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_the_access_log_says_who_did_what_and_not_what_was_asked(server: Server, host: str) -> None:
    token = server.token("read", "archive desk")
    server(f"{ASK}&secret=hidden", token=token, X_Forwarded_For=host)
    server("no%0Apage%1B", X_Forwarded_For=host)
    stamp, number = r"^\d{4}-\d\d-\d\dT[\d:]{8}Z", "[0-9a-f]{32}$"
    for line in (
        rf"{stamp} GET /sparql 200 [\d.]+ ms archive desk {number}",
        rf"{stamp} GET /no%0Apage%1B 404 [\d.]+ ms - {number}",
    ):
        assert logged(server, line), line
    lines = server.out.read_text("utf-8")
    assert "hidden" not in lines and host not in lines


def test_a_token_is_told_nowhere(server: Server, host: str) -> None:
    """Sent rightly and in every wrong place, and through faults of ours and theirs."""
    token = server.token("admin", "careless")
    basic = base64.b64encode(f"careless:{token}".encode()).decode()
    data, far = VALID.read_bytes(), {"X_Forwarded_For": host}
    answers = [
        server("bundles", data=data, Content_Type=TURTLE, token=token, **far),
        server("bundles", data=b"<a> <b> ", Content_Type=TURTLE, token=token, **far),
        server("bundles", data=data, Content_Type=token, token=token, **far),
        server(f"bundles?by={token}", data=data, Content_Type=TURTLE, token=token, **far),
        server(f"bundles?token={token}", data=data, Content_Type=TURTLE, **far),
        server("bundles", data=data, Content_Type=TURTLE, Authorization=f"Basic {basic}", **far),
        server("bundles", data=data, Content_Type=TURTLE, Authorization=token, **far),
        server("bundles", data=data, Content_Type=TURTLE, Authorization=f"Token {token}", **far),
        server("bundles", data=data, Content_Type=TURTLE, token=token + "x", **far),
        server("bundles", data=data, Content_Type=TURTLE, X_Api_Key=token, **far),
        server(f"{token}", **far),
        server(f"{token}", Accept="text/html", **far),
        server(f"statement/{token}", **far),
        server(f"queries/{token}", **far),
        server(f"dump.{token}.gz", **far),
        server(f"ontology?format={token}", **far),
        server("ontology", Accept=f"application/{token}", **far),
        server(f"bundles/doc/{token}", method="DELETE", token=token, If_Match=f'"{token}"', **far),
    ]
    assert answers[0].status in (200, 201)
    assert {each.status for each in answers} >= {400, 401, 404, 406, 415}
    tokens = server.folder / "tokens.json"
    kept = tokens.read_bytes()
    tokens.write_text("{")
    answers.append(server("bundles", data=data, Content_Type=TURTLE, token=token, **far))
    tokens.write_bytes(kept)
    assert answers[-1].status == 503
    digest = next(
        each.digest for each in token_book(server.folder).tokens() if each.name == "careless"
    )
    log = [sys.executable, "-c", "from graph.cli import run; run()", "log", "--data", server.folder]
    listed = subprocess.run(
        log, capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    told = {
        "answers": b"".join(each.body + str(each.headers).encode() for each in answers),
        "journal": (server.folder / "journal.log").read_bytes(),
        "ascribe log": listed.stdout + listed.stderr,
        "output": server.out.read_bytes(),
    }
    assert b"careless" in told["output"], "it was logged, by its name"
    for secret in (token, basic, digest):
        for place, text in told.items():
            assert secret.encode() not in text, place


CRASH = """
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web
app = create_web(KnowledgeGraph(Settings(access_log=True)))
@app.get("/crash/<token>")
def crash(token):
    raise RuntimeError("the token is " + token)
path = "/crash/asc_0123456789abcdef0123"
answer = app.test_client().get(path, headers={"Accept": "application/json"})
print(answer.status_code, answer.text)
"""


def test_a_crash_is_logged_with_its_trace_and_without_tokens() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CRASH], capture_output=True, check=True, encoding="utf-8", cwd=ROOT
    )
    assert ran.stdout.startswith("500") and "The fault is ours" in ran.stdout
    assert "Traceback" in ran.stderr and "RuntimeError: the token is asc_..." in ran.stderr
    assert "0123456789abcdef" not in ran.stdout + ran.stderr


def head(
    server: Server, path: str, host: str, *lines: str, media_type: str = TURTLE
) -> socket.socket:
    """A connection on which a POST has been begun."""
    address = server.client.base.split("/")[2].split(":")
    connection = socket.create_connection((address[0], int(address[1])), timeout=30)
    start = [f"POST /{path} HTTP/1.1", f"Host: {address[0]}", f"X-Forwarded-For: {host}"]
    connection.sendall(
        "\r\n".join([*start, f"Content-Type: {media_type}", *lines, "", ""]).encode()
    )
    return connection


def answer_on(connection: socket.socket) -> tuple[int, str]:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read().decode()


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server: Server, host: str) -> None:
    with head(server, "validate", host, "Content-Length: 100000000000") as connection:
        status, body = answer_on(connection)
    assert status == 413 and "3,000,000 bytes" in body and "ASCRIBE_MAX_BYTES" in body


def test_a_body_without_a_length_is_read_no_further_than_the_limit(
    server: Server, host: str
) -> None:
    sent = 0
    with head(server, "validate", host, "Transfer-Encoding: chunked") as connection:
        try:
            while sent < 200_000_000:
                connection.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
                sent += 0x100000
        except OSError:
            pass  # the server has hung up
        assert sent < 100_000_000


def test_a_form_of_very_many_parts_is_refused(server: Server, host: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    form = part * 2_000 + b"--x--\r\n"
    answer = server(
        "validate", data=form, Content_Type="multipart/form-data; boundary=x", X_Forwarded_For=host
    )
    assert answer.status == 413 and "1,000 parts" in answer.json["detail"]


def nested_xml(depth: int) -> bytes:
    rdf = b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/"'
    return b"<rdf:RDF %b>%b%b</rdf:RDF>" % (
        rdf,
        b"<e:C><e:p>" * depth,
        b"</e:p></e:C>" * depth,
    )


def test_input_made_to_take_long_is_cut_off_and_stops_nobody(server: Server, host: str) -> None:
    def check(data: bytes, media_type: str, address: str) -> tuple[Answer, float]:
        answer = server("validate", data=data, Content_Type=media_type, X_Forwarded_For=address)
        return answer, time.monotonic()

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(check, nested_xml(100_000), "application/rdf+xml", host)
        time.sleep(0.3)
        quick = pool.submit(check, VALID.read_bytes(), TURTLE, f"198.51.100.{next(_hosts)}")
    assert slow.result()[0].status == 413
    assert "longer than 2 s to parse" in slow.result()[0].json["detail"]
    assert quick.result()[0].status == 200
    assert quick.result()[1] < slow.result()[1]


def test_clients_that_send_slowly_keep_nobody_from_reading(server: Server) -> None:
    def stall(path: str, media_type: str) -> list[socket.socket]:
        late = "Content-Length: 1000"
        hosts = [f"203.0.113.{n}" for n in range(40)]
        return [head(server, path, each, late, media_type=media_type) for each in hosts]

    def status(path: str, **options: str) -> int:
        data = VALID.read_bytes()
        return server(path, data=data, Content_Type=TURTLE, **options).status  # type: ignore[arg-type]

    waiting = stall("validate", TURTLE)
    try:
        time.sleep(0.5)
        assert status("validate", X_Forwarded_For="203.0.113.99") == 503
        assert status("bundles", scope="write") in (200, 201)
        waiting += stall("sparql", "application/sparql-query")
        time.sleep(0.5)
        assert status("bundles", scope="write") == 503
        assert server("health").status == 200
        assert server("agent/cnn-f2e80d.ttl").status == 200
    finally:
        for connection in waiting:
            connection.close()
    deadline = time.monotonic() + 20
    while status("bundles", scope="write") == 503 or status("validate", scope="check") == 503:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_few_clients_download_everything_at_a_time(seed: KnowledgeGraph) -> None:
    browser = create_web(seed).test_client()
    under_way = [browser.get("/export") for _ in range(4)]
    assert {each.status_code for each in under_way} == {200}
    assert browser.head("/export").status_code == 200, "a HEAD downloads nothing"
    busy = browser.get("/dump.nq.gz")
    assert busy.status_code == 503 and busy.headers["Retry-After"] == "1"
    for each in under_way:
        each.close()
    assert browser.get("/dump.nq.gz").status_code == 200


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[bytes]]]:
    """A web server on this machine, and the requests that came to it."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    hits: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path.encode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"@context": {}}')

        do_POST = do_HEAD = do_GET  # noqa: N815 (the library's names)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}", hits
    listening.shutdown()
    listening.server_close()


RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
VERSION = "<doc/a/v/1> a <https://w3id.org/ascribe/ns#DocumentVersion> ."
TEMPTING = {
    "application/ld+json": [
        '{"@context": "URL/a", "id": "x"}',
        '[{"@context": ["URL/b"], "id": "x"}]',
        '{"@context": {"a": {"@id": "http://e/a", "@context": "URL/c"}}, "a": {"b": "c"}}',
        '{"@context": {"a": "http://e/a"}, "a": {"@context": "URL/d", "b": "c"}}',
        '{"@context": {"@version": 1.1, "@import": "URL/e"}, "a": "b"}',
        '{"@context": {"T": {"@id": "http://e/T", "@context": "URL/f"}}, "@type": "T"}',
    ],
    "application/rdf+xml": [
        f'<!DOCTYPE r SYSTEM "URL/dtd"><rdf:RDF {RDF}/>',
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "URL/entity">]><rdf:RDF {RDF}>&x;</rdf:RDF>',
        f'<!DOCTYPE r [<!ENTITY % x SYSTEM "URL/parameter"> %x;]><rdf:RDF {RDF}/>',
        f'<?xml-stylesheet href="URL/style"?><rdf:RDF {RDF}/>',
        f'<rdf:RDF {RDF} xmlns:xi="http://www.w3.org/2001/XInclude">'
        '<xi:include href="URL/xi"/></rdf:RDF>',
        f'<rdf:RDF {RDF} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="URL/xsd URL/xsd"/>',
    ],
    "text/turtle": [
        f"@base <URL/base> . @prefix a: <URL/prefix#> . {VERSION} <x> a a:B .",
        f"{VERSION} <doc/a/v/1> <http://www.w3.org/2002/07/owl#imports> <URL/owl> .",
        f"{VERSION} <doc/a/v/1> <http://www.w3.org/ns/shacl#shapesGraph> <URL/shapes> .",
        f"{VERSION} <doc/a/v/1> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <URL/see> .",
    ],
    "application/sparql-query": [
        "SELECT * FROM <URL/from> { ?s ?p ?o }",
        "SELECT * FROM NAMED <URL/named> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { SERVICE <URL/service> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <URL/silent> { ?s ?p ?o } }",
        "ASK { FILTER EXISTS { SERVICE <URL/exists> { ?s ?p ?o } } }",
        "PREFIX ex: <URL/> SELECT * { SERVICEex:glued { ?s ?p ?o } }",
        "SELECT * { SERVICESILENT<URL/silently> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE<URL/number> { ?a ?b ?c } }",
        "SELECT * { ?s ?p ?o SERVICE ?o { ?a ?b ?c } VALUES ?o { <URL/variable> } }",
    ],
    "application/sparql-update": [
        "LOAD <URL/load>",
        "LOAD SILENT <URL/load> INTO GRAPH <http://e/g>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <URL/where> { ?s ?p ?o } }",
        "PREFIX ex: <URL/> LOADex:glued",
        "PREFIX ex: <URL/> LOADSILENTex:silently",
        "PREFIX ex: <URL/> INSERT { ?s ?p ?o } WHERE { SERVICEex:served { ?s ?p ?o } }",
    ],
}
PATHS = {"application/sparql-query": "sparql", "application/sparql-update": "update"}


@pytest.mark.parametrize("media_type", TEMPTING)
def test_nothing_that_is_sent_makes_the_server_fetch(
    private: Server, elsewhere: tuple[str, list[bytes]], media_type: str
) -> None:
    address, hits = elsewhere
    assert urllib.request.urlopen(address + "/seen").status == 200 and hits == [b"/seen"]
    token, link = private.token(), f'<{address}/link>; rel="http://www.w3.org/ns/json-ld#context"'
    for text in TEMPTING[media_type]:
        for path in [PATHS.get(media_type)] if media_type in PATHS else ["validate", "bundles"]:
            data = text.replace("URL", address).encode()
            answer = private(str(path), data=data, token=token, Content_Type=media_type, Link=link)
            assert answer.status < 500, (text, answer.body)
    assert hits == [b"/seen"]
