"""What it costs to ask about the past, and to merge, as a dataset grows.

    python benchmarks/past.py [--statements 10000 100000]

For each size a generated corpus is loaded in bulk and its relations worked out. Then
the state some writes before the last is asked for, of 1, 10, 100 and 1,000 writes; each
way is new, as the states kept from earlier questions are removed before. Last, the two
agents that are named most are merged and parted.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus import BASE, Plan, write

from graph.bulk.loader import Loader
from graph.kg import KnowledgeGraph, create, open_dataset

BEFORE = (1, 10, 100, 1_000)
MOST_NAMED = """
SELECT ?agent { ?hop asc:agent ?agent . ?agent a asc:Organization }
GROUP BY ?agent ORDER BY DESC(COUNT(?hop)) LIMIT 2
"""


def main() -> None:
    """Print what each step took, for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, nargs="*", default=[10_000, 100_000])
    for statements in parser.parse_args().statements:
        with TemporaryDirectory() as folder:
            corpus, desk = Path(folder, "corpus.nq"), Path(folder, "desk")
            write(Plan(statements), corpus, processes=2)
            with open_dataset(create(desk, BASE)) as kg:
                for _ in Loader(kg.writer, kg.reader, kg.texts).load([corpus]):
                    pass
                kg.relate()
                print(f"{statements:,} statements, {kg.revision():,} writes")
                look_back(kg, desk)
                merge(kg)


def look_back(kg: KnowledgeGraph, desk: Path) -> None:
    """Ask for states ever longer ago; each is compared by its number of sources."""
    for writes in BEFORE:
        if writes < kg.revision():
            start = time.perf_counter()
            with kg.as_of(kg.revision() - writes) as past:
                took = time.perf_counter() - start
                assert len(past.query("SELECT ?v { ?v a prov:Bundle }")) == past.revision()
            start = time.perf_counter()
            kg.as_of(kg.revision() - writes).close()
            again = time.perf_counter() - start
            print(f"  as of {writes:,} writes ago: {took:.2f} s, again {again:.2f} s")
            shutil.rmtree(desk / "past")


def merge(kg: KnowledgeGraph) -> None:
    """Have one agent stand for the other that is named most, and take it back."""
    ends = [agent for (agent,) in kg.query(MOST_NAMED)]
    named = len({quad.triple for quad in kg.store.find(value=kg.iri(ends[1]))})
    for name, act in (("merged", kg.merge), ("parted", kg.part)):
        start = time.perf_counter()
        act(*ends, "Ines Falk")
        assert kg.store
        took = time.perf_counter() - start
        print(f"  {name} one that {named:,} triples name: {took:.2f} s")


if __name__ == "__main__":
    main()
