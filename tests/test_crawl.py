"""Every link of every kind of page leads somewhere, and every IRI of ours to a document."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse
from werkzeug.test import TestResponse

from graph.context import context
from graph.files import example_bundles
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import ASC, ASCV, SHAPES
from graph.web import create_web

BASE = Settings().base
PLACES = ("ns", "vocab", "shapes")
"""Where the terms of our namespaces are served."""
PAGES = (
    *("", "about", "search?q=bridge", "disagreements", "check", "sparql", "update", "ns", "vocab"),
    *("ns/Statement", "ns/speaker", "vocab/says", "vocab/Act", "search?kind=DirectQuotation"),
)
DOCUMENTS = (".well-known/void", "sparql", "changes", "ns/Statement", "vocab/says", "shapes")
OTHER_SITES = {
    *("groundedannotationframework.org", "purl.org", "schema.org", "semanticweb.cs.vu.nl"),
    *("www.opengis.net", "www.w3.org", "xmlns.com"),
}
"""Whose terms ours are defined by; their links are not followed."""


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    """What `ascribe demo` serves."""
    with KnowledgeGraph(Settings()) as kg:
        for path in example_bundles():
            text = path.with_suffix(".txt")
            kg.add(path, text=text.read_bytes() if text.exists() else None)
        yield kg


@pytest.fixture(scope="module")
def subjects(kg: KnowledgeGraph) -> dict[str, list[str]]:
    """The paths of all that is described, by kind."""
    found: dict[str, set[str]] = defaultdict(set)
    for quad in kg.store.match():
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(BASE):
            path = quad.subject.value.removeprefix(BASE)
            found[path.partition("/")[0]].add(path)
    return {kind: sorted(paths) for kind, paths in found.items()}


@pytest.fixture(scope="module")
def crawler(kg: KnowledgeGraph) -> Crawler:
    return Crawler(create_web(kg).test_client())


class Page(HTMLParser):
    """The links of a page that a reader or a browser can follow, and the places in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("method", "get") == "get":
            self.links |= {link for at in ("href", "src", "action") if (link := given.get(at))}
        self.places |= {place for at in ("id", "name") if (place := given.get(at))}


class Crawler:
    """Fetches each address once."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.seen: dict[tuple[str, str], TestResponse] = {}
        self.page = cache(lambda path: Page(self.fetch(path).text))

    def fetch(self, path: str, accept: str = "text/html, */*;q=0.1") -> TestResponse:
        """What an address answers in the end."""
        if (path, accept) not in self.seen:
            self.seen[path, accept] = self.client.get(
                f"/{path}", headers={"Accept": accept}, follow_redirects=True, buffered=True
            )
        return self.seen[path, accept]

    def broken(self, page: str, link: str) -> str:
        """What is wrong with a link of a page; empty if it leads to where it says."""
        path, place = urldefrag(link.removeprefix(BASE))
        # As triples a thing is told in a fifth of the time that its page takes.
        answer = self.fetch(path, *(() if place else ("application/n-triples, */*;q=0.1",)))
        if answer.status_code != 200:
            return f"/{page} links /{path}: {answer.status_code}"
        if place and place not in self.page(path).places:
            return f"/{page} links #{place}, which is not in /{path}"
        return ""


def links_of(crawler: Crawler, page: str) -> set[str]:
    """The links of a page, in full; one of those that differ in what they ask for only."""
    found = sorted(urljoin(f"{BASE}{page}", link) for link in crawler.page(page).links)
    alike = {}
    for link in found:
        parts = urlsplit(link)
        names = tuple(name for name, _ in parse_qsl(parts.query))
        alike[parts.netloc, parts.path, names, parts.fragment if not names else ""] = link
    return {*alike.values()}


def test_every_link_of_every_kind_of_page_answers(
    crawler: Crawler, subjects: dict[str, list[str]]
) -> None:
    pages = [*PAGES, *(path for paths in subjects.values() for path in paths[:1])]
    faults, sites = set(), set()
    for page in pages:
        assert crawler.fetch(page).status_code == 200, page
        for link in links_of(crawler, page):
            if link.startswith(BASE):
                faults.add(crawler.broken(page, link))
            else:
                sites.add(link.split("/")[2])
    assert not faults - {""}
    assert sites <= OTHER_SITES


def iris_in(quads: Iterable[object]) -> set[str]:
    """The IRIs of ours that some quads name."""
    ours = (BASE, ASC, ASCV, SHAPES)
    return {
        term.value
        for quad in quads
        for term in (quad.subject, quad.predicate, quad.object)  # type: ignore[attr-defined]
        if isinstance(term, NamedNode) and term.value.startswith(ours)
    }


def test_every_iri_of_ours_in_every_kind_of_document_answers(
    crawler: Crawler, subjects: dict[str, list[str]]
) -> None:
    kinds = subjects.keys() - {"graph"}  # a graph's triples, without a name for it
    paths = [*DOCUMENTS, *(subjects[kind][0] for kind in sorted(kinds))]
    named = set()
    for path in paths:
        turtle = crawler.fetch(path, "text/turtle")
        said = crawler.fetch(path, "application/ld+json")
        assert (turtle.status_code, said.status_code) == (200, 200), path
        tree = json.loads(said.data)
        if str(tree.get("@context", "")).startswith(BASE):  # no parser here fetches it
            tree |= context()
        named |= iris_in(parse(turtle.data, RdfFormat.TURTLE, base_iri=BASE))
        named |= iris_in(parse(json.dumps(tree), RdfFormat.JSON_LD, base_iri=BASE))
    terms = {iri for iri in named if not iri.startswith(BASE)}
    held = [crawler.fetch(place, "application/n-triples").data for place in PLACES]
    listed = {q.subject.value for each in held for q in parse(each, RdfFormat.N_TRIPLES)}
    assert not terms - listed - {ASC, ASCV, SHAPES}
    for iri in named - terms:
        answer = crawler.fetch(iri.removeprefix(BASE), "text/turtle, */*;q=0.1")
        assert answer.status_code == 200, iri


def test_whatever_the_demo_names_it_describes(
    kg: KnowledgeGraph, subjects: dict[str, list[str]]
) -> None:
    described = {f"{BASE}{path}" for paths in subjects.values() for path in paths}
    graphs = {each.value for each in kg.store.graphs()}
    named = {iri for iri in iris_in(kg.store.match()) if iri.startswith(BASE)}
    assert not named - described - graphs
