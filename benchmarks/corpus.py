"""Generated sources with their statements: as many as asked for, no two alike.

    python benchmarks/corpus.py 100000 out.nq [--texts FOLDER] [--seed 1]

Each source is a text of its own and a bundle that passes the gate with it: outlets,
speakers and events by a Zipf distribution, chains of one to five voices, quotations
that stand in their text, propositions that one source affirms and another denies.
The file has one bundle after the other, as `ascribe export` writes them, so that it
loads in bulk; with `--texts` the texts are kept beside it, named by their SHA-256,
as a dataset's folder `texts` has them.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from article import Article
from recorder import Recorder, Source
from world import World

from graph.formats import NQUADS, dumps

BASE = "http://127.0.0.1:8000/"
FEWEST, MOST = 6, 24
"""How many statements a source holds."""


def main() -> None:
    """Write a corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("statements", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--base", default=BASE)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    plan = Plan(options.statements, options.seed, options.base)
    bundles, quads = write(plan, options.out, options.texts, options.processes)
    print(f"{bundles:,} bundles, {options.statements:,} statements, {quads:,} quads")


class Plan(NamedTuple):
    """How many statements there are to be in all, and what they are drawn from."""

    statements: int
    seed: int = 1
    base: str = BASE

    def sizes(self) -> Iterator[tuple[Plan, int, int]]:
        """The plan, number and size of each source."""
        left, number, chance = self.statements, 0, Random(self.seed)
        while left:
            number, size = number + 1, min(left, chance.randint(FEWEST, MOST))
            left -= size
            yield self, number, size


def write(plan: Plan, out: Path, texts: Path | None = None, processes: int = 1) -> tuple[int, int]:
    """Write sources to a file, and their texts to a folder; gives bundles and quads."""
    bundles = quads = 0
    if texts:
        texts.mkdir(parents=True, exist_ok=True)
    with out.open("wb") as file, multiprocessing.Pool(processes) as pool:
        for text, nquads in pool.imap(_written, plan.sizes(), chunksize=20):
            file.write(nquads)
            bundles, quads = bundles + 1, quads + nquads.count(b"\n")
            if texts:
                (texts / hashlib.sha256(text).hexdigest()).write_bytes(text)
    return bundles, quads


def sources(plan: Plan) -> Iterator[Source]:
    """The sources of a plan: the same ones for the same plan, on every machine."""
    return map(_source, plan.sizes())


def _source(task: tuple[Plan, int, int]) -> Source:
    plan, number, size = task
    world, chance = _world(plan), Random(f"{plan.seed}/{number}")
    return Recorder(world, Article(world, chance, size, number)).source()


def _written(task: tuple[Plan, int, int]) -> tuple[bytes, bytes]:
    made = _source(task)
    return made.text, dumps(made.quads, NQUADS)


@cache
def _world(plan: Plan) -> World:
    return World(plan.base, plan.statements)


if __name__ == "__main__":
    main()
