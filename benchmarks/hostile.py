"""What others notice while somebody sends queries made to hang or kill the engine.

    python benchmarks/hostile.py [--rounds 4] [--seconds 8] [--limit 3]

Serves the example, and asks from one address two questions in turn again and again, one
that the server looks up itself and one that a worker answers, both anew each time. In
each round that is done alone, then while the queries of tests/hostile.py come from
another address, four at a time: a machine whose pace changes is so in both. Prints the
median and the 99th percentile of either, and how long the longest of the hostile queries
took, waiting included. Ends with 1 if a 99th percentile grew beyond three times, or if one
of the hostile queries took longer than the limit plus a second.

Who asks and who sends the others are processes of their own, or one would wait for the
other's Python; and both are in the server's session, since between sessions the kernel
divides processors whoever gives way to whom.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from servers import PROGRAMS, serving

import graph
from graph.files import examples_dir

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hostile import HOSTILE

QUESTIONS = {
    "looked up": "SELECT ?label { </agent/cnn-f2e80d> rdfs:label ?label }",
    "by a worker": "SELECT (SAMPLE(?l) AS ?label) { </agent/cnn-f2e80d> rdfs:label ?l }",
}
_AT_A_TIME = 4
_BEFORE_S = 1.0
_MOST_TIMES, _MOST_LATE_S = 3.0, 1.0

Times = dict[str, list[float]]


def main() -> int:
    """Measure, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--limit", type=float, default=3)
    options = parser.parse_args()
    settings = {"ASCRIBE_QUERY_TIMEOUT_S": str(options.limit), "ASCRIBE_CACHE_BYTES": "0"}
    with tempfile.TemporaryDirectory() as parent:
        folder = graph.create(Path(parent) / "desk", "http://127.0.0.1:8000/")
        with graph.open(folder) as kg:
            kg.add(examples_dir() / "us-strike.trig")
        command = [str(PROGRAMS / "ascribe"), "serve", str(folder), "--port", "{port}"]
        with serving("ascribe", command, "/sparql", **settings) as server:
            alone, beside, sent = measured(server.port, options.rounds, options.seconds)
    grown = []
    for name in QUESTIONS:
        first, then = told(f"{name}, alone", alone[name]), told(f"{name}, beside", beside[name])
        grown.append(then / first)
        print(f"{name}: p99 beside hostile queries is {grown[-1]:.1f} times that alone")
    longest = max(sent)
    print(f"the longest of {len(sent)} hostile queries took {longest:.1f} s, waiting included")
    return 1 if max(grown) > _MOST_TIMES or longest > options.limit + _MOST_LATE_S else 0


def measured(port: int, rounds: int, seconds: float) -> tuple[Times, Times, list[float]]:
    """How long questions took alone and beside hostile queries, in ms, and these, in s."""
    alone, beside, sent = defaultdict(list), defaultdict(list), []
    ask(port, _BEFORE_S, defaultdict(list))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as others:
        for _ in range(rounds):
            ask(port, seconds, alone)
            siege = others.submit(besiege, port, seconds + _BEFORE_S, len(sent))
            time.sleep(_BEFORE_S)
            ask(port, seconds, beside)
            sent += siege.result()
    return alone, beside, sent


def told(name: str, times: list[float]) -> float:
    """The 99th percentile, after a line about it."""
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{name:20} {len(times):7,} answers  p50 {cuts[49]:6.2f} ms  p99 {cuts[98]:6.2f} ms  "
        f"longest {max(times):6.1f}"
    )
    return cuts[98]


def ask(port: int, seconds: float, times: Times) -> None:
    """Add how long each answer took, in ms, one after the other on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    end = time.monotonic() + seconds
    for name, query in itertools.cycle(QUESTIONS.items()):
        path = "/sparql?" + urllib.parse.urlencode({"query": query})
        if (start := time.monotonic()) > end:
            return
        connection.request("GET", path, headers={"X-Forwarded-For": "192.0.2.7"})
        answer = connection.getresponse()
        assert b"CNN" in answer.read() and answer.status == 200
        times[name].append((time.monotonic() - start) * 1000)


def besiege(port: int, seconds: float, begin: int) -> list[float]:
    """How long each hostile query took, in s, of those sent in a while, beginning with one."""
    queries = [query for kind in HOSTILE.values() for query in kind]
    waiting = itertools.islice(itertools.cycle(queries), begin, None)
    lock, over = threading.Lock(), threading.Event()
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        sent = [threads.submit(torment, port, waiting, lock, over) for _ in range(_AT_A_TIME)]
        time.sleep(seconds)
        over.set()
    return [each for thread in sent for each in thread.result()]


def torment(
    port: int, queries: Iterator[str], lock: threading.Lock, over: threading.Event
) -> list[float]:
    """How long each hostile query took, in seconds."""
    times = []
    headers = {"Content-Type": "application/sparql-query", "X-Forwarded-For": "192.0.2.8"}
    while not over.is_set():
        with lock:
            query = next(queries)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        start = time.monotonic()
        try:
            connection.request("POST", "/sparql", query.encode(), headers)
            connection.getresponse().read()
        except http.client.IncompleteRead:  # it went over a limit after its beginning
            pass
        finally:
            connection.close()
        times.append(time.monotonic() - start)
    return times


if __name__ == "__main__":
    sys.exit(main())
