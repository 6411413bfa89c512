"""The page of a search and the home page, which are read from the index."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from conftest import BASE, river
from flask.testing import FlaskClient

from graph.files import examples_dir
from graph.formats import TURTLE
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.web import create_web

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """All examples on disk, and one of hostile names; read it only."""
    with open_dataset(create(tmp_path_factory.mktemp("search") / "desk", BASE)) as kg:
        for path in sorted(examples_dir().glob("*.trig")):
            kg.add(path)
        label = '"Lauter River Authority"@en'
        kg.add(river().decode().replace(label, f'"{HOSTILE}"@en').encode(), form=TURTLE)
        yield kg


@pytest.fixture(scope="module")
def http(kg: KnowledgeGraph) -> FlaskClient:
    return create_web(kg).test_client()


def links(page: str) -> list[str]:
    """Where a page's searches lead, in their order."""
    return [unescape(each) for each in re.findall(r'href="(/search\?[^"]*)"', page)]


def total(page: str) -> int:
    found = re.search(r'<h2 id="found">([\d,]+) statement', page)
    return int(found[1].replace(",", "")) if found else 0


def test_a_facet_narrows_down_to_what_it_counts_and_stays_in_the_address(http: FlaskClient) -> None:
    page = http.get("/search?q=bridge").text
    facet = re.search(r'href="(/search\?[^"]*speaker=[^"]*)">.*?class="num">(\d+)<', page, re.S)
    assert facet and total(page) > int(facet[2])
    narrowed = http.get(unescape(facet[1])).text
    assert total(narrowed) == int(facet[2])
    assert all("q=bridge" in each and "speaker=" in each for each in links(narrowed)[1:])
    assert total(http.get(links(narrowed)[0]).text) == total(page), "the way back"


def test_no_page_reads_through_a_table(kg: KnowledgeGraph, http: FlaskClient) -> None:
    """But for the sources, which are counted, and what is listed in an order that is kept."""
    speaker, event = "agent/ada-lind-fc2bd7", "event/the-flood-in-brennock-0264f5"
    pages = ["/", "/disagreements?rule=people", f"/{speaker}.html", f"/{event}.html"]
    searches = ["", "q=th*", "q=a&speaker=Ada+Lind&kind=IndirectSpeech", "hand=relayed", "page=3"]
    asked: list[str] = []
    connection = kg.index.asked()._tables.connection()
    connection.set_trace_callback(asked.append)
    for page in (*pages, *(f"/search?{each}" for each in searches)):
        assert http.get(page, headers={"Accept": "text/html"}).status_code == 200, page
    connection.set_trace_callback(None)
    queries = {each for each in asked if each.lstrip().startswith(("SELECT", "WITH"))}
    assert len(queries) > 50
    real = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")} - {"found"}
    for query in queries:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {query}"):
            through = re.fullmatch(r"SCAN (\w+)", step)
            is_first = "ORDER BY id DESC" in query and "LIMIT" in query
            assert not through or through[1] not in real or is_first, (step, query)


def test_pages_of_a_search_hold_each_statement_once(http: FlaskClient, kg: KnowledgeGraph) -> None:
    seen, way = list[str](), "/search"
    while way:
        page = http.get(way).text
        seen += re.findall(r'class="said"><a href="([^"]*)"', page)
        following = re.search(r'<a href="([^"]*)" rel="next"', page)
        way = unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == kg.search().total
    last = http.get("/search?page=99999").text
    assert seen[-1] in last and 'rel="prev"' in last


def test_the_words_are_marked_and_nothing_found_shows_ways_on(http: FlaskClient) -> None:
    assert "<mark>natural</mark> <mark>result</mark>" in http.get("/search?q=NATURAL+result").text
    nothing = http.get("/search?q=xyzzy&hand=relayed").text
    assert "Nothing found" in nothing and links(nothing)[:2] == ["/search?q=xyzzy"] * 2


def test_json_and_csv_hold_what_the_page_shows(http: FlaskClient) -> None:
    page = http.get("/search?q=bridge").text
    answer = http.get("/search?q=bridge", headers={"Accept": "application/json"}).json
    assert answer == http.get("/search.json?q=bridge").json
    assert answer and answer["total"] == total(page)
    rows = [*csv.DictReader(io.StringIO(http.get("/search.csv?q=bridge").text))]
    assert [row["iri"] for row in rows[:20]] == [hit["iri"] for hit in answer["hits"]]
    assert len(rows) == total(page)
    assert http.get("/search", headers={"Accept": "text/turtle"}).status_code == 406


def test_hostile_names_and_words_are_text(http: FlaskClient) -> None:
    for way in ("/search?q=river", f"/search?q={HOSTILE}", f"/search?speaker={HOSTILE}", "/"):
        page = http.get(way)
        assert page.status_code == 200
        assert HOSTILE not in page.text, way
    assert "&lt;script&gt;" in http.get("/search?q=script").text
    assert http.get("/search?q=a&page=-5&month=%00").status_code == 200


def test_home_counts_what_sparql_counts_in_less_than_60_kb(
    http: FlaskClient, kg: KnowledgeGraph
) -> None:
    page = http.get("/").text
    counted = [int(each) for each in re.findall(r"<b>([\d,]+)</b>", page)]
    names = ("statements", "speakers", "events", "sources")
    assert counted == [kg.query(f"page_count_{name}").rows[0][0] for name in names]
    parts = ["/", *re.findall(r'(?:href|src)="(/static/[^"]+)"', page)]
    assert len(parts) > 2
    packed = {"Accept-Encoding": "gzip"}
    assert sum(len(http.get(part, headers=packed).data) for part in parts) < 60_000
    pairs = re.findall(r'class="versus"', page)
    assert 0 < len(pairs) <= len(kg.query("page_disagreements"))


def test_home_follows_a_write(tmp_path_factory: pytest.TempPathFactory) -> None:
    with open_dataset(create(tmp_path_factory.mktemp("home") / "desk", BASE)) as kg:
        client = create_web(kg).test_client()
        assert "<b>0</b>" in client.get("/").text
        receipt = kg.add(river(), form=TURTLE)
        assert f"<b>{receipt.statements}</b>" in client.get("/").text
        kg.retract(receipt.bundle)
        assert "<b>0</b>" in client.get("/").text
