"""Whether every axiom stays inside OWL 2 RL.

A whitelist after the grammar of the profile: an owl:, rdf: or rdfs: word, a
class expression or a datatype that is not listed here is a finding. RL lies
inside OWL 2 DL, so undeclared terms and composite roles where simple ones are
due are findings too.

Source: OWL 2 Web Ontology Language Profiles (Second Edition), section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from graph.ontology_check.finding import Finding, name_of
from graph.ontology_check.owl_rl_grammar import (
    ANY,
    AT_MOST_ONE,
    CONSTRUCTS,
    DATA,
    DATATYPES,
    EQUIVALENT,
    FILLER,
    GRAMMAR,
    LISTED,
    PREDICATES,
    SIMPLE_ONLY,
    SUB,
    SUPER,
    TYPES,
)


def outside_owl_rl(graph: Graph) -> list[Finding]:
    """Everything in the graph that OWL 2 RL does not allow."""
    return sorted(
        {
            *_foreign_words(graph),
            *_foreign_datatypes(graph),
            *_undeclared(graph),
            *_misplaced_classes(graph),
            *_composite_roles(graph),
        }
    )


def _foreign_words(graph: Graph) -> Iterator[Finding]:
    reserved = (str(OWL), str(RDF), str(RDFS))
    for subject, predicate, value in graph:
        if predicate not in PREDICATES and str(predicate).startswith(reserved):
            yield _finding(graph, subject, predicate, "Say it without, or leave it to the shapes.")
        if predicate == RDF.type and value not in TYPES and str(value).startswith(reserved):
            yield _finding(graph, subject, value, "Use a type that OWL 2 RL has.")


_KNOWN_DATATYPES = "Use xsd:string, xsd:integer, xsd:decimal, xsd:boolean or xsd:dateTime."


def _foreign_datatypes(graph: Graph) -> Iterator[Finding]:
    for subject, _, value in graph:
        if isinstance(value, Literal) and value.datatype and value.datatype not in DATATYPES:
            yield _finding(graph, subject, value.datatype, _KNOWN_DATATYPES)


def _undeclared(graph: Graph) -> Iterator[Finding]:
    known = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
    uppers = (RDFS.subPropertyOf, OWL.inverseOf, OWL.equivalentProperty, OWL.onProperty)
    used = {predicate for predicate in graph.predicates() if predicate not in PREDICATES}
    used |= {each for upper in uppers for each in graph.objects(None, upper)}
    for each in used - set(graph.subjects(RDF.type, OWL.AnnotationProperty)):
        kinds = known & set(graph.objects(each, RDF.type))
        if isinstance(each, URIRef) and len(kinds) != 1 and not each.startswith(str(OWL)):
            yield Finding(
                name_of(each),
                f"it is declared as {len(kinds)} kinds of property, and a property is of one.",
                "Declare it once, as an object, datatype or annotation property.",
            )


def _misplaced_classes(graph: Graph) -> Iterator[Finding]:
    for subject, node, place in _places(graph):
        if not _fits(graph, node, place):
            yield Finding(
                _owner(graph, subject),
                f"{_described(graph, node)} may not stand as {place} in OWL 2 RL.",
                _KNOWN_DATATYPES
                if place == DATA
                else "Use a declared class, or leave the rule to the shapes.",
            )


def _places(graph: Graph) -> Iterator[tuple[Node, Node, str]]:
    """Each class expression that stands in an axiom, with the place it has there."""
    for lower, upper in graph.subject_objects(RDFS.subClassOf):
        yield lower, lower, SUB
        yield lower, upper, SUPER
    for predicate, place in ((OWL.equivalentClass, EQUIVALENT), (OWL.disjointWith, SUB)):
        for left, right in graph.subject_objects(predicate):
            yield left, left, place
            yield left, right, place
    for group in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for member in _listed(graph, graph.value(group, OWL.members)):
            yield member, member, SUB
    for term, value in graph.subject_objects(RDFS.domain):
        yield term, value, SUPER
    for term, value in graph.subject_objects(RDFS.range):
        yield term, value, DATA if _is_data(graph, term) else SUPER
    for individual, kind in graph.subject_objects(RDF.type):
        if isinstance(kind, BNode):
            yield individual, kind, SUPER
    for construct in CONSTRUCTS:
        for named in graph.subjects(construct):
            if isinstance(named, URIRef):
                allowed = GRAMMAR[EQUIVALENT].get(construct)
                parts = _listed(graph, graph.value(named, construct)) if allowed else [BNode()]
                yield from ((named, part, EQUIVALENT) for part in parts)


def _fits(graph: Graph, node: Node, place: str) -> bool:
    if isinstance(node, URIRef):
        return _name_fits(graph, node, place)
    constructs = [each for each in graph.predicates(node) if each in CONSTRUCTS]
    if place == FILLER:
        place = SUB
    if len(constructs) != 1 or constructs[0] not in GRAMMAR[place]:
        return False
    construct, inner = constructs[0], GRAMMAR[place][constructs[0]]
    if inner in (FILLER, SUPER) and _is_data(graph, graph.value(node, OWL.onProperty)):
        inner = DATA
    values: Iterable[Node] = graph.objects(node, construct)
    if construct in LISTED:
        values = _listed(graph, graph.value(node, construct))
    if inner == AT_MOST_ONE:
        fillers = [*graph.objects(node, OWL.onClass), *graph.objects(node, OWL.onDataRange)]
        return all(str(each) in ("0", "1") for each in values) and all(
            each in DATATYPES or _fits(graph, each, FILLER) for each in fillers
        )
    return inner == ANY or all(_fits(graph, each, inner) for each in values)


def _name_fits(graph: Graph, name: URIRef, place: str) -> bool:
    if place == DATA:
        return name in DATATYPES or (name, RDF.type, RDFS.Datatype) in graph
    if name == OWL.Thing:
        return place == FILLER
    return name == OWL.Nothing or (name, RDF.type, OWL.Class) in graph


def _composite_roles(graph: Graph) -> Iterator[Finding]:
    """Roles above a chain or a transitive one, where OWL 2 DL wants simple ones."""
    composite = set(graph.subjects(OWL.propertyChainAxiom))
    composite |= set(graph.subjects(RDF.type, OWL.TransitiveProperty))
    above = {
        str(upper)
        for each in composite
        for upper in graph.transitive_objects(each, RDFS.subPropertyOf)
    }
    limited = {each for kind in SIMPLE_ONLY for each in graph.subjects(RDF.type, kind)}
    for left, right in graph.subject_objects(OWL.propertyDisjointWith):
        limited |= {left, right}
    for counted in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
        for restriction in graph.subjects(counted):
            limited |= set(graph.objects(restriction, OWL.onProperty))
    for role in limited:
        if str(role) not in above:
            continue
        yield Finding(
            name_of(role),
            "it is transitive or above a chain, and so may not be limited in OWL 2 DL.",
            "Drop the limit here and let the shapes hold it.",
        )


def _listed(graph: Graph, head: Node | None) -> list[Node]:
    return list(Collection(graph, head)) if head is not None else []


def _is_data(graph: Graph, role: Node | None) -> bool:
    return role is not None and (role, RDF.type, OWL.DatatypeProperty) in graph


def _described(graph: Graph, node: Node) -> str:
    if isinstance(node, URIRef):
        return name_of(node)
    constructs = sorted(name_of(p) for p in graph.predicates(node) if p in CONSTRUCTS)
    return f"an expression with {', '.join(constructs)}" if constructs else "this expression"


def _owner(graph: Graph, node: Node) -> str:
    """The named term in whose description a node stands."""
    while isinstance(node, BNode):
        holder = next(graph.subjects(None, node), None)
        if holder is None:
            return "an unnamed axiom"
        node = holder
    return name_of(node)


def _finding(graph: Graph, subject: Node, word: Node, fix: str) -> Finding:
    return Finding(_owner(graph, subject), f"{name_of(word)} is outside OWL 2 RL.", fix)
