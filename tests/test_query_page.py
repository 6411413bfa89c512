"""The query page: a table with names, where a query goes wrong, and the query as code."""

from __future__ import annotations

import hashlib
import html
import re
from urllib.parse import urlencode

import pytest
from conftest import ROOT
from flask.testing import FlaskClient

from graph.kg import KnowledgeGraph
from graph.queries import named_queries
from graph.web import create_web
from graph.web.views.query import THEMES

STATIC = ROOT / "graph" / "web" / "static"


@pytest.fixture(scope="module")
def client(seed: KnowledgeGraph) -> FlaskClient:
    return create_web(seed).test_client()


def page_of(client: FlaskClient, query: str, **more: str) -> tuple[int, str]:
    address = f"/sparql?{urlencode({'query': query, **more})}"
    answer = client.get(address, headers={"Accept": "text/html"})
    return answer.status_code, html.unescape(answer.text)


def test_a_thing_is_shown_by_its_name_and_linked(client: FlaskClient) -> None:
    status, page = page_of(client, "SELECT ?who { ?who a asc:NewsOrganization }")
    assert status == 200
    assert re.search(r'<a href="/agent/cnn-[^>]*title="[^"]+"><bdi[^>]*>CNN</bdi></a>', page)
    assert re.search(r"\d rows, \d+ ms", page)


def test_the_code_on_the_page_gets_the_same_answer(client: FlaskClient) -> None:
    query = "SELECT ?name { ?who a asc:NewsOrganization ; rdfs:label ?name FILTER(?name != 'x') }"
    _, page = page_of(client, query)
    code = html.unescape(page).partition("<h3>curl</h3>")[2]
    addresses = re.findall(r"""['"](http[^'"]+format=csv)['"]""", code)
    assert len(addresses) == 3
    for address in addresses:
        answer = client.get(address.removeprefix("http://localhost"))
        assert answer.mimetype == "text/csv" and "CNN" in answer.text


def test_every_question_has_a_theme_and_is_on_the_page(client: FlaskClient) -> None:
    asked = [each for each in named_queries().values() if not each.name.startswith("page_")]
    assert {each.theme for each in asked} == {*THEMES}
    page = html.unescape(client.get("/sparql", headers={"Accept": "text/html"}).text)
    alone = [each for each in asked if not each.params]
    assert len(alone) > 20
    assert [each.name for each in alone if f">{each.question}</a>" not in page] == []


@pytest.mark.parametrize(
    ("folder", "built", "licences"),
    [
        (".", "editor.js", "editor.LICENSES.txt"),
        ("fonts", "fonts.LICENSES.txt", "fonts.LICENSES.txt"),
    ],
)
def test_what_pages_load_is_built_from_what_lies_here(
    folder: str, built: str, licences: str
) -> None:
    """After a change of assets/: python assets/build.py."""
    source = "editor.js" if folder == "." else "fonts.js"
    names = (source, "package.json", "package-lock.json")
    inputs = b"".join((ROOT / "assets" / folder / name).read_bytes() for name in names)
    assert hashlib.sha256(inputs).hexdigest() in (STATIC / "vendor" / built).read_text()[:200]
    held = (STATIC / "vendor" / licences).read_text("utf-8")
    assert ("MIT License" if folder == "." else "SIL Open Font License") in held


def test_the_stylesheet_names_each_font_by_its_digest() -> None:
    """So that a font is kept for long, and loaded once."""
    named = re.findall(r"url\((\S+?)\?(\w+)\)", (STATIC / "ascribe.css").read_text("utf-8"))
    assert len(named) == 2
    for path, digest in named:
        assert hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:8] == digest, path


def test_a_mistake_is_marked_in_its_line(client: FlaskClient) -> None:
    status, page = page_of(client, "SELECT ?s {\n  ?s a asc:Event ;; FILTER\n}")
    assert status == 400
    assert re.search(r"Line \d, column \d+:", page) and "<mark>" in page
    assert "Zeile" in page_of(client, "SELECT ?s {\n ?s a a }", lang="de")[1]
