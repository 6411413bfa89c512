"""`/update` and `/graph-store` over real HTTP, as SPARQL clients use them."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator

import pytest
import rdflib
from conftest import DIGEST, REPORT
from pyoxigraph import RdfFormat, parse
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore
from test_server import Client, free_port, start, stop

import graph
from graph.kg import token_book

VERSION = f"doc/river-49a12453/v/{DIGEST}dbaa"
HEADLINE = "statement/49a1245337d2/0-12-0114cd06"
TURTLE = "text/turtle"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server whose data is its own, so that relative IRIs are."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    folder = graph.create(tmp_path_factory.mktemp("served") / "desk", base)
    token = token_book(folder).create("write")
    process = start(["serve", str(folder)], port)
    yield Client(base, token)
    stop(process)


@pytest.fixture
def client(served: Client) -> Iterator[Client]:
    """The server with the river report in it, put there as a graph."""
    put = store(served, "PUT", REPORT.read_bytes(), Content_Type=TURTLE)
    assert put.status == 201, put.body
    yield served
    store(served, "DELETE")


def store(client: Client, method: str, data: bytes | None = None, graph: str = VERSION, **headers):  # type: ignore[no-untyped-def]
    """One request to the Graph Store about a graph."""
    query = urllib.parse.urlencode({"graph": client.base + graph})
    return client(f"graph-store?{query}", method=method, data=data, token=client.token, **headers)


def update(client: Client, text: str, query: str = ""):  # type: ignore[no-untyped-def]
    """One update, as the protocol's plain body."""
    return client(
        f"update{query}",
        data=text.encode(),
        token=client.token,
        Content_Type="application/sparql-update",
    )


def test_a_graph_is_fetched_as_it_was_put(client: Client) -> None:
    answer = store(client, "GET", Accept="application/n-triples")
    fetched = {*map(str, parse(answer.body, RdfFormat.N_TRIPLES))}
    said = {
        str(quad) for quad in parse(REPORT.read_bytes(), RdfFormat.TURTLE, base_iri=client.base)
    }
    assert len(fetched & said) > 200
    again = store(client, "PUT", answer.body, Content_Type="application/n-triples")
    assert (again.status, again.json) == (200, {"bundles": []}), "nothing has changed"
    known = {"Accept": "application/n-triples", "If_None_Match": answer.headers["ETag"]}
    assert store(client, "GET", **known).status == 304
    assert store(client, "GET", If_None_Match=answer.headers["ETag"]).status == 200, "as Turtle"
    assert store(client, "HEAD").body == b""
    assert store(client, "GET", graph="nowhere").status == 404


def test_an_update_is_taken_as_body_and_as_form(client: Client) -> None:
    rename = (
        'DELETE {{ ?a rdfs:label ?old }} INSERT {{ ?a rdfs:label "{}"@en }} '
        'WHERE {{ ?a rdfs:label ?old FILTER(STR(?old) = "{}") }}'
    )
    answer = update(client, rename.format("Valley Daily", "Valley News"))
    assert [each["state"] for each in answer.json["bundles"]] == ["replaced"]
    form = urllib.parse.urlencode({"update": rename.format("Valley News", "Valley Daily")})
    answer = client("update", data=form.encode(), token=client.token)
    assert [each["state"] for each in answer.json["bundles"]] == ["replaced"]
    label = client.ask('SELECT ?a { ?a rdfs:label "Valley News"@en }')
    assert len(label.json["results"]["bindings"]) == 1


def test_what_breaks_a_rule_is_refused_with_its_report(client: Client) -> None:
    before = client("health").json["revision"]
    answer = update(client, f"DELETE WHERE {{ <{client.base}{HEADLINE}> asc:source ?version }}")
    assert answer.status == 422
    assert client.base + HEADLINE in {each["focus"] for each in answer.json["report"]["results"]}
    assert client("health").json["revision"] == before


