"""The W3C's protocol and Graph Store suites against a server without a gate, over HTTP."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, parse, parse_query_results
from suite import MF, NEEDS_SUITES, listed
from test_server import Client
from test_update_suite import FOLDER, UT, canonical

from graph.shacl.view import Term, View
from graph.vocab import RDF, RDFS, Namespace

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
SUITE_HOST = "http://www.example/gsp"

pytestmark = NEEDS_SUITES


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and what may be answered."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    truth: bool | None
    form: str
    expected: bytes | None


@dataclass(frozen=True, slots=True)
class Case:
    """Requests in their order, and the graphs that must be there before."""

    name: str
    graphs: tuple[tuple[str, Path], ...]
    exchanges: tuple[Exchange, ...]


def cases(kind: NamedNode, *manifests: str) -> Iterator[Case]:
    """The cases of some manifests that are requests."""
    for manifest in manifests:
        path = FOLDER / manifest
        if not path.exists():
            continue
        view = View(parse(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri()))
        for node, held in view.by_subject.items():
            if kind in held.get(RDF.type, ()) and view.values(node, MF.action):
                (action,) = view.values(node, MF.action)
                (requests,) = view.values(action, HT.requests)
                graphs = (
                    (_text(view, each, RDFS.label), path.parent / _name(view, each))
                    for each in view.values(node, UT.graphData)
                )
                name = str(node).rpartition("#")[2].rstrip(">")
                exchanges = tuple(_exchange(view, each) for each in listed(view, requests))
                yield Case(name, tuple(graphs), exchanges)


def _exchange(view: View, node: Term) -> Exchange:
    (answer,) = view.values(node, HT.resp)
    truth = _text(view, answer, MF.expectedBoolean)
    body, expected = _body(view, node), _body(view, answer)
    return Exchange(
        _text(view, node, HT.methodName),
        _text(view, node, HT.absolutePath),
        {
            _text(view, each, HT.fieldName): _text(view, each, HT.fieldValue)
            for held in view.values(node, HT.headers)
            for each in listed(view, held)
        },
        body or b"",
        frozenset(
            str(each).rpartition("#")[2].rstrip(">")
            for each in view.values(answer, MF.expectedStatus)
        ),
        None if not truth else truth == "true",
        _text(view, answer, MF.expectedFormat),
        expected,
    )


def _body(view: View, node: Term) -> bytes | None:
    for body in view.values(node, HT.body):
        encoding = _text(view, body, CNT.characterEncoding) or "UTF-8"
        return _text(view, body, CNT.chars).encode(encoding)
    return None


def _text(view: View, node: Term, predicate: NamedNode) -> str:
    found = view.values(node, predicate)
    return found[0].value if found and isinstance(found[0], Literal | NamedNode) else ""


def _name(view: View, node: Term) -> str:
    return _text(view, node, UT.graph).rpartition("/")[2]


STATUSES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404, "BadRequest": 400}


def is_one_of(status: int, expected: frozenset[str]) -> bool:
    """Whether a status is expected: by name, by number or by class."""
    return any(
        STATUSES.get(name) == status
        or name.removeprefix("StatusCode") in (str(status), f"{status // 100}xx")
        for name in expected
    )


def send(
    client: Client, exchange: Exchange, path: str, location: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """The answer to one request, sent as the suite has it."""
    port = int(re.findall(r":(\d+)/", client.base)[0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(
        exchange.method,
        path.replace("$LOCATION$", location),
        exchange.body or None,
        {**exchange.headers, "Authorization": f"Bearer {client.token}"},
    )
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def run(client: Client, case: Case, endpoint: str) -> None:
    """Send a case's requests and compare each answer."""
    location = ""
    for name, path in case.graphs:
        put = client(
            f"graph-store?graph={name}",
            method="PUT",
            data=path.read_bytes(),
            token=client.token,
            Content_Type="application/n-triples",
        )
        assert put.status == 201, put.body
    for exchange in case.exchanges:
        asks = exchange.truth is not None or "sparql-query" in str(exchange.headers)
        path = re.sub(r"^/(sparql/|gsp)", "/sparql" if asks else endpoint, exchange.path)
        status, headers, body = send(client, exchange, path, location)
        said = f"{exchange.method} {path}: {status} {body[:300]!r}"
        assert is_one_of(status, exchange.statuses), said
        location = headers.get("Location", location)
        media_type = headers.get_content_type()
        if exchange.truth is not None:
            form = QueryResultsFormat.from_media_type(media_type)
            assert bool(parse_query_results(body, form)) is exchange.truth, said
        if exchange.form == "RDF":
            assert RdfFormat.from_media_type(media_type), said
        if exchange.form in ("tabular", "boolean"):
            assert QueryResultsFormat.from_media_type(media_type), said
        if exchange.expected is not None:
            assert triples(body) == triples(exchange.expected), said


def triples(data: bytes) -> object:
    return canonical(frozenset(parse(data, RdfFormat.TURTLE, base_iri=SUITE_HOST)))


PROTOCOL = [*cases(MF.ProtocolTest, "protocol/manifest.ttl")]
GRAPH_STORE = [
    *cases(
        MF.GraphStoreProtocolTest,
        "graph-store-protocol/manifest-direct.ttl",
        "graph-store-protocol/manifest-indirect.ttl",
    )
]


@pytest.mark.parametrize("case", PROTOCOL, ids=lambda case: case.name)
def test_the_protocol_is_spoken(ungated: Client, case: Case) -> None:
    run(ungated, case, "/update" if "update" in case.name else "/sparql")


@pytest.mark.parametrize("case", GRAPH_STORE, ids=lambda case: case.name)
def test_graphs_are_stored(ungated: Client, case: Case) -> None:
    run(ungated, case, "/graph-store")
