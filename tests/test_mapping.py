"""Records and quads: there and back without loss."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.fields import Kind, Record, Text
from graph.mapping import from_quads, to_quads
from graph.model import RECORD_TYPES, Agent, Attribution, DocumentVersion, Event, Statement
from graph.records import Records
from graph.vocab import ASC, PROV, RDF, RDFS, XSD

BASE = "http://127.0.0.1:8000/"
VERSION = BASE + "doc/a-00000000/v/0000000000000000"
IRIS = st.integers(0, 30).map(lambda number: f"{BASE}thing/{number}")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.IRI: IRIS,
    Kind.STRING: WORDS,
    Kind.TEXT: st.builds(Text, WORDS, st.sampled_from(["en", "de", "pt-br"])),
    Kind.INTEGER: st.integers(-999, 9999),
    Kind.DECIMAL: st.decimals(0, 1, places=2),
    Kind.NUMBER: st.integers(0, 99) | st.decimals(0, 99, places=1),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.sampled_from(["2031", "2031-05", "2031-05-04", "2031-05-04T09:30:00Z"]),
    Kind.DATE_TIME: st.sampled_from(["2031-05-04T09:30:00Z", "2031-05-04T09:30:00+02:00"]),
}


@st.composite
def records(draw: st.DrawFn, record_type: type[Record], number: int) -> Record:
    values: dict[str, Any] = {}
    for each in fields(record_type):
        if each.metadata and draw(st.booleans()):
            _, kind, many = each.metadata["written"]
            one = VALUES[kind]
            values[each.name] = (
                draw(st.sets(one, max_size=3).map(lambda found: tuple(sorted(found))))
                if many
                else draw(one)
            )
    kind_iri = draw(st.sampled_from(sorted(record_type.classes)))
    return record_type(iri=f"{BASE}record/{number}", types=(kind_iri,), **values)


@st.composite
def bundles(draw: st.DrawFn) -> Records:
    kinds = draw(st.lists(st.sampled_from(RECORD_TYPES), max_size=6))
    found = [draw(records(kind, number)) for number, kind in enumerate(kinds)]
    version = DocumentVersion(iri=VERSION, types=(ASC.DocumentVersion.value,))
    return Records([*found, version])


@given(bundles())
def test_records_come_back_from_their_quads_as_they_were(bundle: Records) -> None:
    assert from_quads(to_quads(bundle, BASE)) == bundle


TERMS = st.one_of(
    IRIS.map(NamedNode),
    st.sampled_from(
        [
            Literal("01", datatype=XSD.integer),
            Literal("1.00", datatype=XSD.decimal),
            Literal("1", datatype=XSD.boolean),
            Literal("ten", datatype=XSD.integer),
            Literal("NaN", datatype=XSD.decimal),
            Literal("words"),
            Literal("words", language="en"),
        ]
    ),
)
PREDICATES = st.sampled_from(
    [RDF.type, RDFS.label, RDFS.comment, ASC.agent, ASC.expresses, ASC.lowerBound, ASC.confidence]
)
GRAPHS = st.sampled_from([VERSION, VERSION + "/entailed", BASE + "graph/entities"])
TYPES = st.sampled_from([ASC.Statement, ASC.Event, ASC.Proposition, ASC.RelationAssessment])
QUADS = st.one_of(
    st.builds(Quad, IRIS.map(NamedNode), PREDICATES, TERMS, GRAPHS.map(NamedNode)),
    st.builds(Quad, IRIS.map(NamedNode), st.just(RDF.type), TYPES, GRAPHS.map(NamedNode)),
    st.builds(Quad, IRIS.map(NamedNode), PREDICATES, TERMS),
    st.builds(Quad, st.just(BlankNode("b")), PREDICATES, TERMS, GRAPHS.map(NamedNode)),
)


@given(st.sets(QUADS, max_size=40))
def test_no_quad_is_lost_or_added_whatever_the_input_says(quads: set[Quad]) -> None:
    assert set(to_quads(from_quads(quads), BASE)) == quads


@pytest.mark.parametrize(("number", "datatype"), [(60, XSD.integer), (Decimal("60"), XSD.decimal)])
def test_a_bound_keeps_its_datatype(number: Any, datatype: NamedNode) -> None:
    subject, graph = NamedNode(BASE + "p"), NamedNode(BASE + "graph/propositions")
    quads = {
        Quad(subject, RDF.type, ASC.QuantityProposition, graph),
        Quad(subject, ASC.lowerBound, Literal(str(number), datatype=datatype), graph),
    }
    found = from_quads(quads)
    assert found[subject.value].lower_bound == number  # type: ignore[attr-defined]
    assert set(to_quads(found, BASE)) == quads


def test_each_kind_of_record_is_written_to_its_graph() -> None:
    version = DocumentVersion(iri=VERSION, types=(ASC.DocumentVersion.value,))
    event = Event(iri=BASE + "event/flood", types=(ASC.Event.value,))
    statement = Statement(iri=BASE + "statement/1", types=(ASC.Paratext.value,))
    graphs = {
        quad.subject.value: quad.graph_name.value
        for quad in to_quads(Records([version, event, statement]), BASE)
    }
    assert graphs == {
        VERSION: VERSION,
        event.iri: BASE + "graph/entities",
        statement.iri: VERSION,
    }


def test_derived_types_are_left_over_and_not_taken_for_stated_ones() -> None:
    agent, home = NamedNode(BASE + "agent/a"), NamedNode(BASE + "graph/entities")
    entailed = NamedNode(BASE + "graph/entailed")
    stated = Quad(agent, RDF.type, ASC.NewsOrganization, home)
    derived = {Quad(agent, RDF.type, each, entailed) for each in (ASC.Organization, PROV.Agent)}
    found = from_quads({stated, *derived})
    assert found.of(Agent)[0].types == (ASC.NewsOrganization.value,)
    assert found.extra == derived


def _hop(name: str, relayed_by: str | None) -> Attribution:
    return Attribution(
        iri=BASE + name, types=(ASC.Attribution.value,), relayed_by=relayed_by and BASE + relayed_by
    )


def test_a_statement_has_one_chain_for_each_hop_0() -> None:
    statement = Statement(iri=BASE + "s", types=(), attribution=(BASE + "a", BASE + "c"))
    bundle = Records([_hop("a", "b"), _hop("b", None), _hop("c", "b"), statement])
    chains = [[hop.iri.removeprefix(BASE) for hop in chain] for chain in bundle.chain(statement)]
    assert chains == [["a", "b"], ["c", "b"]]


def test_a_chain_that_runs_in_a_circle_ends() -> None:
    statement = Statement(iri=BASE + "s", types=(), attribution=(BASE + "a",))
    bundle = Records([_hop("a", "b"), _hop("b", "a"), statement])
    assert [len(chain) for chain in bundle.chain(statement)] == [2]
