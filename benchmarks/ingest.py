"""What the gate costs: a bundle checked and durable, beside a bare write of its quads.

    python benchmarks/ingest.py [--rounds 40]

Adds bundles of 9 statements, each another source, to one dataset on disk, and
writes the same quads, unchecked, with Oxigraph's `extend` and `flush` to another
store, in turns. Prints medians in milliseconds and their ratio to the bare write.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph

import graph
from graph.formats import TURTLE

CASE = Path(__file__).parent.parent / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
DIGEST = "49a1245337d2"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    template = CASE.read_text("utf-8")
    times: dict[str, list[float]] = {"bare extend and flush": [], "add": [], "read and add": []}
    with tempfile.TemporaryDirectory() as parent:
        bare = pyoxigraph.Store(str(Path(parent) / "bare"))
        with graph.open(graph.create(Path(parent) / "desk")) as kg:
            kg.add(template.encode(), form=TURTLE)
            for _ in range(rounds):
                data = another(template)
                bundle = kg.read(data, TURTLE)
                stored = len(kg.store)
                times["add"].append(timed(lambda b=bundle: kg.add(b)))
                added = len(kg.store) - stored
                kept = [q for q in kg.store.match() if bundle.version.value in str(q.graph_name)]
                times["bare extend and flush"].append(timed(lambda k=kept: write(bare, k)))
                other = another(template)
                times["read and add"].append(timed(lambda o=other: kg.add(o, form=TURTLE)))
    base = statistics.median(times["bare extend and flush"])
    print(f"{rounds} rounds, {added} quads a bundle")
    for name, found in times.items():
        middle = statistics.median(found)
        print(f"{name:24} {middle:8.2f} ms   {middle / base:5.2f}")


def another(template: str) -> bytes:
    """The same bundle as if of another text."""
    return template.replace(DIGEST, secrets.token_hex(6)).encode()


def write(store: pyoxigraph.Store, quads: list[pyoxigraph.Quad]) -> None:
    """Keep some quads, unchecked."""
    store.extend(quads)
    store.flush()


def timed(act: Callable[[], object]) -> float:
    """How long an act takes, in milliseconds."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
