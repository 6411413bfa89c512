"""Every rule on files: good bundles pass, and bad ones fail where they should.

`cases/<stem>/valid-*.ttl` names the rules it exercises (`# covers:`) and what
should be mended in it (`# warns:`); `cases/<stem>/invalid-*.ttl` holds one
fault and says what the report must name:

    # expect: shapes:Rule | <focus node> | sh:SomeConstraintComponent | line 31

All are read with the text `cases/river.txt` at hand and with `cases/store.ttl`
as what the store holds already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph
import pyshacl
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, SH, SKOS

from graph.errors import BadInput
from graph.files import ontology_dir, shapes_dir
from graph.reading import Reader
from graph.settings import Settings
from graph.validation import validate

CASES = Path(__file__).parent / "cases"
BASE = "http://127.0.0.1:8000/"
SHAPES = rdflib.Namespace("https://w3id.org/ascribe/shapes#")
HEADER = re.compile(r"# (covers|expect|warns|reader): (.+)")


class Finding(NamedTuple):
    """One result, as a case expects it."""

    rule: str
    focus: str
    component: str
    line: int | None


class Header(NamedTuple):
    """What the comments at the top of a case say."""

    covers: frozenset[str]
    violations: frozenset[Finding]
    warnings: frozenset[Finding]
    refused_by_reader: bool


def header_of(path: Path) -> Header:
    """The header of a case file."""
    lines: dict[str, list[str]] = {"covers": [], "expect": [], "warns": [], "reader": []}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if match := HEADER.fullmatch(line):
            lines[match[1]].append(match[2])
    return Header(
        frozenset(name for line in lines["covers"] for name in line.split()),
        frozenset(map(as_finding, lines["expect"])),
        frozenset(map(as_finding, lines["warns"])),
        "refuses" in lines["reader"],
    )


def as_finding(line: str) -> Finding:
    """`shapes:Rule | <focus> | sh:Component | line 31` as a Finding."""
    rule, focus, component, place = line.split(" | ")
    number = None if place == "no line" else int(place.removeprefix("line "))
    return Finding(rule, focus, component, number)


def case_files(*kinds: str) -> list[Path]:
    """The case files of all stems but the ontology's, whose rules run elsewhere."""
    found = (path for kind in kinds for path in CASES.glob(f"*/{kind}-*.ttl"))
    return sorted(path for path in found if path.parent.name != "ontology")


def name_of(path: Path) -> str:
    """`statement/invalid-source-missing`, for the names of tests."""
    return f"{path.parent.name}/{path.stem}"


def short(iri: str) -> str:
    """An IRI as the headers write it."""
    for prefix, namespace in (("shapes:", str(SHAPES)), ("sh:", str(SH))):
        if iri.startswith(namespace):
            return prefix + iri.removeprefix(namespace)
    return iri


def focus_of(name: str) -> str:
    """A focus node as the headers write it: blank nodes have no lasting name."""
    return f"<{name.removeprefix(BASE)}>" if re.match(r"https?:", name) else "_:"


Check = Callable[[Path], tuple[frozenset[Finding], frozenset[Finding]]]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    each = Reader(Settings(base=BASE))
    yield each
    each.close()


@pytest.fixture(scope="module")
def check(reader: Reader) -> Check:
    """What the gate finds in a file: its violations and its warnings."""
    text = (CASES / "river.txt").read_bytes()
    store = [*pyoxigraph.parse(path=CASES / "store.ttl", base_iri=BASE)]

    def found_in(path: Path) -> tuple[frozenset[Finding], frozenset[Finding]]:
        report, _ = validate(reader.read_file(path), source=text, context=store)
        found: dict[bool, set[Finding]] = {True: set(), False: set()}
        for result in report.results:
            finding = Finding(
                short(result.rule), focus_of(result.focus), short(result.component), result.line
            )
            found[result.is_violation].add(finding)
        return frozenset(found[True]), frozenset(found[False])

    return found_in


@pytest.mark.parametrize("path", case_files("valid"), ids=name_of)
def test_a_good_bundle_passes(path: Path, check: Check) -> None:
    violations, warnings = check(path)
    assert not violations
    assert warnings == header_of(path).warnings


