"""What Pellet's axioms say, in plain words, and the triples they were read from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from graph.contradiction.pellet import Axiom
from graph.facts import Term
from graph.vocab import OWL, RDF, RDFS

Show = Callable[[str | Term], str]

_BETWEEN = {
    "type": (RDF.type, "{0} is {1}"),
    "subClassOf": (RDFS.subClassOf, "every {0} is {1}"),
    "equivalentTo": (OWL.equivalentClass, "{0} and {1} have the same members"),
    "disjointWith": (OWL.disjointWith, "nothing is both {0} and {1}"),
    "domain": (RDFS.domain, "what has {0} is {1}"),
    "range": (RDFS.range, "each value of {0} is {1}"),
    "subPropertyOf": (RDFS.subPropertyOf, "what {0} joins, {1} joins too"),
    "inverseOf": (OWL.inverseOf, "{0} is {1} read backwards"),
    "propertyDisjointWith": (OWL.propertyDisjointWith, "{0} and {1} never join the same two"),
    "differentFrom": (OWL.differentFrom, "{0} and {1} are two"),
    "sameAs": (OWL.sameAs, "{0} and {1} are one"),
}
_OF_PROPERTY = {
    "Functional": (OWL.FunctionalProperty, "{0} has one value at most"),
    "InverseFunctional": (OWL.InverseFunctionalProperty, "{0} leads to a thing from one at most"),
    "Irreflexive": (OWL.IrreflexiveProperty, "{0} never leads from a thing to itself"),
    "Asymmetric": (OWL.AsymmetricProperty, "{0} never holds both ways"),
    "Symmetric": (OWL.SymmetricProperty, "{0} holds both ways"),
    "Transitive": (OWL.TransitiveProperty, "{0} goes on: from the first to the last of a row"),
}
_KINDS = {"type", "subClassOf", "disjointWith", "domain", "range"}
"""The words after which a class stands."""
_DISJOINT = "DisjointClasses"
_CLASH = {
    "Functional": "{0} has one value at most, and here it has two.",
    "InverseFunctional": "Two things have one value of {0}, which only one may have.",
    "Irreflexive": "{0} leads from a thing to itself.",
    "Asymmetric": "{0} holds both ways between two things.",
    "propertyDisjointWith": "{0} and {1} join the same two things.",
    "range": "A value of {0} is not {1}.",
}


def in_words(axiom: Axiom, show: Show) -> str:
    """What an axiom says, for somebody who reads no OWL."""
    match axiom:
        case (NamedNode() as subject, str() as word, NamedNode() as value) if word in _BETWEEN:
            first = a(show(subject)) if word == "disjointWith" else show(subject)
            return _BETWEEN[word][1].format(
                first, a(show(value)) if word in _KINDS else show(value)
            )
        case (str() as word, NamedNode() as term) if word in _OF_PROPERTY:
            return _OF_PROPERTY[word][1].format(show(term))
        case (str() as word, *classes) if word == _DISJOINT:
            return f"nothing is two of {', '.join(map(show, classes))}"
    return " ".join(map(show, axiom))


def a(name: str) -> str:
    """A name with its article.

    >>> a("asc:Event"), a("prov:Entity")
    ('an asc:Event', 'a prov:Entity')
    """
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def triples_of(axiom: Axiom) -> Iterator[Triple]:
    """The triples that may have stated an axiom; of a list none."""
    match axiom:
        case (NamedNode() as subject, str() as word, NamedNode() as value) if word in _BETWEEN:
            yield Triple(subject, _BETWEEN[word][0], value)
            yield Triple(value, _BETWEEN[word][0], subject)
        case (str() as word, NamedNode() as term) if word in _OF_PROPERTY:
            yield Triple(term, RDF.type, _OF_PROPERTY[word][0])
        case (NamedNode() as subject, NamedNode() as predicate, NamedNode() | Literal() as value):
            yield Triple(subject, predicate, value)


def disjoint_of(axiom: Axiom) -> frozenset[Term]:
    """The classes of which an axiom says that nothing is two of them."""
    if axiom[0] == _DISJOINT:
        return frozenset(each for each in axiom if not isinstance(each, str))
    if axiom[1] == "disjointWith":
        return frozenset(each for each in (axiom[0], axiom[2]) if not isinstance(each, str))
    return frozenset()


def about(axioms: Sequence[Axiom], show: Show, empty: NamedNode | None = None) -> str:
    """The contradiction in one sentence.

    Shape: `empty` is the class that can have no member, where that is the fault.
    """
    if empty is not None:
        axioms = [*axioms, (empty, "type", empty)]
    classes = _classes(axioms)
    for apart in filter(None, map(disjoint_of, axioms)):
        for node, kinds in sorted(classes.items(), key=lambda each: str(each[0])):
            if len(clash := sorted(kinds & apart, key=str)) > 1:
                what = "A member of" if node == empty else ""
                both = " and ".join(a(show(kind)) for kind in clash)
                return f"{what} {show(node)} would be {both}, and nothing can be both.".strip()
    for word, sentence in _CLASH.items():
        for axiom in axioms:
            if word in axiom:
                first, *more = [show(each) for each in axiom if not isinstance(each, str)]
                return sentence.format(first, *map(a if word == "range" else str, more))
    return "These exclude each other."


def _classes(axioms: Iterable[Axiom]) -> dict[Term, set[Term]]:
    """The classes that each thing gets by these axioms."""
    kinds: dict[Term, set[Term]] = defaultdict(set)
    held: dict[str, dict[Term, set[Term]]] = defaultdict(lambda: defaultdict(set))
    facts: set[tuple[Term, Term, Term]] = set()
    for axiom in axioms:
        match axiom:
            case (NamedNode() as subject, str() as word, NamedNode() as value):
                held[word][subject].add(value)
            case (NamedNode() as subject, NamedNode() as predicate, NamedNode() as value):
                facts.add((subject, predicate, value))
    turned = {
        (value, other, subject)
        for subject, predicate, value in facts
        for other in _above(predicate, held["inverseOf"]) - {predicate}
    }
    for first, joining, last in facts | turned:
        for each in _above(joining, held["subPropertyOf"]):
            kinds[first] |= held["domain"][each]
            kinds[last] |= held["range"][each]
    for node, found in held["type"].items():
        kinds[node] |= found
    return {
        node: {up for kind in found for up in _above(kind, held["subClassOf"])}
        for node, found in kinds.items()
    }


def _above(node: Term, steps: dict[Term, set[Term]]) -> set[Term]:
    found, waiting = set(), [node]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(steps[each])
    return found
