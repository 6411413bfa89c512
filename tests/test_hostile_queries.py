"""Queries made to hang or kill the engine, over real HTTP: each is answered, and others are."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from conftest import EXAMPLE
from hostile import HOSTILE, UPDATES
from test_server import Answer, Client, free_port, start, stop

import graph
from graph.asking import sandbox
from graph.kg import token_book
from graph.malloc import SERVING

WORKERS = 4
LOOK_UP = "SELECT ?label { </agent/cnn-f2e80d> rdfs:label ?label }"


@dataclass(frozen=True)
class Served:
    client: Client
    pid: int

    def workers(self) -> set[int]:
        return {pid for pid in _below(self.pid) if _told(pid, "comm") == sandbox.WORKER}

    def resident_bytes(self) -> int:
        pages = 0
        for pid in _below(self.pid):
            with suppress(OSError):  # it has ended
                pages += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def _told(pid: int, what: str) -> str:
    try:
        return Path(f"/proc/{pid}/{what}").read_text().strip()
    except OSError:
        return ""


def _below(pid: int) -> list[int]:
    """The processes that one started, and those that they did; itself first."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):  # it has ended
                found += map(int, children.read_text("ascii").split())
    return found


WAITED = (
    "The turn of this query did not come within 0.5 s, half of what one may take "
    "(ASCRIBE_QUERY_TIMEOUT_S), so it was not begun. Ask again in a moment."
)

LIMITS = {
    "ASCRIBE_QUERY_TIMEOUT_S": "1",
    "ASCRIBE_QUERY_WORKERS": str(WORKERS),
    "ASCRIBE_QUERY_MEMORY_BYTES": "300000000",
    "ASCRIBE_QUERY_MAX_RESULT_BYTES": "20000000",
    "ASCRIBE_TRUSTED_PROXIES": "1",
}


@contextmanager
def serving(folder: Path, **limits: str) -> Iterator[Served]:
    """A server with these limits over the example."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    graph.create(folder, base)
    with graph.open(folder) as kg:
        kg.add(EXAMPLE)
    token = token_book(folder).create("write")
    process = start(["serve", str(folder)], port, **LIMITS | limits)
    try:
        yield Served(Client(base, token), process.pid)
    finally:
        stop(process)


def settled(client: Client, query: str, host: str, waited: list[str]) -> Answer | None:
    """What comes of a query in the end, asked again as long as its turn does not come."""
    while (answer := ask(client, query, host)) and "Retry-After" in answer.headers:
        waited.append(answer.json["detail"])
    return answer


def ask(client: Client, query: str, host: str) -> Answer | None:
    """What comes of a query; None where the answer breaks off."""
    headers = {"Content_Type": "application/sparql-query", "X_Forwarded_For": host}
    try:
        return client("sparql", data=query.encode(), **headers)
    except (OSError, http.client.HTTPException):
        return None


def test_each_is_answered_while_another_client_is_served(tmp_path: Path) -> None:
    with serving(tmp_path / "desk") as served:
        torment(served)


def torment(served: Served) -> None:
    client, deadline = served.client, time.monotonic() + 30
    assert ask(client, "SELECT (COUNT(*) AS ?all) { ?s ?p ?o }", "192.0.2.7") is not None
    while len(workers := served.workers()) != WORKERS + 1:  # one is kept to take another's place
        assert time.monotonic() < deadline, workers
        time.sleep(0.1)
    before, processes = served.resident_bytes(), set(_below(served.pid)) - workers
    over = threading.Event()
    labels: list[str] = []
    waited: list[str] = []

    def look_up() -> None:
        while not over.is_set():
            answer = ask(client, LOOK_UP, "192.0.2.7")
            assert answer is not None
            labels.append(answer.json["results"]["bindings"][0]["label"]["value"])
            time.sleep(0.05)

    queries = [query for kind in HOSTILE.values() for query in kind]
    assert len(queries) >= 60 and len(HOSTILE) >= 10
    with ThreadPoolExecutor(5) as threads:
        other = threads.submit(look_up)
        try:
            settle = partial(settled, client, host="192.0.2.8", waited=waited)
            answers = list(threads.map(settle, queries))
        finally:
            over.set()
        other.result()
    assert len(labels) > 10 and set(labels) == {"CNN"}
    for query, answer in zip(queries, answers, strict=True):
        assert answer is None or _is_proper(answer), (query[:200], answer)
    assert sum(answer is None for answer in answers) < len(queries) / 4
    assert {*waited} <= {WAITED}
    assert client("health").status == 200
    assert processes <= set(_below(served.pid)), "the server itself died"
    deadline, most = time.monotonic() + 20, before + 400_000_000  # of 64 MB a worker may keep
    while len(served.workers()) != WORKERS + 1 or served.resident_bytes() > most:
        assert time.monotonic() < deadline, (served.workers(), served.resident_bytes(), most)
        time.sleep(0.2)


RENAME = """
DELETE { ?agent rdfs:label ?old } INSERT { ?agent rdfs:label "%s"@en }
WHERE { ?agent a asc:Agent ; rdfs:label ?old FILTER (STRENDS(STR(?agent), "cnn-f2e80d")) }
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile") / "desk"
    with serving(folder, ASCRIBE_QUERY_TIMEOUT_S="2", ASCRIBE_QUERY_WORKERS="1") as served:
        yield served


@pytest.mark.parametrize("kind", UPDATES)
def test_an_update_that_would_hang_is_ended_and_the_next_is_made(
    written: Served, kind: str
) -> None:
    def update(request: str) -> Answer:
        return written.client(
            "update",
            data=request.encode(),
            token=written.client.token,
            Content_Type="application/sparql-update",
        )

    server = [pid for pid in _below(written.pid) if pid not in written.workers()]
    answer = update(UPDATES[kind])
    assert answer.status in (400, 413, 503), answer
    assert len(answer.json["detail"]) < 1_000, answer
    assert answer.status != 503 or answer.json["detail"].startswith("The update "), answer
    assert update(RENAME % kind).json["bundles"][0]["state"] == "replaced"
    found = written.client(
        "sparql",
        data=LOOK_UP.encode(),
        Content_Type="application/sparql-query",
        X_Forwarded_For="192.0.2.7",
    )
    assert found.json["results"]["bindings"][0]["label"]["value"] == kind
    assert {*server} <= {*_below(written.pid)}, "the server itself died"


def test_every_process_that_serves_or_answers_keeps_freed_memory_at_hand(written: Served) -> None:
    assert ask(written.client, LOOK_UP, "192.0.2.7") is not None
    serving = [pid for pid in _below(written.pid)[1:] if "spawn_main" in _told(pid, "cmdline")]
    assert len(serving) == 1 and written.workers()
    for pid in (*serving, *written.workers()):
        environment = Path(f"/proc/{pid}/environ").read_text().split("\0")
        assert {f"{name}={value}" for name, value in SERVING.items()} <= {*environment}


def _is_proper(answer: Answer) -> bool:
    """A whole answer, or a problem in plain words that names the limit or the mistake."""
    if answer.status == 200:
        return bool(answer.json)
    detail = answer.json["detail"]
    named = {400: "The query", 413: "ASCRIBE_QUERY_MAX_", 503: "ASCRIBE_QUERY_"}
    return named.get(answer.status, "no other") in detail and len(detail) < 1_000
