"""The ontology: every term explained, inside OWL 2 RL, free of contradiction."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pyld.jsonld
import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from graph.errors import JavaMissing
from graph.files import examples_dir, ontology_dir
from graph.ontology_check import (
    files_using_terms,
    find_java,
    load_ontology,
    outside_owl_rl,
    prove_consistent,
    undefined_terms,
    undocumented_terms,
)
from graph.vocab import ASC, ASCV, PREFIXES

BASE = "http://127.0.0.1:8000/"
XSD_NAMESPACE = PREFIXES["xsd"]
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
STEMS = ["statement", "attribution", "agent", "source", "event", "proposition", "assessment"]


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


@pytest.fixture(scope="module")
def terms(ontology: Graph) -> list[URIRef]:
    own = {each for kind in KINDS for each in ontology.subjects(RDF.type, kind)}
    return sorted(each for each in own if isinstance(each, URIRef) and each.startswith(ASC))


@pytest.fixture(scope="module")
def context() -> dict[str, object]:
    loaded = json.loads((ontology_dir() / "context.jsonld").read_text("utf-8"))
    found: dict[str, object] = loaded["@context"]
    return found


@pytest.fixture(scope="module", params=["us-strike.trig", "[!u]*.trig"], ids=["real", "our-own"])
def bundle(request: pytest.FixtureRequest) -> list[ox.Triple]:
    """The triples of the real article, or of our own."""
    return triples(request.param)


def triples(pattern: str) -> list[ox.Triple]:
    """The triples of some examples, whatever graphs they stand in."""
    paths = sorted(examples_dir().glob(pattern))
    read = (ox.parse(path=str(path), format=ox.RdfFormat.TRIG, base_iri=BASE) for path in paths)
    return sorted({quad.triple for quads in read for quad in quads}, key=str)


def example(ontology: Graph, term: URIRef, base: str = BASE) -> Graph:
    """The example of a term, parsed with the standard prefixes."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    snippet = str(ontology.value(term, SKOS.example))
    return Graph().parse(data=prefixes + snippet, format="turtle", publicID=base)


# Words


def test_every_term_has_a_label_a_definition_and_an_example(ontology: Graph) -> None:
    assert undocumented_terms(ontology) == []


def test_every_term_is_of_one_kind_and_has_one_definition_in_english(
    ontology: Graph, terms: list[URIRef]
) -> None:
    for term in terms:
        kinds = set(ontology.objects(term, RDF.type)) & set(KINDS)
        assert len(kinds) == 1, term
        for predicate in (RDFS.label, SKOS.definition):
            words = list(ontology.objects(term, predicate))
            assert [getattr(each, "language", None) for each in words] == ["en"], term
        assert list(ontology.objects(term, RDFS.isDefinedBy)) == [URIRef(ASC)], term


def test_every_definition_is_one_sentence_and_no_two_are_alike(ontology: Graph) -> None:
    definitions = [str(words) for words in ontology.objects(None, SKOS.definition)]
    assert len(definitions) == len(set(definitions))
    for words in definitions:
        assert re.fullmatch(r"[A-Z][^.!?;]*\.", words), words


def test_every_example_parses_and_uses_its_term(ontology: Graph, terms: list[URIRef]) -> None:
    for term in terms:
        parsed = example(ontology, term)
        assert any(term in triple for triple in parsed), term


def test_every_name_in_an_example_is_defined(
    ontology: Graph, terms: list[URIRef], tmp_path: Path
) -> None:
    snippets = tmp_path / "examples.ttl"
    snippets.write_text(
        "\n".join(str(ontology.value(term, SKOS.example)) for term in terms), "utf-8"
    )
    missing = {f.what for f in undefined_terms(ontology, [snippets])}
    # The predicates of propositions have a file of their own.
    if not (ontology_dir() / "predicates.ttl").exists():
        missing.discard("ascv:strikes is not defined in the ontology.")
    assert missing == set()


@pytest.mark.parametrize("stem", STEMS)
def test_the_terms_of_a_stem_are_sorted_by_name(stem: str) -> None:
    text = (ontology_dir() / f"{stem}.ttl").read_text("utf-8")
    names = re.findall(r"^asc:(\w+)", text, re.MULTILINE)
    assert names
    assert names == sorted(set(names))


def test_every_concept_has_a_scheme_a_label_and_a_definition(ontology: Graph) -> None:
    concepts = [c for c in ontology.subjects(RDF.type, SKOS.Concept) if str(c).startswith(ASCV)]
    assert concepts
    for concept in concepts:
        schemes = list(ontology.objects(concept, SKOS.inScheme))
        assert schemes, concept
        assert all((scheme, RDF.type, SKOS.ConceptScheme) in ontology for scheme in schemes)
        assert ontology.value(concept, SKOS.prefLabel), concept


