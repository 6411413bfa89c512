"""Quads out of the store: dumps and documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import IO

from pyoxigraph import NamedNode, Quad, serialize

from graph.bundle import Bundle, Graphs, entailed_of, is_derived
from graph.formats import JSON_LD, NQUADS, TRIG, Format, dumps, write_quads
from graph.jsonld import as_jsonld
from graph.overlay import Overlay
from graph.reasoning import consequences
from graph.store import Dumpable
from graph.surroundings import judgements_of, stated
from graph.vocab import ASC, PREFIXES


def export(store: Dumpable, output: IO[bytes], form: Format, base: str) -> None:
    """Write what bundles state, streamed: nothing derived, no bookkeeping.

    Shape: a format that names graphs gets one bundle after the other, each with
        the shared things it describes, so that a bulk load can take them up one
        by one; what several describe comes with each.
    Archived texts are not in the store, so they cannot be in here.
    """
    if form in (NQUADS, TRIG):
        serialize(by_bundle(store, Graphs(base)), output, form.rdf, prefixes=PREFIXES)
    else:
        store.dump(output, form, stated_graphs(store, base))


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


def by_bundle(store: Dumpable, graphs: Graphs) -> Iterator[Quad]:
    """What bundles state, one after the other, each with the shared things it describes."""
    view, beside = Overlay(store, []), (*graphs.shared, graphs.judgements)
    for bundle in _bundles(store, graphs):
        quads = {*bundle.quads, *judgements_of(view, bundle.version, graphs)}
        yield from sorted(quads, key=lambda q: (q.graph_name in beside, str(q.graph_name)))


def _bundles(store: Dumpable, graphs: Graphs) -> Iterator[Bundle]:
    """The bundles of a dataset, as they were stated."""
    view = Overlay(store, [])
    found = view.find(None, ASC.bundleDigest, None, graphs.catalog)
    versions = {quad.subject for quad in found} - {graphs.ontology}
    for version in sorted(versions, key=str):
        assert isinstance(version, NamedNode)
        yield stated(view, version, graphs)


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
