"""What is stored, read subject by subject and remembered for one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from graph.facts import Properties, Subject, facts_of
from graph.index import Searcher
from graph.kg import KnowledgeGraph
from graph.schema import narrowest, superclasses
from graph.store import Store, Term
from graph.vocab import RDF

if TYPE_CHECKING:
    from graph.web.views.names import Name

_NOTHING: Properties = {}


class Facts:
    """A reader of one dataset for the length of one page.

    Shape: resources are named by their IRIs as plain text; a list of values
        is sorted, so that a page is the same every time. What the `index` has of
        statements is read from there, all else from the store.
    """

    def __init__(self, store: Store, index: Searcher | None = None) -> None:
        self._store = store
        self.index = index
        self.names: dict[str, Name] = {}
        self._about: dict[str, Properties] = {}
        self._disputed: dict[str, bool] = {}
        self._unshared: set[str] = set()

    def prepare(self, statements: Iterable[str]) -> None:
        """Read at once what is told of some statements and whom they name, by the index."""
        new = [each for each in dict.fromkeys(statements) if each not in self._disputed]
        if self.index is not None and new:
            told = self.index.told(new)
            self._note(told)
            listed = (values for said in told.values() for values in said.values())
            named = {value for values in listed for value in values}
            self.prepare_shared(each.value for each in named if isinstance(each, NamedNode))
            disputed = self.index.disputed(new)
            known = (each for each in new if each in self._about)
            self._disputed.update((each, each in disputed) for each in known)

    def prepare_shared(self, things: Iterable[str]) -> None:
        """Read at once what is told of things that sources share, by the index."""
        if self.index is not None and (new := set(things) - self._about.keys() - self._unshared):
            self._note(self.index.told_shared(new))
            self._unshared |= new - self._about.keys()

    def prepare_stored(self, things: Iterable[str]) -> None:
        """Read some that the store alone has, and at once whom they name, by the index."""
        named: set[str] = set()
        for each in set(things) - self._about.keys():
            node = NamedNode(each)
            said = self._about[each] = facts_of(self._store.match(node)).get(node, _NOTHING)
            named.update(v.value for vs in said.values() for v in vs if isinstance(v, NamedNode))
        self.prepare_shared(named)

    def about(self, iri: str) -> Properties:
        """The values of each property of a resource."""
        if iri not in self._about:
            self.prepare_shared([iri])
        found = self._about.get(iri)
        if found is None:
            node = NamedNode(iri)
            found = self._about[iri] = facts_of(self._store.match(node)).get(node, _NOTHING)
        return found

    def _note(self, told: Mapping[Subject, Properties]) -> None:
        about = ((each.value, said) for each, said in told.items() if isinstance(each, NamedNode))
        self._about.update(about)

    def is_disputed(self, statement: str) -> bool | None:
        """Whether another statement disagrees; None for one that was not prepared."""
        return self._disputed.get(statement)

    def terms(self, iri: str, predicate: NamedNode) -> list[Term]:
        """All values of a property."""
        found = self.about(iri).get(predicate, ())
        return sorted(found, key=str) if len(found) > 1 else [*found]

    def iris(self, iri: str, predicate: NamedNode) -> list[str]:
        """The values of a property that are IRIs."""
        return [term.value for term in self.terms(iri, predicate) if isinstance(term, NamedNode)]

    def iri(self, iri: str, predicate: NamedNode) -> str | None:
        """The one value of a property that is an IRI."""
        return next(iter(self.iris(iri, predicate)), None)

    def literal(self, iri: str, predicate: NamedNode) -> Literal | None:
        """The one literal of a property, the English one where there are several."""
        found = [term for term in self.terms(iri, predicate) if isinstance(term, Literal)]
        if len(found) < 2:
            return found[0] if found else None
        return min(found, key=lambda each: not (each.language or "").startswith("en"))

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


def facts_for(kg: KnowledgeGraph) -> Facts:
    """A reader of a dataset, by its index if that is at hand."""
    return Facts(kg.store, kg.index.at_hand())


@lru_cache(1024)
def all_classes(types: frozenset[str]) -> frozenset[str]:
    """Some classes with all that lie above them."""
    above = superclasses()
    nodes = (NamedNode(each) for each in types)
    return frozenset(up.value for node in nodes for up in above.get(node, frozenset({node})))
