"""Property paths as functions from a node to the nodes it leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode

from graph.facts import Term
from graph.shacl.view import View
from graph.vocab import RDF, SH

Step = Callable[[View, Term], Sequence[Term]]
_REPEATED = {
    # predicate: is the start itself reached, are further steps taken
    SH.zeroOrMorePath: (True, True),
    SH.oneOrMorePath: (False, True),
    SH.zeroOrOnePath: (True, False),
}


class MalformedPath(ValueError):
    """A node that is no property path."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A compiled path.

    Shape: `predicate` is the property of a path of one step, as a report shows
        it; `starts` holds the properties without which a node has no values, or
        None if it may have some without any. Every value that it leads to is one
        of the properties in `ends`; None if that cannot be said. A path of one
        `step` reads no more than the values of its `starts`.
    """

    follow: Step
    starts: frozenset[NamedNode] | None
    inverted: frozenset[NamedNode] = frozenset()
    predicate: NamedNode | None = None
    ends: frozenset[NamedNode] | None = None
    step: bool = False


def compile_path(shapes: View, node: Term, *, backwards: bool = False) -> Path:
    """The path that a node of the shapes graph describes.

    Raises: MalformedPath.
    Source: SHACL, section 2.3.1 (property paths).
    """
    return _compile(shapes, node, backwards, frozenset())


def _compile(shapes: View, node: Term, backwards: bool, around: frozenset[Term]) -> Path:
    if isinstance(node, NamedNode):
        return _backwards(node) if backwards else _forwards(node)
    if not isinstance(node, BlankNode) or node in around:
        raise MalformedPath(f"{node} is no property path")
    around |= {node}
    said = shapes.properties(node)
    if RDF.first in said:
        parts = [_compile(shapes, each, backwards, around) for each in members(shapes, node)]
        return _sequence(parts[::-1] if backwards else parts)
    if SH.inversePath in said:
        return _compile(shapes, said[SH.inversePath][0], not backwards, around)
    if SH.alternativePath in said:
        choices = members(shapes, said[SH.alternativePath][0])
        return _choice([_compile(shapes, each, backwards, around) for each in choices])
    for predicate, (at_start, further) in _REPEATED.items():
        if predicate in said:
            part = _compile(shapes, said[predicate][0], backwards, around)
            return _repeated(part, at_start, further)
    raise MalformedPath(f"{node} is no property path")


def members(shapes: View, node: Term) -> tuple[Term, ...]:
    """The members of an RDF list.

    Raises: MalformedPath if it is none, is empty where it starts, or goes round.
    """
    return tuple(_members(shapes, node))


def _members(shapes: View, node: Term) -> Iterator[Term]:
    seen: set[Term] = set()
    while node != RDF.nil:
        first, rest = shapes.values(node, RDF.first), shapes.values(node, RDF.rest)
        if len(first) != 1 or len(rest) != 1 or node in seen:
            raise MalformedPath(f"{node} is no RDF list")
        seen.add(node)
        yield first[0]
        node = rest[0]


def _forwards(predicate: NamedNode) -> Path:
    def follow(view: View, node: Term) -> Sequence[Term]:
        return view.properties(node).get(predicate, ())

    itself = frozenset({predicate})
    return Path(follow, itself, predicate=predicate, ends=itself, step=True)


def _backwards(predicate: NamedNode) -> Path:
    def follow(view: View, node: Term) -> Sequence[Term]:
        return view.subjects(predicate, node)

    return Path(follow, None, frozenset({predicate}))


def _sequence(parts: list[Path]) -> Path:
    steps = [part.follow for part in parts]

    def follow(view: View, node: Term) -> Sequence[Term]:
        reached: Sequence[Term] = (node,)
        for step in steps:
            if len(reached) == 1:
                reached = step(view, reached[0])
            else:
                reached = tuple({value: None for each in reached for value in step(view, each)})
            if not reached:
                break
        return reached

    return Path(follow, parts[0].starts, _inverted(parts), ends=parts[-1].ends)


def _choice(parts: list[Path]) -> Path:
    steps = [part.follow for part in parts]

    def follow(view: View, node: Term) -> Sequence[Term]:
        return tuple({value: None for step in steps for value in step(view, node)})

    starts = _united(part.starts for part in parts)
    ends = _united(part.ends for part in parts)
    return Path(follow, starts, _inverted(parts), None, ends, all(part.step for part in parts))


def _repeated(part: Path, at_start: bool, further: bool) -> Path:
    step = part.follow

    def follow(view: View, node: Term) -> Sequence[Term]:
        reached: dict[Term, None] = {node: None} if at_start else {}
        waiting = list(step(view, node))
        while waiting:
            each = waiting.pop()
            if each not in reached:
                reached[each] = None
                if further:
                    waiting.extend(step(view, each))
        return tuple(reached)

    starts, ends = (None, None) if at_start else (part.starts, part.ends)
    return Path(follow, starts, part.inverted, ends=ends)


def _united(sets: Iterable[frozenset[NamedNode] | None]) -> frozenset[NamedNode] | None:
    """All of some sets; None if one of them is not known."""
    found: frozenset[NamedNode] = frozenset()
    for each in sets:
        if each is None:
            return None
        found |= each
    return found


def _inverted(parts: list[Path]) -> frozenset[NamedNode]:
    return frozenset().union(*(part.inverted for part in parts))
