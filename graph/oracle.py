"""The second opinion: pySHACL on the same data and shapes.

Slow (a second and more for a long article) and written by others, so the tests
hold the compiled checker to it, and it checks the shapes that cannot be compiled.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from functools import cache

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple
from rdflib.namespace import RDF, SH, XSD

from graph.lines import as_ntriples
from graph.report import Result
from graph.schema import shapes, vocabulary

_lock = threading.Lock()  # pySHACL writes into the shapes graph it is given

Node = NamedNode | BlankNode | Literal | Triple
Spo = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


def shacl_results_by_pyshacl(quads: Iterable[Quad]) -> Iterator[Result]:
    """What pySHACL finds wrong by our rules in SHACL Core, the ontology's classes beside.

    The rules in SPARQL are left out: `graph.sparql_rules` asks them.
    """
    data = tuple(quads)
    with _lock:
        yield from results_by_pyshacl((*data, *_named_in(data)), _shapes())


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
    data = tuple(quads)
    yield from results_by_pyshacl((*data, *_named_in(data)), graph_of(kept))


def _named_in(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The vocabulary about the terms that some data names, and about what is above them.

    The whole of it has a thousand focus nodes of its own, and nobody asks what
    the shapes find there.
    """
    about: dict[Node, list[Quad]] = {}
    for quad in vocabulary():
        about.setdefault(quad.subject, []).append(quad)
    waiting = {term for quad in quads for term in (quad.subject, quad.predicate, quad.object)}
    while waiting:
        for quad in about.pop(waiting.pop(), ()):
            yield quad
            waiting.add(quad.object)


def _makes_targets(quad: Quad) -> bool:
    name = quad.predicate.value.removeprefix(str(SH))
    if name == "sparql" or name.startswith("target"):
        return True
    implicit = quad.predicate.value == str(RDF.type)
    return implicit and not str(quad.object).startswith(f"<{SH}")


def results_by_pyshacl(
    quads: Iterable[Quad], shapes_graph: rdflib.Graph, *, advanced: bool = False
) -> Iterator[Result]:
    """The results of one run of pySHACL, those under sh:detail left out.

    Source: SHACL, section 3.6 (validation report).
    """
    import pyshacl  # 0.2 s, which only those who want its opinion pay

    _, results, _ = pyshacl.validate(
        graph_of(quads),
        shacl_graph=shapes_graph,
        inference="none",
        advanced=advanced,
        do_owl_imports=False,
    )
    assert isinstance(results, rdflib.Graph), results
    for node in list(results.objects(None, SH.result)):
        yield _result(results, node)


def _result(graph: rdflib.Graph, node: rdflib.term.Node) -> Result:
    def one(predicate: rdflib.URIRef) -> rdflib.term.Node | None:
        return graph.value(node, predicate)

    path, value, focus = one(SH.resultPath), one(SH.value), one(SH.focusNode)
    messages = sorted(str(each) for each in graph.objects(node, SH.resultMessage))
    return Result(
        line=None,
        rule=str(one(SH.sourceShape)),
        focus=f"_:{focus}" if isinstance(focus, rdflib.BNode) else str(focus),
        path=str(path) if isinstance(path, rdflib.URIRef) else None,
        value=as_ntriples(value) if value is not None else None,
        component=str(one(SH.sourceConstraintComponent)),
        severity=str(one(SH.resultSeverity)),
        message=" ".join(messages),
    )


def graph_of(quads: Iterable[Quad]) -> rdflib.Graph:
    """Quads as one rdflib graph, lexical forms untouched."""
    graph = rdflib.Graph()
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


@cache
def _shapes() -> rdflib.Graph:
    return graph_of(quad for quad in shapes() if quad.predicate.value != str(SH.sparql))
