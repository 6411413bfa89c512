"""The clients that people have, over real HTTP: a query, a graph, a change, an error.

A change goes through the gate: a bundle's agent gets another name, and what would
break a rule is refused.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import rdflib
from conftest import EXAMPLE, ROOT
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from test_server import Client, free_port, start, stop

import graph
from graph.exports import EXPORTS
from graph.kg import token_book

pytestmark = pytest.mark.extras

COMUNICA = Path(
    os.environ.get("ASCRIBE_COMUNICA", Path.home() / ".cache" / "ascribe-ci" / "comunica")
)
STATEMENTS = "SELECT ?s { ?s asc:source ?source } ORDER BY ?s"
NAMES = "SELECT ?name { <%s> rdfs:label ?name }"
TRIPLES = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <%s> { ?s ?p ?o } }"
BROKEN = "SELECT ?s { ?s ?p "
BUNDLE = "doc/us-accidentally-kills-syrian-troops-ffc646f2/v/ffc646f2603cdb7e"
ENTITIES = "graph/entities"
RENAME = """DELETE { <%s> rdfs:label ?old } INSERT { <%s> rdfs:label "%s"@en }
WHERE { <%s> rdfs:label ?old }"""
UNSOUND = "DELETE WHERE { ?s asc:source ?source }"
LABEL = rdflib.RDFS.label


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    folder = graph.create(tmp_path_factory.mktemp("clients") / "desk", base)
    with graph.open(folder) as kg:
        kg.add(EXAMPLE)
    token = token_book(folder).create("write")
    process = start(["serve", str(folder)], port)
    yield Client(base, token)
    stop(process)


@pytest.fixture
def agency(server: Client) -> str:
    """The IRI of an agency that the bundle describes."""
    return server.base + "agent/cnn-f2e80d"


def named(server: Client, iri: str) -> str:
    """What a resource is called now."""
    rows = server.ask(NAMES % iri).json["results"]["bindings"]
    return str(rows[0]["name"]["value"])


def test_sparqlwrapper(server: Client, agency: str) -> None:
    wrapper = pytest.importorskip("SPARQLWrapper")
    asking = wrapper.SPARQLWrapper(server.base + "sparql", server.base + "update")
    asking.setReturnFormat(wrapper.JSON)
    for method in (wrapper.GET, wrapper.POST):
        asking.setMethod(method)
        asking.setQuery(STATEMENTS)
        assert len(asking.queryAndConvert()["results"]["bindings"]) == 82

    asking.setQuery(TRIPLES % (server.base + BUNDLE))
    asking.setReturnFormat(wrapper.TURTLE)
    fetched = rdflib.Graph().parse(data=asking.queryAndConvert(), format="turtle")
    assert len(fetched) > 80

    asking.addCustomHttpHeader("Authorization", f"Bearer {server.token}")
    asking.setMethod(wrapper.POST)
    for way in (wrapper.URLENCODED, wrapper.POSTDIRECTLY):
        asking.setRequestMethod(way)
        asking.setQuery(RENAME % (agency, agency, f"CNN {way}", agency))
        asking.query()
        assert named(server, agency) == f"CNN {way}"
    asking.setQuery(UNSOUND)
    with pytest.raises(urllib.error.HTTPError, match="422"):
        asking.query()

    asking.clearCustomHttpHeader("Authorization")
    asking.setQuery(BROKEN)
    asking.setReturnFormat(wrapper.JSON)
    with pytest.raises(wrapper.SPARQLExceptions.QueryBadFormed, match="line 1"):
        asking.query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_reads_a_graph_where_it_is(server: Client, agency: str, method: str) -> None:
    store = SPARQLStore(server.base + "sparql", method=method)
    bundle = rdflib.Graph(store, identifier=rdflib.URIRef(server.base + BUNDLE))
    assert len(list(bundle.query(STATEMENTS))) == 82
    assert len(bundle) > 1_000
    entities = rdflib.Graph(store, identifier=rdflib.URIRef(server.base + ENTITIES))
    assert str(entities.value(rdflib.URIRef(agency), LABEL)).startswith("CNN")
    assert (rdflib.URIRef(agency), LABEL, None) in entities
    assert (rdflib.URIRef(agency), LABEL, None) not in bundle
    fetched = entities.query("DESCRIBE <agent/cnn-f2e80d>").graph
    assert fetched is not None and len(fetched) > 1
    if method == "GET":
        with pytest.raises(ValueError, match="your SPARQL query"):
            store.query(BROKEN)
    else:  # rdflib raises nothing then, and hands over what it was told
        status, reason, _ = store.query(BROKEN)
        assert status == 400 and "400" in reason


def test_rdflib_changes_a_graph_where_it_is(server: Client, agency: str) -> None:
    store = SPARQLUpdateStore(
        server.base + "sparql",
        server.base + "update",
        headers={"Authorization": f"Bearer {server.token}"},
        autocommit=False,
    )
    entities = rdflib.Graph(store, identifier=rdflib.URIRef(server.base + ENTITIES))
    node = rdflib.URIRef(agency)
    old = entities.value(node, LABEL)
    assert old is not None
    entities.remove((node, LABEL, old))
    entities.add((node, LABEL, rdflib.Literal("CNN by rdflib", lang="en")))
    store.commit()
    assert named(server, agency) == "CNN by rdflib"
    assert entities.value(node, LABEL) == rdflib.Literal("CNN by rdflib", lang="en")

    bundle = rdflib.Graph(store, identifier=rdflib.URIRef(server.base + BUNDLE))
    bundle.remove((None, rdflib.URIRef("https://w3id.org/ascribe/ns#source"), None))
    with pytest.raises(urllib.error.HTTPError, match="422"):
        store.commit()
    store.rollback()
    assert len(list(bundle.query(STATEMENTS))) == 82


def test_pandas(server: Client) -> None:
    pandas = pytest.importorskip("pandas")
    from urllib.parse import urlencode

    address = server.base + "sparql?" + urlencode({"query": STATEMENTS, "format": "csv"})
    assert pandas.read_csv(address)["s"].iloc[0].startswith(server.base + "statement/")
    asked = pandas.read_csv(server.base + "queries/counts?format=csv")
    assert asked.to_dict("records")[0]["statements"] == 82
    with pytest.raises(urllib.error.HTTPError, match="400"):
        pandas.read_csv(server.base + "sparql?" + urlencode({"query": BROKEN, "format": "csv"}))
    with graph.open() as kg:
        kg.add(EXAMPLE)
        rows = kg.query("counts").to_pandas()
        assert rows["statements"].tolist() == [82]


def curl(*arguments: str) -> tuple[int, str]:
    """The status and body that curl prints for a request."""
    command = shutil.which("curl")
    if command is None:
        pytest.skip("curl is not installed")
    ran = subprocess.run(
        [command, "-sS", "-w", "\n%{http_code}", *arguments],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    body, _, status = ran.stdout.rpartition("\n")
    return int(status), body


def test_curl(server: Client, agency: str, tmp_path: Path) -> None:
    asked = f"query={STATEMENTS}"
    for way in (["-G"], []):
        status, body = curl(
            *(*way, "-H", "Accept: text/csv", "--data-urlencode", asked), server.base + "sparql"
        )
        assert status == 200 and len(body.split()) == 83
    address = f"{server.base}graph-store?graph={ENTITIES}"
    status, turtle = curl("--compressed", "-H", "Accept: text/turtle", address)
    assert status == 200
    file = tmp_path / "graph.ttl"
    was = named(server, agency)
    file.write_text(turtle.replace(f'"{was}"@en', '"CNN by curl"@en'), "utf-8")
    token = f"Authorization: Bearer {server.token}"
    put = ("-X", "PUT", "-H", token, "-H", "Content-Type: text/turtle", "--data-binary")
    assert curl(*put, f"@{file}", address)[0] in (200, 204)
    assert named(server, agency) == "CNN by curl"
    status, body = curl("-G", "--data-urlencode", f"query={BROKEN}", server.base + "sparql")
    assert status == 400 and json.loads(body)["line"] == 1


def comunica(server: Client, query: str, *options: str, source: str = "") -> tuple[int, str]:
    """Whether Comunica succeeded with a query of the endpoint or a file, and what it printed."""
    program = COMUNICA / "node_modules" / ".bin" / "comunica-sparql"
    if not program.exists():
        pytest.skip(f"Comunica is not installed ({program}; .ci/install-extras does so)")
    ran = subprocess.run(
        [str(program), source or f"sparql@{server.base}sparql", *options, query],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_comunica(server: Client, agency: str) -> None:
    prefix = "PREFIX asc: <https://w3id.org/ascribe/ns#>"
    code, rows = comunica(server, f"{prefix} {STATEMENTS}", "-t", "text/csv")
    assert code == 0 and len(rows.split()) == 83, rows
    code, turtle = comunica(server, TRIPLES % (server.base + ENTITIES), "-t", "text/turtle")
    assert code == 0, turtle
    assert (rdflib.URIRef(agency), LABEL, None) in rdflib.Graph().parse(data=turtle)
    code, said = comunica(server, BROKEN)
    assert code != 0 and "Parse error" in said


def test_comunica_asks_an_export(server: Client) -> None:
    query = "SELECT ?s { ?s <https://w3id.org/ascribe/ns#source> ?source }"
    code, rows = comunica(server, query, "-t", "text/csv", source=f"{server.base}export?format=ttl")
    assert code == 0 and len(rows.split()) == 83, rows


def test_a_statement_is_the_same_by_curl_in_every_format(server: Client) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = ROOT / "docs" / "every-format.sh"
    told = subprocess.run(
        ["bash", str(script), server.base],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    found = dict(line.split(":") for line in told.stdout.splitlines())
    assert {form.extension for form in EXPORTS} <= found.keys()
    for form, export in EXPORTS.items():
        facts = " source" if form.extension in ("bib", "csl") else " words speaker source"
        there = not export.needs or find_spec(export.needs) is not None
        assert (found[form.extension] == facts) == there, form.extension
    assert found["html"] == " words speaker source"
