"""What the ontology says about its own terms, read once.

The ontology is small (a few hundred terms) and never changes while a process
runs, so its closures are worked out at first use and kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph.files import ontology_dir, shapes_dir
from graph.vocab import ASC, ASCV, RDF, RDFS, SKOS

Closure = dict[NamedNode, frozenset[NamedNode]]


@cache
def ontology() -> tuple[Quad, ...]:
    """Every triple of `ontology/*.ttl`."""
    return tuple(_turtle(sorted(ontology_dir().glob("*.ttl"))))


@cache
def shapes() -> tuple[Quad, ...]:
    """Every triple of the shapes for data (not of those for the ontology)."""
    files = sorted(shapes_dir().glob("*.ttl"))
    return tuple(_turtle(each for each in files if each.name != "ontology.ttl"))


@cache
def vocabulary() -> tuple[Quad, ...]:
    """Of the ontology what shapes ask about: classes, properties and schemes."""
    wanted = {RDF.type, RDFS.subClassOf, RDFS.subPropertyOf, SKOS.inScheme}
    return tuple(
        quad
        for quad in ontology()
        if quad.predicate in wanted and isinstance(quad.subject, NamedNode)
    )


@cache
def superclasses() -> Closure:
    """Each class with itself and all classes above it."""
    return _closure(RDFS.subClassOf)


@cache
def subclasses() -> Closure:
    """Each class with itself and all classes below it."""
    below: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for lower, uppers in superclasses().items():
        for upper in uppers:
            below[upper].add(lower)
    return {upper: frozenset(lowers) for upper, lowers in below.items()}


@cache
def superproperties() -> Closure:
    """Each property with itself and all properties above it."""
    return _closure(RDFS.subPropertyOf)


@cache
def relations() -> frozenset[NamedNode]:
    """The properties from statement to statement that an assessment backs."""
    above = superproperties()
    related = {p for p, uppers in above.items() if ASC.relatedStatement in uppers}
    return frozenset(related | {ASC.relatedStatement, ASC.deniesSaying})


@cache
def concepts(scheme: str) -> dict[str, NamedNode]:
    """The concepts of one of our schemes (Act, Predicate, ...), by local name."""
    return {
        quad.subject.value.removeprefix(ASCV): quad.subject
        for quad in ontology()
        if quad.predicate == SKOS.inScheme
        and quad.object == ASCV.term(scheme)
        and isinstance(quad.subject, NamedNode)
    }


@cache
def labels() -> dict[str, str]:
    """The English label of each of our own terms and concepts."""
    found: dict[str, str] = {}
    for quad in ontology():
        label = quad.predicate in (RDFS.label, SKOS.prefLabel)
        if label and isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
            found.setdefault(quad.subject.value, quad.object.value)
    return found


@cache
def definitions() -> dict[str, str]:
    """The one-sentence definition of each of our own terms and concepts."""
    return {
        quad.subject.value: quad.object.value
        for quad in ontology()
        if quad.predicate == SKOS.definition
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, Literal)
    }


def is_own(term: NamedNode) -> bool:
    """Whether a term lies in one of our namespaces."""
    return term.value.startswith((ASC, ASCV))


@lru_cache(maxsize=4096)
def narrowest(types: frozenset[str]) -> str | None:
    """The class with most classes above it; our own before those of others."""

    def depth(iri: str) -> tuple[bool, int, str]:
        node = NamedNode(iri)
        return is_own(node), len(superclasses().get(node, ())), iri

    return max(types, key=depth, default=None)


def _turtle(paths: Iterable[object]) -> Iterable[Quad]:
    for path in paths:
        yield from parse(path=str(path), format=RdfFormat.TURTLE)


def _closure(step: NamedNode) -> Closure:
    direct: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for quad in ontology():
        if quad.predicate == step and isinstance(quad.subject, NamedNode):
            assert isinstance(quad.object, NamedNode), quad
            direct[quad.subject].add(quad.object)
            direct.setdefault(quad.object, set())

    def above(node: NamedNode, seen: frozenset[NamedNode]) -> frozenset[NamedNode]:
        for upper in direct[node] - seen:
            seen = above(upper, seen | {upper})
        return seen

    return {node: above(node, frozenset({node})) for node in list(direct)}
