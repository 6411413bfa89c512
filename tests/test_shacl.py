"""The compiled shapes: the same faults as pySHACL finds, and as the W3C expects."""

from __future__ import annotations

import sys
from decimal import Decimal

import pyoxigraph
import pytest
import suite
from hypothesis import given
from hypothesis import strategies as st
from mutations import classes
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat

from graph.oracle import results_of_shapes
from graph.shacl import UnsupportedShape, View, compile_shapes
from graph.shacl.literals import compare, is_well_formed
from graph.sparql_rules import sparql_results
from graph.validation import core_checker, fallback_shapes
from graph.vocab import ASC, RDF, XSD

PREFIXES = """
    @prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EX = "http://example.org/"


def quads_in(text: str) -> list[Quad]:
    """Some Turtle, with the prefixes of these tests."""
    return [*pyoxigraph.parse(PREFIXES + text, format=RdfFormat.TURTLE)]


def found_by(shapes: str, data: str) -> list[tuple[str, str | None]]:
    """Focus node and value of each result."""
    results = compile_shapes(quads_in(shapes)).results(quads_in(data))
    return sorted((each.focus.removeprefix(EX), each.value) for each in results)


# The W3C's suite.


@pytest.fixture(scope="module")
def w3c() -> list[suite.Case]:
    """The cases of SHACL Core."""
    if not suite.CORE.is_dir():
        pytest.skip(f"the W3C's suite is not at hand ({suite.CORE}; set ASCRIBE_SUITES)")
    return [*suite.cases()]


@pytest.mark.extras
def test_every_case_of_the_w3c_passes(w3c: list[suite.Case]) -> None:
    assert len(w3c) == 98
    assert not [case.name for case in w3c if not case.passes(suite.ours)]


@pytest.mark.extras
@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
def test_the_score_is_stated_beside_pyshacls(
    w3c: list[suite.Case], capsys: pytest.CaptureFixture[str]
) -> None:
    score = suite.scores()
    with capsys.disabled():
        sys.stdout.write(f"\n{score}\n")
    assert score == "W3C SHACL Core: 98 of 98 cases passed here, 97 by pySHACL"


@pytest.mark.extras
@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
def test_pyshacl_passes_all_cases_of_the_w3c_but_one(w3c: list[suite.Case]) -> None:
    failed = [case.name for case in w3c if not case.passes(suite.pyshacls)]
    assert failed == ["property/uniqueLang-002"]  # it takes "1"^^xsd:boolean for true


# What cannot be compiled.


def test_our_own_shapes_all_compile() -> None:
    assert fallback_shapes() == ()


@pytest.mark.parametrize(
    ("shapes", "construct"),
    [
        ("ex:s sh:targetNode ex:a ; sh:sparql [ ] .", "sh:sparql"),
        ("ex:s sh:targetNode ex:a ; sh:expression [ ] .", "sh:expression"),
        ("ex:s sh:targetNode ex:a ; sh:property ex:t . ex:t sh:minCount 1 .", "without sh:path"),
        ("ex:s sh:targetNode ex:a ; sh:node ex:s .", "leads back to itself"),
        ("ex:s sh:targetNode ex:a ; sh:or ( ex:t ) . ex:t sh:not ex:s .", "leads back to itself"),
        ("ex:s sh:targetNode ex:a ; sh:in ex:nothing .", "is no RDF list"),
        ("ex:s sh:targetNode ex:a ; sh:path [ ex:p ex:q ] .", "is no property path"),
        ('ex:s sh:targetNode ex:a ; sh:minLength "x" .', "sh:minLength"),
        ('ex:s sh:targetNode ex:a ; sh:pattern "(" .', "sh:pattern"),
        ('ex:s sh:targetNode ex:a ; sh:pattern "a" ; sh:flags "w" .', "sh:flags"),
        ("ex:s sh:targetNode ex:a ; sh:nodeKind ex:Kind .", "sh:nodeKind"),
        (
            """ex:c a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] .
            ex:s sh:targetNode ex:a ; ex:most 3 .""",
            "a constraint component of its own",
        ),
    ],
)
def test_what_is_not_known_is_refused_by_name(shapes: str, construct: str) -> None:
    with pytest.raises(UnsupportedShape) as fault:
        compile_shapes(quads_in(shapes))
    assert construct in str(fault.value)
    assert fault.value.shape.startswith(EX)


def test_a_shape_that_cannot_be_compiled_goes_to_pyshacl_alone() -> None:
    shapes = quads_in("""
        ex:known sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
        ex:looped sh:targetNode ex:a ; sh:property [ sh:path ex:q ; sh:minCount 1 ] ,
            [ sh:path ex:r ; sh:node ex:looped ] .
    """)
    data = quads_in("ex:a ex:s ex:b .")
    checker = compile_shapes(shapes, leave_out=True)
    assert [str(node) for node in checker.unsupported] == [f"<{EX}looped>"]
    assert [each.path for each in checker.results(data)] == [f"{EX}p"]
    by_pyshacl = results_of_shapes(checker.unsupported, data, shapes)
    assert [each.path for each in by_pyshacl] == [f"{EX}q"]


# What the suite does not ask.


def test_only_the_nodes_asked_for_are_checked() -> None:
    checker = compile_shapes(quads_in("ex:s sh:targetSubjectsOf ex:p ; sh:nodeKind sh:Literal ."))
    data = quads_in("ex:a ex:p ex:b . ex:b ex:p ex:a .")
    focus = [NamedNode(EX + "b"), NamedNode(EX + "absent")]
    assert [each.focus for each in checker.results(data, focus)] == [f"{EX}b"]


def test_classes_of_the_vocabulary_and_of_the_data_count() -> None:
    shapes = quads_in("ex:s sh:targetClass ex:Top ; sh:class ex:Other .")
    vocabulary = quads_in("ex:Middle <http://www.w3.org/2000/01/rdf-schema#subClassOf> ex:Top .")
    data = quads_in("""
        ex:a a ex:Middle . ex:b a ex:Low . ex:c a ex:High .
        ex:Low <http://www.w3.org/2000/01/rdf-schema#subClassOf> ex:Middle .
    """)
    checker = compile_shapes(shapes, vocabulary)
    assert {each.focus for each in checker.results(data)} == {f"{EX}a", f"{EX}b"}
    assert {each.focus for each in checker.results(data[:3])} == {f"{EX}a"}


def test_a_triple_in_two_graphs_counts_once() -> None:
    quads = quads_in("ex:a ex:p ex:b .")
    one = quads[0]
    twice = [one, Quad(one.subject, one.predicate, one.object, NamedNode(EX + "graph"))]
    assert len(View(twice).values(NamedNode(EX + "a"), NamedNode(EX + "p"))) == 1


def test_an_inverse_sequence_is_followed_from_its_end() -> None:
    shapes = """ex:s sh:targetNode ex:c ; sh:property ex:t .
        ex:t sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:in ( ) ."""
    assert found_by(shapes, "ex:a ex:p ex:b . ex:b ex:q ex:c .") == [("c", f"<{EX}a>")]


@pytest.mark.parametrize(
    ("lexical", "datatype", "well_formed"),
    [
        *[(text, "integer", True) for text in ("5", "+5", "-5", "007")],
        *[(text, "integer", False) for text in ("", "5.0", "five", "1e3")],
        *[("5", "nonNegativeInteger", True), ("-5", "nonNegativeInteger", False)],
        *[("0.5", "decimal", True), ("x", "decimal", False)],
        *[("true", "boolean", True), ("TRUE", "boolean", False), ("1", "boolean", True)],
        *[("2031-05-04T10:00:00Z", "dateTime", True), ("2031-13-04T10:00:00Z", "dateTime", False)],
        *[("2028-02-29", "date", True), ("2027-02-29", "date", False), ("20280229", "date", False)],
        *[("2028-02-29+01:00", "date", True), ("2028-2-29", "date", False)],
        *[("300", "byte", False), ("anything", "language", True), ("anything", "unheardOf", True)],
    ],
)
def test_a_literal_is_as_its_datatype_says(lexical: str, datatype: str, well_formed: bool) -> None:
    assert is_well_formed(Literal(lexical, datatype=XSD.term(datatype))) is well_formed


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_of_two_datatypes_are_ordered_by_value(one: Decimal, two: int) -> None:
    fraction = Literal(str(one), datatype=XSD.decimal)
    order = compare(fraction, Literal(str(two), datatype=XSD.integer))
    assert order == (one > two) - (one < two)


def test_a_time_with_a_zone_and_one_without_have_no_order() -> None:
    one = Literal("2031-05-04T10:00:00Z", datatype=XSD.dateTime)
    two = Literal("2031-05-05T10:00:00", datatype=XSD.dateTime)
    assert compare(one, two) is None
    assert compare(two, two) == 0


def test_a_rule_without_a_note_of_what_it_reads_reads_everything() -> None:
    misspelt = Quad(NamedNode(EX + "a"), ASC.agnet, NamedNode(EX + "b"))
    typed = Quad(NamedNode(EX + "a"), RDF.type, classes()[0])
    view = core_checker().view([misspelt, typed])
    noted = set(sparql_results(view))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graph.sparql_rules._READS", {})
        assert set(sparql_results(view)) == noted


# A node that is like one found sound is not checked again; these are not alike.


ALIKE = """
    ex:s a sh:NodeShape ; sh:targetClass ex:Thing ;
        sh:property [ sh:path [ sh:alternativePath ( ex:low ex:high ) ] ; sh:maxCount 1 ] ;
        sh:property [ sh:path ex:label ; sh:uniqueLang true ; sh:pattern "^[a-z]" ] ;
        sh:property [ sh:path ex:kind ; sh:class ex:Kind ] ;
        sh:property [ sh:path ex:said ; sh:or ( [ sh:class ex:Kind ] [ sh:hasValue true ] ) ] ;
        sh:property [ sh:path ex:flag ; sh:hasValue true ] ;
        sh:property [ sh:path ex:start ; sh:lessThan ex:end ] ;
        sh:property [ sh:path ( ex:part ex:flag ) ; sh:hasValue true ] .
"""
SOUND = """
    ex:k a ex:Kind . ex:p ex:flag true .
    ex:a a ex:Thing ; ex:low 1 ; ex:high 1 ; ex:label "a"@en, "a"@de ; ex:kind ex:k ;
        ex:flag true ; ex:start 1 ; ex:end 2 ; ex:part ex:p .
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *[("ex:high 1", "ex:high 2"), ('"a"@de', '"b"@en'), ('"a"@de', '"B"@de')],
        *[("ex:k a ex:Kind", "ex:k a ex:Odd"), ("ex:kind ex:k", "ex:kind ex:other")],
        *[("flag true ; ex:start", "flag false ; ex:start"), ("ex:end 2", "ex:end 1")],
        *[("ex:p ex:flag true", "ex:p ex:flag false"), ("ex:flag true ; ", "")],
    ],
)
def test_a_node_that_differs_where_a_shape_looks_is_checked(before: str, after: str) -> None:
    checker = compile_shapes(quads_in(ALIKE))
    assert SOUND.count(before) == 1
    for _ in range(2):
        assert not [*checker.results(quads_in(SOUND))]
        assert [*checker.results(quads_in(SOUND.replace(before, after)))]
