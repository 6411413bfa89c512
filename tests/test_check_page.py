"""The check page: what is wrong, line by line, and a button that mends it; no JavaScript."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from conftest import ROOT
from flask.testing import FlaskClient

from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web

SAMPLES = ROOT / "graph" / "web" / "samples"
GOOD, BAD = ((SAMPLES / f"{name}.ttl").read_text("utf-8") for name in ("good", "bad"))
TABLE = (SAMPLES / "table.csv").read_text("utf-8")
TEXT = (SAMPLES / "source.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with KnowledgeGraph(Settings(checks_per_minute=0)) as kg:
        yield create_web(kg).test_client()


def sent(client: FlaskClient, **form: object) -> tuple[int, str]:
    answer = client.post("/check", data=form, headers={"Accept": "text/html"})
    return answer.status_code, html.unescape(answer.text)


def test_what_passes_says_how_many_rules_and_how_to_add_it(client: FlaskClient) -> None:
    status, page = sent(client, bundle=GOOD, text=TEXT)
    assert status == 200
    assert re.search(r"All \d+ rules passed", page)
    assert "2 quotations were compared" in page and "/bundles" in page


def test_each_problem_links_its_line_and_has_a_button(client: FlaskClient) -> None:
    _, page = sent(client, bundle=BAD, text=TEXT)
    assert "4 problems" in page
    lines = re.findall(r'<li id="line-(\d+)" class="bad">', page)
    assert lines == re.findall(r'<a href="#line-(\d+)">', page)
    assert page.count('name="fix"') == 4


def pressed(client: FlaskClient, bundle: str, times: int) -> tuple[str, str]:
    """What stands in the form, and the page, once the first button was pressed so often."""
    for _ in range(times):
        _, page = sent(client, bundle=bundle, text=TEXT, fix="1")
        found = re.search(r'<textarea id="bundle"[^>]*>\n(.*?)</textarea>', page, re.S)
        assert found
        bundle = found[1]
    return bundle, page


def test_pressing_the_buttons_mends_all(client: FlaskClient) -> None:
    bundle, page = pressed(client, BAD, 4)
    assert "rules passed" in page
    assert bundle == GOOD.replace("ascv:says", "ascv:asserts") or "ascv:utters" not in bundle


def test_a_prefix_that_is_missing_is_put_in(client: FlaskClient) -> None:
    status, page = sent(client, bundle=GOOD.replace("@prefix asc:", "@prefix other:"))
    assert status == 400 and "It cannot be read" in page
    assert re.search(r"Line \d+, column \d+", page)
    _, page = sent(client, bundle=GOOD.replace("@prefix asc:", "@prefix other:"), fix="1")
    assert "rules passed" in page


def test_json_is_known_by_its_look_and_pointed_into(client: FlaskClient) -> None:
    data = '{"@context": "https://w3id.org/ascribe/context.jsonld", "@graph": [\n'
    data += ' {"id": "doc/x/v/1", "type": "DocumentVersion", "codePoints": "many"}]}'
    _, page = sent(client, bundle=data)
    assert "/@graph/0/codePoints" in page and "Line 2, column" in page


def test_a_file_is_taken_and_its_markup_is_text(client: FlaskClient) -> None:
    evil = GOOD.replace('"Ines Falk"@en', '"<script>alert(1)</script>"').encode()
    answer = client.post("/check", data={"file": (BytesIO(evil), "x.ttl")})
    assert "<script>" not in answer.text and "&lt;script&gt;" in answer.text


def test_nothing_is_stored_and_nothing_cached(client: FlaskClient) -> None:
    answer = client.post("/check", data={"bundle": GOOD, "text": TEXT})
    assert answer.headers["Cache-Control"] == "no-store"
    asked = client.get("/sparql?query=ASK{?s+a+asc:Statement}", headers={"Accept": "text/csv"})
    assert "false" in asked.text


def test_a_table_is_known_by_its_header_or_name_and_each_fault_has_its_line(
    client: FlaskClient,
) -> None:
    status, page = sent(client, bundle=TABLE, text=TEXT)
    assert status == 200 and "2 problems" in page
    assert re.findall(r'<li id="line-(\d+)" class="bad">', page) == ["4", "5"]
    assert "Nobody was told to leave" in page and "column act: 'belief'" in page
    mended, page = pressed(client, TABLE, 2)
    assert mended == TABLE.replace("asked to leave", "told to leave").replace("belief", "believes")
    assert "8 quotations were compared" in page and "ascribe import" in page
    _, page = sent(client, bundle=mended)
    assert "8 quotations are unchecked" in page
    answer = client.post("/check", data={"file": (BytesIO(b"a,b\n1,2\n"), "x.csv")})
    assert answer.status_code == 400 and "no column holds the words" in answer.text
    rows = "text,title\n" + "a,b\n" * 501
    assert "more than 500 rows" in sent(client, bundle=rows)[1]


@pytest.mark.parametrize("wanted", ["application/json", "application/sarif+json"])
def test_the_interface_checks_tables_too(client: FlaskClient, wanted: str) -> None:
    form = {"bundle": (BytesIO(TABLE.encode()), "t.csv"), "text": (BytesIO(TEXT.encode()), "t")}
    accept = {"Accept": wanted}
    told = [
        client.post("/validate", data=form, headers=accept),
        client.post("/validate", data=TABLE, content_type="text/csv", headers=accept),
    ]
    assert all(answer.status_code == 200 for answer in told)
    found = r'"(?:line|startLine)": (\d)'
    lines = [[*dict.fromkeys(re.findall(found, answer.text))] for answer in told]
    assert lines == [["4", "5"], ["5"]]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_form_comes_with_examples(client: FlaskClient, language: str) -> None:
    page = client.get(f"/check?lang={language}").text
    for name in re.findall(r"example=(\w+)", page):
        assert client.get(f"/check?example={name}&lang={language}").status_code == 200
    assert client.get("/check?example=none").status_code == 400


def test_checks_are_limited_as_those_of_the_interface_are() -> None:
    with KnowledgeGraph(Settings(checks_per_minute=1)) as kg:
        client = create_web(kg).test_client()
        assert client.post("/check", data={"bundle": GOOD}).status_code == 200
        assert client.post("/check", data={"bundle": GOOD}).status_code == 429
        assert client.get("/check").status_code == 200
