"""How long pages take to be made: the median of each kind, over generated sources.

    python benchmarks/pages.py [--statements 10000] [--folder DIR] [--rounds 15] [--kinds home ...]

A dataset of so many statements of benchmarks/corpus.py is loaded in bulk, or taken
from `--folder` if it was made there before, and indexed, with `--anew` once more. Then each page
is asked of the application, without a socket and without the cache of answers: home,
searches that find few statements, many and all, and the pages of the sources,
statements, events and speakers that most is said about, and of some that are taken at
random. The figure of a kind is the median over its pages of the median of the rounds,
in time on a processor, which other work on the machine changes least.
100,000 statements take a quarter of an hour to load, and room for 5 GB.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from corpus import BASE, Plan, write
from flask.testing import FlaskClient

import graph
from graph.bulk.loader import Loader
from graph.index import Wanted
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web

SOME = 5
"""How many pages of a kind are asked for."""

SEARCHES = {
    "search: few": (
        "q=besancon+-besancon",
        'q="people+were+killed"&hand=relayed',
        "q=tram+company",
    ),
    "search: many": ("q=people", "q=the", "q=th*", "q=people&kind=DirectQuotation"),
    "search: all": ("", "hand=relayed", "page=3"),
}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="where the dataset is kept, and taken again")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kinds", nargs="+", default=[""], help="of pages, by their first word")
    parser.add_argument("--anew", action="store_true", help="index once more what is indexed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "pages"
        if not folder.exists():
            load(folder, options.statements, Path(scratch) / "corpus.nq")
        with graph.open(folder, settings=Settings().but(cache_bytes=0), read_only=True) as kg:
            index(kg, options.anew)
            http = create_web(kg).test_client()
            print("| page | median | slowest |\n|---|---|---|")
            for kind, paths in pages(kg):
                if not kind.startswith(tuple(options.kinds)):
                    continue
                told = [asked(http, path, options.rounds) for path in paths]
                print(f"| {kind} | {statistics.median(told):.1f} ms | {max(told):.1f} ms |")


def load(folder: Path, statements: int, corpus: Path) -> None:
    """Make a dataset, and say what that took."""
    write(Plan(statements), corpus, processes=os.cpu_count() or 1)
    with graph.open(graph.create(folder, BASE)) as kg:
        started = time.perf_counter()
        for outcome in Loader(kg.writer, kg.reader, kg.texts).load([corpus]):
            assert outcome.receipt, outcome
        kg.relate()
        print(f"loaded and related in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def index(kg: KnowledgeGraph, anew: bool) -> None:
    """Make the index, and say what that took."""
    started, cpu = time.perf_counter(), time.process_time()
    kg.index.catch_up(anew=anew)
    took, used = time.perf_counter() - started, time.process_time() - cpu
    counts = kg.index.asked().counts()
    size = (Path(kg.settings.data) / "index.sqlite").stat().st_size / 1e6
    print(
        f"{counts.statements:,} statements of {counts.sources:,} sources, "
        f"{counts.disputes:,} pairs that disagree: "
        f"indexed in {took:.1f} s, {used:.1f} s of them on a processor, {size:.0f} MB\n"
    )


def pages(kg: KnowledgeGraph) -> Iterator[tuple[str, list[str]]]:
    """The addresses of each kind of page."""
    yield "home", ["/"]
    for kind, asked_for in SEARCHES.items():
        yield kind, [f"/search?{each}" for each in asked_for]
    found = kg.index.asked()
    everything = found.search(Wanted(), 1000, values=1000)
    chance = Random(1)
    statements = chance.sample([hit.iri for hit in everything.hits], SOME)
    yield "source", [path_of(each.iri) for each in found.sources(SOME)]
    yield "statement", [path_of(each) for each in statements]
    for facet in ("event", "speaker"):
        values = [each.value for each in everything.facets[facet]]
        yield f"{facet}: most said", [path_of(each) for each in values[:SOME]]
        yield f"{facet}: any", [path_of(each) for each in chance.sample(values[SOME:], SOME)]


def path_of(iri: str) -> str:
    """Where a thing has its page."""
    local = iri.removeprefix(BASE)
    return f"/{local}.html" if local.startswith(("agent/", "event/")) else f"/{local}"


def asked(http: FlaskClient, path: str, rounds: int) -> float:
    """The median time of a page on a processor, in milliseconds, one more round left out."""
    times = []
    for _ in range(rounds + 1):
        started = time.process_time()
        answer = http.get(path, headers={"Accept": "text/html"})
        times.append((time.process_time() - started) * 1000)
        assert answer.status_code == 200, (path, answer.status)
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
