"""The query page: a table with names, where a query goes wrong, and the query as code."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

from flask.testing import FlaskClient
from pytest import fixture

from graph.kg import KnowledgeGraph
from graph.web import create_web


@fixture(scope="module")
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


def test_a_mistake_is_marked_in_its_line(client: FlaskClient) -> None:
    status, page = page_of(client, "SELECT ?s {\n  ?s a asc:Event ;; FILTER\n}")
    assert status == 400
    assert re.search(r"Line \d, column \d+:", page) and "<mark>" in page
    assert "Zeile" in page_of(client, "SELECT ?s {\n ?s a a }", lang="de")[1]
