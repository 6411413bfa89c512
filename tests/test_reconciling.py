"""The reconciliation service, as OpenRefine asks it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from graph.files import example_bundles
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import ASC
from graph.web import create_web


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    kg = KnowledgeGraph(Settings())
    for path in example_bundles():
        kg.add(path)
    return create_web(kg).test_client()


def asked(client: FlaskClient, **queries: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return dict(answer.json)


def test_it_says_what_it_is(client: FlaskClient) -> None:
    told = client.get("/reconcile").json
    assert told["versions"] == ["0.2"]
    assert told["identifierSpace"] == "http://127.0.0.1:8000/"
    assert {each["id"] for each in told["defaultTypes"]} == {
        ASC.Agent.value,
        ASC.Event.value,
        ASC.Document.value,
    }


def test_a_name_is_matched_where_nothing_else_is_called_so(client: FlaskClient) -> None:
    found = asked(client, q0={"query": "CNN"}, q1={"query": "cnn", "type": ASC.Agent.value})
    for key in ("q0", "q1"):
        first = found[key]["result"][0]
        assert (first["name"], first["match"], first["score"]) == ("CNN", True, 100.0)
        assert client.get(f"/{first['id']}", follow_redirects=True).status_code == 200


def test_a_name_that_is_misspelt_or_in_part_has_candidates_and_no_match(
    client: FlaskClient,
) -> None:
    found = asked(client, q={"query": "Central Comand"})["q"]["result"]
    assert found[0]["name"] == "U.S. Central Command"
    assert not any(each["match"] for each in found)
    assert [each["score"] for each in found] == sorted((e["score"] for e in found), reverse=True)


def test_names_are_looked_for_among_one_kind_if_asked(client: FlaskClient) -> None:
    event = asked(client, q={"query": "the airstrike", "type": [ASC.Event.value]})["q"]["result"]
    assert event[0]["match"] and event[0]["id"].startswith("event/")
    none = asked(client, q={"query": "the airstrike", "type": "Document"})["q"]["result"]
    assert all(each["id"].startswith("doc/") for each in none)
    title = asked(client, q={"query": "Surgeon laughs off talk of her going", "limit": 1})
    [source] = title["q"]["result"]
    assert source["match"] and source["id"].startswith("doc/") and "/v/" not in source["id"]


@pytest.mark.parametrize("prefix", ["Cen", "cent", "central comm"])
def test_names_are_suggested_while_they_are_typed(client: FlaskClient, prefix: str) -> None:
    found = client.get("/reconcile/suggest/entity", query_string={"prefix": prefix}).json
    assert "U.S. Central Command" in {each["name"] for each in found["result"]}


def test_a_preview_may_be_framed_and_shows_the_name(client: FlaskClient) -> None:
    [first, *_] = asked(client, q={"query": "CNN"})["q"]["result"]
    page = client.get("/reconcile/preview", query_string={"id": first["id"]})
    assert page.status_code == 200 and "<strong>CNN</strong>" in page.text
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]
    assert client.get("/reconcile/preview?id=agent/nobody").status_code == 404


@pytest.mark.parametrize(
    "queries",
    ["", "[]", "{", '{"q": {}}', '{"q": {"query": 5}}', '{"q": {"query": "x", "limit": "y"}}'],
)
def test_what_cannot_be_read_is_refused_with_an_example(client: FlaskClient, queries: str) -> None:
    answer = client.post("/reconcile", data={"queries": queries})
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert "query" in answer.json["detail"]


@pytest.mark.parametrize(
    "name", ['"', "*", "a AND", "NEAR(", "'; --", "⁂", "日本", "%", "x" * 5000]
)
def test_no_name_is_too_odd(client: FlaskClient, name: str) -> None:
    asked(client, q={"query": name})
    assert client.get("/reconcile/suggest/entity", query_string={"prefix": name}).status_code == 200
