"""The terms of the ontology one by one: what it says of each, and which rules there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from graph.errors import NotFound
from graph.facts import Facts, Term, facts_of
from graph.files import ontology_dir
from graph.schema import is_own, ontology, shapes
from graph.vocab import OWL, RDF, RDFS, SH, SKOS, shorten

KINDS = {
    OWL.Class: "class",
    OWL.ObjectProperty: "property",
    OWL.DatatypeProperty: "property",
    SKOS.Concept: "concept",
    SKOS.ConceptScheme: "scheme",
}
STEMS = (
    *("source", "statement", "attribution", "proposition"),
    *("event", "agent", "assessment"),
)
"""The parts of the ontology, in the order of the layers."""

_MATCHES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch)


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of ours as the ontology describes it.

    Shape: terms are named by their IRIs; `above` and `below` are direct, and of
        a concept its schemes and of a scheme its concepts; `matches` pairs a way
        of matching with a concept of somebody else's.
    """

    iri: str
    kind: str
    stem: str
    label: str
    definition: str
    notes: tuple[str, ...]
    example: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    domains: tuple[str, ...]
    ranges: tuple[str, ...]
    apart: tuple[str, ...]
    traits: tuple[str, ...]
    chain: tuple[str, ...]
    matches: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """A rule as a reader meets it: whom it is for, about which property, in words.

    Units: `least` and `most` count values; None where there is no limit.
    """

    iri: str
    name: str
    message: str
    must: bool
    target: str
    path: str
    least: int | None
    most: int | None
    group: str
    rank: tuple[float, float]


@cache
def entries() -> dict[str, Entry]:
    """Every term of ours, by IRI."""
    facts = facts_of(ontology())
    below = _below(facts)
    apart = _apart(facts)
    stems = _stems()
    found = (
        _entry(node, kind, facts, below, apart, stems)
        for node, said in facts.items()
        if isinstance(node, NamedNode) and is_own(node)
        for kind in said.get(RDF.type, ())[:1]
        if kind in KINDS
    )
    return {each.iri: each for each in sorted(found, key=lambda each: each.label.casefold())}


@cache
def rules_for() -> dict[str, list[ShapeRule]]:
    """The rules by the class that they are for and by the property that they are about."""
    found: dict[str, list[ShapeRule]] = defaultdict(list)
    for each in sorted(_rules(), key=lambda each: (each.rank, each.name)):
        for key in dict.fromkeys((each.target, each.path)):
            found[key].append(each)
    return found


def _entry(
    node: NamedNode,
    kind: Term,
    facts: Facts,
    below: dict[Term, list[str]],
    apart: dict[Term, set[str]],
    stems: dict[str, str],
) -> Entry:
    def iris(*predicates: NamedNode) -> tuple[str, ...]:
        values = (v for p in predicates for v in facts[node].get(p, ()))
        return tuple(v.value for v in values if isinstance(v, NamedNode))

    def text(*predicates: NamedNode) -> str:
        values = (v for p in predicates for v in facts[node].get(p, ()))
        return next((v.value for v in values if isinstance(v, Literal)), "")

    traits = (iri for iri in iris(RDF.type) if iri.endswith("Property"))
    return Entry(
        iri=node.value,
        kind=KINDS[kind],  # type: ignore[index]
        stem=stems.get(node.value, ""),
        label=text(RDFS.label, SKOS.prefLabel),
        definition=text(SKOS.definition),
        notes=tuple(v.value for v in facts[node].get(SKOS.scopeNote, ()) if isinstance(v, Literal)),
        example=text(SKOS.example),
        above=iris(RDFS.subClassOf, RDFS.subPropertyOf, SKOS.inScheme),
        below=tuple(sorted(below[node])),
        domains=iris(RDFS.domain),
        ranges=iris(RDFS.range),
        apart=tuple(sorted(apart[node])),
        traits=tuple(traits),
        chain=tuple(_listed(facts, facts[node].get(OWL.propertyChainAxiom, ()))),
        matches=tuple((p.value, iri) for p in _MATCHES for iri in iris(p)),
    )


def _below(facts: Facts) -> dict[Term, list[str]]:
    found: dict[Term, list[str]] = defaultdict(list)
    for node, said in facts.items():
        for step in (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.inScheme):
            for upper in said.get(step, ()):
                if isinstance(node, NamedNode):
                    found[upper].append(node.value)
    return found


