"""What follows from a bundle, worked out on the way in, and all that follows besides.

The rules are those of the ontology and no more. `entail` gives what is stored: our
classes above each class, the speaker, relays and depth that a chain amounts to, and
the speaker in the words of PROV. `consequences` gives also what anybody can ask for
with a path along the ontology: the classes and properties of others, and the like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Bundle, entailed_of
from graph.facts import Facts, Properties, Subject, Term, facts_of, joined
from graph.schema import is_own, ontology, superclasses, superproperties
from graph.vocab import ASC, OWL, PROV, RDF, XSD

_TRUE = Literal("true", datatype=XSD.boolean)
_Fact = tuple[Subject, NamedNode, Term]


def entail(bundle: Bundle, verbatim: frozenset[Subject] = frozenset()) -> frozenset[Quad]:
    """The derived quads of a bundle that are stored, none of which it states itself.

    Shape: facts about shared things go to `graph/entailed`, all others to the
        `entailed` graph of the version.
    """
    own = entailed_of(bundle.version)
    derived = {
        *_chain_facts(bundle, own),
        *(Quad(statement, ASC.verbatim, _TRUE, own) for statement in verbatim),
    }
    said = bundle.facts
    unsaid = (q for q in derived if q.object not in said.get(q.subject, {}).get(q.predicate, ()))
    return frozenset((*_superclass_types(bundle, own), *unsaid))


def consequences(bundle: Bundle, verbatim: frozenset[Subject] = frozenset()) -> frozenset[Quad]:
    """All that follows from a bundle, what is stored and what is not, less what it states.

    Shape: in the graphs where `entail` puts such facts.
    """
    stored = entail(bundle, verbatim)
    facts = joined(bundle.facts, facts_of(stored))
    own, shared = entailed_of(bundle.version), bundle.graphs.entailed
    found = {*_types_above(facts), *_relations_implied(facts)}
    more = (
        Quad(subject, predicate, value, shared if subject in bundle.shared else own)
        for subject, predicate, value in found
        if value not in facts.get(subject, {}).get(predicate, ())
    )
    return frozenset((*stored, *more))


def _superclass_types(bundle: Bundle, own: NamedNode) -> Iterator[Quad]:
    shared = bundle.shared
    for subject, said in bundle.facts.items():
        if above := _own_classes_above(tuple(said.get(RDF.type, ()))):
            home = bundle.graphs.entailed if subject in shared else own
            for upper in above:
                yield Quad(subject, RDF.type, upper, home)


@lru_cache(maxsize=4096)
def _own_classes_above(kinds: tuple[Term, ...]) -> tuple[NamedNode, ...]:
    """The classes of ours above some classes, those left out."""
    return tuple(filter(is_own, _classes_above(kinds)))


def _classes_above(kinds: Iterable[Term]) -> frozenset[NamedNode]:
    above = superclasses()
    nodes = [kind for kind in kinds if isinstance(kind, NamedNode)]
    return frozenset(upper for kind in nodes for upper in above.get(kind, ())).difference(nodes)


def _types_above(facts: Facts) -> Iterator[_Fact]:
    for subject, said in facts.items():
        for upper in _classes_above(said.get(RDF.type, ())):
            yield subject, RDF.type, upper


def _relations_implied(facts: Facts) -> set[_Fact]:
    """What properties above, both ways and on and on imply of what is there."""
    waiting: list[_Fact] = [
        (subject, predicate, value)
        for subject, said in facts.items()
        for predicate, values in said.items()
        for value in values
    ]
    onward: dict[tuple[Subject, NamedNode], set[Term]] = defaultdict(set)
    back: dict[tuple[Term, NamedNode], set[Subject]] = defaultdict(set)
    known, found = {*waiting}, set[_Fact]()
    while waiting:
        subject, predicate, value = waiting.pop()
        new: set[_Fact] = {(subject, up, value) for up in superproperties().get(predicate, ())}
        if predicate in _both_ways() and not isinstance(value, Literal):
            new.add((value, predicate, subject))
        if predicate in _on_and_on() and not isinstance(value, Literal):
            onward[subject, predicate].add(value)
            back[value, predicate].add(subject)
            new |= {(subject, predicate, end) for end in onward[value, predicate]}
            new |= {(start, predicate, value) for start in back[subject, predicate]}
        new -= known
        known |= new
        found |= new
        waiting += new
    return found


@cache
def _both_ways() -> frozenset[Term]:
    return _of_kind(OWL.SymmetricProperty)


@cache
def _on_and_on() -> frozenset[Term]:
    return _of_kind(OWL.TransitiveProperty)


def _of_kind(kind: NamedNode) -> frozenset[Term]:
    found = (quad.subject for quad in ontology() if quad.object == kind)
    return frozenset(each for each in found if isinstance(each, NamedNode))


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
            yield Quad(statement, PROV.wasAttributedTo, voices[0], graph)
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
