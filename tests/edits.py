"""Changes to a bundle that is being spoilt, each at one spot of one focus node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.facts import Term
from graph.vocab import RDF

Subject = NamedNode | BlankNode
Draft = list[Quad]
Edit = Callable[[Draft, Subject], None]

ODD = NamedNode("http://example.org/%C3%A9(odd)'é?x=1&y#z")
ANOTHER = NamedNode("http://example.org/another")
NAMELESS = BlankNode("nameless")


class Edits(NamedTuple):
    """What breaks a constraint, and what stays just within it."""

    breaking: Sequence[Edit]
    sparing: Sequence[Edit]


class Spot(NamedTuple):
    """Where a constraint looks: the walk to a node, and the property it reads there.

    Shape: a step is a property and whether it is taken backwards; without
        `last` the constraint looks at the node itself.
    """

    walk: tuple[tuple[NamedNode, bool], ...] = ()
    last: NamedNode | None = None

    def node(self, quads: Draft, focus: Subject) -> Subject | None:
        """The first node that the walk leads to."""
        found: list[Term] = [focus]
        for predicate, backwards in self.walk:
            taken = [q for q in quads if q.predicate == predicate]
            if backwards:
                found = [q.subject for q in taken if q.object in found]
            else:
                found = [q.object for q in taken if q.subject in found]
        return next((node for node in found if isinstance(node, NamedNode | BlankNode)), None)


class Instance(NamedTuple):
    """A value still to be made: a node of some class."""

    kind: NamedNode


Values = Sequence[Term | Instance]


def changed(spot: Spot, change: Callable[[list[Term]], Values]) -> Edit:
    """Other values in place of those there are, worked out from them."""

    def edit(quads: Draft, focus: Subject) -> None:
        node = spot.node(quads, focus)
        if node is not None:
            assert spot.last is not None
            there = values_of(quads, node, spot.last)
            quads[:] = [q for q in quads if (q.subject, q.predicate) != (node, spot.last)]
            for value in change(there):
                quads.append(Quad(node, spot.last, _made(quads, value)))

    return edit


def instead(spot: Spot, *values: Term | Instance) -> Edit:
    """These values in place of those there are."""
    return changed(spot, lambda _: values)


def also(spot: Spot, *values: Term | Instance) -> Edit:
    """These values beside those there are."""
    return changed(spot, lambda there: [*there, *values])


def exactly(spot: Spot, number: int) -> Edit:
    """As many values, those there are first."""
    more = [NamedNode(f"{ANOTHER.value}/{each}") for each in range(number)]
    return changed(spot, lambda there: [*there, *more][:number])


def reworded(spot: Spot, change: Callable[[str], str]) -> Edit:
    """The first value with other words in it, of the same datatype and language."""

    def other(there: list[Term]) -> Values:
        return [with_words(there[0] if there else Literal("words"), change), *there[1:]]

    return changed(spot, other)


def following(spot: Spot, other: NamedNode, change: Callable[[str], str]) -> Edit:
    """The value of another property of the same node, with other words in it."""

    def edit(quads: Draft, focus: Subject) -> None:
        node = spot.node(quads, focus)
        there = values_of(quads, node, other) if node is not None else []
        first = there[0] if there else Literal(7)
        instead(Spot(spot.walk, other), *(there or [first]))(quads, focus)
        instead(spot, with_words(first, change))(quads, focus)

    return edit


def renamed(name: Subject) -> Edit:
    """Another name for the focus node, wherever it stands."""

    def edit(quads: Draft, focus: Subject) -> None:
        for at, quad in enumerate(quads):
            subject, value = (name if t == focus else t for t in (quad.subject, quad.object))
            quads[at] = Quad(subject, quad.predicate, value, quad.graph_name)

    return edit


def in_a_row(edits: Sequence[Edit]) -> Edit:
    """All of them, one after the other."""

    def edit(quads: Draft, focus: Subject) -> None:
        for each in edits:
            each(quads, focus)

    return edit


def with_words(value: Term, change: Callable[[str], str]) -> Term:
    """A value with other words, of the same datatype and language."""
    if isinstance(value, Literal):
        words = change(value.value)
        if value.language:
            return Literal(words, language=value.language)
        return Literal(words, datatype=value.datatype)
    try:
        return NamedNode(change(value.value))
    except ValueError:  # the change makes no IRI
        return ODD


def values_of(quads: Iterable[Quad], node: Term, predicate: NamedNode) -> list[Term]:
    """A node's values of a property."""
    return [q.object for q in quads if q.subject == node and q.predicate == predicate]


def _made(quads: Draft, value: Term | Instance) -> Term:
    if not isinstance(value, Instance):
        return value
    node = NamedNode("http://example.org/a-" + value.kind.value.rpartition("#")[2])
    quads.append(Quad(node, RDF.type, value.kind))
    return node
