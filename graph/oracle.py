"""The second opinion: pySHACL on the same data and shapes.

Slow (a second and more for a long article) and written by others, so the tests
hold the compiled checker to it, and it checks the shapes that cannot be compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple
from rdflib.namespace import RDF, SH, XSD
from rdflib.query import Result as QueryResult

from graph.grammar import turn
from graph.lines.terms import as_ntriples
from graph.report import Result
from graph.schema import shapes, vocabulary

Node = NamedNode | BlankNode | Literal | Triple
Spo = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


class Oracle:
    """pySHACL with its shapes read once, to be asked of any number of graphs.

    `pyshacl.validate` reads the shapes again in every run, and parses a query in
    SPARQL again for every focus node; the results are the same. One thread at a
    time: pySHACL writes into its shapes graph.
    """

    def __init__(self, shapes_: Iterable[Quad]) -> None:
        from pyshacl import shape  # 0.2 s, for those who want its opinion
        from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP as COMPONENTS

        shape.CONSTRAINT_PARAMS = _Parameters(COMPONENTS), COMPONENTS  # type: ignore[attr-defined]
        self._shapes = _shapes_graph()(_filled(_Settled(bind_namespaces="none"), shapes_))

    def results(self, quads: Iterable[Quad]) -> Iterator[Result]:
        """The results about some quads, those under sh:detail left out.

        Source: SHACL, section 3.6 (validation report).
        """
        from pyshacl.graph_abstraction import DataGraph
        from pyshacl.validator import Validator

        data = _filled(_Data(bind_namespaces="none"), quads)
        nothing = rdflib.Graph(bind_namespaces="none")
        validator = Validator(DataGraph.from_rdflib(data), shacl_graph=nothing)
        validator.shacl_graph = self._shapes
        run: Callable[[], tuple[bool, rdflib.Graph, str]] = validator.run
        with _without_words():
            _, report, _ = run()
        for node in list(report.objects(None, SH.result)):
            yield _result(report, node)


@cache
def _shapes_graph() -> Any:
    """pySHACL's kind of graph, of which the shapes that have targets are run: the others,
    three in four, find nothing by themselves, and a tenth of its time went into asking them."""
    from pyshacl.shapes_graph import ShapesGraph

    class WithTargets(ShapesGraph):
        @cached_property
        def shapes(self) -> list[Any]:
            return [each for each in super().shapes if any(map(list, each.target()))]

    return WithTargets


@contextmanager
def _without_words() -> Iterator[None]:
    """Spare pySHACL a telling of each result for people, which nobody reads here."""
    from pyshacl.constraints.constraint_component import ConstraintComponent as Component

    told = Component.make_v_result_description
    Component.make_v_result_description = lambda *_, **__: ""  # type: ignore[method-assign]
    try:
        yield
    finally:
        Component.make_v_result_description = told  # type: ignore[method-assign]


class _Parameters(list[Any]):
    """The parameters that pySHACL looks for in each triple of each shape: a third of its
    time went into comparing them one by one."""

    def __init__(self, parameters: Iterable[Any]) -> None:
        super().__init__(parameters)
        self._known = frozenset(self)

    def __contains__(self, parameter: object) -> bool:
        return parameter in self._known


class _Settled(rdflib.Graph):
    """A graph that remembers what it answered until it is added to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._answers: dict[object, tuple[Any, ...]] = {}

    def triples(self, triple: Any) -> Generator[Any, None, None]:
        found = self._answers.get(triple)
        if found is None:
            found = self._answers[triple] = tuple(super().triples(triple))
        yield from found

    def add(self, triple: Any) -> _Settled:
        self._answers.clear()
        super().add(triple)
        return self


class _Data(rdflib.Graph):
    """A graph to which a query is parsed only the first time any is asked it."""

    def query(self, query_object: Any, *args: Any, **options: Any) -> QueryResult:
        return super().query(_prepared(query_object), *args, **options)


@cache
def _prepared(select: str) -> Any:
    from rdflib.plugins.sparql import prepareQuery

    with turn():
        return prepareQuery(select)


def with_terms(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """Some quads, with what the vocabulary says of the terms they name and those above.

    The whole vocabulary has a thousand focus nodes of its own, and nobody asks
    what the shapes find there.
    """
    data = tuple(quads)
    about = dict(_vocabulary())
    found = list(data)
    waiting = {term for quad in data for term in (quad.subject, quad.predicate, quad.object)}
    while waiting:
        for quad in about.pop(waiting.pop(), ()):
            found.append(quad)
            waiting.add(quad.object)
    return tuple(found)


@cache
def _vocabulary() -> dict[Node, tuple[Quad, ...]]:
    about: dict[Node, list[Quad]] = {}
    for quad in vocabulary():
        about.setdefault(quad.subject, []).append(quad)
    return {subject: tuple(quads) for subject, quads in about.items()}


def results_of_shapes(
    nodes: Collection[Node], quads: Iterable[Quad], shapes_: Iterable[Quad] | None = None
) -> Iterator[Result]:
    """What pySHACL finds by some shapes only, named by their nodes.

    The others stay in the graph, for shapes may lead to each other, and lose
    their targets.
    """
    kept = (
        quad
        for quad in (shapes() if shapes_ is None else shapes_)
        if quad.subject in nodes or not _makes_targets(quad)
    )
    return Oracle(kept).results(with_terms(quads))


def _makes_targets(quad: Quad) -> bool:
    name = quad.predicate.value.removeprefix(str(SH))
    if name == "sparql" or name.startswith("target"):
        return True
    implicit = quad.predicate.value == str(RDF.type)
    return implicit and not str(quad.object).startswith(f"<{SH}")


def _result(graph: rdflib.Graph, node: rdflib.term.Node) -> Result:
    def one(predicate: rdflib.URIRef) -> rdflib.term.Node | None:
        return graph.value(node, predicate)

    path, value, focus = one(SH.resultPath), one(SH.value), one(SH.focusNode)
    constraint = one(SH.sourceConstraint)
    rule = constraint if isinstance(constraint, rdflib.URIRef) else one(SH.sourceShape)
    messages = sorted(str(each) for each in graph.objects(node, SH.resultMessage))
    return Result(
        line=None,
        rule=str(rule),
        focus=f"_:{focus}" if isinstance(focus, rdflib.BNode) else str(focus),
        path=str(path) if isinstance(path, rdflib.URIRef) else None,
        value=as_ntriples(value) if value is not None else None,
        component=str(one(SH.sourceConstraintComponent)),
        severity=str(one(SH.resultSeverity)),
        message=" ".join(messages),
    )


def graph_of(quads: Iterable[Quad]) -> rdflib.Graph:
    """Quads as one rdflib graph, lexical forms untouched."""
    return _filled(rdflib.Graph(), quads)


def _filled(graph: rdflib.Graph, quads: Iterable[Quad]) -> rdflib.Graph:
    for quad in quads:
        graph.add(as_rdflib(quad))
    return graph


def as_rdflib(quad: Quad) -> Spo:
    """A quad's triple in rdflib's terms."""
    return (
        as_rdflib_term(quad.subject),
        as_rdflib_term(quad.predicate),
        as_rdflib_term(quad.object),
    )


def as_rdflib_term(term: Node) -> rdflib.term.Node:
    """One term in rdflib's terms, its lexical form untouched."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, Literal), term
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    kind = None if datatype == str(XSD.string) else rdflib.URIRef(datatype)
    return rdflib.Literal(term.value, datatype=kind, normalize=False)