# Use


def test_every_name_of_ours_in_code_shapes_queries_and_examples_is_defined(
    ontology: Graph,
) -> None:
    assert [str(each) for each in undefined_terms(ontology, files_using_terms())] == []


def test_every_property_and_class_of_an_example_bundle_is_declared(
    ontology: Graph, bundle: list[ox.Triple]
) -> None:
    used = {triple.predicate.value for triple in bundle}
    used |= {
        triple.object.value
        for triple in bundle
        if triple.predicate.value == str(RDF.type) and isinstance(triple.object, ox.NamedNode)
    }
    builtin = (str(RDF), str(RDFS))
    for term in sorted(each for each in used if not each.startswith(builtin)):
        assert ontology.value(URIRef(term), RDF.type), term


# Logic


def test_nothing_is_imported(ontology: Graph) -> None:
    assert list(ontology.subject_objects(OWL.imports)) == []


def test_every_outside_term_in_use_is_declared_and_labelled(ontology: Graph) -> None:
    builtin = (str(RDF), str(RDFS), str(OWL), XSD_NAMESPACE)
    annotations = (SKOS.example, OWL.versionIRI)
    used = {
        node
        for subject, predicate, value in ontology
        if predicate not in annotations
        for node in (subject, predicate, value)
        if isinstance(node, URIRef) and not str(node).startswith((ASC, ASCV, *builtin))
    }
    licence = {URIRef("https://spdx.org/licenses/MIT")}
    for node in used - licence:
        assert ontology.value(node, RDF.type), node
        assert ontology.value(node, RDFS.label), node


def test_the_ontology_stays_inside_owl_2_rl(ontology: Graph) -> None:
    assert outside_owl_rl(ontology) == []


@needs_java
def test_hermit_proves_the_ontology_consistent(ontology: Graph) -> None:
    proof = prove_consistent(ontology)
    assert proof.consistent
    assert proof.unsatisfiable == ()
    assert proof.reasoner == "HermiT"
    assert proof.seconds > 0


@needs_java
def test_hermit_proves_the_examples_consistent(ontology: Graph, terms: list[URIRef]) -> None:
    together = Graph() + ontology
    for number, term in enumerate(terms):
        together += example(ontology, term, f"{BASE}{number}/")
    assert prove_consistent(together).consistent


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("source", "http://www.w3.org/ns/prov#wasDerivedFrom"),
        ("agent", "http://www.w3.org/ns/prov#agent"),
        ("speaker", "http://www.w3.org/ns/prov#wasAttributedTo"),
        ("author", "http://www.w3.org/ns/prov#wasAttributedTo"),
        ("attribution", "http://www.w3.org/ns/prov#qualifiedAttribution"),
        ("versionOf", "http://www.w3.org/ns/prov#specializationOf"),
    ],
)
def test_a_property_is_aligned_with_prov(ontology: Graph, lower: str, upper: str) -> None:
    assert (asc(lower), RDFS.subPropertyOf, URIRef(upper)) in ontology


@pytest.mark.parametrize("name", ["subject", "object", "anchor", "relatedStatement", "retracts"])
def test_a_property_with_several_kinds_of_value_has_no_range(ontology: Graph, name: str) -> None:
    assert ontology.value(asc(name), RDFS.range) is None


def test_domains_and_ranges_say_nothing_new_about_an_example_bundle(
    ontology: Graph, bundle: list[ox.Triple]
) -> None:
    data = Graph().parse(data=ox.serialize(bundle, format=ox.RdfFormat.N_TRIPLES), format="nt")

    @cache
    def classes(node: Node) -> set[Node | None]:
        kinds = [*data.objects(node, RDF.type), *ontology.objects(node, RDF.type)]
        return {up for kind in kinds for up in ontology.transitive_objects(kind, RDFS.subClassOf)}

    @cache
    def asked_of(predicate: Node, kind: URIRef) -> set[Node | None]:
        above = list(ontology.transitive_objects(predicate, RDFS.subPropertyOf))
        return {found for each in above for found in ontology.objects(each, kind)}

    for subject, predicate, value in data:
        assert asked_of(predicate, RDFS.domain) <= classes(subject), predicate
        if isinstance(value, URIRef):
            assert asked_of(predicate, RDFS.range) <= classes(value), predicate


@needs_java
def test_hermit_proves_an_example_bundle_consistent(
    ontology: Graph, bundle: list[ox.Triple]
) -> None:
    data = Graph().parse(data=ox.serialize(bundle, format=ox.RdfFormat.N_TRIPLES), format="nt")
    assert prove_consistent(ontology + data).consistent


# JSON-LD


