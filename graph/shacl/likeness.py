"""Nodes that are alike to the shapes: once one is found sound, its like need no check.

Most conditions look at a node's own properties, and in their values at no more than
whether a literal is well written or what type a thing has. What they can see is
written down as a row of numbers; nodes with one row get one verdict.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from pyoxigraph import NamedNode, Triple

from graph.facts import Properties, Term
from graph.shacl.shape import Reads, Search, Shape, Test
from graph.shacl.view import TYPE, View

_MOST = 8192  # data brings its own terms, so what is remembered of them needs an end

_SHORT = 200  # letters: longer texts seldom come again, and would take much memory

K = TypeVar("K")
Look = Callable[[View, Term], object]


@dataclass(slots=True)
class _Reading:
    """What the shapes see in the values of one property.

    Shape: `looks` at the term itself; `typed` if its types are looked at too.
        `seen` and `terms` have the number of each sight, and of each term.
    """

    number: int
    looks: list[Look] = field(default_factory=list)
    typed: bool = False
    seen: dict[tuple[object, ...], int] = field(default_factory=dict)
    terms: dict[Term, int] = field(default_factory=dict)


class Likeness:
    """What some shapes see of a node, as far as it can be told from a distance of one step.

    Shape: first told which shapes there are (`covers`), then asked about nodes.
    """

    def __init__(self) -> None:
        self._numbers = count()
        self._kinds: dict[tuple[Term, ...], int] = {}
        self._readings: dict[NamedNode, _Reading] = {}
        self._reading(TYPE).looks.append(lambda _, kind: kind)

    def covers(self, shape: Shape) -> bool:
        """Whether nodes that are alike are alike to a shape, which is noted from now on."""
        if not shape.active:
            return True
        if shape.path is None:
            return (
                all(self._at_focus(test) for test in shape.tests)
                and all(search.reads is Reads.NAMES for search in shape.searches)
                and all(self.covers(each) for each in shape.properties)
            )
        starts = shape.path.starts
        if not shape.path.step or starts is None or shape.properties:
            return False
        if len(starts) > 1 and (shape.searches or shape.least > 1 or shape.most < sys.maxsize):
            return False  # a value of two properties counts once, which is not seen
        readings = [self._reading(predicate) for predicate in starts]
        tested = [self._at_values(test, readings) for test in shape.tests]
        searched = [self._in_values(search, readings) for search in shape.searches]
        return all(tested) and all(searched)

    def of(self, view: View, node: Term, said: Properties, kinds: dict[Term, int]) -> Hashable:
        """What the shapes see of a node and what is said about it.

        Shape: `kinds` keeps what was found about the types of the view's nodes.
        """
        row: list[object] = [type(node)]
        readings = self._readings
        for predicate, values in said.items():
            reading = readings.get(predicate) or self._unread(predicate)
            row.append(reading.number)
            if reading.looks:
                for value in values:
                    number = reading.terms.get(value)
                    row.append(self._seen(reading, view, value) if number is None else number)
            if reading.typed:
                for value in values:
                    number = kinds.get(value)
                    row.append(self._kind_of(view, value, kinds) if number is None else number)
            row.append(len(values))
        return tuple(row)

    def _at_focus(self, test: Test) -> bool:
        if test.reads is Reads.SHAPES:
            return all(self.covers(each) for each in test.shapes)
        return test.reads in (Reads.KIND, Reads.TYPES)

    def _at_values(self, test: Test, readings: Iterable[_Reading]) -> bool:
        if test.reads is Reads.SHAPES:
            return all(self._asked_of_values(each, readings) for each in test.shapes)
        for reading in readings:
            if test.reads is Reads.TYPES:
                reading.typed = True
            else:
                reading.looks.append(test.holds)
        return True

    def _asked_of_values(self, shape: Shape, readings: Iterable[_Reading]) -> bool:
        if not shape.active:
            return True
        if shape.path is not None or shape.searches or shape.properties:
            return False
        return all(self._at_values(test, readings) for test in shape.tests)

    def _in_values(self, search: Search, readings: Iterable[_Reading]) -> bool:
        look = search.seen
        if look is None:
            return False
        for reading in readings:
            reading.looks.append(lambda _, value: look(value))
        return True

    def _reading(self, predicate: NamedNode) -> _Reading:
        return self._readings.setdefault(predicate, _Reading(next(self._numbers)))

    def _unread(self, predicate: NamedNode) -> _Reading:
        """A property of which no shape sees more than that it is there."""
        if len(self._readings) >= _MOST:
            return _Reading(next(self._numbers))
        return self._reading(predicate)

    def _seen(self, reading: _Reading, view: View, value: Term) -> int:
        sight = tuple([look(view, value) for look in reading.looks])
        number = self._numbered(reading.seen, sight)
        if not isinstance(value, Triple) and len(value.value) <= _SHORT:
            if len(reading.terms) >= _MOST:
                reading.terms.clear()
            reading.terms[value] = number
        return number

    def _kind_of(self, view: View, value: Term, kinds: dict[Term, int]) -> int:
        types = tuple(view.properties(value).get(TYPE, ()))
        number = kinds[value] = self._numbered(self._kinds, types)
        return number

    def _numbered(self, numbers: dict[K, int], key: K) -> int:
        """The number of a sight, a new one where it is new."""
        found = numbers.get(key)
        if found is None:
            if len(numbers) >= _MOST:
                numbers.clear()
            found = numbers[key] = next(self._numbers)
        return found
