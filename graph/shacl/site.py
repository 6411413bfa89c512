"""Where a constraint stands: its shape in the shapes graph, and what is around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from graph.errors import UnsupportedShape
from graph.facts import Term
from graph.shacl.literals import is_well_formed
from graph.shacl.paths import MalformedPath, Path, members
from graph.shacl.shape import Search, Shape, Test, name_of
from graph.shacl.view import View
from graph.vocab import SH, XSD


@dataclass(frozen=True, slots=True)
class Site:
    """One shape while it is compiled, as the makers of its constraints see it."""

    shapes: View
    node: Term
    path: Path | None
    compile_shape: Callable[[Term], Shape]

    def refuse(self, construct: str) -> UnsupportedShape:
        """The error that names this shape and what is wrong with it."""
        return UnsupportedShape(name_of(self.node), construct)

    def values(self, predicate: NamedNode) -> tuple[Term, ...]:
        """All values of a parameter."""
        return tuple(self.shapes.values(self.node, predicate))

    def one(self, predicate: NamedNode) -> Term | None:
        """The value of a parameter that may be given once.

        Raises: UnsupportedShape if it is given several times.
        """
        found = self.values(predicate)
        if len(found) > 1:
            raise self.refuse(f"{len(found)} values of {short(predicate)}, which takes one")
        return found[0] if found else None

    def count(self, predicate: NamedNode) -> int | None:
        """The value of a parameter that takes a whole number from 0.

        Raises: UnsupportedShape if it is none.
        """
        value = self.one(predicate)
        if value is None:
            return None
        whole = isinstance(value, Literal) and value.datatype.value == XSD + "integer"
        if not (whole and isinstance(value, Literal) and is_well_formed(value)):
            raise self.refuse(f"{short(predicate)} {value}, which is no xsd:integer")
        if int(value.value) < 0:
            raise self.refuse(f"{short(predicate)} {value}, which is below 0")
        return int(value.value)

    def literal(self, value: Term, predicate: NamedNode) -> Literal:
        """The value of a parameter that takes a literal.

        Raises: UnsupportedShape if it is none.
        """
        if not isinstance(value, Literal):
            raise self.refuse(f"{short(predicate)} {value}, which is no literal")
        return value

    def iri(self, value: Term, predicate: NamedNode) -> NamedNode:
        """The value of a parameter that takes an IRI.

        Raises: UnsupportedShape if it is none.
        """
        if not isinstance(value, NamedNode):
            raise self.refuse(f"{short(predicate)} {value}, which is no IRI")
        return value

    def is_true(self, predicate: NamedNode) -> bool:
        """Whether a parameter is `true`, written so.

        Source: W3C SHACL test suite, core/property/uniqueLang-002 ("1" is not).
        """
        return Literal(True) in self.values(predicate)

    def members(self, value: Term, predicate: NamedNode) -> tuple[Term, ...]:
        """The members of the list that a parameter takes.

        Raises: UnsupportedShape if it is no list.
        """
        try:
            return members(self.shapes, value)
        except MalformedPath as fault:
            raise self.refuse(f"{short(predicate)}: {fault}") from None


Maker = Callable[[Site], Iterator[Test | Search]]
Makers = Mapping[NamedNode, Maker]


def component(name: str) -> str:
    """The IRI of the constraint component `name`."""
    return SH.term(f"{name}ConstraintComponent").value


def short(predicate: NamedNode) -> str:
    """A SHACL term as people write it."""
    return predicate.value.replace(SH, "sh:")
