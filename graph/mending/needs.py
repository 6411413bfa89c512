"""What a rule asks for, as far as its shape says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from graph.facts import Facts, Subject, Term, facts_of
from graph.schema import ontology, shapes
from graph.vocab import ASC, RDF, RDFS, SH, SHAPES, SKOS, XSD

_STEPS = frozenset(
    {
        *(SH.node, SH.property, SH.qualifiedValueShape, SH.path, SH.term("not")),
        *(SH.term("or"), SH.term("and"), SH.term("in"), SH.languageIn, SH.term("class")),
        *(SH.alternativePath, SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath),
        *(SH.zeroOrOnePath, RDF.first, RDF.rest),
    }
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the values, and the node itself, may be."""

    classes: tuple[NamedNode, ...]
    allowed: tuple[Term, ...]
    datatypes: tuple[NamedNode, ...]
    schemes: tuple[NamedNode, ...]
    bounds: tuple[Literal, ...]
    longest: int | None
    languages: tuple[str, ...]
    predicates: tuple[NamedNode, ...]


@cache
def needs_of(rule: str) -> Needs:
    """What a rule asks for, its helper shapes included."""
    graph = _shapes()
    about = [*_reached(graph, NamedNode(rule), set())]

    def all_of(predicate: NamedNode) -> tuple[Term, ...]:
        return tuple(dict.fromkeys(v for node in about for v in graph[node].get(predicate, ())))

    def names(predicate: NamedNode) -> tuple[NamedNode, ...]:
        return tuple(each for each in all_of(predicate) if isinstance(each, NamedNode))

    listed = [member for head in all_of(SH.term("in")) for member in _members(graph, head)]
    spoken = [member for head in all_of(SH.languageIn) for member in _members(graph, head)]
    lengths = [int(each.value) for each in all_of(SH.maxLength) if isinstance(each, Literal)]
    ends = (*all_of(SH.minInclusive), *all_of(SH.maxInclusive))
    steps = {value for node in about for value in _path_steps(graph, node)}
    for select in all_of(SH.select):
        named = re.findall(r"\basc:(\w+)", select.value) if isinstance(select, Literal) else ()
        steps.update(map(ASC.term, named))
    return Needs(
        names(SH.term("class")),
        tuple(listed),
        names(SH.datatype),
        tuple(each for each in names(SH.hasValue) if SKOS.inScheme in steps),
        tuple(each for each in ends if isinstance(each, Literal)),
        min(lengths, default=None),
        tuple(each.value for each in spoken if isinstance(each, Literal)),
        tuple(sorted((s for s in steps if not s.value.startswith(SH)), key=str)),
    )


@cache
def rules_on(path: NamedNode) -> tuple[str, ...]:
    """The rules about the values of one property."""
    graph = _shapes()
    return tuple(
        node.value
        for node, said in graph.items()
        if isinstance(node, NamedNode) and path in said.get(SH.path, ())
    )


def values_of(rule: str, path: NamedNode | None) -> Needs:
    """What a rule asks for, with what others ask of the same property's values."""
    own = needs_of(rule)
    asked = [own, *(needs_of(each) for each in (rules_on(path) if path else ()))]

    def joined(lists: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(chain.from_iterable(lists)))

    classes = joined(each.classes for each in asked)
    if path and not classes:
        classes = tuple(
            quad.object
            for quad in ontology()
            if quad.subject == path
            and quad.predicate == RDFS.range
            and isinstance(quad.object, NamedNode)
            and not quad.object.value.startswith(XSD)
        )
    return replace(
        own,
        classes=classes,
        allowed=joined(each.allowed for each in asked),
        datatypes=joined(each.datatypes for each in asked),
        schemes=joined(each.schemes for each in asked),
        bounds=joined(each.bounds for each in asked),
    )


@cache
def _shapes() -> Facts:
    return facts_of(shapes())


def _reached(graph: Facts, node: Subject, seen: set[Subject]) -> Iterator[Subject]:
    if node in seen or node not in graph:
        return
    seen.add(node)
    yield node
    for predicate, values in graph[node].items():
        for value in values if predicate in _STEPS else ():
            helper = isinstance(value, NamedNode) and value.value.startswith(SHAPES)
            if isinstance(value, BlankNode) or (isinstance(value, NamedNode) and helper):
                yield from _reached(graph, value, seen)


def _path_steps(graph: Facts, node: Subject) -> Iterator[NamedNode]:
    """The properties that a path names, or that a list of steps holds."""
    steps = (SH.path, SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath)
    for predicate in (*steps, RDF.first):
        for value in graph[node].get(predicate, ()):
            if isinstance(value, NamedNode) and not value.value.startswith(SHAPES):
                yield value


def _members(graph: Facts, head: Term) -> Iterator[Term]:
    while isinstance(head, BlankNode):
        yield from graph[head].get(RDF.first, ())
        head = graph[head][RDF.rest][0]
