"""What the dataset says of itself: true counts, where to get it, and what pages there are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
import rdflib
from conftest import EXAMPLE, RECORDED, river
from flask.testing import FlaskClient
from rdflib import DCAT, DCTERMS, FOAF, RDF, VOID

from graph.exports import EXPORTS
from graph.formats import TURTLE
from graph.index import lists
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import ASC
from graph.web import create_web

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
BASE = Settings().base
HERE = rdflib.URIRef(f"{BASE}.well-known/void")
NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def kg() -> Iterator[KnowledgeGraph]:
    settings = Settings(title="Who said what", license=LICENCE, creator="The Desk")
    with KnowledgeGraph(settings, clock=lambda: RECORDED) as kg:
        kg.add(EXAMPLE)
        yield kg


@pytest.fixture
def client(kg: KnowledgeGraph) -> FlaskClient:
    return create_web(kg).test_client()


def described(client: FlaskClient, address: str = "/.well-known/void") -> rdflib.Graph:
    said = client.get(address, headers={"Accept": "text/turtle"})
    assert said.status_code == 200
    return rdflib.Graph().parse(data=said.data, format="turtle")


def asked(client: FlaskClient, query: str) -> dict[str, int]:
    """What a query over HTTP counts."""
    said = client.get("/sparql", query_string={"query": query, "format": "csv"})
    rows = [line.rsplit(",", 1) for line in said.text.splitlines()[1:]]
    return {name: int(number) for name, number in rows}


def parts(told: rdflib.Graph, part: rdflib.URIRef, of: rdflib.URIRef, count: rdflib.URIRef):  # type: ignore[no-untyped-def]
    found = [*told.objects(HERE, part)]
    return {str(told.value(each, of)): int(told.value(each, count)) for each in found}


def test_the_counts_are_those_that_sparql_gives_after_each_write(
    client: FlaskClient, kg: KnowledgeGraph
) -> None:
    for write in (lambda: None, lambda: kg.add(river(), form=TURTLE)):
        write()
        told = described(client)
        classes = asked(
            client, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?g { ?s a ?c } } GROUP BY ?c"
        )
        properties = asked(
            client, "SELECT ?p (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?p"
        )
        assert parts(told, VOID.classPartition, VOID["class"], VOID.entities) == classes
        assert parts(told, VOID.propertyPartition, VOID.property, VOID.triples) == properties
        assert told.value(HERE, VOID.triples).toPython() == len(kg.store)
        assert told.value(HERE, rdflib.URIRef(ASC.revision.value)).toPython() == kg.revision()
        assert set(described(client, "/").subjects(RDF.type, VOID.Dataset)) == {HERE}


def test_it_says_whose_it_is_and_every_way_to_get_it(client: FlaskClient) -> None:
    told = described(client)
    assert str(told.value(HERE, DCTERMS.title)) == "Who said what"
    assert told.value(HERE, DCTERMS.license) == rdflib.URIRef(LICENCE)
    assert str(told.value(told.value(HERE, DCTERMS.creator), FOAF.name)) == "The Desk"
    ways = [*told.objects(HERE, DCAT.distribution)]
    forms = {str(told.value(way, DCTERMS.title)) for way in ways}
    assert forms >= {form.name for form in EXPORTS if form.rdf} | {"CSV", "Web Annotation"}
    assert forms <= {form.name for form in EXPORTS}
    for way in ways:
        said = client.get(str(told.value(way, DCAT.downloadURL)), buffered=True)
        packed = told.value(way, DCAT.compressFormat)
        media_type = str(packed or told.value(way, DCAT.mediaType)).partition("media-types/")[2]
        assert (said.status_code, said.mimetype) == (200, media_type)
    examples = [*told.objects(HERE, VOID.exampleResource)]
    assert {str(each).removeprefix(BASE).split("/")[0] for each in examples} == {
        *("statement", "doc", "agent", "event")
    }
    for each in examples:
        assert client.get(str(each), follow_redirects=True).status_code == 200


def test_a_count_that_takes_long_is_not_waited_for_and_not_kept(
    client: FlaskClient, kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.census._PATIENCE_S", 0)
    said = client.get("/.well-known/void")
    assert said.status_code == 200
    if (HERE, VOID.triples, None) not in rdflib.Graph().parse(data=said.data, format="turtle"):
        assert said.headers["Cache-Control"] == "no-store"
    monkeypatch.undo()
    assert (HERE, VOID.triples, rdflib.Literal(len(kg.store))) in described(client)


def addresses(client: FlaskClient, path: str) -> list[str]:
    said = client.get(path)
    assert (said.status_code, said.mimetype) == (200, "application/xml")
    return [each.text or "" for each in ET.fromstring(said.data).iterfind(".//s:loc", NAMESPACE)]


def test_the_sitemaps_list_every_page_of_a_statement_source_or_thing_once(
    client: FlaskClient, kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_LISTED_AT_ONCE", 50)
    maps = addresses(client, "/sitemap.xml")
    assert [each for each in maps if "statements" in each] == [
        f"{BASE}sitemap-statements-{number}.xml" for number in (1, 2)
    ]
    pages = [page for each in maps for page in addresses(client, each)]
    assert len(pages) == len({*pages})
    wanted = {row[0] for row in kg.query(STATEMENTS)}
    assert wanted <= {*pages}
    for kind in ("doc/", "agent/", "event/"):
        assert any(page.startswith(BASE + kind) for page in pages)
    for page in pages[::9]:
        assert client.get(page, headers={"Accept": "text/html"}).status_code == 200, page
    assert client.get("/sitemap-writers-1.xml").status_code == 404


STATEMENTS = f"SELECT ?statement {{ ?statement <{ASC.source.value}> ?version }}"


def test_programs_may_read_pages_of_a_public_dataset_and_nothing_of_a_private_one() -> None:
    told = {}
    for public in (True, False):
        with KnowledgeGraph(Settings(public=public)) as kg:
            told[public] = create_web(kg).test_client().get("/robots.txt")
    assert f"\nSitemap: {BASE}sitemap.xml\n" in told[True].text
    assert "\nDisallow: /sparql\n" in told[True].text and "Disallow: /\n" not in told[True].text
    assert told[False].text.splitlines()[:2] == ["User-agent: *", "Disallow: /"]


def test_the_guide_for_language_models_links_what_answers(client: FlaskClient) -> None:
    said = client.get("/llms.txt")
    assert said.text.startswith("# Who said what\n\n> ") and "&#" not in said.text
    links = re.findall(r"\]\((.+?)\)", said.text)
    assert len(links) > 12
    for link in links:
        address = link.replace("=IRI", "=agent/cnn-f2e80d")
        answer = client.get(address, buffered=True, follow_redirects=True)
        assert answer.status_code == 200, link
    query = re.search(r"\n    PREFIX(?:.*\n)+?    } LIMIT 10\n", said.text)
    assert query and len(asked_rows(client, query.group())) == 10


def asked_rows(client: FlaskClient, query: str) -> list[str]:
    said = client.get("/sparql", query_string={"query": query, "format": "tsv"})
    return said.text.splitlines()[1:]
