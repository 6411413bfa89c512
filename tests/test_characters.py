"""Every character of what was said leaves as it is, in every format that loses nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from conftest import REPORT
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph.export import as_document, judged
from graph.formats import JSON_LD, NQUADS, NTRIPLES, RDF_FORMATS, RDF_XML, TRIG, TURTLE, Format
from graph.jsonld import as_jsonld
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import RDFS

# XML 1.0 has no way to write most control characters, nor U+FFFE and U+FFFF.
IN_XML = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | (
    st.sampled_from("\t\n\r\x85")
)
ANY = st.characters(exclude_categories=["Cs"]) | st.sampled_from('\x00\x01\\"\n\r\u2028\x85n')
TERMS = st.builds(Literal, st.text(ANY, max_size=12)) | st.builds(
    lambda text, tag: Literal(text, language=tag),
    st.text(ANY, max_size=12),
    st.sampled_from(["en", "ar", "zh-hant"]),
)
XML_TERMS = st.builds(Literal, st.text(IN_XML, max_size=12))


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    with KnowledgeGraph(Settings()) as kg:
        kg.add(REPORT)
        yield kg


@contextmanager
def saying(kg: KnowledgeGraph, terms: list[Literal]) -> Iterator[None]:
    """A dataset whose bundle says these things too."""
    version = kg.read(REPORT).version
    more = {Quad(version, RDFS.comment, each, version) for each in terms}
    kg.store.transact(add=more)
    yield
    kg.store.transact(remove=more)


def said(kg: KnowledgeGraph) -> frozenset[Quad]:
    version = kg.read(REPORT).version
    return frozenset(judged(kg.stated, version, kg.graphs).quads)


def same(kg: KnowledgeGraph, form: Format) -> bool:
    output = io.BytesIO()
    kg.export(output, form)
    read, stated = set(parse(output.getvalue(), form.rdf)), said(kg)
    if form.named_graphs:
        return read == stated
    return {quad.triple for quad in read} == {quad.triple for quad in stated}


@given(terms=st.lists(TERMS, max_size=4))
@settings(max_examples=15, deadline=None)
def test_any_text_comes_back_from_every_format_but_xml(
    kg: KnowledgeGraph, terms: list[Literal]
) -> None:
    with saying(kg, terms):
        for form in (NQUADS, TRIG, TURTLE, NTRIPLES, JSON_LD):
            assert same(kg, form), form.name


@given(terms=st.lists(XML_TERMS, max_size=4))
@settings(max_examples=10, deadline=None)
def test_text_that_xml_can_hold_comes_back_from_rdf_xml(
    kg: KnowledgeGraph, terms: list[Literal]
) -> None:
    with saying(kg, terms):
        assert same(kg, RDF_XML)


NODES = st.sampled_from([NamedNode(f"http://a.example/{name}") for name in "abc"])


@given(st.lists(st.builds(Quad, NODES, NODES, TERMS | NODES), min_size=1, max_size=6), NODES)
@settings(max_examples=40, deadline=None)
def test_a_compact_document_says_what_it_was_made_of(quads: list[Quad], about: NamedNode) -> None:
    tree = as_jsonld(quads, about.value)
    read = parse(json.dumps(tree), RdfFormat.JSON_LD)
    assert {quad.triple for quad in read} == {quad.triple for quad in quads}


@pytest.mark.parametrize("form", RDF_FORMATS, ids=lambda form: form.name)
def test_a_document_keeps_what_readers_trip_over(form: Format) -> None:
    node = NamedNode("http://a.example/a")
    odd = '\\n \\u0041 " \u2028 \x85 é 😀' + ("" if form == RDF_XML else "\x01")
    quad = Quad(node, RDFS.comment, Literal(odd), node)
    (read,) = parse(as_document([quad], form), form.rdf)
    assert read.triple == quad.triple
