"""What follows from bundles by three reasoners: our rules, owlrl and Pellet.

Only triples with a bundle's own subjects count, and of those the types and relations
that the ontology declares: a reasoner also says that everything is a thing, and equal
to itself. owlrl is given the ontology without its annotations, several bundles at a
time, none of which names a thing of another.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import owlrl
import rdflib
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from graph.bundle import Bundle
from graph.contradiction.pellet import MEMORY, TIMEOUT_S, pellet_classes
from graph.ontology_check.hermit import IN_A_HURRY, find_java
from graph.reasoning import consequences
from graph.schema import ontology
from graph.vocab import ASC, OWL, RDF, RDFS

COUNTED = {ASC.relay, ASC.chainDepth, ASC.verbatim}
"""What is counted out or checked and follows by no axiom."""


def by_rules(bundles: Iterable[Bundle]) -> set[Triple]:
    """What our rules say, stated triples included."""
    return {
        quad.triple
        for bundle in bundles
        for quad in (*bundle.quads, *consequences(bundle))
        if quad.predicate not in COUNTED and quad.predicate not in _silent()
    }


def by_owlrl(bundles: Sequence[Bundle]) -> set[Triple]:
    """What the rules of OWL 2 RL say; literals are left out, which cost most of its time."""
    given = _given(bundles)
    things = [triple for triple in given if not isinstance(triple.object, Literal)]
    data = serialize(things, format=RdfFormat.N_TRIPLES)
    assert data is not None
    graph = rdflib.Graph().parse(data=data, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    named = rdflib.Graph()
    for triple in graph:
        if not any(isinstance(term, rdflib.Literal) for term in triple):
            named.add(triple)
    written = named.serialize(format="nt", encoding="utf-8")
    found = _counting(bundles, parse(written, RdfFormat.N_TRIPLES))
    literals = {triple for triple in given if isinstance(triple.object, Literal)}
    return found | {each for each in literals if each.subject not in _terms()}


def by_pellet(bundles: Sequence[Bundle]) -> set[Triple]:
    """What Pellet says, which reasons by tableau and knows all of OWL 2 DL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.rdf"
        serialize(_given(bundles), str(path), RdfFormat.RDF_XML)
        wanted = "ClassAssertion ObjectPropertyAssertion DataPropertyAssertion"
        run = subprocess.run(
            [
                *(find_java(), MEMORY, *IN_A_HURRY, "-cp", pellet_classes(), "pellet.Pellet"),
                *("extract", "-s", wanted, "--loader", "OWLAPIv3", "--ignore-imports", str(path)),
            ],
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=True,
        )
    xml = run.stdout[run.stdout.index("<rdf:RDF") :]
    return _counting(bundles, parse(xml, RdfFormat.RDF_XML))


def _given(bundles: Iterable[Bundle]) -> list[Triple]:
    """The ontology and what the bundles state, less what says nothing to a reasoner."""
    stated = (quad.triple for bundle in bundles for quad in bundle.quads)
    triples = {*(quad.triple for quad in ontology()), *stated}
    return [triple for triple in triples if triple.predicate not in _silent()]


def _counting(bundles: Iterable[Bundle], quads: Iterable[Quad]) -> set[Triple]:
    subjects = {subject for bundle in bundles for subject in bundle.facts}
    declared = {
        quad.subject
        for quad in ontology()
        if quad.predicate == RDF.type
        and quad.object in _KINDS
        and isinstance(quad.subject, NamedNode)
    }
    return {
        quad.triple
        for quad in quads
        if quad.subject in subjects
        and (quad.object if quad.predicate == RDF.type else quad.predicate) in declared
    }


_KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}


@cache
def _terms() -> set[object]:
    return {quad.subject for quad in ontology()}


@cache
def _silent() -> set[object]:
    named = {quad.subject for quad in ontology() if quad.object == OWL.AnnotationProperty}
    return {*named, RDFS.label, RDFS.comment, RDFS.isDefinedBy, RDFS.seeAlso}
