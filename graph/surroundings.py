"""What is stored around a bundle: what it needs, what leaves with it, what leans on it.

All looks are by index and stop as soon as they know, so their cost follows the
bundle and not the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad

from graph.bundle import Bundle, Graphs, is_derived
from graph.errors import Conflict
from graph.facts import Subject, Term
from graph.overlay import Overlay
from graph.vocab import ASC, PROV, RDF

MOST_LEANING = 1000
"""As many bundles are checked again when something they name changes its class."""


class Questions(NamedTuple):
    """What a bundle's check has to know of the store, small enough to be sent.

    Shape: the shared things it describes, which come whole, so that two names
        for one agent are seen, with the types of what they name; the things it
        only names, of which the types are told; and the agents whose own wholes
        are told all the way up.
    """

    described: frozenset[Subject]
    named: frozenset[NamedNode]
    wholes: frozenset[NamedNode]


def questions_of(bundle: Bundle) -> Questions:
    """What a bundle's check has to know of the store."""
    graphs = bundle.graphs
    facts = bundle.facts
    objects = {
        value
        for said in facts.values()
        for values in said.values()
        for value in values
        if isinstance(value, NamedNode)
    }
    named = objects.difference(facts)
    wholes = (node for said in facts.values() for node in said.get(ASC.partOfAgent, ()))
    return Questions(
        bundle.shared,
        frozenset(node for node in named if node.value.startswith(graphs.base)),
        frozenset(node for node in wholes if isinstance(node, NamedNode)),
    )


def answers(view: Overlay, graphs: Graphs, asked: Questions) -> set[Quad]:
    """What the store says to a bundle's questions."""
    found = {quad for node in asked.described for quad in said(view, graphs, node)}
    for node in ours_in(graphs, found):
        found.update(classes(view, graphs, node))
    for node in asked.named:
        found.update(types(view, graphs, node))
    found.update(upwards(view, wholes_in(found) | asked.wholes))
    return found


def said(view: Overlay, graphs: Graphs, node: Subject) -> Iterator[Quad]:
    """What shared graphs say about a thing."""
    if isinstance(node, NamedNode):
        for quad in view.find(node):
            if quad.graph_name in graphs.shared:
                yield quad


def types(view: Overlay, graphs: Graphs, node: Subject) -> Iterator[Quad]:
    """The classes of a thing; a version that was retracted can be named still, as such."""
    yield from classes(view, graphs, node)
    if any(view.find(node, PROV.invalidatedAtTime, None, graphs.catalog)):
        yield Quad(node, RDF.type, ASC.DocumentVersion, graphs.catalog)


def classes(view: Overlay, graphs: Graphs, node: Subject) -> Iterator[Quad]:
    """The classes that are stated of a thing, each told once however many sources state it.

    Each version of a document states it anew: told from each of them, what a check is
    told would grow, and be another, with every version that comes.
    """
    told: set[Term] = set()
    for quad in view.find(node, RDF.type):
        if quad.graph_name in graphs.shared:
            yield quad
        elif quad.object not in told:
            told.add(quad.object)
            yield Quad(node, RDF.type, quad.object, graphs.catalog)


def ours_in(graphs: Graphs, quads: Iterable[Quad]) -> set[NamedNode]:
    """What some quads have as values and is named under the dataset's base."""
    values = {quad.object for quad in quads}
    return {
        each
        for each in values
        if isinstance(each, NamedNode) and each.value.startswith(graphs.base)
    }


def wholes_in(quads: Iterable[Quad]) -> set[Term]:
    """What somebody is part of, as some quads say."""
    return {quad.object for quad in quads if quad.predicate == ASC.partOfAgent}


def context_of(view: Overlay, bundle: Bundle) -> set[Quad]:
    """What the store says about things the bundle names, beyond what it says itself."""
    return answers(view, bundle.graphs, questions_of(bundle)) - bundle.quads


def upwards(view: Overlay, agents: Iterable[object]) -> Iterator[Quad]:
    """What these agents are part of, and those in turn."""
    waiting, seen = list(agents), set()
    while waiting:
        agent = waiting.pop()
        if isinstance(agent, NamedNode) and agent not in seen:
            seen.add(agent)
            for quad in view.match(agent, ASC.partOfAgent):
                yield quad
                waiting.append(quad.object)


def stated(view: Overlay, version: NamedNode, graphs: Graphs) -> Bundle:
    """A stored bundle as it was stated: nothing derived, no bookkeeping."""
    version_graph, assessments, _ = Bundle(version, graphs, frozenset()).own_graphs
    quads = {*view.find(graph=version_graph), *view.find(graph=assessments)}
    for subject in described_by(view, version, graphs):
        for graph in (graphs.entities, graphs.propositions):
            quads.update(view.find(subject, graph=graph))
    return Bundle(version, graphs, frozenset(quads))


