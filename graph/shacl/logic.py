"""Constraints that name other shapes: not, and, or, xone, node, qualified.

Source: SHACL, sections 4.6 (logical) and 4.7 (shape-based).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pyoxigraph import NamedNode

from graph.facts import Term
from graph.shacl.shape import Fault, Reads, Search, Shape, Test
from graph.shacl.site import Makers, Site, component
from graph.shacl.view import View
from graph.vocab import SH


def _not(site: Site) -> Iterator[Test]:
    for each in site.values(SH.term("not")):
        shape = site.compile_shape(each)

        def holds(view: View, value: Term, shape: Shape = shape) -> bool:
            return not shape.accepts(view, value)

        yield Test(component("Not"), holds, Reads.SHAPES, (shape,))


def _node(site: Site) -> Iterator[Test]:
    for each in site.values(SH.node):
        shape = site.compile_shape(each)
        yield Test(component("Node"), shape.accepts, Reads.SHAPES, (shape,))


def _listed(name: str, fits: Callable[[Iterator[bool]], bool]) -> Callable[[Site], Iterator[Test]]:
    predicate = SH.term(name)

    def make(site: Site) -> Iterator[Test]:
        for each in site.values(predicate):
            shapes = tuple(site.compile_shape(one) for one in site.members(each, predicate))
            yield Test(component(name.capitalize()), _among(shapes), Reads.SHAPES, shapes)

    def _among(shapes: Sequence[Shape]) -> Callable[[View, Term], bool]:
        def holds(view: View, value: Term) -> bool:
            return fits(shape.accepts(view, value) for shape in shapes)

        return holds

    return make


def _qualified(site: Site) -> Iterator[Search]:
    if site.path is None:  # the suite's node/qualified-001: without meaning on node shapes
        return
    least, most = site.count(SH.qualifiedMinCount), site.count(SH.qualifiedMaxCount)
    for each in site.values(SH.qualifiedValueShape):
        shape = site.compile_shape(each)
        siblings = [site.compile_shape(other) for other in _siblings(site, each)]
        counted = _counted(shape, siblings)
        if least:
            yield Search(
                component("QualifiedMinCount"),
                _outside(counted, lambda count: count < (least or 0)),
                among_none=True,
            )
        if most is not None:
            yield Search(
                component("QualifiedMaxCount"),
                _outside(counted, lambda count: count > (most or 0)),
            )


Count = Callable[[View, Sequence[Term]], int]


def _counted(shape: Shape, siblings: Sequence[Shape]) -> Count:
    def count(view: View, values: Sequence[Term]) -> int:
        return sum(
            shape.accepts(view, value) and not any(each.accepts(view, value) for each in siblings)
            for value in values
        )

    return count


def _outside(
    count: Count, wrong: Callable[[int], bool]
) -> Callable[[View, Term, Sequence[Term]], Iterable[Fault]]:
    def faults(view: View, focus: Term, values: Sequence[Term]) -> Iterable[Fault]:
        return (Fault(),) if wrong(count(view, values)) else ()

    return faults


def _siblings(site: Site, own: Term) -> list[Term]:
    """The other qualified shapes of the shapes that hold this one.

    Source: SHACL, section 4.7.3 (sibling shapes).
    """
    if not site.is_true(SH.qualifiedValueShapesDisjoint):
        return []
    found: dict[Term, None] = {}
    for held in site.shapes.by_subject.values():
        properties = held.get(SH.property, ())
        if site.node in properties:
            for each in properties:
                found.update(dict.fromkeys(site.shapes.values(each, SH.qualifiedValueShape)))
    return [each for each in found if each != own]


def _exactly_one(answers: Iterator[bool]) -> bool:
    return sum(answers) == 1


MAKERS: Makers = {
    SH.term("not"): _not,
    SH.node: _node,
    SH.term("and"): _listed("and", all),
    SH.term("or"): _listed("or", any),
    SH.xone: _listed("xone", _exactly_one),
    SH.qualifiedValueShape: _qualified,
}
REFERENCES: frozenset[NamedNode] = frozenset({SH.property, *MAKERS})
"""The parameters that lead to other shapes."""
