"""Which WSGI server carries the endpoint: granian or gunicorn, in one run.

    pip install gunicorn; apt install wrk
    python benchmarks/wsgi.py

Serves the seed bundle read-only with each server, asks one-row look-ups and the
health page at 1, 8 and 32 clients, interleaved, and prints the median requests
per second of three rounds. Ratios hold from machine to machine, figures don't.
"""

from __future__ import annotations

import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

import graph
from graph.files import examples_dir

ROUNDS = 3
SECONDS = 2
LOOK_UP = "/sparql?" + urllib.parse.urlencode(
    {
        "query": "SELECT ?o { <http://127.0.0.1:8000/agent/cnn-f2e80d> "
        "<http://www.w3.org/2000/01/rdf-schema#label> ?o }"
    }
)
PATHS = {"look-up": LOOK_UP, "health": "/health"}
CLIENTS = (1, 8, 32)

SERVERS = {
    "granian": [
        *("granian", "--interface", "wsgi", "--factory", "server:create_app"),
        *("--workers", "1", "--blocking-threads", "16", "--no-ws", "--log-level", "error"),
        *("--host", "127.0.0.1", "--port"),
    ],
    "gunicorn gthread": [
        *("gunicorn", "server:create_app()", "--workers", "1", "--threads", "16"),
        *("--worker-class", "gthread", "--log-level", "error", "--bind"),
    ],
    "gunicorn sync": [
        *("gunicorn", "server:create_app()", "--workers", "1", "--worker-class", "sync"),
        *("--log-level", "error", "--bind"),
    ],
}


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as parent:
        found: dict[tuple[str, str, int], list[float]] = {}
        for _ in range(ROUNDS):
            for name, command in SERVERS.items():
                folder = graph.create(Path(parent) / f"{name}-{time.monotonic_ns()}")
                with graph.open(folder) as kg:
                    kg.add(examples_dir() / "us-strike.trig")
                measure(name, command, folder, found)
    print(f"{'request':8} {'clients':>7}", *(f"{name:>18}" for name in SERVERS))
    for path in PATHS:
        for clients in CLIENTS:
            rates = [statistics.median(found[name, path, clients]) for name in SERVERS]
            cells = (f"{rate:10,.0f} ({rate / rates[0]:.2f})" for rate in rates)
            print(f"{path:8} {clients:7}", *(f"{cell:>18}" for cell in cells))


def measure(
    name: str, command: list[str], folder: Path, found: dict[tuple[str, str, int], list[float]]
) -> None:
    """Start one server, ask it, end it."""
    port = 8300 + len(found) % 50
    bind = [*command, str(port) if name == "granian" else f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / bind[0]), *bind[1:]],
        env={**os.environ, "ASCRIBE_DATA": str(folder), "ASCRIBE_QUERIES_PER_MINUTE": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        for path, address in PATHS.items():
            for clients in CLIENTS:
                rate = requests_per_second(port, address, clients)
                found.setdefault((name, path, clients), []).append(rate)
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    """Return once the server answers."""
    for _ in range(400):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def requests_per_second(port: int, address: str, clients: int) -> float:
    """What wrk counts in a fixed time on kept connections."""
    run = subprocess.run(
        ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", f"http://127.0.0.1:{port}{address}"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "Non-2xx" not in run.stdout, run.stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)
    assert found, run.stdout
    return float(found[1])


if __name__ == "__main__":
    main()
