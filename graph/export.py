"""Quads out of the store: dumps and documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from pyoxigraph import NamedNode, Quad

from graph.bundle import Bundle, Graphs, entailed_of, is_derived
from graph.formats import (
    JSON_LD,
    NQUADS,
    NTRIPLES,
    PREFIX_LINES,
    TRIG,
    TURTLE,
    Format,
    dumps,
    write_quads,
)
from graph.jsonld import as_jsonld
from graph.overlay import Overlay
from graph.pieces import Pieces
from graph.reasoning import consequences
from graph.store import Dumpable
from graph.surroundings import judgements_of, stated
from graph.vocab import ASC

Watch = Callable[[list[str]], Iterable[str]]
"""Is handed what an export goes through, source by source, and gives it on."""


def export(
    store: Dumpable, output: IO[bytes], form: Format, base: str, watch: Watch = iter
) -> None:
    """Write what bundles state, streamed: nothing derived, no bookkeeping.

    Shape: a format that names graphs gets one bundle after the other, each with
        the shared things it describes, so that a bulk load can take them up one
        by one; what several describe comes with each.
    Archived texts are not in the store, so they cannot be in here.
    """
    graphs = Graphs(base)
    if form in (NQUADS, TRIG):
        pieces = Pieces(store, graphs, form)
        output.write(pieces.head())
        for version in watch(versions(store, graphs)):
            output.write(b"".join(pieces.of(NamedNode(version))))
        return
    names = map(NamedNode, watch([graph.value for graph in stated_graphs(store, base)]))
    if form in (NTRIPLES, TURTLE):
        output.write(PREFIX_LINES if form == TURTLE else b"")
        for graph in names:
            output.write(store.text_of(graph, form))
    else:
        store.dump(output, form, names)


def export_entailed(store: Dumpable, output: IO[bytes], form: Format, base: str) -> None:
    """Write all that follows from what bundles state, and nothing that they state.

    Shape: in the graphs for what is entailed; part of it is stored there, and the
        rest, such as the classes of other vocabularies, is worked out here.
    """
    write_quads(_entailed(store, Graphs(base)), output, form)


def _entailed(store: Dumpable, graphs: Graphs) -> Iterator[Quad]:
    for bundle in _bundles(store, graphs):
        checked = store.match(None, ASC.verbatim, None, entailed_of(bundle.version))
        yield from sorted(
            consequences(bundle, frozenset(quad.subject for quad in checked)), key=str
        )


def by_bundle(store: Dumpable, graphs: Graphs, watch: Watch = iter) -> Iterator[Quad]:
    """What bundles state, one after the other, each with the shared things it describes."""
    for version in watch(versions(store, graphs)):
        yield from in_order(judged(store, NamedNode(version), graphs))


def judged(store: Dumpable, version: NamedNode, graphs: Graphs) -> Bundle:
    """A bundle as it was stated, with what people judged about it."""
    view = Overlay(store, [])
    bundle = stated(view, version, graphs)
    return bundle.with_quads(judgements_of(view, version, graphs))


def in_order(bundle: Bundle) -> list[Quad]:
    """A bundle's quads graph by graph, those to which others contribute last."""
    beside = (*bundle.graphs.shared, bundle.graphs.judgements)
    return sorted(bundle.quads, key=lambda q: (q.graph_name in beside, str(q.graph_name)))


def _bundles(store: Dumpable, graphs: Graphs) -> Iterator[Bundle]:
    """The bundles of a dataset, as they were stated."""
    view = Overlay(store, [])
    for version in versions(store, graphs):
        yield stated(view, NamedNode(version), graphs)


def versions(store: Dumpable, graphs: Graphs) -> list[str]:
    """The versions whose bundles are stored, by their IRIs, in order."""
    found = store.find(None, ASC.bundleDigest, None, graphs.catalog)
    subjects = (quad.subject for quad in found)
    return sorted(
        each.value for each in subjects if isinstance(each, NamedNode) and each != graphs.ontology
    )


def stated_graphs(store: Dumpable, base: str) -> list[NamedNode]:
    """The graphs that hold what bundles state, shared ones first."""
    graphs = Graphs(base)
    bookkeeping = {
        *(graphs.entailed, graphs.catalog, graphs.ontology),
        *(graphs.relations, graphs.merged),
    }
    found = [
        graph for graph in store.graphs() if graph not in bookkeeping and not is_derived(graph)
    ]
    return sorted(found, key=lambda graph: (graph not in graphs.shared, graph.value))


def as_document(
    quads: Iterable[Quad], form: Format, *, iri: str = "", context_iri: str = ""
) -> bytes:
    """Quads as one document; a format without named graphs gets their triples.

    Shape: JSON-LD is compacted with our context, and framed on `iri` if given;
        with `context_iri` it names the context in place of holding it.
    """
    if form == JSON_LD:
        tree = as_jsonld(quads, iri)
        if context_iri:
            tree["@context"] = context_iri
        text = json.dumps(tree, ensure_ascii=False, indent=2)
        return text.encode() + b"\n"
    if form.named_graphs:
        return dumps(sorted(set(quads), key=str), form)
    first = f"<{iri}>"
    triples = {quad.triple for quad in quads}
    return dumps(sorted(triples, key=lambda t: (str(t.subject) != first, str(t))), form)
