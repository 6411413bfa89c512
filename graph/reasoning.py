"""What follows from a bundle, worked out on the way in.

The rules are those of the ontology and no more: the classes above each class,
and the speaker, relays and depth that a chain of attributions amounts to.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Bundle, Subject, entailed_of
from graph.schema import is_own, superclasses
from graph.vocab import ASC, RDF, XSD

_TRUE = Literal("true", datatype=XSD.boolean)


def entail(bundle: Bundle, verbatim: frozenset[Subject] = frozenset()) -> frozenset[Quad]:
    """The derived quads of a bundle, none of which it states itself.

    Shape: facts about shared things go to `graph/entailed`, all others to the
        `entailed` graph of the version.
    """
    stated = {quad.triple for quad in bundle.quads}
    own = entailed_of(bundle.version)
    facts = {
        *_superclass_types(bundle),
        *_chain_facts(bundle, own),
        *(Quad(statement, ASC.verbatim, _TRUE, own) for statement in verbatim),
    }
    return frozenset(quad for quad in facts if quad.triple not in stated)


def _superclass_types(bundle: Bundle) -> Iterator[Quad]:
    above = superclasses()
    shared = bundle.graphs.shared
    for quad in bundle.quads:
        if quad.predicate != RDF.type or not isinstance(quad.object, NamedNode):
            continue
        home = bundle.graphs.entailed if quad.graph_name in shared else entailed_of(bundle.version)
        for upper in above.get(quad.object, ()):
            if is_own(upper):
                yield Quad(quad.subject, RDF.type, upper, home)


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


_Hops = tuple[dict[Subject, NamedNode], dict[Subject, NamedNode], dict[Subject, list[Subject]]]


def _hops(bundle: Bundle) -> _Hops:
    agents: dict[Subject, NamedNode] = {}
    outward: dict[Subject, NamedNode] = {}
    first_hops: dict[Subject, list[Subject]] = {}
    for quad in bundle.quads:
        if not isinstance(quad.object, NamedNode):
            continue
        if quad.predicate == ASC.agent:
            agents[quad.subject] = quad.object
        elif quad.predicate == ASC.relayedBy:
            outward[quad.subject] = quad.object
        elif quad.predicate == ASC.attribution:
            first_hops.setdefault(quad.subject, []).append(quad.object)
    return agents, outward, first_hops


def _chain(hop: Subject, outward: dict[Subject, NamedNode]) -> Iterator[Subject]:
    """The hops from the words outward; a chain that runs in a circle ends there."""
    seen: set[Subject] = set()
    while hop not in seen:
        seen.add(hop)
        yield hop
        if hop not in outward:
            return
        hop = outward[hop]
