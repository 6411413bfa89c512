"""Asking a server: answers to compare, and requests a second as `wrk` counts them.

wrk sends and reads in C, so that what is measured is the server and not the client.
It is a package of Debian: apt install wrk.
"""

from __future__ import annotations

import http.client
import json
import math
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pyoxigraph
from mix import GRAPHS, Question
from servers import Server

SCRIPT = """
local paths, next_one = {}, 0
function init(arguments)
  for line in io.lines(arguments[1]) do
    -- as many clients as there are connections: each has its share of a server's workers
    local headers = {["X-Forwarded-For"] = "10.0.0." .. #paths % 32 + 1}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    paths[#paths + 1] = wrk.format("GET", line, headers)
  end
end
function request()
  next_one = next_one % #paths + 1
  return paths[next_one]
end
function done(summary, latency)
  local errors = summary.errors
  print(string.format("found %d %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""
LONGEST_S = 5
RESTING_S, RESTED, PATIENCE_S = 0.2, 0.8, 60.0
"""How long it is looked on, which part of that processors have to be idle, how long at most."""


class Measured(NamedTuple):
    """Requests a second, how long half and 99 of a hundred take at most, and the server's
    processor time for each, which other work on the machine changes least."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


def measure(server: Server, question: Question, clients: int, seconds: int) -> Measured:
    """Ask on so many connections at once, each the next question when it has its answer.

    Shape: begins when no server is at what others asked who have left.

        Where an answer takes long, as many seconds more as two rounds need.
    Raises: RuntimeError if an answer is an error.
    """
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed: apt install wrk")
    rest()
    started = time.perf_counter()
    fetched(server, question, 0)
    alone_s = time.perf_counter() - started
    duration = max(seconds, min(LONGEST_S, math.ceil(alone_s * clients)))
    with tempfile.TemporaryDirectory() as folder:
        script, paths = Path(folder) / "ask.lua", Path(folder) / "paths"
        script.write_text(SCRIPT)
        paths.write_text("\n".join(question.paths(server.path)) + "\n")
        url = f"http://127.0.0.1:{server.port}"
        command = ["wrk", "-t1", f"-c{clients}", f"-d{duration}s", "--timeout", "60s"]
        command += ["-H", f"Accept: {question.accept}", "-s", str(script), url, "--", str(paths)]
        before = server.cpu_s()
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    line = next(line for line in told.splitlines() if line.startswith("found "))
    requests, taken_us, p50_us, p99_us, refused, broken = map(int, line.split()[1:])
    if refused or broken:
        raise RuntimeError(f"{server.name}, {question.kind}: {refused} refused, {broken} broken")
    if not requests:  # each takes longer than all the time there was
        return Measured(1 / alone_s, alone_s * 1000, alone_s * 1000, duration * 1000)
    cpu_ms = (server.cpu_s() - before) * 1000 / requests
    return Measured(requests / taken_us * 1e6, p50_us / 1000, p99_us / 1000, cpu_ms)


def answer(server: Server, question: Question, number: int) -> frozenset[str]:
    """One answer as a set of rows, written the same way whoever answers."""
    body = fetched(server, question, number)
    if question.kind in GRAPHS:
        return frozenset(map(str, pyoxigraph.parse(body, pyoxigraph.RdfFormat.N_TRIPLES)))
    found = json.loads(body)
    if "boolean" in found:
        return frozenset({str(found["boolean"])})
    return frozenset(json.dumps(row, sort_keys=True) for row in found["results"]["bindings"])


def rest() -> None:
    """Wait until the machine has nothing to do."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        before = _idle_s()
        time.sleep(RESTING_S)
        if _idle_s() - before > RESTING_S * (os.cpu_count() or 1) * RESTED:
            return


def _idle_s() -> float:
    """For how long processors have been idle, together. Source: Linux, proc(5)."""
    first, *_ = Path("/proc/stat").read_text("ascii").splitlines()
    return int(first.split()[4]) / os.sysconf("SC_CLK_TCK")


def fetched(server: Server, question: Question, number: int) -> bytes:
    """The body of an answer. Raises: RuntimeError if it is an error."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    path = question.paths(server.path)[number % len(question.queries)]
    connection.request("GET", path, headers={"Accept": question.accept})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{server.name}, {question.kind}: {response.status} {body[:300]!r}")
    return body
