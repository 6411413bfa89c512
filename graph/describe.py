"""All that should be said about one resource, for a page or a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Graphs
from graph.errors import Gone, NotFound
from graph.schema import is_own, relations
from graph.store import Store
from graph.vocab import ASC, DCTERMS, FOAF, OA, ORG, PROV, RDF, RDFS, SKOS

OWNED = frozenset(
    {
        ASC.contentSpan, ASC.attribution, ASC.relayedBy, ASC.cueSpan, ASC.agentSpan,
        ASC.saidAt, ASC.timeMention, ASC.timeSpan, ASC.expresses, ASC.cause, ASC.effect,
        ASC.contentArg, ASC.timeArg, ASC.source, ASC.inVersion, ASC.versionOf,
        PROV.wasGeneratedBy,
    }
)  # fmt: skip
"""The properties that lead to what belongs to a thing and is described with it."""

_LABELS = frozenset({RDFS.label, SKOS.prefLabel})
"""What is said of a term of the ontology that is mentioned."""

NAMING = frozenset({RDF.type, RDFS.label, SKOS.prefLabel, DCTERMS.term("title"), OA.exact})
"""What is said of a thing that is only mentioned; of a statement its words, too."""

_POINTING = frozenset(
    {
        ASC.subject, ASC.object, ASC.partOf, ASC.versionOf, ASC.inVersion, FOAF.member,
        ORG.member, ASC.post, ASC.partOfAgent, ASC.speaksFor, ASC.narrates, ASC.judged,
    }
)  # fmt: skip
"""What points at a thing and belongs on its page, with the relations of the ontology."""

_MOST_POINTING = 500


def described(store: Store, graphs: Graphs, iri: NamedNode, *, whole: bool = True) -> list[Quad]:
    """The quads about a resource; see `describe`.

    Raises: NotFound if nothing is said about it; Gone if it was retracted.
    """
    quads = describe(store, iri, whole=whole)
    if all(quad.graph_name == graphs.catalog for quad in quads if quad.subject == iri):
        gone = retraction(store, graphs, iri)
        if gone:
            raise gone
    if not quads:
        raise NotFound(
            f"Nothing is stored about <{iri.value}>. "
            "Check the spelling, or ask a query for the IRIs there are."
        )
    return quads


def describe(store: Store, iri: NamedNode, *, whole: bool = True) -> list[Quad]:
    """The quads about a resource; empty if the store holds none with it as subject.

    Shape: the resource with the parts it owns (spans, chains, propositions,
        times, generation), its source, names for all it mentions, and what points at it;
        of parts and names nothing unless it is to be `whole`.
    """
    about = store.match(iri)
    if not about:
        return []
    found: dict[Quad, None] = dict.fromkeys(about)
    described = {iri}
    waiting = [iri] if whole else []
    while waiting:
        for node in _owned(store.match(waiting.pop())):
            if node not in described:
                described.add(node)
                waiting.append(node)
                about = store.match(node)
                found.update((quad, None) for quad in about if quad.predicate != ASC.describes)
    for predicate in _POINTING | relations():
        found.update(dict.fromkeys(store.match(None, predicate, iri)[:_MOST_POINTING]))
    return [*found, *(_names(store, found, described) if whole else ())]


def retraction(store: Store, graphs: Graphs, iri: NamedNode) -> Gone | None:
    """That a source was retracted, or the one that a thing stood in; None if it was not.

    Shape: what replaces it are the sources that revise it, else the other versions of
        its document.
    """
    for version in _may_have_stood_in(store, graphs, iri):
        for quad in store.find(version, PROV.invalidatedAtTime, None, graphs.catalog):
            when, others = quad.object.value, _in_place_of(store, version)  # type: ignore[union-attr]
            instead = ", ".join(f"<{each}>" for each in others) or "nothing"
            what = f"<{iri.value}>" if iri == version else f"<{iri.value}>, with its source,"
            told = f"{what} was retracted on {when}. In its place: {instead}."
            return Gone(told, others, version.value)
    return None


_MOST_REPLACING = 10
"""As many are named in the place of one: each becomes a header, and clients take 100."""


def _may_have_stood_in(store: Store, graphs: Graphs, iri: NamedNode) -> Iterator[NamedNode]:
    """The versions that an IRI names itself, by its document, or by the digest in it."""
    document, mark, rest = iri.value.partition("/v/")
    yield NamedNode(f"{document}{mark}{rest.partition('/')[0]}")
    short = iri.value.removeprefix(graphs.base).split("/")[1:2]
    keys = ((DCTERMS.isVersionOf, iri), (DCTERMS.identifier, Literal("".join(short))))
    for named, key in keys:
        for quad in store.find(None, named, key, graphs.catalog):
            if isinstance(quad.subject, NamedNode):
                yield quad.subject


def _in_place_of(store: Store, version: NamedNode) -> tuple[str, ...]:
    document = NamedNode(version.value.rpartition("/v/")[0])
    for predicate, value in ((PROV.wasRevisionOf, version), (ASC.versionOf, document)):
        found = {quad.subject for quad in store.find(None, predicate, value)}
        if names := sorted(each.value for each in found if isinstance(each, NamedNode)):
            return tuple(names[:_MOST_REPLACING])
    return ()


def _owned(quads: Iterable[Quad]) -> Iterator[NamedNode]:
    for quad in quads:
        if quad.predicate in OWNED and isinstance(quad.object, NamedNode):
            yield quad.object


def _names(store: Store, quads: Iterable[Quad], described: set[NamedNode]) -> Iterator[Quad]:
    mentioned = {
        term
        for quad in quads
        for term in (quad.subject, quad.object)
        if isinstance(term, NamedNode)
    }
    for node in mentioned - described:
        naming = _LABELS if is_own(node) else NAMING
        for quad in store.match(node):
            if quad.predicate in naming:
                yield quad
            if quad.predicate == ASC.contentSpan and isinstance(quad.object, NamedNode):
                yield from (quad, *store.match(quad.object, OA.exact))
