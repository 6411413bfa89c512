"""What others notice while somebody sends queries made to hang or kill the engine.

    python benchmarks/hostile.py [--seconds 20] [--limit 3]

Serves the example, looks a label up again and again from one address, first alone,
then while the queries of tests/hostile.py come from another, four at a time. Prints
the median and the 99th percentile of the look-ups, which are answered anew each time,
and how long the longest of the hostile queries took beyond its limit and its wait.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hostile import HOSTILE
from test_server import free_port, start, stop

import graph
from graph.files import examples_dir
from graph.settings import Settings

QUERY = "SELECT ?label { </agent/cnn-f2e80d> rdfs:label ?label }"
LOOK_UP = "/sparql?" + urllib.parse.urlencode({"query": QUERY})


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--limit", type=float, default=3)
    options = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as parent:
        folder = graph.create(Path(parent) / "desk", f"http://127.0.0.1:{port}/")
        with graph.open(folder) as kg:
            kg.add(examples_dir() / "us-strike.trig")
        settings = {
            "ASCRIBE_QUERY_TIMEOUT_S": str(options.limit),
            "ASCRIBE_QUERY_WORKERS": str(Settings().query_workers),
            "ASCRIBE_QUERIES_PER_MINUTE": "0",
            "ASCRIBE_CACHE_BYTES": "0",
            "ASCRIBE_TRUSTED_PROXIES": "1",
            "ASCRIBE_SLOW_QUERY_S": "0",
        }
        process = start(["serve", str(folder)], port, **settings)
        try:
            look_ups(port, 2)
            quiet = look_ups(port, options.seconds)
            over = threading.Event()
            with ThreadPoolExecutor(4) as threads:
                queries = itertools.cycle(query for kind in HOSTILE.values() for query in kind)
                lock = threading.Lock()
                sent = [threads.submit(torment, port, queries, lock, over) for _ in range(4)]
                time.sleep(1)
                beside = look_ups(port, options.seconds)
                over.set()
            times = [each for thread in sent for each in thread.result()]
        finally:
            stop(process)
    for name, found in (("alone", quiet), ("beside", beside)):
        cuts = statistics.quantiles(found, n=100)
        print(
            f"{name:7} {len(found):7,} look-ups  p50 {cuts[49]:6.2f} ms  p99 {cuts[98]:6.2f} ms  "
            f"longest {max(found):6.1f}"
        )
    ratio = statistics.quantiles(beside, n=100)[98] / statistics.quantiles(quiet, n=100)[98]
    print(f"p99 beside {len(times)} hostile queries is {ratio:.1f} times that alone")
    print(f"the longest of these took {max(times):.1f} s, waiting included")


def look_ups(port: int, seconds: float) -> list[float]:
    """How long each look-up took, in milliseconds, one after the other on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    end, times = time.monotonic() + seconds, []
    while (start := time.monotonic()) < end:
        connection.request("GET", LOOK_UP, headers={"X-Forwarded-For": "192.0.2.7"})
        answer = connection.getresponse()
        assert b"CNN" in answer.read() and answer.status == 200
        times.append((time.monotonic() - start) * 1000)
    return times


def torment(
    port: int, queries: itertools.cycle[str], lock: threading.Lock, over: threading.Event
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
    main()