def _apart(facts: Facts) -> dict[Term, set[str]]:
    """The classes that share no member with each class."""
    found: dict[Term, set[str]] = defaultdict(set)
    groups: list[list[str]] = []
    for node, said in facts.items():
        groups += [_listed(facts, (head,)) for head in said.get(OWL.members, ())]
        if isinstance(node, NamedNode):
            others = said.get(OWL.disjointWith, ())
            groups += [[node.value, each.value] for each in others if isinstance(each, NamedNode)]
    for group in groups:
        for one in group:
            found[NamedNode(one)].update(each for each in group if each != one)
    return found


def _listed(facts: Facts, heads: Sequence[Term]) -> list[str]:
    """The members of the lists that begin with these nodes."""
    found: list[str] = []
    waiting = [*heads]
    while waiting:
        said = facts.get(waiting.pop(), {})  # type: ignore[arg-type]
        found += (each.value for each in said.get(RDF.first, ()) if isinstance(each, NamedNode))
        waiting += said.get(RDF.rest, ())
    return found


def _stems() -> dict[str, str]:
    """The stem in whose file each term is described."""
    return {
        quad.subject.value: stem
        for stem in STEMS
        for quad in parse(path=str(ontology_dir() / f"{stem}.ttl"), format=RdfFormat.TURTLE)
        if isinstance(quad.subject, NamedNode)
    }


def _rules() -> Iterator[ShapeRule]:
    facts = facts_of(shapes())
    for shape, said in facts.items():
        for target in said.get(SH.targetClass, ()):
            yield from _rule(facts, shape, target)
            for inner in said.get(SH.property, ()):
                yield from _rule(facts, inner, target)


def _rule(facts: Facts, shape: Term, target: Term) -> Iterator[ShapeRule]:
    def value(subject: Term, predicate: NamedNode) -> str:
        values = facts.get(subject, {}).get(predicate, ())  # type: ignore[arg-type]
        return next((v.value for v in values if isinstance(v, Literal | NamedNode)), "")

    if not (message := value(shape, SH.message)):
        return
    group = NamedNode(value(shape, SH.group) or "urn:none")
    least, most = value(shape, SH.minCount), value(shape, SH.maxCount)
    yield ShapeRule(
        iri=str(shape)[1:-1],
        name=value(shape, SH.term("name")),
        message=message,
        must=value(shape, SH.severity) != SH.Warning.value,
        target=str(target)[1:-1],
        path=value(shape, SH.path),
        least=int(least) if least else None,
        most=int(most) if most else None,
        group=value(group, RDFS.label) or "As a whole",
        rank=(float(value(group, SH.order) or 99), float(value(shape, SH.order) or 99)),
    )


def entry_of(iri: str) -> Entry:
    """What the ontology says of a term.

    Raises: NotFound, naming where the terms are listed.
    """
    if iri not in entries():
        raise NotFound(
            f"The ontology has no term {shorten(iri)}. Those there are stand at /ns and /vocab."
        )
    return entries()[iri]


def described(namespace: str, name: str = "") -> list[Quad]:
    """The triples about a term of a namespace, or about all of its terms, lists included.

    Raises: NotFound for a name that is no term.
    """
    about = _quads_about()
    if name:
        waiting: list[Term] = [NamedNode(entry_of(namespace + name).iri)]
    else:
        named = (each for each in about if isinstance(each, NamedNode))
        waiting = [each for each in named if each.value.startswith(namespace)]
    found = {*waiting}
    while waiting:
        values = {quad.object for quad in about.get(waiting.pop(), ())}
        lists = {each for each in values if isinstance(each, BlankNode)} - found
        found |= lists
        waiting += lists
    return [quad for subject, quads in about.items() if subject in found for quad in quads]


@cache
def _quads_about() -> dict[Term, list[Quad]]:
    about: dict[Term, list[Quad]] = {}
    for quad in ontology():
        about.setdefault(quad.subject, []).append(quad)
    return about


def own(iris: Iterable[str]) -> list[str]:
    """Of some terms ours."""
    return [each for each in iris if each in entries()]


def outside(iris: Iterable[str]) -> list[str]:
    """Of some terms those of others."""
    return [each for each in iris if each not in entries()]
