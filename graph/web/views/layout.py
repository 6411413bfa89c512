"""Where the shapes put a property on a page: its name, its group and its rank."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from graph.schema import shapes
from graph.vocab import RDFS, SH
from graph.web.views.names import term_label
from graph.web.words import translated


class Place(NamedTuple):
    """The place of a property; sorts as a page lists it."""

    group_rank: float
    group: str
    rank: float
    label: str


_LAST = 1e9


def place_of(path: str, types: frozenset[str]) -> Place:
    """Where a property goes on the page of something of these types.

    Shape: the property shape of a class it belongs to, else of any class, else
        the end of the page under the property's own label.
    """
    found = _places().get(path, {})
    fitting = [place for kind in sorted(types & found.keys()) for place in found[kind]]
    anywhere = [place for places in found.values() for place in places]
    place = min(fitting or anywhere or [Place(_LAST, "More", _LAST, "")])
    return place._replace(
        group=translated(f"group.{place.group}", place.group),
        label=term_label(path, place.label),
    )


@cache
def _places() -> dict[str, dict[str, list[Place]]]:
    """Every place by path and target class."""
    facts = _facts()
    places: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    for shape in facts.values():
        for property_shape in shape.get(SH.property.value, ()):
            about = facts.get(property_shape, {})
            for path in about.get(SH.path.value, ()):
                for target in shape.get(SH.targetClass.value, [""]):
                    places[path][target].append(_place(facts, about, path))
    return places


def _place(facts: dict[str, dict[str, list[str]]], about: dict[str, list[str]], path: str) -> Place:
    group = facts.get(next(iter(about.get(SH.group.value, ())), ""), {})
    return Place(
        _number(group.get(SH.order.value)),
        next(iter(group.get(RDFS.label.value, ())), "More"),
        _number(about.get(SH.order.value)),
        next(iter(about.get(SH.name.value, ())), ""),
    )


def _number(texts: list[str] | None) -> float:
    return float(texts[0]) if texts else _LAST


@cache
def _facts() -> dict[str, dict[str, list[str]]]:
    """The values of the shapes as plain text, by subject and predicate."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in shapes():
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
            found[quad.subject.value][quad.predicate.value].append(quad.object.value)
    return found
