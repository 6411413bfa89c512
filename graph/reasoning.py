"""What follows from a bundle, worked out on the way in.

The rules are those of the ontology and no more: the classes above each class,
and the speaker, relays and depth that a chain of attributions amounts to.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Bundle, entailed_of
from graph.facts import Properties, Subject, Term
from graph.schema import is_own, superclasses
from graph.vocab import ASC, RDF, XSD

_TRUE = Literal("true", datatype=XSD.boolean)


def entail(bundle: Bundle, verbatim: frozenset[Subject] = frozenset()) -> frozenset[Quad]:
    """The derived quads of a bundle, none of which it states itself.

    Shape: facts about shared things go to `graph/entailed`, all others to the
        `entailed` graph of the version.
    """
    own = entailed_of(bundle.version)
    facts = {
        *_chain_facts(bundle, own),
        *(Quad(statement, ASC.verbatim, _TRUE, own) for statement in verbatim),
    }
    said = bundle.facts
    new = {
        quad
        for quad in facts
        if quad.object not in said.get(quad.subject, {}).get(quad.predicate, ())
    }
    return frozenset(new.union(_superclass_types(bundle)))


def _superclass_types(bundle: Bundle) -> Iterator[Quad]:
    own = entailed_of(bundle.version)
    for subject, said in bundle.facts.items():
        if new := _own_above(tuple(said.get(RDF.type, ()))):
            home = bundle.graphs.entailed if subject in bundle.shared else own
            for upper in new:
                yield Quad(subject, RDF.type, upper, home)


@lru_cache(maxsize=1024)
def _own_above(kinds: tuple[Term, ...]) -> frozenset[NamedNode]:
    """The classes of our own above some classes, they themselves left out."""
    above = superclasses()
    upper = {each for kind in kinds if kind in above for each in above[kind]}  # type: ignore[index]
    return frozenset(filter(is_own, upper.difference(kinds)))


def _chain_facts(bundle: Bundle, graph: NamedNode) -> Iterator[Quad]:
    agents, outward, first_hops = _hops(bundle)
    for statement, hops in first_hops.items():
        depth = 0
        for hop in hops:
            voices = [agents[each] for each in _chain(hop, outward) if each in agents]
            if not voices:
                continue
            depth = max(depth, len(voices))
            yield Quad(statement, ASC.speaker, voices[0], graph)
            for relay in voices[1:-1]:
                yield Quad(statement, ASC.relay, relay, graph)
        if depth:
            yield Quad(statement, ASC.chainDepth, Literal(depth), graph)


_Hops = tuple[dict[Subject, NamedNode], dict[Subject, NamedNode], dict[Subject, list[NamedNode]]]


def _hops(bundle: Bundle) -> _Hops:
    agents: dict[Subject, NamedNode] = {}
    outward: dict[Subject, NamedNode] = {}
    first_hops: dict[Subject, list[NamedNode]] = {}
    for subject, said in bundle.facts.items():
        if ASC.agent in said:
            agents.update((subject, agent) for agent in _nodes(said, ASC.agent))
        if ASC.relayedBy in said:
            outward.update((subject, hop) for hop in _nodes(said, ASC.relayedBy))
        if ASC.attribution in said:
            first_hops[subject] = _nodes(said, ASC.attribution)
    return agents, outward, first_hops


def _nodes(said: Properties, predicate: NamedNode) -> list[NamedNode]:
    return [value for value in said.get(predicate, ()) if isinstance(value, NamedNode)]


def _chain(hop: Subject, outward: dict[Subject, NamedNode]) -> Iterator[Subject]:
    """The hops from the words outward; a chain that runs in a circle ends there."""
    seen: set[Subject] = set()
    while hop not in seen:
        seen.add(hop)
        yield hop
        if hop not in outward:
            return
        hop = outward[hop]
