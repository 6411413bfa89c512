"""Hostile content in every field: markup, script, bidi overrides and control characters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, Quad, RdfFormat, parse
from test_pages import Node, parsed

import graph
from graph.kg import KnowledgeGraph
from graph.vocab import RDF, XSD
from graph.web import create_web
from graph.web.views.citing import bibtex

TWIST = "\u202egnihton\u2066"
HOSTILE = (
    f'</bdi></title></script><script>alert(1)</script><img src=x onerror="a">\'&{TWIST}\x01%}}'
)
LANGUAGE_STRING = RDF.langString
OURS = ("/static/ascribe.js", "/static/vendor/editor.js?")
BLOCKS = frozenset({"p", "li", "td", "th", "dd", "dt", "h1", "h2", "h3", "pre", "title", "script"})
CSP = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "connect-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; style-src 'self'"
)


def spoilt(quad: Quad) -> Quad:
    """A quad whose words, if it has any, have hostile ones after them."""
    words = quad.object
    if not isinstance(words, Literal) or words.datatype not in (XSD.string, LANGUAGE_STRING):
        return quad
    new = Literal(words.value + HOSTILE, language=words.language)
    return Quad(quad.subject, quad.predicate, new, quad.graph_name)


@pytest.fixture(scope="module")
def spoilt_kg(seed: KnowledgeGraph) -> Iterator[KnowledgeGraph]:
    with graph.open() as copy:
        ontology = copy.graphs.ontology
        copy.store.transact(spoilt(q) for q in seed.store.match() if q.graph_name != ontology)
        yield copy


@pytest.fixture(scope="module")
def client(spoilt_kg: KnowledgeGraph) -> FlaskClient:
    return create_web(spoilt_kg).test_client()


@pytest.fixture(scope="module")
def places(spoilt_kg: KnowledgeGraph) -> list[str]:
    """The pages without a resource, and that of one resource of each class."""
    rows = spoilt_kg.query("SELECT ?kind (MIN(?s) AS ?one) { ?s a ?kind } GROUP BY ?kind").rows
    base = spoilt_kg.settings.base
    found = {one.removeprefix(base) for _, one in rows if one.startswith(base)}
    asked = quote("SELECT * { ?s rdfs:label ?o } LIMIT 50")
    evil = quote(HOSTILE)
    return [
        *("", "about", "disagreements", "disagreements?rule=people", f"sparql?query={asked}"),
        *(f"sparql?query={evil}", f"statement/{evil}", f"disagreements?rule={evil}"),
        *(f"?lang={evil}&x={evil}", "update", "ns", "vocab/says", "check"),
        f"search?q={evil}&speaker={evil}&kind={evil}",
        *sorted(f"{each}.html" for each in found if "graph/" not in each),
    ]


def text_nodes(node: Node, above: tuple[Node, ...] = ()) -> Iterator[tuple[str, tuple[Node, ...]]]:
    for child in node.content:
        if isinstance(child, str):
            yield child, (*above, node)
        else:
            yield from text_nodes(child, (*above, node))


def is_held(above: tuple[Node, ...]) -> bool:
    """Whether what twists a text's direction ends before anything of ours follows."""
    for node in reversed(above):
        if node.tag in ("bdi", "svg", "textarea") or "dir" in node.attributes:
            return True
        if node.tag in BLOCKS:
            return node.tag in ("title", "script", "pre") or len(node.content) == 1
    return False


def test_no_page_runs_or_is_broken_by_what_a_source_says(
    client: FlaskClient, places: list[str]
) -> None:
    assert len(places) > 40
    spoilt_pages = 0
    for place in places:
        response = client.get(f"/{place}", headers={"Accept": "text/html"})
        assert response.status_code in (200, 400, 404), place
        assert response.headers["Content-Security-Policy"] == CSP, place
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "\x01" not in response.text, place
        page = parsed(response.text)
        for script in page.all("script"):
            if "src" in script.attributes:
                assert script.attributes["src"].startswith(OURS), place
                continue
            told = json.loads(script.text)  # data, which no browser runs
            kind = script.attributes["type"]
            assert kind == "application/json" or (kind == "application/ld+json" and told["text"])
        assert not page.all("img") and not page.all("style"), place
        for node in page:
            assert not [each for each in node.attributes if each.startswith("on")], place
            assert "style" not in node.attributes, place
            href = node.attributes.get("href", "/")
            assert href.startswith(("/", "#", "http://", "https://")), (place, href)
        twisted = [above for text, above in text_nodes(page) if "\u202e" in text]
        spoilt_pages += bool(twisted)
        loose = [
            [(node.tag, node.attributes.get("class")) for node in above[-3:]]
            for above in twisted
            if not is_held(above)
        ]
        assert not loose, place
    assert spoilt_pages > 25


@pytest.mark.parametrize(
    ("extension", "form"),
    [("ttl", RdfFormat.TURTLE), ("trig", RdfFormat.TRIG), ("nq", RdfFormat.N_QUADS)],
)
def test_what_is_taken_away_holds_the_words_as_they_are(
    spoilt_kg: KnowledgeGraph, client: FlaskClient, extension: str, form: RdfFormat
) -> None:
    said = spoilt_kg.query("SELECT ?s { ?s asc:quoteMarks ?marks }").rows[0][0]
    path = said.removeprefix(spoilt_kg.settings.base)
    body = client.get(f"/{path}.{extension}").data
    words = {q.object.value for q in parse(body, form) if isinstance(q.object, Literal)}
    assert any(each.endswith(HOSTILE) for each in words)
    framed = client.get(f"/{path}.jsonld").get_json()
    assert HOSTILE.partition("\x01")[0] in framed["text"]


def test_a_citation_holds_no_tex_of_others(spoilt_kg: KnowledgeGraph) -> None:
    from graph.web.views.cards import card_of
    from graph.web.views.facts import Facts

    said = spoilt_kg.query("SELECT ?s { ?s asc:quoteMarks ?marks }").rows[0][0]
    entry = bibtex(card_of(Facts(spoilt_kg.store), said), "2026-11-22T12:00:00Z")
    plain = entry.replace("\\{", "").replace("\\}", "")
    assert plain.count("{") == plain.count("}")
    assert "\\%\\}" in entry and "year = {2026}" in entry
