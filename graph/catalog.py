"""What a dataset keeps about its bundles: the quads of `graph/catalog`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Bundle, Graphs, digest_of_quads
from graph.facts import Subject
from graph.files import VERSION
from graph.overlay import Overlay
from graph.reasoning import entail
from graph.schema import ontology
from graph.store import Store
from graph.vocab import ASC, DCTERMS, PROV, RDF, RDFS

_SHORT = 12  # as much of a source's SHA-256 is in the IRIs of what stands in it


def entry(bundle: Bundle, digest: str, statements: int, time: Literal) -> Iterator[Quad]:
    """A bundle's entry: what it is, what it holds, which shared things it describes."""
    name, catalog = bundle.version, bundle.graphs.catalog
    yield Quad(name, RDF.type, PROV.Bundle, catalog)
    yield Quad(name, ASC.bundleDigest, Literal(digest), catalog)
    yield Quad(name, ASC.statementCount, Literal(statements), catalog)
    yield Quad(name, DCTERMS.dateAccepted, time, catalog)
    for subject in bundle.shared:
        yield Quad(name, ASC.describes, subject, catalog)


def stamps(bundle: Bundle, now: Literal, kept: Iterable[Quad] = ()) -> Iterator[Quad]:
    """The record time of each statement that does not bring its own.

    Shape: `kept` are the times that stored statements have already.
    """
    known = {quad.subject: quad for quad in kept}
    for statement in bundle.subjects_of(ASC.Statement):
        if PROV.generatedAtTime not in bundle.facts[statement]:
            new = Quad(statement, PROV.generatedAtTime, now, bundle.version)
            yield known.get(statement, new)


def completed(
    bundle: Bundle, digest: str, verbatim: frozenset[Subject], time: Literal
) -> set[Quad]:
    """All that a bundle puts into the store: what it states, entails, and its entry."""
    statements = len(bundle.subjects_of(ASC.Statement))
    listed = entry(bundle, digest, statements, time)
    return {*bundle.quads, *entail(bundle, verbatim), *listed}


def made_by(graphs: Graphs, version: NamedNode, revision: int) -> Quad:
    """Which write brought a stored bundle."""
    return Quad(version, PROV.wasGeneratedBy, write_iri(graphs, revision), graphs.catalog)


def tombstone(
    graphs: Graphs, version: NamedNode, revision: int, time: Literal, left: Iterable[Quad]
) -> Iterator[Quad]:
    """What stays of a bundle that was retracted: when, by which write, its title among what
    left, and how it is found by its document or by the digest in the names of what stood in it."""
    yield retracted(graphs, version, time)
    yield Quad(version, PROV.wasInvalidatedBy, write_iri(graphs, revision), graphs.catalog)
    document, mark, digest = version.value.rpartition("/v/")
    if mark:
        short = Literal(digest[:_SHORT])
        yield Quad(version, DCTERMS.isVersionOf, NamedNode(document), graphs.catalog)
        yield Quad(version, DCTERMS.identifier, short, graphs.catalog)
        for quad in left:
            if quad.predicate == DCTERMS.term("title") and quad.subject == NamedNode(document):
                yield Quad(version, quad.predicate, quad.object, graphs.catalog)


def retracted(graphs: Graphs, version: NamedNode, time: Literal) -> Quad:
    """That a bundle was retracted, and when."""
    return Quad(version, PROV.invalidatedAtTime, time, graphs.catalog)


def lines(
    before: Overlay,
    graphs: Graphs,
    coming: Mapping[NamedNode, set[Quad]],
    left: Mapping[NamedNode, set[Quad]],
) -> Iterator[tuple[NamedNode, set[Quad], set[Quad]]]:
    """What each line of the log brings that was not there, and takes away for good.

    Shape: by bundle, from all that comes and leaves with each in one step.
    """
    everything = set[Quad]().union(*coming.values())
    several = (*graphs.shared, graphs.catalog)
    met = {q for q in everything if q.graph_name in several and any(before.find(*q))}
    for version, quads in coming.items():
        yield version, quads - left[version] - met, left[version] - everything
        met |= quads


def activity(
    graphs: Graphs, version: NamedNode, revision: int, time: Literal, by: str
) -> Iterator[Quad]:
    """A write as an activity: on what, when, with which tool, on whose word; and its number.

    Source: PROV-O, section 3.1 (Activity, wasAssociatedWith, endedAtTime).
    """
    write, catalog = write_iri(graphs, revision), graphs.catalog
    yield number(graphs, revision)
    yield Quad(write, PROV.used, version, catalog)
    yield Quad(write, RDF.type, PROV.Activity, catalog)
    yield Quad(write, PROV.endedAtTime, time, catalog)
    yield Quad(write, ASC.tool, Literal("ascribe"), catalog)
    yield Quad(write, ASC.toolVersion, Literal(VERSION), catalog)
    if by:
        writer = NamedNode(f"{graphs.base}writer/{quote(by, safe='')}")
        yield Quad(write, PROV.wasAssociatedWith, writer, catalog)
        yield Quad(writer, RDFS.label, Literal(by), catalog)


def number(graphs: Graphs, revision: int) -> Quad:
    """The number of a write: the highest one there says how far the store is."""
    return Quad(graphs.catalog, ASC.revision, Literal(revision), graphs.catalog)


def related(graphs: Graphs, revision: int) -> Quad:
    """Up to which write relations were worked out."""
    return Quad(graphs.relations, ASC.revision, Literal(revision), graphs.catalog)


def write_iri(graphs: Graphs, revision: int) -> NamedNode:
    """The name of one write."""
    return NamedNode(f"{graphs.base}write/{revision}")


def keep_ontology(store: Store, graphs: Graphs) -> None:
    """Put our ontology beside the data, so that labels can be asked for.

    Axioms with blank nodes stay out: they cannot be deleted one by one.
    """
    graph, catalog = graphs.ontology, graphs.catalog
    quads = [
        Quad(q.subject, q.predicate, q.object, graph)
        for q in ontology()
        if isinstance(q.subject, NamedNode) and isinstance(q.object, NamedNode | Literal)
    ]
    digest = Literal(digest_of_quads(quads))
    kept = store.match(graph, ASC.bundleDigest, None, catalog)
    if not kept or kept[0].object != digest:
        listed = Quad(graph, ASC.bundleDigest, digest, catalog)
        old = {*store.match(graph=graph), *kept}
        store.transact({*quads, listed} - old, old - {*quads, listed})


def digest_in(view: Overlay, version: NamedNode, graphs: Graphs) -> str | None:
    """The content digest of a bundle, or None if it is not stored."""
    found = next(view.find(version, ASC.bundleDigest, None, graphs.catalog), None)
    return found.object.value if found else None  # type: ignore[union-attr]
