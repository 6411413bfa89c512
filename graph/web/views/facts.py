"""What the store says, read subject by subject and remembered for one page."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Quad

from graph.schema import narrowest, superclasses
from graph.store import Store, Term
from graph.vocab import RDF


class Facts:
    """A reader of one store for the length of one page.

    Shape: resources are named by their IRIs as plain text; a list of values
        is sorted, so that a page is the same every time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._about: dict[str, list[Quad]] = {}

    def load(self, graphs: Iterable[NamedNode]) -> None:
        """Read whole graphs at once, whose subjects no other graph describes."""
        for graph in graphs:
            for quad in self._store.match(graph=graph):
                if isinstance(quad.subject, NamedNode):
                    self._about.setdefault(quad.subject.value, []).append(quad)

    def about(self, iri: str) -> list[Quad]:
        """The quads with this subject."""
        if iri not in self._about:
            self._about[iri] = self._store.match(NamedNode(iri))
        return self._about[iri]

    def terms(self, iri: str, predicate: NamedNode) -> list[Term]:
        """All values of a property."""
        found = {quad.object for quad in self.about(iri) if quad.predicate == predicate}
        return sorted(found, key=str)

    def iris(self, iri: str, predicate: NamedNode) -> list[str]:
        """The values of a property that are IRIs."""
        return [term.value for term in self.terms(iri, predicate) if isinstance(term, NamedNode)]

    def iri(self, iri: str, predicate: NamedNode) -> str | None:
        """The one value of a property that is an IRI."""
        return next(iter(self.iris(iri, predicate)), None)

    def literal(self, iri: str, predicate: NamedNode) -> Literal | None:
        """The one literal of a property, the English one where there are several."""
        found = [term for term in self.terms(iri, predicate) if isinstance(term, Literal)]
        return min(found, key=lambda each: not (each.language or "").startswith("en"), default=None)

    def text(self, iri: str, predicate: NamedNode) -> str | None:
        """The words of that literal."""
        found = self.literal(iri, predicate)
        return found.value if found else None

    def number(self, iri: str, predicate: NamedNode) -> int | None:
        """That literal as a whole number, if it is one."""
        text = self.text(iri, predicate)
        return int(text) if text and text.isascii() and text.isdigit() else None

    def pointing_at(self, iri: str, predicate: NamedNode) -> list[str]:
        """The subjects of which a property leads here."""
        found = self._store.match(None, predicate, NamedNode(iri))
        return sorted({q.subject.value for q in found if isinstance(q.subject, NamedNode)})

    def types(self, iri: str) -> frozenset[str]:
        """The classes a resource is said to belong to."""
        return frozenset(self.iris(iri, RDF.type))

    def is_a(self, iri: str, kind: NamedNode) -> bool:
        """Whether a resource belongs to a class or to one below it."""
        return kind.value in all_classes(self.types(iri))

    def kind(self, iri: str) -> str | None:
        """The narrowest class of a resource."""
        return narrowest(self.types(iri))


def all_classes(types: Iterable[str]) -> frozenset[str]:
    """Some classes with all that lie above them."""
    above = superclasses()
    nodes = (NamedNode(each) for each in types)
    return frozenset(up.value for node in nodes for up in above.get(node, frozenset({node})))
