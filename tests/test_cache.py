"""Answers that are given again: the same ones, never older than a write, never past the door."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import EXAMPLE, river
from test_door import Server, serve
from test_server import Answer, stop
from werkzeug.test import TestResponse

from graph.formats import TURTLE as TURTLE_FORMAT
from graph.kg import KnowledgeGraph
from graph.web import create_web

COUNT = "SELECT (COUNT(?s) AS ?n) { ?s a asc:Statement }"
TURTLE = "text/turtle"
HIT = "ascribe; hit"


def query(text: str) -> str:
    return "sparql?" + urlencode({"query": text})


def is_kept(answer: Answer) -> bool:
    return answer.headers.get("Cache-Status") == HIT


def revision(answer: Answer) -> int:
    return int(answer.headers["Ascribe-Revision"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = serve(
        tmp_path_factory.mktemp("cached"),
        ASCRIBE_QUERIES_PER_MINUTE="100000",
        ASCRIBE_ACCESS_LOG="1",
    )
    yield running
    stop(running.process)


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    return {scope: server.token(scope) for scope in ("read", "write")}


def add(server: Server, token: str, number: int) -> int:
    """Add a report; gives the revision after it."""
    answer = server("bundles", data=river(number), token=token, Content_Type=TURTLE)
    assert answer.status == 201, answer.body
    return int(answer.json["revision"])


def test_a_repeated_answer_is_the_same_to_the_byte(server: Server) -> None:
    form = urlencode({"query": "ASK { ?s asc:speaker ?a }"}).encode()
    for path, options in (
        (query("SELECT * { ?s asc:speaker ?a } ORDER BY ?s"), {"Accept": "text/csv"}),
        (query("SELECT * { ?s asc:speaker ?a } ORDER BY ?s"), {"Accept_Encoding": "gzip"}),
        ("sparql", {"data": form}),
        ("sparql", {"data": b"ASK { ?s ?p 1 }", "Content_Type": "application/sparql-query"}),
        ("queries/quotations", {}),
        ("statement/ffc646f2603c/2076-2306-8224e4fc", {"Accept": TURTLE}),
        ("", {"Accept": "text/html"}),
    ):
        first, again = server(path, **options), server(path, **options)
        assert (is_kept(first), is_kept(again)) == (False, True), path
        assert (again.status, again.body) == (200, first.body)
        passing = {"cache-status", "date", "x-request-id", "ratelimit"}
        for name in {each.lower() for each in (*first.headers, *again.headers)} - passing:
            assert again.headers[name] == first.headers[name], name
        if "data" not in options:
            tag = first.headers["ETag"]
            assert server(path, If_None_Match=tag, **options).status == 304
            head = server(path, method="HEAD", **options)
            assert (head.body, head.headers["Content-Length"]) == (b"", str(len(first.body)))


def test_each_form_is_kept_apart(server: Server) -> None:
    path = query("SELECT ?s { ?s a asc:DirectQuotation } ORDER BY ?s")
    accepted = ("text/csv", "application/sparql-results+json", "text/html")
    first = [server(path, Accept=each) for each in accepted]
    again = [server(path, Accept=each) for each in accepted]
    assert [each.media_type for each in again] == [*accepted]
    assert [each.body for each in again] == [each.body for each in first]


def test_a_body_beside_an_address_changes_no_answer(server: Server) -> None:
    path = query("SELECT (COUNT(*) AS ?n) { ?s a asc:Statement }")
    form = urlencode({"default-graph-uri": "http://nowhere.example/"}).encode()
    hidden = server(path, method="GET", data=form)
    assert not is_kept(hidden) and hidden.body == server(path).body


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (rand() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        "SELECT (uuid # \n () AS ?x) {}",
        "SELECT nonsense",
    ],
)
def test_what_changes_or_is_wrong_is_asked_anew(server: Server, text: str) -> None:
    assert not any(is_kept(server(query(text))) for _ in range(3))


def test_an_answer_counts_until_the_next_write(server: Server, tokens: dict[str, str]) -> None:
    path = query(COUNT)
    server(path)
    assert is_kept(server(path))
    added = add(server, tokens["write"], 7)
    fresh = server(path)
    assert not is_kept(fresh) and revision(fresh) == added
    assert is_kept(server(path))


def test_what_is_kept_is_counted_and_noted_down(tmp_path: Path) -> None:
    running = serve(
        tmp_path,
        ASCRIBE_QUERIES_PER_MINUTE="3",
        ASCRIBE_ACCESS_LOG="1",
        ASCRIBE_CACHE_ENTRY_BYTES="600",
    )
    try:
        assert not any(is_kept(running("")) for _ in range(3)), "longer than may be kept"
        answers = [running("queries/counts") for _ in range(4)]
        assert [each.status for each in answers] == [200, 200, 200, 429]
        assert [is_kept(each) for each in answers] == [False, True, True, False]
        left = [re.findall("r=([0-9]+)", each.headers["RateLimit"])[0] for each in answers]
        assert left == ["2", "1", "0", "0"]
        token = running.token("read")
        assert running("queries/counts", token=token).status == 200
        assert not is_kept(running("queries/counts", token=token))
    finally:
        stop(running.process)
    lines = running.out.read_text("utf-8")
    assert len(re.findall("GET /queries/counts 200", lines)) == 5


def test_a_private_server_gives_nothing_again(tmp_path: Path) -> None:
    running = serve(tmp_path, ASCRIBE_PUBLIC="0")
    try:
        token = running.token("read")
        for _ in range(2):
            answer = running("queries/counts", token=token)
            assert answer.status == 200 and not is_kept(answer)
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert "Authorization" in answer.headers["Vary"]
        assert running("queries/counts").status == 401
    finally:
        stop(running.process)


VERSION = "SELECT ?v { ?v a asc:DocumentVersion FILTER(CONTAINS(STR(?v), '/v/%s')) }"
QUESTIONS = [
    query(COUNT),
    query("SELECT ?v (COUNT(?s) AS ?n) { ?s asc:source ?v } GROUP BY ?v ORDER BY ?v"),
    query("SELECT ?s ?a { ?s asc:speaker ?a } ORDER BY ?s ?a"),
    query("ASK { ?v a asc:DocumentVersion FILTER(CONTAINS(STR(?v), '/v/00')) }"),
    query("DESCRIBE ?v WHERE { ?v a asc:DocumentVersion }"),
    *("queries/counts", "queries/statements_by_kind_and_speaker", "", ".well-known/void"),
]


def test_kept_answers_are_those_of_a_server_that_keeps_none(
    server: Server, tokens: dict[str, str]
) -> None:
    """What comes with a token goes past what is kept, and says what is so."""
    chance = random.Random(20_261_128)
    stored: dict[int, str] = {}
    known = kept = 0
    for _ in range(150):
        if chance.random() < 0.12:
            number = chance.choice(range(100, 104))
            if number in stored:
                path = "bundles/" + stored.pop(number)
                gone = server(path, method="DELETE", token=tokens["write"])
                known = int(gone.json["revision"])
            else:
                known = add(server, tokens["write"], number)
                rows = server(query(VERSION % f"{number:012x}")).json["results"]["bindings"]
                stored[number] = rows[0]["v"]["value"].removeprefix(server.client.base)
            continue
        path = chance.choices(QUESTIONS, weights=range(len(QUESTIONS), 0, -1))[0]
        accept = chance.choice(("*/*", "text/csv, text/turtle;q=0.5"))
        answer = server(path, Accept=accept)
        truth = server(path, Accept=accept, token=tokens["read"])
        kept += is_kept(answer)
        assert not is_kept(truth)
        assert revision(answer) >= known, path
        assert sorted(answer.body.splitlines()) == sorted(truth.body.splitlines()), path
    assert kept > 40


def test_what_many_ask_after_a_write_is_asked_once(kg: KnowledgeGraph) -> None:
    """In the process, where eight ask at the same moment."""
    kg.add(EXAMPLE)
    app = create_web(kg)
    path = "/" + query("SELECT (COUNT(*) AS ?n) { ?a asc:agent ?b . ?c ?p ?d }")

    def ask(_: int = 0) -> TestResponse:
        return app.test_client().get(path)

    assert [ask().headers.get("Cache-Status"), ask().headers.get("Cache-Status")] == [None, HIT]
    kg.add(river(9), form=TURTLE_FORMAT)
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(ask, range(8))]
    assert len({each.data for each in answers}) == 1
    assert [each.headers.get("Cache-Status") for each in answers].count(HIT) >= 4


def test_nobody_reads_less_than_was_acknowledged(server: Server, tokens: dict[str, str]) -> None:
    counts: dict[int, int] = {}
    acknowledged = 0
    path = query(COUNT)

    def count(answer: Answer) -> int:
        return int(answer.json["results"]["bindings"][0]["n"]["value"])

    def write() -> None:
        nonlocal acknowledged
        for number in range(200, 215):
            before = count(server(path, token=tokens["read"]))
            acknowledged = add(server, tokens["write"], number)
            counts[acknowledged] = before + 9

    def read() -> int:
        kept = 0
        while not done.done():
            floor = acknowledged
            answer = server(path)
            kept += is_kept(answer)
            if is_kept(answer):
                assert revision(answer) >= floor
            assert count(answer) >= counts.get(revision(answer), 0)
        return kept

    with ThreadPoolExecutor(5) as pool:
        done = pool.submit(write)
        readers = [pool.submit(read) for _ in range(4)]
        done.result()
        assert sum(each.result() for each in readers) > 0
