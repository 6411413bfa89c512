"""The SHACL-SPARQL rules, each asked once of a whole bundle.

pySHACL parses such a rule's query again for every focus node: 82 statements
took 6 s that way. Here each query binds `$this` in its first pattern, so leaving
it open gives the rows of all focus nodes at once; rows about other nodes than
the shape's targets are dropped. A query is asked only of the triples it can
read, and not at all where it would find none: 9 statements take 0.4 ms.

Source: SHACL, section 5 (SPARQL-based constraints) and 2.1.3 (targets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.facts import Term
from graph.report import VIOLATION, Result
from graph.schema import relations, shapes, vocabulary
from graph.shacl import View
from graph.vocab import ASC, RDF, SH, SHAPES, XSD

_COMPONENT = SH.SPARQLConstraintComponent.value
_KEPT = SHAPES.asWritten
_ASSESSED = frozenset({ASC.subject, ASC.relation, ASC.object})


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
    spoken = view.predicates()
    for rule in sparql_rules():
        reads = _READS.get(rule.iri)
        if reads is None:
            yield from rule.broken_in(_store_of(view, spoken, vocabulary()), view)
        elif wanted := reads(view, spoken):
            yield from rule.broken_in(_store_of(view, wanted & spoken, keep=_kept), view)


def _store_of(
    view: View,
    wanted: set[NamedNode],
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


def _circles(view: View, spoken: set[NamedNode]) -> set[NamedNode]:
    return spoken & {ASC.partOfAgent}


def _misspelt(view: View, spoken: set[NamedNode]) -> set[NamedNode]:
    own = {each for each in spoken if each.value.startswith(ASC)}
    strange = {each for each in own if not view.values(each, RDF.type)}
    return strange | {RDF.type} if strange else set()


def _stated(view: View, spoken: set[NamedNode]) -> set[NamedNode]:
    if ASC.relation not in spoken:
        return set()
    named = {each for each in view.objects_of(ASC.relation) if isinstance(each, NamedNode)}
    return named | _ASSESSED


def _backed(view: View, spoken: set[NamedNode]) -> set[NamedNode]:
    return {*relations(), *_ASSESSED} if not spoken.isdisjoint(relations()) else set()


_READS: dict[str, Callable[[View, set[NamedNode]], set[NamedNode]]] = {
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
