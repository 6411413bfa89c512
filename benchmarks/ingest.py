"""What the gate costs: a bundle checked and durable, beside writes that check nothing
and beside pySHACL.

    python benchmarks/ingest.py [--statements 1000 100000] [--rounds 100] [--folder DIR]

For each number of stored statements, in turns: an article of 12 statements is
added with its text, so that its quotes are checked; the same quads are written
to another, small store by Oxigraph's `extend` and `flush`; and an article is read
from TriG and added. Then the same back to back, for bundles a second with the
store level at the end, and a hundred in one `write`. Last, what pySHACL takes for
its verdict, called the plain way on the same shapes and data, before the write.
Ratios are to the bare write of the same run. Datasets grow as in scale.py.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import rdflib
from pyoxigraph import Quad
from scale import WARM, Article, adding, articles, middle, opened, rested, spread, timed
from validation import Load, by_pyshacl

from graph.bundle import Bundle
from graph.formats import NQUADS, TRIG, dumps
from graph.kg import KnowledgeGraph
from graph.surroundings import context_of

BATCH = 100


def main() -> None:
    """Measure, and print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--judgements", type=int, default=5, help="of pySHACL")
    parser.add_argument("--folder", type=Path, help="where datasets are kept, and taken again")
    options = parser.parse_args()
    rdflib.NORMALIZE_LITERALS = False
    with (
        opened(options.statements, options.folder) as datasets,
        tempfile.TemporaryDirectory() as folder,
    ):
        bare = pyoxigraph.Store(str(Path(folder) / "bare"))
        for size, kg in datasets.items():
            print(f"{size:,} statements stored")
            singly(kg, bare, options.rounds)
            back_to_back(kg, bare, options.rounds)
        with_pyshacl(kg, bare, Path(folder) / "rdflib.nq", options.judgements)


def singly(kg: KnowledgeGraph, bare: pyoxigraph.Store, rounds: int) -> None:
    """One bundle at a time, in turns with a bare write, with time to rest in between."""
    times: dict[str, list[float]] = {"bare extend, flush": [], "add": [], "read and add": []}
    made = articles(2 * (rounds + WARM))
    for one, other in zip(made[::2], made[1::2], strict=True):
        times["add"].append(timed(adding(rested(kg), one)))
        quads = written(kg)
        times["bare extend, flush"].append(timed(writing(bare, quads)))
        times["read and add"].append(timed(lambda o=other: kg.add(o.trig, form=TRIG, text=o.text)))
        rested(kg)
    base = middle(times["bare extend, flush"][WARM:])
    for name, found in times.items():
        print(f"  {name:20} {spread(found[WARM:])}, {middle(found[WARM:]) / base:5.2f}")


def back_to_back(kg: KnowledgeGraph, bare: pyoxigraph.Store, rounds: int) -> None:
    """Without a rest: bundles a second, until the store has the last."""
    acts = [adding(kg, each) for each in articles(rounds)]
    print(f"  {'add back to back':20} {each_second(kg, acts)}")
    made = [(each.read(kg), each.text) for each in articles(BATCH)]
    texts = {bundle.version: text for bundle, text in made}
    bundles = [bundle for bundle, _ in made]
    spent = timed(lambda: kg.writer.write(bundles, texts=texts))
    print(f"  {f'{BATCH} in one write':20} {spent / BATCH:10.2f} ms a bundle")
    quads = [list(write.added) for write in kg.history(kg.writer.revision() - BATCH)]
    print(f"  {'bare back to back':20} {each_second(kg, [writing(bare, q) for q in quads])}")


def each_second(kg: KnowledgeGraph, acts: list[Callable[[], object]]) -> str:
    """How often acts are done in a second, the store at rest at the end; and how long each."""
    rested(kg)
    started = time.perf_counter()
    times = [timed(act) for act in acts]
    rested(kg)
    return f"{spread(times)}, {len(acts) / (time.perf_counter() - started):5.0f} bundles/s"


def with_pyshacl(kg: KnowledgeGraph, bare: pyoxigraph.Store, file: Path, rounds: int) -> None:
    """A verdict by pySHACL, and then a write."""
    verdicts, ours, oxigraph, by_rdflib = [], [], [], []
    dataset = rdflib.Dataset()
    for each in articles(rounds):
        bundle = each.read(kg)
        verdicts.append(timed(by_pyshacl(load_of(kg, bundle, each), sparql=True)))
        ours.append(timed(lambda b=bundle, e=each: kg.validate(b, text=e.text)))
        kg.add(bundle, text=each.text)
        quads = written(rested(kg))
        oxigraph.append(verdicts[-1] + timed(writing(bare, quads)))
        by_rdflib.append(verdicts[-1] + timed(lambda q=quads: keep(dataset, file, q)))
    base = middle(ours)
    print("pySHACL for one bundle, and our verdict")
    for name, found in (
        ("our verdict", ours),
        ("pySHACL's verdict", verdicts),
        ("then Oxigraph", oxigraph),
        ("then rdflib", by_rdflib),
    ):
        print(f"  {name:20} p50 {middle(found):8.1f} ms, {middle(found) / base:5.0f}")


def load_of(kg: KnowledgeGraph, bundle: Bundle, each: Article) -> Load:
    """A bundle with what the store says of what it names."""
    beside = context_of(kg.writer.commits.view, bundle)
    return Load("article", bundle, each.text, tuple(beside))


def written(kg: KnowledgeGraph) -> list[Quad]:
    """All that the last write put into the store."""
    return [quad for write in kg.history(kg.writer.revision() - 1) for quad in write.added]


def writing(store: pyoxigraph.Store, quads: list[Quad]) -> Callable[[], object]:
    """The act of keeping some quads, unchecked."""
    return lambda: (store.extend(quads), store.flush())


def keep(dataset: rdflib.Dataset, file: Path, quads: list[Quad]) -> None:
    """Put quads into a dataset of rdflib's, in memory, and append them to a file, synced."""
    data = dumps(quads, NQUADS)
    dataset.parse(data=data, format="nquads")
    with file.open("ab") as output:
        output.write(data)
        output.flush()
        os.fsync(output.fileno())


if __name__ == "__main__":
    main()
