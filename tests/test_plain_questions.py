"""Sixty questions in plain words, over the real article and the twenty of our own.

`tests/questions.toml` has each question with the named query that answers it, the
values it binds, and the answer: all `rows`, or how many there are (`count`) and
`some` of them. They are asked over HTTP, as a reader would.
"""

from __future__ import annotations

import csv
import io
import tomllib
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from conftest import ROOT
from rdflib.plugins.sparql import prepareQuery
from test_server import Client, free_port, start, stop

from graph.files import example_bundles
from graph.kg import create, open_dataset
from graph.queries import NamedQuery, Param, named_queries, named_query

Question = dict[str, Any]
FILE = Path(__file__).parent / "questions.toml"
QUESTIONS: list[Question] = tomllib.loads(FILE.read_text("utf-8"))["question"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server of all examples, their texts archived where they are at hand."""
    folder, port = tmp_path_factory.mktemp("desk") / "data", free_port()
    base = f"http://127.0.0.1:{port}/"
    create(folder, base)
    with open_dataset(folder) as kg:
        for path in example_bundles():
            text = path.with_suffix(".txt")
            kg.add(path, text=text.read_bytes() if text.exists() else None)
    process = start(["serve", str(folder)], port)
    yield Client(base, "")
    stop(process)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each["ask"])
def test_a_question_has_its_answer(question: Question, client: Client) -> None:
    bound = urllib.parse.urlencode(question.get("with", {}))
    answer = client(f"queries/{question['query']}?{bound}", Accept="text/csv")
    assert answer.status == 200, answer.body
    columns = question["columns"].split()
    rows = [
        [row[column] for column in columns]
        for row in csv.DictReader(io.StringIO(answer.body.decode("utf-8")))
    ]
    if "rows" in question:
        assert rows == question["rows"]
    else:
        assert len(rows) == question.get("count", len(rows))
        assert all(row in rows for row in question["some"])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each["query"])
def test_a_question_is_a_short_query_that_another_engine_reads(question: Question) -> None:
    query = named_query(question["query"])
    lines = [line for line in query.sparql.splitlines() if not line.startswith("#")]
    assert len(lines) < 23
    assert {param.name for param in query.params} >= set(question.get("with", {}))
    prepareQuery(query.sparql)


def named() -> list[NamedQuery]:
    return [each for each in named_queries().values() if not each.name.startswith("page_")]


def test_a_parameter_that_may_be_left_out_leaves_some_of_the_rows(client: Client) -> None:
    def speakers(bound: str) -> list[str]:
        answer = client(f"queries/quotations?{bound}", Accept="text/csv")
        return [row["speaker"] for row in csv.DictReader(io.StringIO(answer.body.decode("utf-8")))]

    ministry = speakers("agent=agent/russian-foreign-ministry-a3802d")
    assert set(ministry) == {"Russian Foreign Ministry"}
    assert len(ministry) == speakers("").count("Russian Foreign Ministry")


def test_a_value_that_is_none_is_refused_and_none_ends_its_block(client: Client) -> None:
    for value in ("x> } #", "x y", "{"):
        answer = client(f"queries/quotations?{urllib.parse.urlencode({'agent': value})}")
        assert answer.status == 400 and b"is no IRI" in answer.body
    query = replace(
        named_query("counts"),
        params=(Param("said", "string", "", None, ""),),
        sparql="SELECT * WHERE {}",
    )
    odd = 'a"\\ } #\nb'
    (row,) = pyoxigraph.Store().query(query.bound({"said": odd}, ""))
    assert row["said"] == pyoxigraph.Literal(odd)


def test_there_are_sixty_and_each_is_another_query() -> None:
    asked = [each["query"] for each in QUESTIONS]
    assert len(asked) >= 60 and len(set(asked)) == len(asked)
    manual = (ROOT / "docs" / "questions.md").read_text("utf-8")
    assert all(f"| `{name}` |" in manual for name in asked)
    assert all(f"| `{each.name}` | {each.cost} |" in manual for each in named() if each.cost)
    assert all(each["ask"].endswith("?") for each in QUESTIONS)
