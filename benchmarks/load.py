"""What checking costs a bulk load, and what a store's size costs one more bundle.

    python benchmarks/load.py [--bundles 1000] [--peer /path/to/oxigraph]

Writes a file of river reports (9 statements each), has `oxigraph load` take the
same quads unchecked, then loads the file checked, logged and durable. Prints
quads a second and the ratio. Then adds bundles one at a time to the dataset and
to a small one, in turns, and prints the medians, the 99th percentile and their
ratio. `--peer` names the program of the PyPI package `oxigraph`.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import graph
from graph.bulk import Loader
from graph.formats import NQUADS, TURTLE, dumps
from graph.kg import KnowledgeGraph

CASE = Path(__file__).parent.parent / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
DIGEST = b"49a1245337d2"
SMALL = 1100
"""About 10,000 statements: what the cost at full size is compared with."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
    beside = Path(sys.executable).with_name("oxigraph")
    parser.add_argument("--peer", default=str(beside) if beside.exists() else "oxigraph")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        template = template_of()
        path = corpus(folder / "all.nq", template, options.bundles)
        ours, quads, stored = checked(folder / "desk", path)
        print(f"{options.bundles:,} bundles, {options.bundles * 9:,} statements")
        print(f"checked load: {quads:,} quads in {ours:.1f} s, {quads / ours:,.0f} quads/s")
        if shutil.which(options.peer):
            theirs = unchecked(folder / "peer", options.peer, stored)
            rate = quads / theirs
            print(f"oxigraph load: the same quads in {theirs:.1f} s, {rate:,.0f} quads/s")
            print(f"ratio: {theirs / ours:.2f} of its rate")
        small = corpus(folder / "small.nq", template, min(SMALL, options.bundles))
        checked(folder / "small", small)
        one_more(folder, template, options)


def one_more(folder: Path, template: bytes, options: argparse.Namespace) -> None:
    """What one more bundle costs at each size."""
    times: dict[str, list[float]] = {"small": [], "desk": []}
    with graph.open(folder / "small") as small, graph.open(folder / "desk") as desk:
        for number in range(options.bundles + 1, options.bundles + 1 + options.rounds):
            data = template.replace(DIGEST, b"%012x" % number)
            for name, kg in (("small", small), ("desk", desk)):
                bundle = kg.read(data, NQUADS)
                started = time.perf_counter()
                kg.add(bundle)
                times[name].append((time.perf_counter() - started) * 1000)
    base = statistics.median(times["small"])
    for name, size in (("small", min(SMALL, options.bundles)), ("desk", options.bundles)):
        middle = statistics.median(times[name])
        worst = statistics.quantiles(times[name], n=100)[98]
        print(
            f"one more at {size * 9:>9,} statements: {middle:6.2f} ms, p99 {worst:6.2f} ms, "
            f"{middle / base:.2f} of the small one"
        )


def template_of() -> bytes:
    """One report as N-Quads, as `ascribe export` writes it."""
    with graph.open() as kg:
        quads = kg.read(CASE.read_bytes(), TURTLE).quads
        shared = kg.graphs.shared
        return dumps(sorted(quads, key=lambda q: (q.graph_name in shared, str(q))), NQUADS)


def corpus(path: Path, template: bytes, count: int) -> Path:
    """A file of reports, each as if of another text."""
    with path.open("wb") as file:
        for number in range(1, count + 1):
            file.write(template.replace(DIGEST, b"%012x" % number))
    return path


def checked(folder: Path, path: Path) -> tuple[float, int, Path]:
    """Load a file through the gate: seconds, quads, and a dump of what was stored."""
    with graph.open(graph.create(folder)) as kg:
        before = len(kg.store)
        started = time.perf_counter()
        for outcome in Loader(kg.writer, kg.reader, kg.texts).load([path]):
            assert outcome.receipt is not None, outcome.fault
        seconds = time.perf_counter() - started
        return seconds, len(kg.store) - before, dumped(kg, folder.with_suffix(".dump.nq"))


def dumped(kg: KnowledgeGraph, path: Path) -> Path:
    """Everything that is stored, derived quads and all."""
    with path.open("wb") as output:
        kg.store.dump(output, NQUADS)
    return path


def unchecked(folder: Path, peer: str, path: Path) -> float:
    """Load the same quads with `oxigraph load`: seconds."""
    command = [peer, "load", "--location", str(folder), "--file", str(path)]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
