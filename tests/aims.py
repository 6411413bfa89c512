"""Every constraint of the shapes that can show in a report, and the changes around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from edits import ANOTHER, NAMELESS, ODD, Edit, Edits, Spot, Subject, also, instead
from limits import OTHERS, SHAPES, circles, constraints_of
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.facts import Term
from graph.schema import subclasses
from graph.vocab import ASC, RDF, SH


class Targets(NamedTuple):
    """What makes a node the focus of a shape.

    Shape: the classes are those named and all below them.
    """

    classes: frozenset[Term]
    subjects_of: frozenset[Term]
    objects_of: frozenset[Term]

    def nodes(self, quads: Iterable[Quad]) -> list[Subject]:
        """The focus nodes in some quads."""
        found: dict[Term, None] = {}
        for quad in quads:
            if quad.predicate in self.subjects_of or (
                quad.predicate == RDF.type and quad.object in self.classes
            ):
                found[quad.subject] = None
            if quad.predicate in self.objects_of:
                found[quad.object] = None
        return [node for node in found if isinstance(node, NamedNode | BlankNode)]


class Aim(NamedTuple):
    """One change at a focus node of a shape that reports."""

    rule: str
    component: str
    edit: Edit
    targets: Targets

    @property
    def pair(self) -> tuple[str, str]:
        """The rule and component of the results that it is after."""
        return self.rule, SH.term(f"{self.component}ConstraintComponent").value


@cache
def aims() -> tuple[Aim, ...]:
    """Every change at every constraint that can show in a report."""
    return tuple(_aims())


def _aims() -> Iterator[Aim]:
    for root, held in SHAPES.by_subject.items():
        kinds = held.get(SH.targetClass, ())
        below = [subclasses().get(kind, {kind}) for kind in kinds if isinstance(kind, NamedNode)]
        targets = Targets(
            frozenset[Term]().union(*below),
            frozenset(held.get(SH.targetSubjectsOf, ())),
            frozenset(held.get(SH.targetObjectsOf, ())),
        )
        if any(targets):
            for rule, component, (breaking, sparing) in _reported_at(root):
                yield from (Aim(rule, component, e, targets) for e in (*breaking, *sparing))


def _reported_at(root: Term) -> Iterator[tuple[str, str, Edits]]:
    for rule in SHAPES.values(root, SH.sparql):
        yield rule.value, "SPARQL", SPARQL[rule.value.rpartition("#")[2]]
    for shape in (root, *SHAPES.values(root, SH.property)):
        if Literal(True) not in SHAPES.values(shape, SH.deactivated):
            yield from ((shape.value, *found) for found in constraints_of(shape, Spot()))


SPARQL = {
    "Agent-acyclic": circles(Spot((), ASC.partOfAgent)),
    "Bundle-property": Edits(
        [also(Spot((), ASC.agnet), each) for each in OTHERS],
        [also(Spot((), ASC.agent), ODD), also(Spot((), ANOTHER), ODD)],
    ),
    "RelationAssessment-stated": Edits(
        [
            *(instead(Spot((), each), ANOTHER) for each in (ASC.subject, ASC.object)),
            *(instead(Spot((), ASC.relation), each) for each in (ASC.refines, ANOTHER, NAMELESS)),
        ],
        [also(Spot(((ASC.subject, False),), ASC.refines), ANOTHER)],
    ),
    "Statement-backed": Edits(
        [also(Spot((), each), ANOTHER) for each in (ASC.refines, ASC.deniesSaying)],
        [also(Spot((), ASC.relatedStatement), ANOTHER)],
    ),
}
"""The changes around the rules in SPARQL, which nothing can be read from."""