def test_the_context_names_every_term_and_expands_it_to_its_iri(
    ontology: Graph, terms: list[URIRef], context: dict[str, object]
) -> None:
    for term in terms:
        name = str(term).removeprefix(ASC)
        assert name in context, name
        if (term, RDF.type, OWL.Class) in ontology:
            (node,) = pyld.jsonld.expand({"@context": context, "id": "x:y", "type": name})
            assert node["@type"] == [str(term)]
            continue
        value: object = {"en": "a"} if name == "rationale" else "x:z"
        (node,) = pyld.jsonld.expand({"@context": context, "id": "x:y", name: value})
        (found,) = node[str(term)]
        is_object = (term, RDF.type, OWL.ObjectProperty) in ontology
        assert ("@id" in found) == is_object, name


def test_every_name_in_the_context_leads_to_a_declared_term(
    ontology: Graph, context: dict[str, object]
) -> None:
    prefixes = set(PREFIXES) | {"cc", "rdf"}
    for name in context:
        if (
            name.startswith("@")
            or name in prefixes
            or name in ("id", "type", "graph", "included", "chain", "text")
        ):
            continue
        (node,) = pyld.jsonld.expand({"@context": context, "id": "x:y", name: {"id": "x:z"}}) or [
            {}
        ]
        iris = [key for key in node if not key.startswith("@")]
        for iri in iris:
            assert ontology.value(URIRef(iri), RDF.type) or iri.startswith(str(RDFS)), name


STATEMENT = {
    "id": BASE + "statement/1",
    "type": "DirectQuotation",
    "source": BASE + "doc/ferry/v/1",
    "attribution": [{"id": BASE + "attribution/1", "act": "ascv:says", "agent": BASE + "agent/1"}],
    "contentSpan": {"id": BASE + "span/1", "exact": "It will go on", "start": 0, "end": 13},
    "polarity": "ascv:positive",
    "chainDepth": 3,
    "verbatim": True,
    "generatedAt": "2026-11-22T10:00:00Z",
    "contradicts": [BASE + "statement/2"],
}


def test_two_json_ld_processors_read_the_context_alike(context: dict[str, object]) -> None:
    document = {"@context": context, "graph": [STATEMENT, ASSESSMENT]}
    by_pyld = ox.parse(
        pyld.jsonld.to_rdf(document, {"format": "application/n-quads"}), ox.RdfFormat.N_QUADS
    )
    by_oxigraph = ox.parse(json.dumps(document), ox.RdfFormat.JSON_LD)
    assert set(by_oxigraph) == set(by_pyld)


ASSESSMENT = {
    "id": BASE + "assessment/1",
    "type": "RelationAssessment",
    "relation": "contradicts",
    "confidence": "0.7",
    "rationale": {"en": "Both give a toll."},
}


def test_a_relation_is_written_by_its_short_name_and_read_as_its_iri(
    context: dict[str, object],
) -> None:
    (node,) = pyld.jsonld.expand({"@context": context, **ASSESSMENT})
    assert node[ASC + "relation"] == [{"@id": ASC + "contradicts"}]
    assert node[ASC + "confidence"] == [{"@type": XSD_NAMESPACE + "decimal", "@value": "0.7"}]


def test_what_is_compacted_with_the_context_reads_by_short_names(
    context: dict[str, object],
) -> None:
    expanded = pyld.jsonld.expand({"@context": context, **STATEMENT})
    compacted = pyld.jsonld.compact(expanded, context)
    compacted.pop("@context")
    assert set(compacted) == set(STATEMENT)
    assert compacted["polarity"] == "ascv:positive"
    assert compacted["contentSpan"][0]["exact"] == "It will go on"


@pytest.mark.parametrize(
    "name", ["us-strike", "election-poll", "treaty-translation", "wind-port-arabic"]
)
def test_an_example_bundle_goes_through_the_context_and_back_without_loss(
    name: str, context: dict[str, object]
) -> None:
    bundle = triples(f"{name}.trig")
    lines = (ox.serialize(bundle, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    expanded = pyld.jsonld.from_rdf(lines, {"useNativeTypes": True})
    compacted = pyld.jsonld.compact(expanded, context, {"base": BASE})
    again = ox.parse(json.dumps(compacted), ox.RdfFormat.JSON_LD, base_iri=BASE)
    assert {quad.triple for quad in again} == set(bundle)
    assert not re.findall(r'"[a-z]+:\w+": ', json.dumps(compacted["graph"]))


def test_a_misspelt_key_is_kept_and_so_can_be_refused(context: dict[str, object]) -> None:
    (node,) = pyld.jsonld.expand({"@context": context, "id": "x:y", "speeker": "x"})
    assert ASC + "speeker" in node
