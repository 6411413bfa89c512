"""Who puts a statement forward and how firmly, read from the store by index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode

from graph.bundle import Graphs
from graph.schema import labels, subclasses
from graph.store import Store
from graph.vocab import ASC, ASCV, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS

_FIRMNESS: dict[NamedNode, float] = {
    ASC.ReportedBelief: 0.5,
    ASC.ReportedPerception: 0.8,
    ASC.ReportedDesire: 0.0,
    ASC.ReportedIntention: 0.0,
    ASC.Presupposition: 0.8,
    ASC.HeadlineAssertion: 0.9,
    ASC.Paratext: 0.0,
    ASCV.probable: 0.7,
    ASCV.possible: 0.4,
    ASCV.certaintyUnderspecified: 0.6,
    ASCV.future: 0.7,
    ASCV.temporalityUnderspecified: 0.8,
}
"""How much weight is left to a statement of this class, certainty or temporality;
one that stands not here keeps all of it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A statement with what counts when it is held against another.

    Shape: `order` is the number of the write that brought it, `firmness` 1 for a
        plain assertion; `chain` are those who say it or pass it on, the outlet
        and all they are part of; `known` tells whether each of them has a name.
    """

    statement: str
    version: str
    document: str
    order: int
    firmness: float
    temporality: str
    speakers: tuple[str, ...]
    chain: frozenset[str]
    known: bool
    part: bool


class Reading:
    """What a store says about statements, agents and names; each is read once."""

    def __init__(self, store: Store, graphs: Graphs) -> None:
        self._store = store
        self._graphs = graphs
        self.voice = cache(self._voice)
        self.name = cache(self._name)
        self.above = cache(self._above)
        self.is_a = cache(self._is_a)
        self._document_of = cache(self._document)
        self._order_of = cache(self._order)
        self._outlets_of = cache(self._outlets)
        self._agents_of = cache(self._agents)

    def _is_a(self, node: str, kind: NamedNode) -> bool:
        """Whether a thing has a class or one below it."""
        wanted = subclasses()[kind]
        return any(quad.object in wanted for quad in self._store.find(NamedNode(node), RDF.type))

    def _voice(self, statement: str) -> Voice | None:
        """A statement as a voice; None if it is withdrawn, or not stored."""
        said: dict[NamedNode, list[str]] = defaultdict(list)
        for quad in self._store.find(NamedNode(statement)):
            if isinstance(quad.object, NamedNode | Literal):
                said[quad.predicate].append(quad.object.value)
        version = next(iter(said[ASC.source]), "")
        if not version or PROV.invalidatedAtTime in said:
            return None
        document = self._document_of(version)
        named = frozenset[str]().union(*map(self._agents_of, said[ASC.attribution]))
        outlets = self._outlets_of(document)
        kinds = (*said[RDF.type], *said[ASC.certainty], *said[ASC.temporality])
        firmness = 1.0
        for kind in kinds:
            firmness *= _FIRMNESS.get(NamedNode(kind), 1.0)
        return Voice(
            statement=statement,
            version=version,
            document=document,
            order=self._order_of(version),
            firmness=firmness,
            temporality=next(iter(said[ASC.temporality]), ""),
            speakers=tuple(sorted(self._speakers(said[ASC.attribution]))),
            chain=frozenset[str]().union(*map(self.above, named | outlets)),
            known=bool(outlets) and not any(self.is_a(a, ASC.UnidentifiedAgent) for a in named),
            part=ASC.partOf in said,
        )

    def _document(self, version: str) -> str:
        return next(self._objects(version, ASC.versionOf), version)

    def _outlets(self, document: str) -> frozenset[str]:
        return frozenset(self._objects(document, DCTERMS.publisher))

    def _order(self, version: str) -> int:
        """The number of the write that brought a bundle."""
        catalog = self._graphs.catalog
        for quad in self._store.find(NamedNode(version), PROV.wasGeneratedBy, None, catalog):
            return int(quad.object.value.rpartition("/")[2])  # type: ignore[union-attr]
        return 0

    def _speakers(self, hops: Iterable[str]) -> Iterator[str]:
        for hop in hops:
            yield from self._objects(hop, ASC.agent)

    def _agents(self, hop: str) -> frozenset[str]:
        """The agents of a chain but its narrator."""
        waiting, seen, found = [hop], set[str](), set[str]()
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                found.update(self._objects(node, ASC.agent))
                waiting.extend(self._objects(node, ASC.relayedBy))
        return frozenset(each for each in found if not self.is_a(each, ASC.Narrator))

    def _above(self, agent: str) -> frozenset[str]:
        """An agent with all that it is part of, speaks for, or speaks jointly with."""
        waiting, seen = [agent], set[str]()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            for link in (ASC.partOfAgent, ASC.speaksFor, FOAF.member):
                waiting.extend(self._objects(node, link))
        return frozenset(seen)

    def _name(self, iri: str) -> str:
        """A thing's English name, else the first of the others."""
        if iri in labels():
            return labels()[iri]
        found = [
            quad.object
            for naming in (RDFS.label, SKOS.prefLabel)
            for quad in self._store.find(NamedNode(iri), naming)
            if isinstance(quad.object, Literal)
        ]
        found.sort(key=lambda each: (each.language != "en", each.value))
        return found[0].value if found else iri

    def _objects(self, subject: str, predicate: NamedNode) -> Iterator[str]:
        for quad in self._store.find(NamedNode(subject), predicate):
            if isinstance(quad.object, NamedNode):
                yield quad.object.value
