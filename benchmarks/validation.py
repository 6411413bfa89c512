"""How long a verdict takes: the compiled shapes beside pySHACL, in one run.

    python benchmarks/validation.py --repeats 7 --statements 1000

Ratios hold from machine to machine, milliseconds don't.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pyshacl
import rdflib
from pyoxigraph import NamedNode, Quad
from rdflib.namespace import SH

from graph.bundle import Bundle, Origin, make_bundle
from graph.oracle import graph_of
from graph.schema import ontology, shapes
from graph.validation import validate
from graph.vocab import ASC

ROOT = Path(__file__).parent.parent
BASE = "http://127.0.0.1:8000/"


class Load(NamedTuple):
    """A bundle to be judged, with what the store holds beside it."""

    name: str
    bundle: Bundle
    source: bytes | None
    beside: tuple[Quad, ...]

    @property
    def statements(self) -> int:
        """How many statements the bundle holds."""
        return len(self.bundle.subjects_of(ASC.Statement))


def loads(statements: int) -> Iterator[Load]:
    """The three bundles, from small to large."""
    river = ROOT / "tests" / "cases" / "river.txt"
    beside = tuple(ox.parse(path=ROOT / "tests" / "cases" / "store.ttl", base_iri=BASE))
    report = read(ROOT / "tests" / "cases" / "bundle" / "valid-river-report.ttl")
    yield Load("river report", report, river.read_bytes(), beside)
    article = read(ROOT / "examples" / "us-strike.trig")
    yield Load("article", article, None, ())
    yield Load("generated", multiplied(report, statements), None, beside)


def read(path: Path) -> Bundle:
    """The bundle in a file."""
    return make_bundle(ox.parse(path=path, base_iri=BASE), BASE, Origin())


def multiplied(bundle: Bundle, statements: int) -> Bundle:
    """A bundle with its statements, spans and all, repeated until there are enough."""
    kept = {bundle.version.value, *(kind.value for kind in shared(bundle))}
    own = len(bundle.subjects_of(ASC.Statement))

    def named(term: object, number: int) -> object:
        inside = isinstance(term, NamedNode) and term.value.startswith(BASE)
        if number and inside and isinstance(term, NamedNode) and term.value not in kept:
            return NamedNode(f"{term.value}-{number}")
        return term

    quads = [
        Quad(named(q.subject, number), q.predicate, named(q.object, number))  # type: ignore[arg-type]
        for number in range(-(-statements // own))
        for q in bundle.quads
    ]
    return make_bundle(quads, BASE, Origin())


def shared(bundle: Bundle) -> set[NamedNode]:
    """What all copies have in common: the document, its narrator, its other versions."""
    kinds = (ASC.Document, ASC.DocumentVersion, ASC.Narrator, ASC.Activity)
    found = {each for kind in kinds for each in bundle.subjects_of(kind)}
    return {each for each in found if isinstance(each, NamedNode)}


def by_pyshacl(load: Load, *, sparql: bool) -> Callable[[], object]:
    """pySHACL called the plain way: the data with the ontology, all the shapes."""
    data = graph_of((*load.bundle.quads, *load.beside, *ontology()))
    rules = graph_of(q for q in shapes() if sparql or q.predicate.value != str(SH.sparql))

    def judge() -> object:
        conforms, _, _ = pyshacl.validate(data, shacl_graph=rules)
        assert conforms in (True, False)
        return conforms

    return judge


def median_ms(judge: Callable[[], object], repeats: int) -> float:
    """The median time of some calls, the first left out."""
    judge()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        judge()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--statements", type=int, default=1000, help="in the generated bundle")
    parser.add_argument("--sparql-up-to", type=int, default=100, help="statements, for pySHACL")
    options = parser.parse_args()
    rdflib.NORMALIZE_LITERALS = False
    write = sys.stdout.write
    write(f"{'bundle':14}{'statements':>11}{'ours':>12}{'each':>10}")
    write(f"{'pySHACL Core':>16}{'ratio':>8}{'with SPARQL':>14}{'ratio':>8}\n")
    for load in loads(options.statements):
        report, _ = validate(load.bundle, load.source, load.beside)
        ours = median_ms(partial(validate, *load[1:]), options.repeats)
        number = load.statements
        row = f"{load.name:14}{number:11,}{ours:9.1f} ms{ours / number:7.2f} ms"
        few = max(1, options.repeats // 3 if number < options.sparql_up_to else 1)
        core = median_ms(by_pyshacl(load, sparql=False), few)
        row += f"{core:13,.0f} ms{core / ours:8,.0f}"
        if number < options.sparql_up_to:
            full = median_ms(by_pyshacl(load, sparql=True), few)
            row += f"{full:11,.0f} ms{full / ours:8,.0f}"
        write(f"{row}   {report.summary()}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
