"""Every kind of IRI that is minted, asked for as its readers ask, behind a proxy too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rdflib
from conftest import EXAMPLE, RECORDED, ROOT
from flask.testing import FlaskClient
from rdflib.compare import isomorphic
from werkzeug.http import http_date, parse_date

import graph
from graph.context import context
from graph.kg import KnowledgeGraph, open_dataset
from graph.rebase import rebase
from graph.settings import Settings
from graph.vocab import PROV
from graph.web import create_web

SAID = "https://news.example.org/said/"
OTHER = ROOT / "examples" / "harbour-master-going.trig"
VERSION = "doc/us-accidentally-kills-syrian-troops-ffc646f2/v/ffc646f2603cdb7e"
STATEMENT = "statement/ffc646f2603c/2076-2306-8224e4fc"
DOCUMENTS = (
    *("statement", "attribution", "span", "proposition", "time", "activity", "assessment"),
    *("doc", "write"),
)
THINGS = ("agent", "event", "place", "post", "membership")
FORMS = {
    "html": "text/html",
    "jsonld": "application/ld+json",
    "ttl": "text/turtle",
    "trig": "application/trig",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "rdf": "application/rdf+xml",
}
PARSERS = {"jsonld": "json-ld", "ttl": "turtle", "nq": "nquads", "rdf": "xml"}


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    """Two sources under a base that has a path."""
    with KnowledgeGraph(Settings(base=SAID), clock=lambda: RECORDED) as kg:
        kg.add(EXAMPLE)
        kg.add(OTHER)
        yield kg


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> FlaskClient:
    return create_web(kg).test_client()


def some(kg: KnowledgeGraph, kind: str) -> str:
    """The path of something of a kind."""
    subjects = sorted(q.subject.value.removeprefix(SAID) for q in kg.store.match())
    return next(each for each in subjects if each.startswith(f"{kind}/"))


def links(headers: list[str], rel: str) -> set[str]:
    """Where links of a kind lead."""
    found = (re.match(r'<(.*)>; rel="(.*?)"', each) for each in headers)
    return {each[1] for each in found if each and each[2] == rel}


def triples(body: bytes, extension: str) -> rdflib.Graph:
    """What a document says, whatever graphs it says it in."""
    if extension == "jsonld":
        tree = json.loads(body)
        assert tree["@context"].startswith(f"{SAID}context")
        body = json.dumps({**tree, **context()}).encode()
    held = rdflib.Dataset(default_union=True)
    held.parse(data=body, format=PARSERS.get(extension, extension))
    found = rdflib.Graph()
    for subject, predicate, value, _ in held.quads():
        found.add((subject, predicate, value))
    return found


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_says_the_same_in_each_format_by_extension_and_accept(
    client: FlaskClient, kg: KnowledgeGraph, kind: str
) -> None:
    path = some(kg, kind)
    told = {}
    for extension, media_type in FORMS.items():
        accept = f"{media_type}, text/plain;q=0.9, */*;q=0.1"
        said = client.get(f"/said/{path}", headers={"Accept": accept})
        assert (said.status_code, said.mimetype) == (200, media_type)
        assert "Accept" in said.vary
        assert said.headers["Content-Location"] == f"/said/{path}.{extension}"
        linked = said.headers.getlist("Link")
        others = {f"/said/{path}.{each}" for each in FORMS if each != extension}
        assert links(linked, "alternate") == others
        assert links(linked, "http://rdfs.org/ns/void#inDataset") == {"/said/.well-known/void"}
        if extension == "html":
            assert links(linked, "describedby") == {f"/said/{path}.jsonld"}
        else:
            assert client.get(f"/said/{path}.{extension}").data == said.data
            told[extension] = triples(said.data, extension)
    assert (rdflib.URIRef(SAID + path), None, None) in told["ttl"]
    for extension, facts in told.items():
        assert isomorphic(facts, told["ttl"]), extension


@pytest.mark.parametrize("kind", THINGS)
def test_a_thing_in_the_world_leads_to_a_document_about_it(
    client: FlaskClient, kg: KnowledgeGraph, kind: str
) -> None:
    path = some(kg, kind)
    for extension, media_type in FORMS.items():
        said = client.get(f"/said/{path}", headers={"Accept": media_type})
        assert (said.status_code, said.location) == (303, f"/said/{path}.{extension}")
        assert "Accept" in said.vary
        assert links(said.headers.getlist("Link"), "describedby") == {said.location}
        document = client.get(said.location)
        assert (document.status_code, document.mimetype) == (200, media_type)


def test_a_graph_leads_to_what_it_holds(client: FlaskClient, kg: KnowledgeGraph) -> None:
    for name in sorted(each.value.removeprefix(SAID) for each in kg.store.graphs()):
        said = client.get(f"/said/{name}", headers={"Accept": "application/n-triples"})
        assert said.status_code == (303 if "/v/" not in name or name.count("/") > 3 else 200)
        if said.status_code == 303:
            held = client.get(said.location, headers={"Accept": "application/n-triples"})
            assert len(held.data.splitlines()) == len(kg.store.match(graph=kg.iri(name)))


def test_a_document_names_all_it_mentions_its_chain_its_source_and_how_it_was_made(
    client: FlaskClient,
) -> None:
    facts = triples(client.get(f"/said/{STATEMENT}.ttl").data, "ttl")
    asc, oa = (
        rdflib.Namespace("https://w3id.org/ascribe/ns#"),
        rdflib.Namespace("http://www.w3.org/ns/oa#"),
    )
    naming = (
        *(rdflib.RDFS.label, rdflib.SKOS.prefLabel, rdflib.DCTERMS.title, oa.exact),
        *(asc.wording, asc.versionOf, asc.agent, asc.relation, asc.source),
        *(rdflib.PROV.endedAtTime, rdflib.RDF.type),
    )
    mentioned = {o for _, p, o in facts if isinstance(o, rdflib.URIRef) and o.startswith(SAID)}
    assert not [each for each in mentioned if not any((each, p, None) in facts for p in naming)]
    (chain,) = facts.objects(rdflib.URIRef(SAID + STATEMENT), asc.attribution)
    voices = [facts.value(chain, asc.agent)]
    while chain := facts.value(chain, asc.relayedBy):
        voices.append(facts.value(chain, asc.agent))
    assert [str(facts.value(each, rdflib.RDFS.label))[:8] for each in voices] == [
        *("Russian ", "CNN", "Narrator")
    ]
    version = facts.value(rdflib.URIRef(SAID + STATEMENT), asc.source)
    assert facts.value(facts.value(version, asc.versionOf), rdflib.DCTERMS.title)
    activity = facts.value(rdflib.URIRef(SAID + STATEMENT), rdflib.PROV.wasGeneratedBy)
    assert facts.value(facts.value(activity, rdflib.PROV.wasAssociatedWith), rdflib.RDFS.label)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (STATEMENT, {"Accept": "image/png"}, 406),
        (STATEMENT, {"Accept": "text/turtle;q=0, text/html;q=0"}, 406),
        (f"{STATEMENT}?format=docx", {}, 406),
        ("agent/cnn-f2e80d", {"Accept": "image/png"}, 406),
        ("statement/000000000000/0-1-00000000", {}, 404),
        (f"{STATEMENT}.docx", {}, 404),
        ("agent/nobody-000000", {}, 404),
        ("no/such/kind", {}, 404),
    ],
)
def test_what_is_not_there_or_cannot_be_had_is_said(
    client: FlaskClient, path: str, headers: dict[str, str], status: int
) -> None:
    said = client.get(f"/said/{path}", headers=headers)
    assert (said.status_code, said.mimetype) == (status, "application/problem+json")
    assert said.json and said.json["status"] == status


def test_who_has_a_document_is_not_sent_it_again(client: FlaskClient) -> None:
    for path in (f"/said/{STATEMENT}", f"/said/{STATEMENT}.rdf", "/said/agent/cnn-f2e80d.html"):
        first = client.get(path)
        head = client.head(path)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["ETag"] == first.headers["ETag"]
        date = parse_date(first.headers["Last-Modified"])
        assert date and date <= datetime.now(UTC)
        for sent, status in (
            ({"If-None-Match": first.headers["ETag"]}, 304),
            ({"If-None-Match": '"another"'}, 200),
            ({"If-Modified-Since": first.headers["Last-Modified"]}, 304),
            ({"If-Modified-Since": http_date(date - timedelta(seconds=1))}, 200),
        ):
            again = client.get(path, headers=sent)
            assert again.status_code == status, sent
            assert bool(again.data) == (status == 200)


def test_a_proxy_may_keep_the_prefix_or_take_it_away(client: FlaskClient) -> None:
    for path in ("", STATEMENT, "ns/speaker", "sparql"):
        kept = client.get(f"/said/{path}", headers={"Accept": "text/html"})
        taken = client.get(f"/{path}", headers={"Accept": "text/html"})
        assert kept.status_code == 200 and kept.data == taken.data
        inner = re.findall(r'(?:href|src|action)="(/[^"]*)"', kept.text)
        assert inner and all(each.startswith("/said/") for each in inner)
    moved = client.get("/agent/cnn-f2e80d", headers={"Accept": "text/turtle"})
    assert moved.location == "/said/agent/cnn-f2e80d.ttl"


def test_what_was_retracted_says_so_and_what_is_in_its_place() -> None:
    with KnowledgeGraph(Settings(base=SAID), clock=lambda: RECORDED) as kg:
        kg.add(EXAMPLE)
        client = create_web(kg).test_client()
        newer = kg.iri(VERSION.rpartition("/")[0] + "/" + "0" * 16)
        kg.retract(VERSION)
        attribution = "attribution/ffc646f2603c/0123456789"
        for path in (VERSION, f"{VERSION}/assessments", VERSION.rpartition("/v/")[0]):
            assert client.get(f"/said/{path}").status_code == 410
        for path in (STATEMENT, f"{STATEMENT}.ttl", attribution):
            said = client.get(f"/said/{path}", headers={"Accept": "application/json"})
            assert said.status_code == 410 and "In its place: nothing." in said.json["detail"]
            assert said.json["replacedBy"] == []
        assert client.get("/said/agent/cnn-f2e80d").status_code == 404
        revised = EXAMPLE.read_text("utf-8").replace("ffc646f2603cdb7e", "0" * 16)
        revised = revised.replace("ffc646f2603c", "0" * 12)
        kg.add(revised.encode(), form=graph.formats.TRIG)
        kg.store.transact([graph.store.Quad(newer, PROV.wasRevisionOf, kg.iri(VERSION), newer)])
        said = client.get(f"/said/{STATEMENT}", headers={"Accept": "application/json"})
        assert said.json["replacedBy"] == [newer.value]
        assert links(said.headers.getlist("Link"), "successor-version") == {newer.value}
        kg.add(EXAMPLE)
        assert client.get(f"/said/{STATEMENT}").status_code == 200


def stored(kg: KnowledgeGraph) -> set[str]:
    """What a dataset holds beside the ontology, of which an example names an address."""
    return {str(q) for q in kg.store.match() if q.graph_name != kg.graphs.ontology}


def test_a_dataset_moves_to_another_address_with_its_history(tmp_path: Path) -> None:
    old = graph.create(tmp_path / "old", "http://127.0.0.1:8000/")
    with open_dataset(old) as kg:
        kg.add(EXAMPLE)
        kg.add(OTHER, text=OTHER.with_suffix(".txt").read_bytes(), by="ada")
        kg.retract(VERSION)
        kg.add(EXAMPLE)
        acts = [(write.at, write.act, write.by) for write in kg.history()]
        before = {line.replace("http://127.0.0.1:8000/", SAID) for line in stored(kg)}
    proof = rebase(old, tmp_path / "new", SAID)
    assert proof.found == 0 and proof.writes == len(acts)
    with open_dataset(tmp_path / "new") as kg:
        assert [(write.at, write.act, write.by) for write in kg.history()] == acts
        assert {line for line in before ^ stored(kg) if "bundleDigest" not in line} == set()
        assert kg.add(EXAMPLE).state == kg.add(OTHER).state == "unchanged"
        assert kg.texts.digests()
