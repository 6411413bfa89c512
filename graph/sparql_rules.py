"""The SHACL-SPARQL rules, each asked once of a whole bundle.

pySHACL parses such a rule's query again for every focus node: 82 statements
took 6 s that way. Here each query binds `$this` in its first pattern, so leaving
it open gives the rows of all focus nodes at once; rows about other nodes than
the shape's targets are dropped. A query is asked only of the triples it can
read, and not at all where it is sure to find none, as in all bundles but few.

Source: SHACL, section 5 (SPARQL-based constraints) and 2.1.3 (targets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import product

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.facts import Term
from graph.report import VIOLATION, Result
from graph.schema import relations, shapes, vocabulary
from graph.shacl import View
from graph.vocab import ASC, RDF, SH, SHAPES, XSD

_COMPONENT = SH.SPARQLConstraintComponent.value
_KEPT = SHAPES.asWritten
_ABOUT = (ASC.subject, ASC.relation, ASC.object)
_ASSESSED = frozenset(_ABOUT)
Spoken = Set[NamedNode]


@dataclass(frozen=True, slots=True)
class SparqlRule:
    """One SPARQL constraint with the targets of the shapes that hold it."""

    iri: str
    select: str
    message: str
    severity: str
    target_classes: tuple[NamedNode, ...]
    target_subjects_of: tuple[NamedNode, ...]

    def broken_in(self, store: ox.Store, view: View) -> Iterator[Result]:
        """The results of this rule over a store; `view` tells what the targets are."""
        found = store.query(self.select, prefixes=_prefixes())
        assert isinstance(found, ox.QuerySolutions), self.iri
        names = {variable.value for variable in found.variables}
        for row in found:
            this = row["this"]
            if isinstance(this, NamedNode | BlankNode) and self._targets(this, view):
                path = row["path"] if "path" in names else None
                value = (row["value"] if "value" in names else None) or this
                yield Result(
                    line=None,
                    rule=self.iri,
                    focus=this.value if isinstance(this, NamedNode) else str(this),
                    path=path.value if isinstance(path, NamedNode) else None,
                    value=_as_written(value),
                    component=_COMPONENT,
                    severity=self.severity,
                    message=self.message,
                )

    def _targets(self, node: NamedNode | BlankNode, view: View) -> bool:
        return any(view.is_a(node, kind) for kind in self.target_classes) or any(
            view.values(node, predicate) for predicate in self.target_subjects_of
        )


def sparql_results(view: View) -> Iterator[Result]:
    """What the SPARQL rules find in a view that has the vocabulary behind it."""
    spoken = view.predicates
    for rule in sparql_rules():
        reads = _READS.get(rule.iri)
        if reads is None:
            yield from rule.broken_in(_store_of(view, spoken, vocabulary()), view)
        elif wanted := reads(view, spoken):
            yield from rule.broken_in(_store_of(view, wanted & spoken, keep=_kept), view)


def _store_of(
    view: View,
    wanted: Set[NamedNode],
    beside: Iterable[Quad] = (),
    keep: Callable[[Term], Term] = lambda value: value,
) -> ox.Store:
    store = ox.Store()
    store.extend(beside)
    store.extend(
        Quad(subject, predicate, keep(value))
        for subject, held in view.by_subject.items()
        if not isinstance(subject, Literal)
        for predicate in held.keys() & wanted
        for value in held[predicate]
    )
    return store


def _kept(value: Term) -> Term:
    """A value in a form that Oxigraph leaves alone; to it 05 and 5 are one number."""
    if isinstance(value, Literal) and value.datatype not in (XSD.string, RDF.langString):
        return Literal(str(value), datatype=_KEPT)
    return value


def _as_written(value: Term) -> str:
    if isinstance(value, Literal) and value.datatype == _KEPT:
        return value.value
    return str(value)


def _circles(view: View, spoken: Spoken) -> set[NamedNode]:
    if ASC.partOfAgent not in spoken:
        return set()
    said = view.by_subject.items()
    parts = {node: held[ASC.partOfAgent] for node, held in said if ASC.partOfAgent in held}
    try:
        TopologicalSorter(parts).prepare()
    except CycleError:
        return {ASC.partOfAgent}
    return set()


def _misspelt(view: View, spoken: Spoken) -> set[NamedNode]:
    own = {each for each in spoken - _defined() if each.value.startswith(ASC)}
    strange = {each for each in own if not view.values(each, RDF.type)}
    return strange | {RDF.type} if strange else set()


@cache
def _defined() -> frozenset[Term]:
    return frozenset(quad.subject for quad in vocabulary() if quad.predicate == RDF.type)


def _stated(view: View, spoken: Spoken) -> set[NamedNode]:
    if ASC.relation not in spoken:
        return set()
    related = _related(view, _named(view))
    if all(triple in related for triple in _assessed(view)):
        return set()
    return _named(view) | _ASSESSED


def _named(view: View) -> set[NamedNode]:
    found = view.objects_of(ASC.relation)
    return {each for each in found if isinstance(each, NamedNode)}


def _backed(view: View, spoken: Spoken) -> set[NamedNode]:
    if spoken.isdisjoint(relations()) or not _related(view, relations()).difference(
        _assessed(view)
    ):
        return set()
    return {*relations(), *_ASSESSED}


def _assessed(view: View) -> Iterator[tuple[Term, ...]]:
    """The triples that assessments are about, of which a wrong one may name very many."""
    for held in view.by_subject.values():
        if ASC.relation in held:
            yield from product(*(held.get(each, ()) for each in _ABOUT))


def _related(view: View, wanted: Set[Term]) -> set[tuple[Term, ...]]:
    """The triples that there are of some properties."""
    return {
        (subject, predicate, value)
        for subject, held in view.by_subject.items()
        if not wanted.isdisjoint(held)
        for predicate in held.keys() & wanted
        for value in held[predicate]
    }


_READS: dict[str, Callable[[View, Spoken], set[NamedNode]]] = {
    SHAPES.term("Agent-acyclic").value: _circles,
    SHAPES.term("Bundle-property").value: _misspelt,
    SHAPES.term("RelationAssessment-stated").value: _stated,
    SHAPES.term("Statement-backed").value: _backed,
}
"""The properties whose triples a rule's query can read; none where it can find
nothing. A rule that is not named here reads everything, the vocabulary too."""


@cache
def sparql_rules() -> tuple[SparqlRule, ...]:
    """Every SPARQL constraint of the shapes."""
    facts: dict[tuple[object, NamedNode], list[object]] = {}
    for quad in shapes():
        facts.setdefault((quad.subject, quad.predicate), []).append(quad.object)

    def words(subject: object, predicate: NamedNode, default: str = "") -> str:
        values = facts.get((subject, predicate), [])
        named = values and isinstance(values[0], Literal | NamedNode)
        return values[0].value if named else default  # type: ignore[attr-defined]

    def targets(holders: list[object], predicate: NamedNode) -> tuple[NamedNode, ...]:
        found = [value for each in holders for value in facts.get((each, predicate), [])]
        return tuple(value for value in found if isinstance(value, NamedNode))

    constraints: dict[NamedNode, list[object]] = {}
    for quad in shapes():
        if quad.predicate == SH.sparql and isinstance(quad.object, NamedNode):
            constraints.setdefault(quad.object, []).append(quad.subject)
    return tuple(
        SparqlRule(
            iri.value,
            words(iri, SH.select),
            words(iri, SH.message),
            words(iri, SH.severity, VIOLATION),
            targets(holders, SH.targetClass),
            targets(holders, SH.targetSubjectsOf),
        )
        for iri, holders in sorted(constraints.items(), key=lambda item: item[0].value)
    )


@cache
def _prefixes() -> dict[str, str]:
    """The prefixes that the shapes declare with sh:declare."""
    declared: dict[object, dict[NamedNode, str]] = {}
    for quad in shapes():
        if quad.predicate in (SH.prefix, SH.namespace) and isinstance(quad.object, Literal):
            declared.setdefault(quad.subject, {})[quad.predicate] = quad.object.value
    return {each[SH.prefix]: each[SH.namespace] for each in declared.values()}
