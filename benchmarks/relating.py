"""What it costs to hold statements against each other, as a dataset grows.

    python benchmarks/relating.py [--statements 10000 100000] [--crowd 10000]

For each size a generated corpus is loaded in bulk, with relations worked out at the
end and then once more, anew; and some more sources are added one by one: how long each
took until it was stored, and how much of that went to relations. Last, sources that all
speak of one event are added, as many as `--crowd`, and then some more of those.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from corpus import BASE, Plan, sources, write

from graph.bulk.loader import Loader
from graph.bundle import Bundle, make_bundle
from graph.formats import NQUADS, TURTLE, dumps
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.relating import Relator

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from accounts import Account, toll

MORE = 50
"""As many sources are added one by one."""


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--crowd", type=int, default=10_000)
    options = parser.parse_args()
    for statements in options.statements:
        with dataset() as (kg, folder):
            write(Plan(statements), folder / "corpus.nq", processes=2)
            more = (make_bundle(each.quads, BASE) for each in sources(Plan(2_000, seed=2)))
            measure(f"{statements:,} statements", kg, folder / "corpus.nq", more)
    if options.crowd:
        with dataset() as (kg, folder):
            with (folder / "crowd.nq").open("wb") as file:
                for each in crowd(kg, range(1, options.crowd + 1)):
                    file.write(dumps(sorted(each.quads, key=order), NQUADS))
            more = crowd(kg, range(options.crowd + 1, options.crowd + 1 + MORE))
            measure(f"{options.crowd:,} on one event", kg, folder / "crowd.nq", more)


@contextmanager
def dataset() -> Iterator[tuple[KnowledgeGraph, Path]]:
    """An empty dataset, and a folder beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_dataset(create(folder / "desk", BASE)) as kg:
            yield kg, folder


def crowd(kg: KnowledgeGraph, numbers: Iterable[int]) -> Iterator[Bundle]:
    """Sources that each say how many died in the same event: one number in forty, one kind
    of bound in two, a speaker of their own in three."""
    for number in numbers:
        count = 10 + number % 40
        bounds = f"asc:lowerBound {count} ; asc:lowerInclusive true"
        if number % 2:
            bounds += f" ; asc:upperBound {count} ; asc:upperInclusive true"
        says = toll(bounds, f"{'exactly' if number % 2 else 'at least'} {count}")
        account = Account(number, says, who=f"witness-{number // 3}")
        yield kg.read(account.turtle(), TURTLE)


def order(quad: Any) -> tuple[bool, str]:
    """Where a quad stands in a file that can be loaded in bulk."""
    return "/graph/" in str(quad.graph_name), str(quad.graph_name)


def measure(what: str, kg: KnowledgeGraph, file: Path, more: Iterator[Bundle]) -> None:
    """Load a file, relate what it brought, add some more; print what each took."""
    start = time.perf_counter()
    bundles = sum(1 for _ in Loader(kg.writer, kg.reader, kg.texts).load([file]))
    loaded = time.perf_counter()
    kg.relate()
    related = time.perf_counter()
    found = kg.query("SELECT (COUNT(?a) AS ?n) { ?a asc:rule ?rule }").rows[0][0]
    whole, part = [], []
    with timed(part):
        for bundle in islice(more, MORE):
            part.append(0.0)
            begun = time.perf_counter()
            kg.add(bundle)
            _ = kg.store
            whole.append(time.perf_counter() - begun)
    each = (related - loaded) / bundles * 1000
    print(
        f"{what}: {bundles:,} bundles loaded in {loaded - start:.0f} s, "
        f"related in {related - loaded:.0f} s ({each:.1f} ms a bundle): "
        f"{found:,} relations. One more source is stored after "
        f"{statistics.median(whole) * 1000:.1f} ms, {statistics.median(part) * 1000:.1f} of which "
        f"(at most {max(part) * 1000:.1f}) find its relations."
    )


@contextmanager
def timed(spent: list[float]) -> Iterator[None]:
    """Add to the last entry what goes by in the relator."""
    before, after = Relator.before, Relator.after

    def counted(method: Callable[..., None]) -> Callable[..., None]:
        def call(*words: Any) -> None:
            start = time.perf_counter()
            method(*words)
            spent[-1] += time.perf_counter() - start

        return call

    Relator.before, Relator.after = counted(before), counted(after)  # type: ignore[method-assign]
    try:
        yield
    finally:
        Relator.before, Relator.after = before, after  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
