"""Quads by subject and property: gone through once, asked many times.

Of some quads every look at a term makes a new object, which costs as much as
three looks into a dict; so a bundle is indexed before anything is asked of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

Subject = NamedNode | BlankNode | Triple
Term = Subject | Literal
Properties = Mapping[NamedNode, Sequence[Term]]
Facts = Mapping[Subject, Properties]
S = TypeVar("S", bound=Hashable)
P = TypeVar("P", bound=Hashable)
V = TypeVar("V", bound=Hashable)


def facts_of(quads: Iterable[Quad]) -> dict[Subject, Properties]:
    """The values of each subject and property, each once; graph names are ignored."""
    return indexed((quad.subject, quad.predicate, quad.object) for quad in quads)


def indexed(triples: Iterable[tuple[S, P, V]]) -> dict[S, Mapping[P, Sequence[V]]]:
    """As `facts_of`, of triples that are taken apart, or of how their terms are written.

    Single values are kept in tuples, which the garbage collector soon leaves
    alone: with a list for each, collecting took twice as long as indexing.
    """
    found: dict[S, dict[P, Sequence[V]]] = {}
    several: dict[tuple[S, P], list[V]] = {}
    for subject, predicate, value in triples:
        held = found.get(subject)
        if held is None:
            found[subject] = {predicate: (value,)}
            continue
        values = held.get(predicate)
        if values is None:
            held[predicate] = (value,)
        elif isinstance(values, list):
            values.append(value)
        else:
            held[predicate] = several[subject, predicate] = [*values, value]
    for (node, predicate), listed in several.items():
        found[node][predicate] = tuple(dict.fromkeys(listed))
    return dict(found)


def joined(one: Facts, other: Facts) -> dict[Subject, Properties]:
    """The facts of both; neither is changed."""
    found = dict(one)
    for subject, said in other.items():
        before = found.get(subject)
        found[subject] = said if before is None else _united(before, said)
    return found


def _united(one: Properties, other: Properties) -> Properties:
    both = dict(one)
    for predicate, values in other.items():
        before = both.get(predicate)
        both[predicate] = values if before is None else tuple(dict.fromkeys((*before, *values)))
    return both
