"""What is exported is imported again as it was, in every form that loses nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import BASE, RECORDED, REPORT
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, Quad, RdfFormat, parse

from graph.formats import NQUADS, RDF_FORMATS, dumps
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import RDFS

SEEN = st.characters(exclude_categories=["C", "Z"])
NAMES = st.tuples(SEEN, st.text(SEEN | st.just(" "), max_size=9)).map("".join)
TAGS = st.sampled_from(["en", "de", "ar-latn", "zh"])


@st.composite
def bundles(draw: st.DrawFn) -> bytes:
    """The river report, with other names for agents, events and places."""

    def renamed(quad: Quad) -> Quad:
        if quad.predicate != RDFS.label or "/proposition/" in str(quad.subject):
            return quad
        return Quad(quad.subject, quad.predicate, Literal(draw(NAMES), language=draw(TAGS)))

    quads = parse(REPORT.read_bytes(), RdfFormat.TURTLE, base_iri=BASE)
    return dumps([renamed(quad) for quad in quads], NQUADS)


@pytest.fixture(scope="module")
def graphs() -> Iterator[tuple[KnowledgeGraph, KnowledgeGraph]]:
    """Where a bundle is, and where it goes."""
    with (
        KnowledgeGraph(Settings(), clock=lambda: RECORDED) as one,
        KnowledgeGraph(Settings(), clock=lambda: RECORDED) as other,
    ):
        yield one, other


def stored(kg: KnowledgeGraph) -> set[Any]:
    """What is stored but for the accounts of writes."""
    return {quad for quad in kg.store.match() if quad.graph_name != kg.graphs.catalog}


@settings(max_examples=6, deadline=None)
@given(bundle=bundles())
def test_a_bundle_comes_back_as_it_was_stated(
    graphs: tuple[KnowledgeGraph, KnowledgeGraph], bundle: bytes
) -> None:
    one, other = graphs
    one.add(bundle, form=NQUADS, replace=True)
    states = []
    for form in RDF_FORMATS:
        told = io.BytesIO()
        one.export(told, form)
        states.append(other.add(told.getvalue(), form=form, replace=True).state)
        assert stored(other) == stored(one), form.name
    assert {*states[1:]} == {"unchanged"}, states
