"""A compiled shape: what it tests at a node and how it reports a fault."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from graph.facts import Term
from graph.report import Result
from graph.shacl.paths import Path
from graph.shacl.view import View
from graph.vocab import SH


class Reads(Enum):
    """What a condition looks at, in a value node or, of a node shape, the focus node."""

    KIND = "whether it is an IRI, a blank node or a literal"
    TERM = "the term itself, as it is written"
    TYPES = "its types"
    SHAPES = "whatever some other shapes look at"
    NAMES = "which properties it has"
    MORE = "more than these"


class Test(NamedTuple):
    """A condition that each value node meets or not.

    Shape: `shapes` are those it asks, where it reads what they read.
    """

    component: str
    holds: Callable[[View, Term], bool]
    reads: Reads = Reads.TERM
    shapes: tuple[Shape, ...] = ()


class Fault(NamedTuple):
    """What a condition on all value nodes together finds wrong.

    Shape: `path` only where it is another than the shape's.
    """

    value: Term | None = None
    path: str | None = None


NO_VALUE = Fault()
MIN_COUNT = SH.MinCountConstraintComponent.value
MAX_COUNT = SH.MaxCountConstraintComponent.value


class Search(NamedTuple):
    """A condition on a focus node and all its value nodes together.

    Shape: `among_none` says whether it may find something where there are no
        value nodes, `needs` without which property of the focus node it finds
        nothing. If it reads no more than the terms, `seen` is what it sees in one.
    """

    component: str
    faults: Callable[[View, Term, Sequence[Term]], Iterable[Fault]]
    among_none: bool = False
    reads: Reads = Reads.MORE
    needs: NamedNode | None = None
    seen: Callable[[Term], object] | None = None


@dataclass(slots=True, eq=False)
class Shape:
    """One shape, ready to run.

    Shape: `path` is None for a node shape, whose one value node is the focus
        node itself. `least` and `most` bound the number of value nodes; nearly
        every shape has them, so they are compared here and not called.
    Source: SHACL, section 3.4 (validation), 3.6.2 (results).
    """

    name: str
    path: Path | None
    severity: str
    message: str
    active: bool = True
    least: int = 0
    most: int = sys.maxsize
    tests: tuple[Test, ...] = ()
    searches: tuple[Search, ...] = ()
    properties: tuple[Shape, ...] = ()

    @property
    def predicate(self) -> NamedNode | None:
        """The property that leads to the value nodes, if it is one property."""
        return self.path.predicate if self.path else None

    def is_kept_by_all(self, view: View) -> bool:
        """Whether no node can have too many values, as there are not that many in all."""
        ends = self.path.ends if self.path else None
        if ends is None or self.least or self.tests or self.searches or self.properties:
            return False
        return view.holds_at_most(self.most, ends)

    def check(self, view: View, focus: Term, found: list[Result]) -> None:
        """Add to `found` what is wrong with a focus node."""
        if not self.active:
            return
        values = self.path.follow(view, focus) if self.path else (focus,)
        self.check_values(view, focus, values, found)

    def check_values(
        self, view: View, focus: Term, values: Sequence[Term], found: list[Result]
    ) -> None:
        """As `check`, where the value nodes are known; the shape is active."""
        if not self.least <= len(values) <= self.most:
            component = MIN_COUNT if len(values) < self.least else MAX_COUNT
            found.append(self._result(component, focus, NO_VALUE))
        for test in self.tests:
            for value in values:
                if not test.holds(view, value):
                    found.append(self._result(test.component, focus, Fault(value)))
        for search in self.searches:
            for fault in search.faults(view, focus, values):
                found.append(self._result(search.component, focus, fault))
        for each in self.properties:
            for value in values:
                each.check(view, value, found)

    def accepts(self, view: View, focus: Term) -> bool:
        """Whether a node conforms; asked once for each node of a view."""
        answers = view.answers
        answer = answers.get((self, focus))
        if answer is None:
            answer = answers[self, focus] = self._accepts(view, focus)
        return answer

    def _accepts(self, view: View, focus: Term) -> bool:
        if not self.active:
            return True
        values = self.path.follow(view, focus) if self.path else (focus,)
        if not self.least <= len(values) <= self.most:
            return False
        for test in self.tests:
            for value in values:
                if not test.holds(view, value):
                    return False
        for search in self.searches:
            for _ in search.faults(view, focus, values):
                return False
        return all(each.accepts(view, value) for each in self.properties for value in values)

    def may_fail_with(self, predicates: frozenset[NamedNode]) -> bool:
        """Whether a node with these properties, and no others, could break this shape."""
        if not self.active:
            return False
        if self.least or any(search.among_none for search in self.searches):
            return True
        if self.searches and not self.tests and not self.properties and self.most == sys.maxsize:
            needed = {search.needs for search in self.searches}
            if None not in needed and needed.isdisjoint(predicates):
                return False
        starts = self.path.starts if self.path else None
        return starts is None or not starts.isdisjoint(predicates)

    def _result(self, component: str, focus: Term, fault: Fault) -> Result:
        return Result(
            line=None,
            rule=self.name,
            focus=name_of(focus),
            path=fault.path or (self.predicate.value if self.predicate else None),
            value=str(fault.value) if fault.value is not None else None,
            component=component,
            severity=self.severity,
            message=self.message or f"This does not satisfy {component.rpartition('#')[2]}.",
        )


def name_of(node: Term) -> str:
    """A node as results name it: IRIs and literals bare, blank nodes with `_:`."""
    return node.value if isinstance(node, NamedNode | Literal) else str(node)