def judgements_of(view: Overlay, version: NamedNode, graphs: Graphs) -> Iterator[Quad]:
    """What people judged about a stored bundle's statements."""
    statements = view.find(None, ASC.source, version, version)
    for statement in sorted({quad.subject for quad in statements}, key=str):
        for quad in view.find(None, PROV.used, statement, graphs.judgements):
            yield from view.find(quad.subject, graph=graphs.judgements)


def less_judged(view: Overlay, bundle: Bundle) -> Bundle:
    """A bundle without judgements of what is judged here already."""
    graph = bundle.graphs.judgements
    brought = {quad for quad in bundle.quads if quad.graph_name == graph}
    known = {quad for quad in brought if any(view.find(quad.subject, graph=graph))}
    return replace(bundle, quads=frozenset(bundle.quads) - known, known=None) if known else bundle


def described_by(view: Overlay, version: NamedNode, graphs: Graphs) -> set[NamedNode]:
    """The shared things that a stored bundle describes."""
    found = view.find(version, ASC.describes, None, graphs.catalog)
    return {quad.object for quad in found if isinstance(quad.object, NamedNode)}


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves with some bundles, by bundle, and what stays behind as an orphan:
    shared things that only they describe and that others name."""

    quads: dict[NamedNode, set[Quad]]
    orphans: frozenset[NamedNode]


def leaving(
    view: Overlay, graphs: Graphs, versions: Iterable[NamedNode], anew: Iterable[Subject] = ()
) -> Leaving:
    """All that leaves the store with some bundles.

    Shape: `anew` names the shared things that are described again in the same
        step: their old description leaves, unless another bundle holds it too.
        Of the others those leave that nothing names any more but a judgement, which stays.
    """
    versions, anew = set(versions), set(anew)
    found: dict[NamedNode, set[Quad]] = {}
    holder: dict[NamedNode, NamedNode] = {}
    for version in versions:
        own = Bundle(version, graphs, frozenset()).own_graphs
        entry = view.match(version, None, None, graphs.catalog)
        found[version] = {*entry, *(quad for graph in own for quad in view.find(graph=graph))}
        for node in described_by(view, version, graphs):
            holder.setdefault(node, version)
    alone = {node for node in holder if _only_by(view, graphs, node, versions)}
    left = set().union(*found.values())
    waiting = alone - anew
    going = alone & anew
    while True:
        for node in going:
            gone = {quad for graph in graphs.shared for quad in view.find(node, graph=graph)}
            found[holder[node]] |= gone
            left |= gone
        going = {
            node
            for node in waiting
            if all(
                quad in left or quad.graph_name == graphs.judgements
                for quad in view.find(value=node)
            )
        }
        if not going:
            return Leaving(found, frozenset(waiting))
        waiting -= going


def adopted(view: Overlay, graphs: Graphs, orphans: Iterable[NamedNode]) -> Iterator[Quad]:
    """Entries that give orphans to a bundle that names them, and will describe them now."""
    for node in orphans:
        for quad in view.find(value=node):
            holder = _holder(view, graphs, quad)
            if holder is not None:
                yield Quad(holder, ASC.describes, node, graphs.catalog)
                break


def _only_by(view: Overlay, graphs: Graphs, node: NamedNode, versions: set[NamedNode]) -> bool:
    """Whether no other bundle describes a shared thing."""
    describing = view.find(None, ASC.describes, node, graphs.catalog)
    return all(quad.subject in versions for quad in describing)


def leaning(
    view: Overlay, graphs: Graphs, nodes: Iterable[Subject], but: set[NamedNode]
) -> set[NamedNode]:
    """The bundles that name some nodes, those of `but` left out.

    Raises: Conflict if there are too many to be checked again.
    """
    found: set[NamedNode] = set()
    for node in nodes:
        for quad in view.find(value=node):
            version = _holder(view, graphs, quad)
            if version is not None and version not in but:
                found.add(version)
            if len(found) > MOST_LEANING:
                raise Conflict(
                    f"More than {MOST_LEANING:,} bundles name {node}, too many to check again: "
                    "leave what it is as it is, or describe it under another IRI."
                )
    return found


def _holder(view: Overlay, graphs: Graphs, quad: Quad) -> NamedNode | None:
    """The bundle that a stated quad belongs to, or one of them."""
    graph = quad.graph_name
    if not isinstance(graph, NamedNode) or graph in (
        *(graphs.catalog, graphs.ontology),
        *(graphs.relations, graphs.judgements, graphs.merged),
    ):
        return None
    if graph in graphs.shared:
        describing = next(view.find(None, ASC.describes, quad.subject, graphs.catalog), None)
        return describing.subject if describing else None  # type: ignore[return-value]
    if is_derived(graph):
        return None
    return NamedNode(graph.value.removesuffix("/assessments"))
