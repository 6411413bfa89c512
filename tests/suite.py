"""The W3C SHACL Core test suite: its cases, and what each expects."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph.oracle import Oracle
from graph.report import Result
from graph.shacl import View, compile_shapes
from graph.shacl.view import Term
from graph.vocab import RDF, SH, Namespace

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

SUITES = Path(os.environ.get("ASCRIBE_SUITES", ROOT.parent / "shared" / "suites"))
CORE = SUITES / "data-shapes" / "tests" / "core"
NEEDS_SUITES = [
    pytest.mark.extras,
    pytest.mark.skipif(
        not (SUITES / "rdf-tests").exists(),
        reason="the W3C suites are not here: name them in ASCRIBE_SUITES",
    ),
]
"""Of a module that runs the W3C's SPARQL suites."""

Row = tuple[str, ...]
Engine = Callable[[Iterable[Quad], Iterable[Quad]], Iterable[Result]]


@dataclass(frozen=True, slots=True)
class Case:
    """One sht:Validate case: two graphs, and the report they must give."""

    name: str
    data: tuple[Quad, ...]
    shapes: tuple[Quad, ...]
    conforms: bool
    expected: Counter[Row]

    def passes(self, engine: Engine) -> bool:
        """Whether an engine's report is the expected one, each result as often."""
        try:
            found = Counter(row_of(result) for result in engine(self.data, self.shapes))
        except Exception:  # an engine that falls over has failed the case, however it fell
            return False
        return found == self.expected and bool(found) != self.conforms


def cases() -> Iterator[Case]:
    """All cases that the manifests of the suite name."""
    for path in sorted(CORE.rglob("*.ttl")):
        view = View(_read(path))
        for node, held in view.by_subject.items():
            if SHT.Validate in held.get(RDF.type, ()):
                yield _case(path, view, node)


def _case(path: Path, view: View, node: Term) -> Case:
    action, report = view.values(node, MF.action)[0], view.values(node, MF.result)[0]
    data, shapes = (
        _read(Path(_iri(view.values(action, each)[0]).removeprefix("file://")))
        for each in (SHT.dataGraph, SHT.shapesGraph)
    )
    rows = (_expected(view, each) for each in view.values(report, SH.result))
    conforms = view.values(report, SH.conforms)[0] == Literal(True)
    name = f"{path.parent.name}/{path.stem}"
    return Case(name, tuple(data), tuple(shapes), conforms, Counter(rows))


def _expected(view: View, result: Term) -> Row:
    def one(predicate: NamedNode) -> str:
        found = view.values(result, predicate)
        return _shown(found[0]) if found else ""

    path = view.values(result, SH.resultPath)
    return (
        _bare(view.values(result, SH.focusNode)[0]),
        _shown(path[0]) if path and isinstance(path[0], NamedNode) else "",
        one(SH.sourceConstraintComponent),
        one(SH.sourceShape),
        one(SH.resultSeverity),
        one(SH.value),
    )


def row_of(result: Result) -> Row:
    """A result as the suite's reports write it; blank nodes have no lasting name."""
    value = result.value or ""
    return (
        "_:" if result.focus.startswith("_:") else result.focus,
        result.path or "",
        result.component,
        result.rule if ":" in result.rule else "_:",
        result.severity,
        value[1:-1] if value.startswith("<") else "_:" if value.startswith("_:") else value,
    )


def listed(view: View, node: Term) -> Iterator[Term]:
    """The members of an RDF list."""
    while node != RDF.nil:
        yield view.values(node, RDF.first)[0]
        node = view.values(node, RDF.rest)[0]


def _shown(term: Term) -> str:
    if isinstance(term, NamedNode):
        return term.value
    return str(term) if isinstance(term, Literal) else "_:"


def _bare(term: Term) -> str:
    return term.value if isinstance(term, Literal) else _shown(term)


def _iri(term: Term) -> str:
    assert isinstance(term, NamedNode), term
    return term.value


def _read(path: Path) -> list[Quad]:
    return [*parse(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri())]


def ours(data: Iterable[Quad], shapes: Iterable[Quad]) -> Iterable[Result]:
    """The compiled checker."""
    return compile_shapes(shapes).results(data)


def pyshacls(data: Iterable[Quad], shapes: Iterable[Quad]) -> Iterable[Result]:
    """pySHACL."""
    return Oracle(shapes).results(data)


def scores() -> str:
    """How many cases of the suite each engine passes, in a sentence."""
    every = [*cases()]
    by_us, by_pyshacl = (sum(case.passes(each) for case in every) for each in (ours, pyshacls))
    return f"W3C SHACL Core: {by_us} of {len(every)} cases passed here, {by_pyshacl} by pySHACL"
