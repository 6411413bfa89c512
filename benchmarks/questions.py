"""How long each named question takes on a dataset, as the endpoint asks it.

    python benchmarks/corpus.py 100000 out.nq
    ascribe init big && ascribe add --data big out.nq
    python benchmarks/questions.py big [--aim-ms 50] [--patience-s 20]

Each query that `ascribe query --list` shows is asked three times and written out as
CSV; the best time counts, of a processor, so that other work does not matter. A
parameter without a default is bound to a value that the dataset uses: the first found,
or one that it does not know. What takes longer than the patience is stopped.
Oxigraph alone is asked, with no server in between.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from graph.formats import RESULT_FORMATS
from graph.kg import KnowledgeGraph, open_dataset
from graph.queries import NamedQuery, named_queries

CSV = next(each for each in RESULT_FORMATS if each.extension == "csv")
FIRST = {
    "addressee": "SELECT ?x { ?hop asc:addressee ?x } LIMIT 1",
    "content": "SELECT ?x { ?s asc:expresses ?x ; asc:polarity ascv:negative } LIMIT 1",
    "event": "SELECT ?x { ?s asc:event ?x } LIMIT 1",
    "about": "SELECT ?x { ?s asc:event ?x } LIMIT 1",
    "agent": "SELECT ?x { ?s asc:speaker ?x ; asc:chainDepth 4 } LIMIT 1",
    "organization": "SELECT ?x { ?s asc:relay ?x . ?x a asc:NewsOrganization } LIMIT 1",
    "post": "SELECT ?x { ?hop asc:capacity ?x } LIMIT 1",
    "speaker": "SELECT ?x { ?s asc:speaker ?x ; asc:chainDepth 3 } LIMIT 1",
    "source": "SELECT ?x { ?s asc:source ?x } LIMIT 1",
    "statement": "SELECT ?x { ?x asc:chainDepth 3 } LIMIT 1",
    "version": "SELECT ?x { ?s asc:source ?x } LIMIT 1",
    "whole": "SELECT ?x { ?part asc:partOf ?x } LIMIT 1",
}
NOTHING = "agent/nobody-000000"
TIMES = 3


def main() -> None:
    """Print a table of the questions, slowest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--aim-ms", type=float, default=50)
    parser.add_argument("--patience-s", type=float, default=20)
    options = parser.parse_args()
    names = [name for name in named_queries() if not name.startswith("page_")]
    found = []
    asker = _Asker(options.dataset)
    for name in names:
        found.append((name, *asker.ask(name, options.patience_s)))
        print(".", end="", flush=True)
    asker.end()
    print("\n| query | rows | ms |\n|---|---:|---:|")
    for name, rows, seconds in sorted(found, key=lambda each: -each[2]):
        print(f"| `{name}` | {'-' if rows < 0 else f'{rows:,}'} | {seconds * 1000:,.1f} |")
    good = sum(seconds * 1000 < options.aim_ms for _, _, seconds in found)
    print(f"{good} of {len(found)} under {options.aim_ms:g} ms")


class _Asker:
    """A process that asks, started anew when it takes too long."""

    def __init__(self, dataset: str) -> None:
        self.dataset = dataset
        self._start()

    def _start(self) -> None:
        self.pipe, other = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=_answer, args=(self.dataset, other), daemon=True)
        self.process.start()
        other.close()
        self.pipe.recv()  # the dataset is open

    def ask(self, name: str, patience_s: float) -> tuple[int, float]:
        """How many rows a query has, and the best of its times in seconds; -1 rows if stopped."""
        self.pipe.send(name)
        with suppress(EOFError):  # the engine may end the process
            if self.pipe.poll(patience_s):
                found: tuple[int, float] = self.pipe.recv()
                return found
        self.process.kill()
        self.process.join()
        self._start()
        return -1, patience_s

    def end(self) -> None:
        """Let the process go."""
        self.process.kill()
        self.process.join()


def _answer(dataset: str, pipe: Connection) -> None:
    with open_dataset(dataset, read_only=True) as kg:
        pipe.send("ready")
        while True:
            query = named_queries()[pipe.recv()]
            taken = [_once(kg, query) for _ in range(TIMES)]
            pipe.send((taken[0][0], min(seconds for _, seconds in taken)))


def _once(kg: KnowledgeGraph, query: NamedQuery) -> tuple[int, float]:
    given = {
        param.name: next((str(row[0]) for row in kg.query(FIRST[param.name])), NOTHING)
        for param in query.params
        if param.default is None and param.name in FIRST
    }
    sparql = query.bound(given, kg.settings.base)
    output = io.BytesIO()
    start = time.thread_time()
    kg.store.serialize(sparql, output, lambda _kind: CSV)
    return output.getvalue().count(b"\n") - 1, time.thread_time() - start


if __name__ == "__main__":
    main()
