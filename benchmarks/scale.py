"""What one more bundle costs in a small dataset and in a large one, in turns.

    python benchmarks/scale.py [--statements 10000 1000000] [--folder DIR]

Each bundle is an article of 12 statements with a text of its own, against which
its quotes are checked. A dataset comes to its size by Oxigraph's bulk loader,
which is given one stored article under many digests: how the others came in
does not change what one more costs. With `--folder` the datasets are kept, and
used again. A million statements are 40 million quads.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pyoxigraph

import graph
from graph import catalog
from graph.annotation import annotate, to_trig
from graph.bundle import Bundle
from graph.formats import NQUADS, TRIG, dumps
from graph.kg import KnowledgeGraph

HERE = Path(__file__).parent
BASE = "http://127.0.0.1:8000/"
STATEMENTS = 12
"""How many an article holds."""

WARM = 5
"""The first rounds, which are not counted."""


class Article(NamedTuple):
    """A text, and who says what in it, as TriG."""

    text: bytes
    trig: bytes

    def read(self, kg: KnowledgeGraph) -> Bundle:
        """Its bundle."""
        return kg.read(self.trig, TRIG)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    times: dict[int, list[float]] = {size: [] for size in options.statements}
    with opened(options.statements, options.folder) as datasets:
        for each in articles(options.rounds + WARM):
            for size, kg in datasets.items():
                times[size].append(timed(adding(kg, each)))
                rested(kg)
    base = middle(times[options.statements[0]][WARM:])
    for size, found in times.items():
        ratio = middle(found[WARM:]) / base
        print(f"one more at {size:>9,} statements: {spread(found[WARM:])}, {ratio:.2f}")


def articles(how_many: int) -> list[Article]:
    """Articles that were not there before."""
    first = time.time_ns() // 1_000_000
    return [article((first + number) % 10**12) for number in range(how_many)]


def article(edition: int) -> Article:
    """The article with the number of an edition in its text, and so with IRIs of its own."""
    text = (HERE / "article.txt").read_bytes().replace(b"0" * 12, b"%012d" % edition)
    digest = hashlib.sha256(text).hexdigest()
    annotation = (HERE / "article.toml").read_text("utf-8").replace("SHA256", digest)
    return Article(text, to_trig(annotate(annotation, text, BASE), BASE).encode())


@contextmanager
def opened(sizes: list[int], folder: Path | None) -> Iterator[dict[int, KnowledgeGraph]]:
    """A dataset of each size."""
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        grounds = {size: grown(place / str(size), size) for size in sizes}
        yield {size: stack.enter_context(graph.open(each)) for size, each in grounds.items()}


def grown(folder: Path, statements: int, at_once: int = 1000) -> Path:
    """A dataset of so many statements; one that is there already is taken as it is."""
    if folder.exists():
        return folder
    bundles = -(-statements // STATEMENTS)
    digest, own, common, marks = stored_article(bundles)
    store = pyoxigraph.Store(str(graph.create(folder, BASE) / "store"))
    store.bulk_load(common, pyoxigraph.RdfFormat.N_QUADS)
    for start in range(1, bundles + 1, at_once):
        copies = (
            own.replace(digest, b"%08x" % each).replace(b"/write/1>", b"/write/%d>" % each)
            for each in range(start, min(start + at_once, bundles + 1))
        )
        store.bulk_load(b"".join(copies), pyoxigraph.RdfFormat.N_QUADS)
    store.extend(marks)
    store.optimize()  # or RocksDB would tidy up while it is measured: 1 GB in 15 s
    return folder


def stored_article(bundles: int) -> tuple[bytes, bytes, bytes, list[pyoxigraph.Quad]]:
    """An article as it is stored: the digest in its names, its quads, those that all
    articles have, and which of so many writes is the last, and was looked at."""
    with graph.open() as kg:
        first = article(0)
        kg.add(first.trig, form=TRIG, text=first.text)
        graphs = kg.graphs
        first_marks = {catalog.number(graphs, 1), catalog.related(graphs, 1)}
        quads = [q for q in kg.store.match() if q.graph_name != graphs.ontology]
    digest = hashlib.sha256(first.text).hexdigest()[:8].encode()
    data = dumps(set(quads) - first_marks, NQUADS)
    for name in only_here(data, digest):
        data = data.replace(name, name[:-1] + digest + b">")
    lines = data.splitlines(keepends=True)
    own = [line for line in lines if digest in line or b"/write/1>" in line]
    common = b"".join(set(lines) - set(own))
    # of thousands who say the same only the first few are heard: here, the ones added
    own = [line for line in own if b"/related> ." not in line]
    marks = [catalog.number(graphs, bundles), catalog.related(graphs, bundles)]
    return digest, b"".join(own), common, marks


def only_here(data: bytes, digest: bytes) -> set[bytes]:
    """What is said to belong to one article without its digest in the name, as its narrator.

    Under one name in thousands of articles, it would have that many values.
    """
    told = (line.split(b" ", 1) for line in data.splitlines() if b"/write/1>" not in line)
    return {name for name, rest in told if digest in rest and digest not in name}


def adding(kg: KnowledgeGraph, each: Article) -> Callable[[], object]:
    """The act of adding an article that has been read."""
    bundle = each.read(kg)
    return lambda: kg.add(bundle, text=each.text)


def rested(kg: KnowledgeGraph) -> KnowledgeGraph:
    """A dataset whose store is no longer busy with what was logged."""
    assert kg.store is not None
    return kg


def timed(act: Callable[[], object]) -> float:
    """How long an act takes, in milliseconds."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def middle(times: list[float]) -> float:
    """The median."""
    return statistics.median(times)


def spread(times: list[float]) -> str:
    """The median and the 99th percentile."""
    return f"p50 {middle(times):6.2f} ms, p99 {statistics.quantiles(times, n=100)[98]:6.2f} ms"


if __name__ == "__main__":
    main()
