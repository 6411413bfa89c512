"""All that should be said about one resource, for a page or a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Quad

from graph.schema import is_own, relations
from graph.store import Store
from graph.vocab import ASC, DCTERMS, FOAF, OA, ORG, PROV, RDF, RDFS, SKOS

_FOLLOW = frozenset(
    {
        ASC.contentSpan, ASC.attribution, ASC.relayedBy, ASC.cueSpan, ASC.agentSpan,
        ASC.saidAt, ASC.timeMention, ASC.timeSpan, ASC.expresses, ASC.cause, ASC.effect,
        ASC.contentArg, ASC.timeArg, ASC.versionOf, PROV.wasGeneratedBy,
    }
)  # fmt: skip
"""What belongs to a thing and is described with it."""

_LABELS = frozenset({RDFS.label, SKOS.prefLabel})
"""What is said of a term of the ontology that is mentioned."""

_NAMING = frozenset({RDF.type, RDFS.label, SKOS.prefLabel, DCTERMS.term("title"), OA.exact})
"""What is said of a thing that is only mentioned."""

_POINTING = frozenset(
    {
        ASC.subject, ASC.object, ASC.partOf, ASC.versionOf, ASC.inVersion, FOAF.member,
        ORG.member, ASC.post, ASC.partOfAgent, ASC.speaksFor, ASC.narrates, ASC.judged,
    }
)  # fmt: skip
"""What points at a thing and belongs on its page, with the relations of the ontology."""

_MOST_POINTING = 500


def describe(store: Store, iri: NamedNode) -> list[Quad]:
    """The quads about a resource; empty if the store holds none with it as subject.

    Shape: the resource with the parts it owns (spans, chains, propositions,
        times, generation), names for all it mentions, and what points at it.
    """
    about = store.match(iri)
    if not about:
        return []
    found: dict[Quad, None] = dict.fromkeys(about)
    described = {iri}
    waiting = [iri]
    while waiting:
        for node in _owned(store.match(waiting.pop())):
            if node not in described:
                described.add(node)
                waiting.append(node)
                found.update(dict.fromkeys(store.match(node)))
    for predicate in _POINTING | relations():
        found.update(dict.fromkeys(store.match(None, predicate, iri)[:_MOST_POINTING]))
    return [*found, *_names(store, found, described)]


def _owned(quads: Iterable[Quad]) -> Iterator[NamedNode]:
    for quad in quads:
        if quad.predicate in _FOLLOW and isinstance(quad.object, NamedNode):
            yield quad.object


def _names(store: Store, quads: Iterable[Quad], described: set[NamedNode]) -> Iterator[Quad]:
    mentioned = {
        term
        for quad in quads
        for term in (quad.subject, quad.object)
        if isinstance(term, NamedNode)
    }
    for node in mentioned - described:
        naming = _LABELS if is_own(node) else _NAMING
        for quad in store.match(node):
            if quad.predicate in naming:
                yield quad