def test_a_graph_is_replaced_only_as_it_was_seen(client: Client) -> None:
    body = store(client, "GET").body
    assert store(client, "PUT", body, Content_Type=TURTLE, If_Match='"stale"').status == 412
    assert store(client, "DELETE", If_Match='"stale"').status == 412
    assert store(client, "GET").body == body


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_conditions_are_kept_by_every_write(client: Client, method: str) -> None:
    now = store(client, "GET", Accept=TURTLE, Accept_Encoding="gzip")
    tag, kind = now.headers["ETag"], {"Content_Type": TURTLE}
    data: bytes | None = REPORT.read_bytes()
    if method == "PATCH":
        data, kind = b"INSERT { } WHERE { }", {"Content_Type": "application/sparql-update"}
    elif method == "DELETE":
        data, kind = None, {}
    for refused in (
        {"If_Match": '"stale"'},
        {"If_Match": "W/" + tag},
        {"If_None_Match": "*"},
        {"If_None_Match": f'"other", {tag}'},
    ):
        answer = store(client, method, data, **kind, **refused)
        assert answer.status == 412, (refused, answer.body)
    assert store(client, method, data, graph="no/such", **kind, If_Match="*").status == 412
    done = store(client, method, data, **kind, If_Match=f'"stale", {tag}')
    assert done.status == 200, done.body


def test_a_graph_is_put_only_where_there_is_none(client: Client) -> None:
    assert store(client, "DELETE").status == 200
    first = {"Content_Type": TURTLE, "If_None_Match": "*"}
    made = store(client, "PUT", REPORT.read_bytes(), **first)
    assert (made.status, made.headers["Location"]) == (201, client.base + VERSION)
    assert store(client, "PUT", REPORT.read_bytes(), **first).status == 412


def test_triples_are_merged_and_patched_into_a_graph(client: Client) -> None:
    title = f'<{client.base}doc/river-49a12453> dcterms:title "The river rises"@en'
    prefix = "PREFIX dcterms: <http://purl.org/dc/terms/> "
    merged = store(client, "POST", f"{prefix}{title} .".encode(), Content_Type=TURTLE)
    assert merged.status == 200, merged.body
    patched = store(
        client,
        "PATCH",
        b"DELETE { ?d dcterms:title ?t } INSERT { ?d dcterms:title 'It rose'@en } "
        b"WHERE { ?d dcterms:title ?t }",
        Content_Type="application/sparql-update",
    )
    assert patched.status == 200, patched.body
    titles = client.ask("SELECT ?t { ?d a asc:Document ; dcterms:title ?t }")
    assert [each["t"]["value"] for each in titles.json["results"]["bindings"]] == ["It rose"]


def test_a_bundle_is_posted_to_the_store_without_naming_its_graph(served: Client) -> None:
    answer = served(
        "graph-store", data=REPORT.read_bytes(), token=served.token, Content_Type=TURTLE
    )
    assert (answer.status, answer.headers["Location"]) == (201, served.base + VERSION)
    default = served("graph-store?default", Accept="application/n-triples")
    assert VERSION.encode() in default.body
    assert store(served, "DELETE").status == 200
    assert store(served, "DELETE").status == 404


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [
        ("GET", "", 400),
        ("GET", "?graph=http://a.example/&default", 400),
        ("GET", "?graph=http://a.example/&graph=http://b.example/", 400),
        ("PUT", "?default", 400),
        ("DELETE", "?default", 400),
        ("PUT", "?graph=http://a.example/", 400),
        ("PUT", "?graph=graph/catalog", 409),
        ("GET", "?default&format=trig", 406),
    ],
)
def test_what_the_store_cannot_do_is_said(
    client: Client, method: str, query: str, status: int
) -> None:
    data = b"<x:a> <x:b> <x:c> ." if method == "PUT" else None
    answer = client(
        f"graph-store{query}", method=method, data=data, token=client.token, Content_Type=TURTLE
    )
    assert answer.status == status, answer.body


def test_writes_need_a_token(client: Client) -> None:
    for path, method in (("update", "POST"), ("graph-store?default", "POST")):
        assert client(path, method=method, data=b"x").status == 401


def test_a_dataset_named_twice_is_refused(client: Client) -> None:
    answer = update(
        client,
        "INSERT { ?s ?p ?o } USING <x:y> WHERE { ?s ?p ?o }",
        "?using-graph-uri=http://a.example/",
    )
    assert answer.status == 400 and "twice" in answer.json["detail"]


def test_rdflib_updates_through_the_protocol(client: Client) -> None:
    remote = SPARQLUpdateStore(
        client.base + "sparql",
        client.base + "update",
        headers={"Authorization": f"Bearer {client.token}"},
    )
    graph = rdflib.Graph(remote, identifier=rdflib.URIRef(client.base + VERSION))
    document = rdflib.URIRef(client.base + "doc/river-49a12453")
    graph.add((document, rdflib.DCTERMS.title, rdflib.Literal("Lauter rises", lang="en")))
    assert graph.value(document, rdflib.DCTERMS.title) == rdflib.Literal("Lauter rises", lang="en")
