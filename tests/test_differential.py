"""Our checker and pySHACL on the same bundles: sound ones, and ones that are spoilt.

`benchmarks/differential.py` does the same with as many cases as you like.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pyshacl
import pytest
import rdflib
from aims import aims
from engines import (
    Tally,
    hold_together,
    is_circle_by_literal,
    is_out_of_order,
    missing,
    oracle,
    ours,
    pyshacls,
    row_of,
    struck_bundles,
    tallies,
)
from mutations import IN_STORE, quads_of, reached, struck
from pyoxigraph import Literal, Quad, RdfFormat
from rdflib import SH
from test_cases import CASES, case_files, name_of

from graph.oracle import Oracle, graph_of, with_terms
from graph.report import Result
from graph.schema import shapes
from graph.shacl import compile_shapes
from graph.vocab import ASC, OA, XSD

DRAWN = 100
EX = "http://example.org/"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """rdflib logs each ill-typed literal with a traceback."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("path", case_files("valid", "invalid"), ids=name_of)
def test_both_engines_say_the_same_of_every_case(path: Path) -> None:
    said = quads_of(path)
    named = {quad.object for quad in said} | {quad.subject for quad in said}
    stored = reached(quads_of(CASES / "store.ttl"), named)
    hold_together([*said, *(Quad(*quad.triple, IN_STORE) for quad in stored)], Tally())


def test_both_engines_find_the_same_in_spoilt_bundles_and_each_constraint_is_broken() -> None:
    tally = Tally()
    for part in tallies(len(struck_bundles()) + DRAWN, number=0, workers=2):
        tally.add(part)
    assert not tally.differences, "\n\n".join(tally.differences)
    assert not missing(tally)
    assert tally.cases >= max(len(struck_bundles()) + DRAWN, 2_000)


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize("number", range(0, len(aims()), len(aims()) // 7))
def test_pyshacl_with_its_shapes_read_once_finds_what_it_finds_else(number: int) -> None:
    quads = with_terms(struck(aims()[number]))
    _, report, _ = pyshacl.validate(graph_of(quads), shacl_graph=graph_of(shapes()))
    assert isinstance(report, rdflib.Graph)
    told = (SH.focusNode, SH.sourceConstraintComponent, SH.resultMessage)
    results = report.objects(None, SH.result)
    found = oracle().results(quads)
    assert Counter(tuple(str(report.value(each, p)) for p in told) for each in results) == Counter(
        (each.focus.removeprefix("_:"), each.component, each.message) for each in found
    )


@pytest.mark.parametrize("other", ["05", "5.0", '"5"^^xsd:nonNegativeInteger'])
def test_two_ways_to_write_a_number_are_two_values_to_a_sparql_rule(other: str) -> None:
    tally = Tally()
    hold_together(
        quads_in(f"""
            ex:a a asc:DirectQuotation ; asc:denies 5 .
            ex:b a asc:RelationAssessment ; asc:subject ex:a ;
                asc:relation asc:denies ; asc:object {other} .
        """),
        tally,
    )
    broken = {rule.rpartition("#")[2] for rule, _ in tally.violated}
    assert {"Statement-backed", "RelationAssessment-stated"} <= broken


# Where pySHACL departs from SHACL, sections 4.3 (value range) and 4.5.3 (sh:lessThan):
# what SPARQL's operators cannot compare is wrong. And from SPARQL 1.1, section 9.3.


LESS = "ex:s a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; sh:lessThan ex:q ."


def quads_in(text: str) -> list[Quad]:
    """Some Turtle, with the prefixes of these tests."""
    known = {"asc": ASC, "ex": EX, "oa": OA, "sh": SH, "xsd": XSD}
    prefixes = "".join(f"@prefix {name}: <{iri}> . " for name, iri in known.items())
    return [*pyoxigraph.parse(prefixes + text, format=RdfFormat.TURTLE)]


def test_a_number_for_a_time_is_refused_by_us_alone() -> None:
    """pySHACL orders the two by the names of their datatypes."""
    data = quads_in('ex:a ex:p "5"^^xsd:date ; ex:q 7 .')
    [result] = compile_shapes(quads_in(LESS)).results(data)
    assert result.value == str(Literal("5", datatype=XSD.date))
    assert not [*Oracle(quads_in(LESS)).results(data)]


@pytest.mark.parametrize(
    ("one", "other"), [("_:b", "7"), ("7", "_:b"), ('"NaN"^^xsd:decimal', "7")]
)
def test_what_has_no_order_is_refused_by_us_and_ends_pyshacl(one: str, other: str) -> None:
    data = quads_in(f"ex:a ex:p {one} ; ex:q {other} .")
    assert len([*compile_shapes(quads_in(LESS)).results(data)]) == 1
    with pytest.raises(Exception, match=r"compare a BlankNode|InvalidOperation"):
        [*Oracle(quads_in(LESS)).results(data)]


@pytest.mark.parametrize(
    ("start", "end", "excused"), [("5", "7", False), ("5", '"x"', True), ("true", "7", True)]
)
def test_a_result_of_ours_alone_is_excused_only_where_sparql_finds_no_order(
    start: str, end: str, excused: bool
) -> None:
    data = quads_in(
        f"@prefix oa: <http://www.w3.org/ns/oa#> . ex:a oa:start {start} ; oa:end {end} ."
    )
    value = next(str(quad.object) for quad in data if quad.predicate.value.endswith("start"))
    rule = "https://w3id.org/ascribe/shapes#TextSpan-order"
    component = str(SH.LessThanConstraintComponent)
    result = Result(None, rule, f"{EX}a", None, value, component, str(SH.Violation), "")
    assert is_out_of_order(row_of(result), data) is excused


@pytest.mark.parametrize("falsy", ['""', "0", "false"])
def test_no_circle_leads_through_a_literal_whatever_pyshacl_says(falsy: str) -> None:
    data = quads_in(f"ex:a a asc:Agent ; asc:partOfAgent {falsy} .")
    for found, wrong in ((ours(data), 0), (pyshacls(data), 1)):
        assert sum(map(is_circle_by_literal, found)) == wrong


def test_a_literal_without_order_is_as_high_as_itself() -> None:
    shapes_ = quads_in(LESS.replace("lessThan", "lessThanOrEquals"))
    same = quads_in('ex:a ex:p "words"@en ; ex:q "words"@en .')
    other = quads_in('ex:a ex:p "words"@en ; ex:q "words"@de .')
    for engine in (compile_shapes(shapes_), Oracle(shapes_)):
        assert not [*engine.results(same)]
    assert len([*compile_shapes(shapes_).results(other)]) == 1
