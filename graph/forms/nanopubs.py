"""Each statement as a nanopublication: what is said by whom, where it stands, who wrote it down.

Their names are trusty URIs, made of all that they say, so that anybody can prove them.
They are not signed: whoever publishes one does so with a key of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from graph.bundle import Graphs
from graph.describe import describe
from graph.extract import Extract
from graph.facts import Facts, Subject, Term, facts_of
from graph.formats import Format
from graph.schema import is_own, relations
from graph.vocab import ASC, DCTERMS, PREFIXES, PROV, RDF, Namespace

NANOPUBS = Format(
    "nanopublications", 'application/trig; profile="http://www.nanopub.org/nschema#"', "nanopub"
)

_NP = Namespace("http://www.nanopub.org/nschema#")
_DRAFT = Namespace("http://purl.org/nanopub/temp/np#")
_APART = frozenset({RDF.type, ASC.source, ASC.inVersion, PROV.wasGeneratedBy, *relations()})
"""What does not lead to more of what is said."""

_LEFT_OUT = frozenset({*relations(), ASC.partOf, PROV.wasGeneratedBy, PROV.generatedAtTime})


def write_nanopubs(extract: Extract, output: IO[bytes]) -> None:
    """Write one nanopublication after the other, in TriG; one is held at a time.

    Source: Nanopublication Guidelines; Trusty URIs, module RA.
    """
    serialize(_nanopubs(extract), output, RdfFormat.TRIG, prefixes={**PREFIXES, "np": str(_NP)})


def _nanopubs(extract: Extract) -> Iterator[Quad]:
    catalog = Graphs(extract.base).catalog
    for row in extract.rows():
        quads = describe(extract.dataset.store, NamedNode(row.statement))
        facts = facts_of(quad for quad in quads if quad.graph_name != catalog)
        quads = [*dict.fromkeys(_drafted(facts, NamedNode(row.statement)))]
        order = [*dict.fromkeys(quad.graph_name for quad in quads)]
        yield from _named(sorted(quads, key=lambda q: (order.index(q.graph_name), str(q))))


def _drafted(facts: Facts, statement: NamedNode) -> Iterator[Quad]:
    """The four graphs, under a name that stands in for the one to be worked out."""
    paper, assertion, provenance, pubinfo = (
        _DRAFT.term(name) for name in ("", "assertion", "provenance", "pubinfo")
    )
    yield Quad(paper, RDF.type, _NP.Nanopublication, _DRAFT.Head)
    yield Quad(paper, _NP.hasAssertion, assertion, _DRAFT.Head)
    yield Quad(paper, _NP.hasProvenance, provenance, _DRAFT.Head)
    yield Quad(paper, _NP.hasPublicationInfo, pubinfo, _DRAFT.Head)
    for subject in _reached(facts, statement, _APART):
        yield from _of(facts, subject, assertion)
    sources, activities = (facts[statement][each] for each in (ASC.source, PROV.wasGeneratedBy))
    for subject in _reached(facts, sources[0], {RDF.type, PROV.wasGeneratedBy}):
        yield from _of(facts, subject, provenance)
    yield Quad(assertion, PROV.wasDerivedFrom, sources[0], provenance)
    for activity in activities:
        assert isinstance(activity, NamedNode)
        yield Quad(assertion, PROV.wasGeneratedBy, activity, provenance)
        for subject in _reached(facts, activity, {RDF.type}):
            yield from _of(facts, subject, provenance)
        for agent in facts.get(activity, {}).get(PROV.wasAssociatedWith, ()):
            yield Quad(paper, DCTERMS.creator, agent, pubinfo)
    for time in facts[statement].get(PROV.generatedAtTime, ()):
        yield Quad(paper, DCTERMS.created, time, pubinfo)


def _reached(
    facts: Facts, root: Term, apart: frozenset[NamedNode] | set[NamedNode]
) -> list[Subject]:
    """What can be got to from something; our own terms are known to their readers."""
    met: dict[Subject, None] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, NamedNode) or node in met or node not in facts or is_own(node):
            continue
        met[node] = None
        for predicate, values in facts[node].items():
            waiting += () if predicate in apart else values
    return list(met)


def _of(facts: Facts, subject: Subject, graph: NamedNode) -> Iterator[Quad]:
    for predicate, values in facts[subject].items():
        if predicate not in _LEFT_OUT:
            yield from (Quad(subject, predicate, value, graph) for value in values)


def _named(quads: list[Quad]) -> Iterator[Quad]:
    """Quads with the trusty URI in place of the name that stood in for it."""
    from nanopub.definitions import NP_PURL
    from nanopub.trustyuri.rdf.RdfHasher import make_hash

    held = [tuple(map(_in_rdflib, (q.graph_name, q.subject, q.predicate, q.object))) for q in quads]
    name = NP_PURL + make_hash(list(held), baseuri=str(_DRAFT), hashstr=" ")
    for graph, subject, predicate, value in held:
        yield Quad(*(_back(each, name) for each in (subject, predicate, value, graph)))


def _in_rdflib(term: Any) -> Any:
    """A term as rdflib reads it, which writes a few datatypes in another way."""
    import rdflib

    if isinstance(term, Literal):
        datatype = None if term.language else rdflib.URIRef(term.datatype.value)
        plain = datatype == rdflib.XSD.string
        return rdflib.Literal(term.value, term.language, None if plain else datatype, True)
    return rdflib.URIRef(term.value)


def _back(term: Any, name: str) -> Any:
    import rdflib

    if isinstance(term, rdflib.Literal):
        if term.language or not term.datatype:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype)))
    local = str(term).removeprefix(_DRAFT)
    return NamedNode(f"{name}#{local}".removesuffix("#") if local != str(term) else str(term))
