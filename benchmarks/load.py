"""What checking costs a bulk load.

    python benchmarks/load.py [--bundles 1000] [--file FILE] [--peer /path/to/oxigraph]

Writes a file of river reports (9 statements each), or takes one that
`benchmarks/corpus.py` wrote, loads it checked, logged and durable, and has
`oxigraph load` take the same quads unchecked: in the order in which they came, as
whoever loads an archive has them, and as a dump gives them, which suits it better.
Prints quads a second and their ratio, and the time on a processor, of all processes
together: of the two it says more on a machine that does other work meanwhile.
`--peer` names the program of the PyPI package `oxigraph`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import graph
from graph.bulk.loader import Loader
from graph.formats import NQUADS, TURTLE, dumps
from graph.kg import KnowledgeGraph

CASE = Path(__file__).parent.parent / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
DIGEST = b"49a1245337d2"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--file", type=Path)
    beside = Path(sys.executable).with_name("oxigraph")
    parser.add_argument("--peer", default=str(beside) if beside.exists() else "oxigraph")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        path = options.file or corpus(folder / "all.nq", template_of(), options.bundles)
        ours, quads, came, stored = checked(folder / "desk", path)
        print(f"checked load of {quads:,} quads: {ours.told(quads)}")
        for order, each in (("as they came", came), ("as dumped", stored)):
            if shutil.which(options.peer):
                theirs = unchecked(folder / f"peer-{each.stem}", options.peer, each)
                print(f"oxigraph load of the same, {order}: {theirs.told(quads)}")
                print(f"ratio: {theirs.wall_s / ours.wall_s:.2f} of its rate")


@dataclass(frozen=True)
class Cost:
    """What a load took, on the clock and on the processors."""

    wall_s: float
    cpu_s: float

    def told(self, quads: int) -> str:
        """The cost for so many quads, in words."""
        rate, each_us = quads / self.wall_s, self.cpu_s / quads * 1e6
        on_cpu = f"CPU {self.cpu_s:.1f} s, {each_us:.1f} us each"
        return f"{self.wall_s:.1f} s, {rate:,.0f} quads/s; {on_cpu}"


@contextmanager
def measured() -> Iterator[list[Cost]]:
    """A list that holds the cost of the block once it has ended, its processes counted."""
    found: list[Cost] = []
    started, before = time.perf_counter(), sum(os.times()[:4])
    yield found
    found.append(Cost(time.perf_counter() - started, sum(os.times()[:4]) - before))


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


def checked(folder: Path, path: Path) -> tuple[Cost, int, Path, Path]:
    """Load a file through the gate: its cost, the quads, and these as they came and dumped."""
    with graph.open(graph.create(folder)) as kg:
        before = len(kg.store)
        with measured() as cost:
            for outcome in Loader(kg.writer, kg.reader, kg.texts).load([path]):
                assert outcome.receipt is not None, outcome.fault
        came, dump = folder.with_suffix(".came.nq"), folder.with_suffix(".dump.nq")
        with came.open("wb") as output:
            output.writelines(write.coming for write in kg.history())
        quads, dump = len(kg.store) - before, dumped(kg, dump)
        with measured() as relating:
            bundles = kg.relate()
        print(f"relations of {bundles:,} bundles, found afterwards: {relating[0].wall_s:.1f} s")
        return cost[0], quads, came, dump


def dumped(kg: KnowledgeGraph, path: Path) -> Path:
    """Everything that is stored, derived quads and all."""
    with path.open("wb") as output:
        kg.store.dump(output, NQUADS)
    return path


def unchecked(folder: Path, peer: str, path: Path) -> Cost:
    """Load the same quads with `oxigraph load`."""
    command = [peer, "load", "--location", str(folder), "--file", str(path)]
    with measured() as cost:
        subprocess.run(command, check=True, capture_output=True)
    return cost[0]


if __name__ == "__main__":
    main()
