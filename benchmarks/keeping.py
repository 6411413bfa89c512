"""What it takes to back a dataset up, to restore it and to prove it: time, and memory at most.

    python benchmarks/keeping.py [--bundles 250 2500] [--folder DIR]

For each size: a first backup, one more when nothing is new, a restore, and
`ascribe check --store`, each as a process of its own. A dataset's log is written
from one report under many names, and its store is made from the log.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal

import graph
from graph import catalog
from graph.bundle import Graphs, content_digest
from graph.formats import NQUADS, dumps
from graph.journal import Journal, Write
from graph.proof import replay
from graph.settings import Settings
from graph.store.oxigraph import OxigraphStore
from graph.vocab import XSD

REPORT = Path(__file__).parent.parent / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
DIGEST = b"49a1245337d2"
TIME = "2026-11-24T12:00:00Z"


def main() -> None:
    """Measure each size, and print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, nargs="+", default=[250, 2500])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    for bundles in options.bundles:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            measure(Path(name), bundles)


def measure(folder: Path, bundles: int) -> None:
    """Print what each command takes on a dataset of so many bundles."""
    desk = graph.create(folder / "desk")
    journal = Journal(desk / "journal.log")
    for write in writes(bundles):
        journal.append([write])
    store = OxigraphStore.open(desk / "store", synced=False)
    replay(journal, store, Graphs(Settings().base))
    print(f"{bundles:,} bundles, {len(store):,} quads, a log of {journal.length / 1e6:,.0f} MB")
    store.close()
    for words in (
        "backup desk backup",
        "backup desk backup",
        "restore backup again",
        "check --store desk",
    ):
        seconds, megabytes = run(folder, *words.split())
        print(f"  {words:24} {seconds:7.1f} s {megabytes:7.0f} MB", flush=True)


def writes(count: int) -> Iterator[Write]:
    """The report, added again and again under another name."""
    with graph.open() as kg:
        bundle, graphs = kg.read(REPORT), kg.graphs
    now = Literal(TIME, datatype=XSD.dateTime)
    quads = catalog.completed(bundle, content_digest(bundle), frozenset(), now)
    nquads = dumps(quads, NQUADS)
    for revision in range(1, count + 1):
        made = catalog.made_by(graphs, bundle.version, revision)
        kept = {*catalog.activity(graphs, bundle.version, revision, now, ""), made}
        coming = (nquads + dumps(kept, NQUADS)).replace(DIGEST, b"%012x" % revision)
        name = bundle.version.value.replace(DIGEST.decode(), f"{revision:012x}")
        yield Write(revision, TIME, "added", name, "", coming)


def run(folder: Path, *arguments: str) -> tuple[float, float]:
    """Seconds, and megabytes of memory at most, that a command takes."""
    started = time.perf_counter()
    program = [sys.executable, "-c", "from graph.cli import run; run()", *arguments]
    with subprocess.Popen(program, cwd=folder, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return time.perf_counter() - started, usage.ru_maxrss / 1000


if __name__ == "__main__":
    main()
