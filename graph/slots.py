"""What the shapes say of each property, thing by thing: how often, and of what kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from graph.facts import Properties, Subject, Term, facts_of
from graph.schema import ontology, shapes, superclasses
from graph.vocab import ASC, RDF, RDFS, SH, SHAPES, SKOS, XSD

_BOUNDS = {
    SH.minLength: "minLength",
    SH.maxLength: "maxLength",
    SH.minInclusive: "minimum",
    SH.maxInclusive: "maximum",
}
_UNTARGETED: dict[Subject, NamedNode] = {SHAPES.Concept: SKOS.Concept}
"""Shapes that find their nodes by property, and the class that those are of."""

_MAYBE = frozenset({ASC.author})
"""What the shapes ask of bundles only: what a rule found has no author."""


@dataclass(slots=True)
class Slot:
    """What the shapes together say of one property.

    Shape: `most` is None where there may be any number; `bounds` are keywords of JSON
        Schema; what is `derived` is worked out on the way in.
    """

    property: NamedNode
    least: int = 0
    most: int | None = None
    derived: bool = False
    datatypes: list[NamedNode] = field(default_factory=list)
    classes: list[NamedNode] = field(default_factory=list)
    values: list[Term] = field(default_factory=list)
    bounds: dict[str, Any] = field(default_factory=dict)


@cache
def slots() -> Slots:
    """The slots of all things that have a shape."""
    return Slots()


class Slots:
    """The shapes, those of a kind joined to those of the thing that it is a kind of."""

    def __init__(self) -> None:
        self._facts = facts_of(shapes())
        own = {node: [*self._slots(node)] for node in self._facts if self._targets(node)}
        self._targeted = {node: self._targets(node) for node, found in own.items() if found}
        self._names = {node: _local(self._whole(node)) for node in self._targeted}
        self.of: dict[str, dict[NamedNode, Slot]] = {}
        """The slots of a thing, by the local name of its shape and by property."""
        for node in sorted(self._targeted, key=self._is_kind):
            held = self.of.setdefault(self._names[node], {})
            for slot in own[node]:
                _join(held, slot, is_kind=self._is_kind(node))

    def named(self, kind: NamedNode) -> str:
        """The thing that a class is, or is a kind of; empty if it has no shape."""
        fit = (node for node, targets in self._targeted.items() if {*targets} & _above(kind))
        return next((self._names[node] for node in fit), "")

    def meant(self, kind: NamedNode) -> str:
        """The same, or the thing that is a kind of the class: an activity of ours for any."""
        below = {
            self._names[node]
            for node, targets in self._targeted.items()
            if any(kind in _above(target) for target in targets)
        }
        return self.named(kind) or max(sorted(below), key=kind.value.endswith, default="")

    def has_class(self, name: str) -> bool:
        """Whether a thing always says its class: rules find it by that."""
        return SHAPES.term(name) not in _UNTARGETED

    def _whole(self, node: Subject) -> Subject:
        """The shape of the thing that what a shape is for is a kind of."""
        return next((other for other in self._targeted if self._covers(other, node)), node)

    def _covers(self, other: Subject, node: Subject) -> bool:
        return other != node and all(
            {*self._targeted[other]} & _above(target) for target in self._targeted[node]
        )

    def _is_kind(self, node: Subject) -> bool:
        return _local(node) != self._names[node]

    def _targets(self, node: Subject) -> list[NamedNode]:
        if node in _UNTARGETED:
            return [_UNTARGETED[node]]
        return _nodes(self._facts[node], SH.targetClass)

    def _slots(self, node: Subject) -> Iterator[Slot]:
        for each in self._facts[node].get(SH.property, ()):
            facts = self._of(each)
            (path,) = facts[SH.path]
            if SH.deactivated in facts:
                continue
            if isinstance(path, NamedNode):
                yield self._slot(path, facts)
            elif SH.nodeKind in facts:
                names = self._listed(self._of(path), SH.alternativePath)
                yield from (Slot(each) for each in names if isinstance(each, NamedNode))

    def _slot(self, path: NamedNode, facts: Properties) -> Slot:
        least = 0 if path in _MAYBE else _number(facts, SH.minCount) or 0
        slot = Slot(path, least, _number(facts, SH.maxCount))
        for each in (facts, *map(self._of, self._listed(facts, SH.term("or")))):
            slot.datatypes += _nodes(each, SH.datatype)
            slot.classes += _nodes(each, SH.term("class"))
        slot.values = self._listed(facts, SH.term("in"))
        for name, keyword in _BOUNDS.items():
            bound = _number(facts, name)
            if bound is not None:
                slot.bounds[keyword] = bound
        pattern = next(iter(facts.get(SH.pattern, ())), None)
        if isinstance(pattern, Literal):
            slot.bounds["pattern"] = pattern.value
        return slot

    def _of(self, node: Term) -> Properties:
        assert not isinstance(node, Literal)
        return self._facts[node]

    def _listed(self, facts: Properties, name: NamedNode) -> list[Term]:
        found: list[Term] = []
        node = next(iter(facts.get(name, ())), RDF.nil)
        while node != RDF.nil:
            assert isinstance(node, BlankNode)
            found += self._facts[node][RDF.first]
            (node,) = self._facts[node][RDF.rest]
        return found


def _join(held: dict[NamedNode, Slot], slot: Slot, *, is_kind: bool) -> None:
    """Add what a shape says of a property; what only a kind needs may be missing."""
    if slot.most == 0:  # of a kind: it lacks what others have
        if not is_kind:
            held[slot.property] = _derived(slot.property)
        return
    if is_kind:
        slot.least = 0
    before = held.setdefault(slot.property, slot)
    if before is not slot:
        before.least = max(before.least, slot.least)
        before.most = slot.most if before.most is None else before.most
        before.datatypes = before.datatypes or slot.datatypes
        before.classes += slot.classes
        before.values = before.values or slot.values


def _derived(name: NamedNode) -> Slot:
    """What is worked out on the way in, as the ontology has it."""
    ranges = [
        quad.object
        for quad in ontology()
        if quad.subject == name and quad.predicate == RDFS.range
        if isinstance(quad.object, NamedNode)
    ]
    datatypes = [each for each in ranges if each.value.startswith(XSD)]
    classes = [each for each in ranges if each not in datatypes]
    return Slot(name, derived=True, datatypes=datatypes, classes=classes)


def _above(kind: NamedNode) -> frozenset[NamedNode]:
    return superclasses().get(kind, frozenset({kind}))


def _local(node: Subject) -> str:
    assert isinstance(node, NamedNode)
    return node.value.removeprefix(SHAPES)


def _nodes(facts: Properties, name: NamedNode) -> list[NamedNode]:
    return [each for each in facts.get(name, ()) if isinstance(each, NamedNode)]


def _number(facts: Properties, name: NamedNode) -> int | None:
    value = next(iter(facts.get(name, ())), None)
    return int(float(value.value)) if isinstance(value, Literal) else None
