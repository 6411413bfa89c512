"""A compiled shape: what it tests at a node and how it reports a fault."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from graph.facts import Term
from graph.report import Result
from graph.shacl.paths import Path
from graph.shacl.view import View
from graph.vocab import SH


class Test(NamedTuple):
    """A condition that each value node meets or not."""

    component: str
    holds: Callable[[View, Term], bool]


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
        value nodes.
    """

    component: str
    faults: Callable[[View, Term, Sequence[Term]], Iterable[Fault]]
    among_none: bool = False


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
        for component, holds in self.tests:
            for value in values:
                if not holds(view, value):
                    found.append(self._result(component, focus, Fault(value)))
        for component, faults, _ in self.searches:
            for fault in faults(view, focus, values):
                found.append(self._result(component, focus, fault))
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
        for _, holds in self.tests:
            for value in values:
                if not holds(view, value):
                    return False
        for _, faults, _ in self.searches:
            for _ in faults(view, focus, values):
                return False
        return all(each.accepts(view, value) for each in self.properties for value in values)

    def may_fail_with(self, predicates: frozenset[NamedNode]) -> bool:
        """Whether a node with these properties, and no others, could break this shape."""
        if not self.active:
            return False
        if self.least or any(search.among_none for search in self.searches):
            return True
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
