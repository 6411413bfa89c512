"""The pages about terms: each is there, says what ontology and shapes say, and leads on."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urldefrag, urljoin

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse
from test_pages import parsed

from graph.kg import KnowledgeGraph
from graph.schema import ontology
from graph.terms import STEMS, Entry, entries, rules_for
from graph.vocab import ASC, ASCV, OWL, RDF
from graph.web import create_web


@pytest.fixture(scope="module")
def client(seed: KnowledgeGraph) -> FlaskClient:
    return create_web(seed).test_client()


def path_of(entry: Entry) -> str:
    """Where a term's page is."""
    return entry.iri.replace(ASC, "/ns/").replace(ASCV, "/vocab/")


def test_every_term_of_ours_has_an_entry_and_belongs_to_a_part() -> None:
    kinds = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}
    declared = {
        quad.subject.value
        for quad in ontology()
        if isinstance(quad.subject, NamedNode)
        and quad.predicate == RDF.type
        and quad.object in kinds
    }
    ours = {each for each in declared if each.startswith(ASC)}
    assert ours == {each for each in entries() if each.startswith(ASC)}
    assert {entries()[each].stem for each in ours} == set(STEMS)


def test_the_page_of_a_term_says_what_it_means_and_how_it_is_used(client: FlaskClient) -> None:
    for entry in entries().values():
        answer = client.get(path_of(entry), headers={"Accept": "text/html"})
        assert answer.status_code == 200, entry.iri
        page = parsed(answer.text)
        assert page.one("h1").text == entry.label
        assert entry.definition in page.one("main").text
        assert entry.example in page.one("main").text
        for rule in rules_for().get(entry.iri, []):
            assert rule.message in page.one("main").text, rule.iri


def test_no_link_on_the_pages_about_terms_is_dead(client: FlaskClient) -> None:
    waiting, seen, anchors = ["/ns", "/vocab"], set[str](), dict[str, set[str]]()
    wanted: set[tuple[str, str]] = set()
    while waiting:
        path = waiting.pop()
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        seen.add(path)
        if not answer.content_type.startswith("text/html"):
            continue
        page = parsed(answer.text)
        anchors[path] = {node.attributes["id"] for node in page if "id" in node.attributes}
        for link in page.all("a"):
            target, anchor = urldefrag(urljoin(path, link.attributes["href"]))
            if target.startswith("http"):
                continue
            if PurePosixPath(target).suffix and len(seen) % 8:
                continue  # one rule makes these links for all terms
            wanted.add((target, anchor))
            if re.match(r"/(ns|vocab)\b", target) and target not in seen:
                waiting.append(target)
                seen.add(target)
    assert len(seen) > len(entries())
    for target, anchor in wanted:
        if target not in anchors:
            answer = client.get(target)
            assert answer.status_code == 200, target
            page = parsed(answer.text) if answer.content_type.startswith("text/html") else None
            anchors[target] = (
                {n.attributes["id"] for n in page if "id" in n.attributes} if page else set()
            )
        assert not anchor or anchor in anchors[target], (target, anchor)


@pytest.mark.parametrize(("path", "namespace"), [("/ns", ASC), ("/vocab", ASCV)])
def test_an_iri_with_its_fragment_leads_to_the_place_of_its_term(
    client: FlaskClient, path: str, namespace: str
) -> None:
    page = parsed(client.get(path, headers={"Accept": "text/html"}).text)
    ids = [node.attributes["id"] for node in page if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    for iri in entries():
        if iri.startswith(namespace):
            assert iri.removeprefix(namespace) in ids, iri


def test_a_term_is_served_as_data_to_who_asks_for_it(client: FlaskClient) -> None:
    told = {quad.triple for quad in ontology() if quad.subject == ASC.Statement}
    for path, accept in (("/ns/Statement", "text/turtle"), ("/ns/Statement.ttl", "*/*")):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.content_type == "text/turtle; charset=utf-8"
        assert {quad.triple for quad in parse(answer.data, RdfFormat.TURTLE)} == told
    answer = client.get("/ns/speaker", headers={"Accept": "application/n-triples"})
    lines = answer.text.splitlines()
    ends = {node for line in lines for node in (line.split()[0], line.split()[2])}
    assert {each for each in ends if each.startswith("_:")} <= {line.split()[0] for line in lines}
    answer = client.get("/ns/Statement", headers={"Accept": "application/ld+json"})
    assert answer.get_json()["id"] == "asc:Statement"
    assert client.get("/ns/Statement", headers={"Accept": "image/png"}).status_code == 406


def test_the_whole_ontology_is_served_where_its_namespace_leads(client: FlaskClient) -> None:
    answer = client.get("/ns", headers={"Accept": "application/n-triples"})
    told = {quad.subject for quad in parse(answer.data, RdfFormat.N_TRIPLES)}
    assert {NamedNode(each) for each in entries() if each.startswith(ASC)} <= told
    for path in ("/vocab.ttl", "/vocab.html", "/ns.html", "/ns/Statement.html"):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "path", ["/ns/Statment", "/vocab/certainly", "/ns/Statment.ttl", "/ns.png"]
)
def test_a_term_that_is_not_there_is_404_with_a_way_on(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "/ns" in answer.text


def test_the_page_of_a_thing_leads_to_what_its_kind_and_properties_mean(
    client: FlaskClient, seed: KnowledgeGraph
) -> None:
    (iri,) = seed.query("SELECT ?a { ?a a asc:RelationAssessment } ORDER BY ?a LIMIT 1").rows[0]
    page = parsed(client.get(iri.removeprefix(seed.settings.base), follow_redirects=True).text)
    links = {link.attributes["href"] for link in page.all("a")}
    assert {"/ns/RelationAssessment", "/ns/confidence", "/ns/basis"} <= links


def test_the_page_of_a_statement_leads_to_what_its_kind_means(
    client: FlaskClient, seed: KnowledgeGraph
) -> None:
    (iri,) = seed.query("SELECT ?s { ?s a asc:BlockQuotation } ORDER BY ?s LIMIT 1").rows[0]
    page = parsed(client.get(iri.removeprefix(seed.settings.base)).text)
    assert "/ns/BlockQuotation" in {link.attributes["href"] for link in page.all("a")}
