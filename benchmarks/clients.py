"""The clients of a long run: who asks, reads, writes and counts, and what each must see."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from string import Template
from typing import NamedTuple

from corpus import BASE, Plan, sources
from mix import JSON, NTRIPLES, filled
from pyoxigraph import Literal, Quad

from graph.formats import NQUADS, dumps
from graph.settings import Settings
from graph.vocab import DCTERMS, XSD

BUSY = (429, 503)
"""A limit was met, of a busy server or of one query: asked again after `Retry-After`."""


LIMIT_S = Settings().query_timeout_s


class Unexpected(Exception):
    """An answer that should not have come."""


class Ended(Exception):
    """Told to stop while waiting for another try."""


class Sample(NamedTuple):
    """One request: what for, when it was answered, and how long that took."""

    role: str
    at: float
    took_ms: float


@dataclass
class Tally:
    """What all clients have seen; lists and counters take one more in one step."""

    samples: list[Sample] = field(default_factory=list)
    busy: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


class Answer(NamedTuple):
    """A response, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client(threading.Thread):
    """One client on one kept connection, who goes on until told to stop."""

    role = ""

    def __init__(self, port: int, tally: Tally, seed: int, token: str = "") -> None:
        super().__init__(daemon=True)
        self.tally, self.chance = tally, Random(f"{self.role}/{seed}")
        self.seed, self._port, self._token = seed, port, token
        self.rests = False
        self._address = f"10.{self.chance.randrange(256)}.{self.chance.randrange(256)}.{seed + 1}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def run(self) -> None:
        """Take turns, and rest when told to; a fault is noted and the next turn taken."""
        while not self.tally.stop.is_set():
            self.rests = not self.tally.go.is_set()
            self.tally.go.wait()
            self.rests = False
            try:
                self.turn()
            except Ended:
                return
            except (Unexpected, OSError, http.client.HTTPException, ValueError) as fault:
                self.tally.faults.append(f"{self.role}: {type(fault).__name__}: {fault}"[:400])
                self._connection.close()
                self.tally.stop.wait(0.1)

    def turn(self) -> None:
        """One thing that this client does."""
        raise NotImplementedError

    def ask(
        self, path: str, *expected: int, method: str = "GET", body: bytes = b"", **headers: str
    ) -> Answer:
        """A request whose answer has one of some statuses; a busy server is asked again.

        Raises: Unexpected for another status.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["X-Forwarded-For"] = self._address
        if self._token:
            named["Authorization"] = f"Bearer {self._token}"
        while True:
            started = time.perf_counter()
            self._connection.request(method, path, body or None, named)
            response = self._connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
            if answer.status in BUSY and answer.status not in expected:
                self.tally.busy[f"{self.role} {answer.status}"] += 1
                self.tally.stop.wait(min(5.0, float(answer.headers.get("Retry-After", 1))))
                if self.tally.stop.is_set():
                    raise Ended
                continue
            took = (time.perf_counter() - started) * 1000
            self.tally.samples.append(Sample(self.role, time.monotonic(), took))
            if answer.status not in expected:
                raise Unexpected(f"{method} {path[:120]}: {answer.status} {answer.body[:200]!r}")
            return answer

    def select(self, query: str) -> list[dict[str, dict[str, str]]]:
        """The rows of a query."""
        found = self.ask(f"/sparql?query={urllib.parse.quote(query)}", 200, Accept=JSON)
        rows: list[dict[str, dict[str, str]]] = json.loads(found.body)["results"]["bindings"]
        return rows


class Asking(Client):
    """Asks the query mix."""

    role = "query"

    def __init__(self, *given: object, paths: list[str]) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self._paths = paths

    def turn(self) -> None:
        """One question, and a moment to look at the answer."""
        self.ask(self.chance.choice(self._paths), 200, Accept="*/*")
        self.tally.stop.wait(self.chance.expovariate(20))


class Reading(Client):
    """Reads pages."""

    role = "page"

    def __init__(self, *given: object, pages: list[str]) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self._pages = pages

    def turn(self) -> None:
        """One page, and a moment to read."""
        self.ask("/" + self.chance.choice(self._pages), 200, Accept="text/html")
        self.tally.stop.wait(self.chance.expovariate(10))


class Hostile(Client):
    """Sends a query that takes for ever, or breaks engines, now and then.

    Shape: none takes longer than a query may, and the second that it takes to end one.
    """

    role = "hostile"

    def turn(self) -> None:
        """One such query: any answer will do, but there has to be one, or its beginning."""
        query = self.chance.choice(HOSTILE)
        body = urllib.parse.urlencode({"query": query}).encode()
        form = "application/x-www-form-urlencoded"
        any_status = range(200, 600)
        began = time.monotonic()
        try:
            self.ask("/sparql", *any_status, method="POST", body=body, Content_Type=form)
        except http.client.IncompleteRead:  # it went over a limit after its beginning
            self._connection.close()
        took_s = time.monotonic() - began
        if took_s > LIMIT_S + 1:
            self.tally.faults.append(f"hostile: {took_s:.1f} s for {query[:60]}")
        self.tally.stop.wait(5)


DOUBLED = Template("BIND(CONCAT(?v$n, ?v$n) AS ?v$next) ")
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT * { ?a (!<urn:x>)* ?b . ?b (!<urn:x>)* ?c } ORDER BY ?c",
    "SELECT * { ?s ?p ?o FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
    "SELECT * { " + " UNION ".join(["{ ?s ?p ?o }"] * 5000) + " }",
    "SELECT ?x { " + "".join(DOUBLED.substitute(n=n, next=n + 1) for n in range(60)) + "}",
)


class Writing(Client):
    """Adds, replaces and retracts bundles of its own; `log` is what was acknowledged.

    Shape: for each version the day it was last stored with, None once retracted.
    """

    role = "write"

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.log: dict[str, str | None] = {}
        self.acknowledged = 0
        self._sources = sources(Plan(1_000_000, seed=1000 + self.seed))

    def turn(self) -> None:
        """A new bundle, now and then changed and taken out again; asked for each time."""
        made = next(self._sources)
        version = made.quads[0].graph_name.value
        local = f"/bundles/{version.removeprefix(BASE)}"
        body, day = dated(made.quads, "2030-01-01")
        nquads = "application/n-quads"
        self.ask("/bundles", 201, method="POST", body=body, Content_Type=nquads)
        self._acknowledged(version, day)
        for year in range(self.chance.choice((0, 0, 1, 3))):
            body, day = dated(made.quads, f"{2031 + year}-01-01")
            self.ask(local, 200, method="PUT", body=body, Content_Type=nquads)
            self._acknowledged(version, day)
        if self.chance.random() < 0.4:
            self.ask(local, 200, method="DELETE", If_Match="*")
            self._acknowledged(version, None)
        self.tally.stop.wait(self.chance.random())

    def _acknowledged(self, version: str, day: str | None) -> None:
        """Note what was acknowledged; the next query has to see it."""
        self.log[version] = day
        self.acknowledged += 1
        rows = self.select(filled("issued.rq", version=f"<{version}>"))
        seen = [row["day"]["value"] for row in rows]
        if seen != ([] if day is None else [day]):
            raise Unexpected(f"stale: {version} was stored with {day}, and {seen} was read")


def dated(quads: list[Quad], day: str) -> tuple[bytes, str]:
    """A bundle as N-Quads, its document issued on another day; and that day."""
    literal = Literal(day, datatype=XSD.date)
    changed = (
        Quad(q.subject, q.predicate, literal, q.graph_name) if q.predicate == DCTERMS.issued else q
        for q in quads
    )
    return dumps(changed, NQUADS), day


class Counting(Client):
    """Counts up by DELETE/INSERT: how many quotes of a version are said to be checked."""

    role = "count"

    def __init__(self, *given: object, version: str) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.version, self.counted = version, 0

    def turn(self) -> None:
        """One more."""
        update = filled("increment.ru", version=f"<{self.version}>").encode()
        kind = "application/sparql-update"
        self.ask("/update", 200, method="POST", body=update, Content_Type=kind)
        self.counted += 1
        self.tally.stop.wait(self.chance.random() / 2)


class Putting(Counting):
    """Counts up by reading a graph and putting it back, unless somebody was faster."""

    role = "if-match"

    def turn(self) -> None:
        """One more, however often that has to be tried."""
        path = f"/graph-store?graph={urllib.parse.quote(self.version)}"
        status = 412
        while status == 412:
            found = self.ask(path, 200, Accept=NTRIPLES)
            body = COUNTED.sub(lambda m: b"%s%d" % (m[1], int(m[2]) + 1), found.body)
            told = self.ask(
                *(path, 200, 412),
                method="PUT",
                body=body,
                Content_Type=NTRIPLES,
                If_Match=found.headers["ETag"],
            )
            status = told.status
        self.counted += 1
        self.tally.stop.wait(self.chance.random() / 2)


COUNTED = re.compile(rb'(quotesChecked> ")(\d+)')