@pytest.mark.parametrize("path", case_files("invalid"), ids=name_of)
def test_a_bad_bundle_fails_where_its_header_says(path: Path, check: Check, reader: Reader) -> None:
    header = header_of(path)
    if header.refused_by_reader:
        with pytest.raises(BadInput):
            reader.read_file(path)
        return
    assert check(path) == (header.violations, header.warnings)


# What pySHACL says about the shapes as they stand: no rule depends on how
# graph/validation.py runs them.


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in sorted(ontology_dir().glob("*.ttl")):
        graph.parse(path)
    return graph


def shapes_graph(*names: str) -> rdflib.Graph:
    """The shapes files of these stems, or all."""
    graph = rdflib.Graph()
    for path in sorted(shapes_dir().glob("*.ttl")):
        if not names or path.stem in names:
            graph.parse(path)
    return graph


def broken_rules(data: rdflib.Graph, shapes: rdflib.Graph) -> set[tuple[str, str, str]]:
    """Rule, focus node and component of each of pySHACL's results."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    assert isinstance(report, rdflib.Graph), report
    found = set()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        constraint = report.value(result, SH.sourceConstraint)
        shape = report.value(result, SH.sourceShape)
        rule = constraint if isinstance(constraint, rdflib.URIRef) else shape
        focus = report.value(result, SH.focusNode)
        component = report.value(result, SH.sourceConstraintComponent)
        found.add((short(str(rule)), focus_of(str(focus)), short(str(component))))
    return found


def ontology_cases(kind: str) -> list[Path]:
    return sorted(CASES.glob(f"ontology/{kind}-*.ttl"))


@pytest.mark.parametrize("path", ontology_cases("valid"), ids=name_of)
def test_a_well_described_ontology_passes(path: Path) -> None:
    assert not broken_rules(rdflib.Graph().parse(path), shapes_graph("ontology"))


@pytest.mark.parametrize("path", ontology_cases("invalid"), ids=name_of)
def test_a_badly_described_term_is_found(path: Path) -> None:
    found = broken_rules(rdflib.Graph().parse(path), shapes_graph("ontology"))
    assert found == {finding[:3] for finding in header_of(path).violations}


def test_our_own_ontology_keeps_its_rules(ontology: rdflib.Graph) -> None:
    assert not broken_rules(ontology, shapes_graph("ontology"))


@pytest.mark.parametrize(
    "path",
    [path for path in case_files("invalid") if header_of(path).refused_by_reader],
    ids=name_of,
)
def test_the_shapes_alone_find_what_the_reader_refuses(path: Path, ontology: rdflib.Graph) -> None:
    data = ontology + rdflib.Graph().parse(path, publicID=BASE)
    stems = {each.stem for each in shapes_dir().glob("*.ttl")} - {"ontology"}
    found = broken_rules(data, shapes_graph(*stems))
    assert found == {finding[:3] for finding in header_of(path).violations}


# The shapes themselves.


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return shapes_graph()


def value_of(
    graph: rdflib.Graph, subject: rdflib.term.Node, predicate: rdflib.URIRef
) -> rdflib.term.Node:
    """The value that a shape is known to have."""
    found = graph.value(subject, predicate)
    assert found is not None, (subject, predicate)
    return found


def rules_in(graph: rdflib.Graph) -> set[rdflib.term.Node]:
    """What can stand in a report as the rule that was broken.

    A rule states a message and is not a helper: helpers are reached through
    sh:or, sh:not, sh:node and the like only, and nothing targets them.
    """
    targets = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
    targeted = {shape for target in targets for shape in graph.subjects(target)}
    reached = {
        rule
        for shape in targeted
        for step in (SH.property, SH.sparql)
        for rule in graph.objects(shape, step)
    }
    return {rule for rule in targeted | reached if (rule, SH.message, None) in graph}


def test_every_rule_has_a_good_and_a_bad_case(shapes: rdflib.Graph) -> None:
    covered: set[str] = set()
    broken: set[str] = set()
    for path in CASES.glob("*/*.ttl"):
        header = header_of(path)
        covered |= header.covers
        broken |= {finding.rule for finding in header.violations | header.warnings}
    rules = {short(str(rule)) for rule in rules_in(shapes)}
    assert covered == rules
    assert broken == rules


def test_the_text_of_the_cases_is_the_one_they_point_into() -> None:
    text = (CASES / "river.txt").read_text(encoding="utf-8")
    assert len(text) == 481


@pytest.mark.parametrize("kind", [SH.PropertyShape, SH.SPARQLConstraint])
def test_every_rule_has_a_name_a_severity_an_order_and_a_message(
    kind: rdflib.URIRef, shapes: rdflib.Graph
) -> None:
    rules = {*shapes.subjects(RDF.type, kind)} | rules_in(shapes)
    for rule in rules:
        assert isinstance(rule, rdflib.URIRef), [*shapes.predicate_objects(rule)]
        for predicate in (SH.name, SH.severity, SH.order, SH.message):
            assert len([*shapes.objects(rule, predicate)]) == 1, (rule, predicate)
        for predicate in (SH.name, SH.message):
            text = value_of(shapes, rule, predicate)
            assert isinstance(text, rdflib.Literal) and text.language == "en", (rule, predicate)
        assert str(shapes.value(rule, SH.message)).endswith("."), rule


def test_every_path_belongs_to_a_shape_with_an_iri(shapes: rdflib.Graph) -> None:
    shaped = set(shapes.subjects(SH.path))
    assert all(isinstance(shape, rdflib.URIRef) for shape in shaped)
    assert shaped == set(shapes.subjects(RDF.type, SH.PropertyShape))


def test_every_rule_on_a_page_belongs_to_a_part_of_the_page(shapes: rdflib.Graph) -> None:
    groups = set(shapes.subjects(RDF.type, SH.PropertyGroup))
    for rule in shapes.subjects(RDF.type, SH.PropertyShape):
        assert shapes.value(rule, SH.group) in groups, rule


def test_the_shapes_are_valid_shacl(shapes: rdflib.Graph) -> None:
    conforms, _, text = pyshacl.validate(
        rdflib.Graph(), shacl_graph=shapes, meta_shacl=True, advanced=True
    )
    assert conforms, text


def test_the_closed_lists_are_those_of_the_vocabulary(
    ontology: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    lists = {
        "Statement-polarity": "Polarity",
        "Statement-certainty": "Certainty",
        "Statement-temporality": "Temporality",
        "Assessment-basis": "Basis",
        "TimeExpression-yearStatus": "YearStatus",
    }
    for rule, scheme in lists.items():
        listed = set(shapes.items(value_of(shapes, SHAPES[rule], SH["in"])))
        iri = rdflib.URIRef(f"https://w3id.org/ascribe/vocab#{scheme}")
        assert listed == set(ontology.subjects(SKOS.inScheme, iri)), rule


def test_the_shapes_use_only_terms_that_the_ontology_defines(
    ontology: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    own = re.compile("https://w3id.org/ascribe/(ns|vocab)#.")
    used = {term for triple in shapes for term in triple if own.match(str(term))}
    defined = {*ontology.subjects(RDF.type)}
    assert not used - defined


def test_every_relation_has_its_rule_and_its_place_in_the_lists(
    ontology: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    asc = rdflib.Namespace("https://w3id.org/ascribe/ns#")
    below = set(ontology.transitive_subjects(rdflib.RDFS.subPropertyOf, asc.relatedStatement))
    relations = below - {asc.relatedStatement} | {asc.deniesSaying}
    listed = value_of(shapes, SHAPES["RelationAssessment-relation"], SH["in"])
    assert set(shapes.items(listed)) == relations
    assert set(shapes.objects(SHAPES.RelatedStatement, SH.targetSubjectsOf)) == relations
    select = str(shapes.value(SHAPES["Statement-backed"], SH.select))
    ruled = set(shapes.objects(SHAPES.Statement, SH.property))
    for relation in relations:
        name = str(relation).removeprefix(str(asc))
        assert f"asc:{name}" in select
        assert SHAPES[f"Statement-{name}"] in ruled


def test_disjoint_classes_of_the_ontology_are_apart_in_the_shapes_too(
    ontology: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    apart = {frozenset(pair) for pair in ontology.subject_objects(OWL.disjointWith)}
    for axiom in ontology.subjects(RDF.type, OWL.AllDisjointClasses):
        members = [*ontology.items(value_of(ontology, axiom, OWL.members))]
        apart |= {frozenset((a, b)) for a in members for b in members if a != b}
    refused = {
        frozenset((kind, other))
        for shape, negated in shapes.subject_objects(SH["not"])
        for kind in shapes.objects(shape, SH.targetClass)
        for other in shapes.objects(negated, SH["class"])
    }
    assert apart <= refused, apart - refused
