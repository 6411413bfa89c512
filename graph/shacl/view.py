"""Data as dicts: what the compiled shapes look into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import cast

from pyoxigraph import NamedNode, Quad

from graph.facts import Facts, Properties, Term, facts_of, joined
from graph.vocab import RDF, RDFS

TYPE = RDF.type
SUBCLASS = RDFS.subClassOf
_NOTHING: Properties = {}
_NOBODY: Mapping[Term, Sequence[Term]] = {}
_BySubject = Mapping[Term, Properties]
_ByValue = dict[NamedNode, dict[Term, list[Term]]]


class Taxonomy:
    """Each class with all classes above it, worked out when first asked for."""

    def __init__(self, above: Mapping[Term, Iterable[Term]]) -> None:
        self._direct = above
        self._known = set(above).union(*above.values())
        self._closed: dict[Term, frozenset[Term]] = {}

    def above(self, kind: Term) -> frozenset[Term]:
        """The class itself and everything it is a subclass of."""
        found = self._closed.get(kind)
        if found is None:
            reached: set[Term] = {kind}
            waiting = [kind]
            while waiting:
                for upper in self._direct.get(waiting.pop(), ()):
                    if upper not in reached:
                        reached.add(upper)
                        waiting.append(upper)
            found = frozenset(reached)
            if kind in self._known:  # no class that data makes up is kept
                self._closed[kind] = found
        return found


class View:
    """Some quads by subject and property, in front of a vocabulary that stays.

    Shape: `inverted` names the properties that shapes follow backwards; no
        other is indexed by its values. Graph names are ignored, and a triple
        counts once. `beside` are facts that are indexed already.
    """

    def __init__(
        self,
        quads: Iterable[Quad],
        vocabulary: View | None = None,
        inverted: Iterable[NamedNode] = (),
        beside: Facts | None = None,
    ) -> None:
        self._behind: _BySubject = vocabulary.by_subject if vocabulary else {}
        found = joined(beside or {}, facts_of(quads))
        both = {node: self._behind[node] for node in found.keys() & self._behind.keys()}
        self.by_subject: _BySubject = cast("_BySubject", joined(both, found))
        self._by_value: _ByValue = {each: self._invert(each) for each in inverted}
        self._behind_values: _ByValue = vocabulary._by_value if vocabulary else {}
        self._vocabulary = vocabulary
        self._few: dict[tuple[int, frozenset[NamedNode]], bool] = {}
        self.answers: dict[tuple[object, Term], bool] = {}  # whether a shape accepts a node
        self.taxonomy: Taxonomy
        if vocabulary and not any(SUBCLASS in held for held in self.by_subject.values()):
            self.taxonomy = vocabulary.taxonomy
        else:
            self.taxonomy = Taxonomy(self._superclasses())

    def properties(self, node: Term) -> Properties:
        """What is said about a node, by property."""
        found = self.by_subject.get(node)
        return found if found is not None else self._behind.get(node, _NOTHING)

    def values(self, node: Term, predicate: NamedNode) -> Sequence[Term]:
        """A node's values of one property, each once."""
        return self.properties(node).get(predicate, ())

    def subjects(self, predicate: NamedNode, value: Term) -> Sequence[Term]:
        """The nodes with that value of one of the `inverted` properties."""
        here = self._by_value.get(predicate, _NOBODY).get(value, ())
        behind = self._behind_values.get(predicate, _NOBODY).get(value, ())
        return tuple(dict.fromkeys((*here, *behind))) if here and behind else here or behind

    def is_a(self, node: Term, kind: Term) -> bool:
        """Whether a node is a SHACL instance of a class.

        Source: SHACL, section 1.1 (SHACL instance).
        """
        above = self.taxonomy.above
        for each in self.properties(node).get(TYPE, ()):  # noqa: SIM110 (any() takes twice as long)
            if kind in above(each):
                return True
        return False

    @cached_property
    def predicates(self) -> frozenset[NamedNode]:
        """Every property in the quads, the vocabulary left out."""
        return frozenset().union(*self.by_subject.values())

    def holds_at_most(self, most: int, predicates: frozenset[NamedNode]) -> bool:
        """Whether some properties have no more values than that, of all nodes together."""
        answer = self._few.get((most, predicates))
        if answer is None:
            answer = self._few[most, predicates] = self._holds_at_most(most, predicates)
        return answer

    def _holds_at_most(self, most: int, predicates: frozenset[NamedNode]) -> bool:
        if self._vocabulary and not predicates.isdisjoint(self._vocabulary.predicates):
            return False
        values: set[Term] = set()
        for predicate in predicates:
            for held in self.by_subject.values():
                if predicate in held:
                    values.update(held[predicate])
                    if len(values) > most:
                        return False
        return True

    def objects_of(self, predicate: NamedNode) -> set[Term]:
        """Every value of a property in the quads, the vocabulary left out."""
        return {value for held in self.by_subject.values() for value in held.get(predicate, ())}

    def _invert(self, predicate: NamedNode) -> dict[Term, list[Term]]:
        found: dict[Term, list[Term]] = {}
        for subject, held in self.by_subject.items():
            for value in held.get(predicate, ()):
                found.setdefault(value, []).append(subject)
        return found

    def _superclasses(self) -> dict[Term, Sequence[Term]]:
        both = {**self._behind, **self.by_subject}
        return {node: held[SUBCLASS] for node, held in both.items() if SUBCLASS in held}
