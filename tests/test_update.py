"""SPARQL Update and graph writes pass the gate that bundles pass."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import BASE, RIVER, ROOT, river
from pyoxigraph import Literal, NamedNode, Quad, parse
from test_cases import case_files, name_of
from test_gate import SPEAKER, state

import graph
from graph.asking.updater import is_plain
from graph.bundle import Bundle, content_digest, digest_of_quads, make_bundle
from graph.errors import (
    BadInput,
    Conflict,
    NotFound,
    PreconditionFailed,
    Refused,
    SyntaxFault,
    TooLarge,
)
from graph.formats import NTRIPLES, TURTLE, dumps
from graph.kg import KnowledgeGraph
from graph.report import Report
from graph.settings import Settings
from graph.update_request import operations_of
from graph.vocab import ASC, DCTERMS, PROV, RDF, RDFS

VERSION = NamedNode(BASE + "doc/river-49a12453/v/49a1245337d2dbaa")
STATEMENT = f"<{BASE}statement/49a1245337d2/171-204-fd35b8fd>"
HEADLINE = f"<{BASE}statement/49a1245337d2/0-12-0114cd06>"
STORE = ROOT / "tests" / "cases" / "store.ttl"


@pytest.fixture(scope="module")
def roads() -> Iterator[KnowledgeGraph]:
    """What the store holds before each case, with the text at hand."""
    with KnowledgeGraph(Settings(base=BASE)) as kg:
        kg.texts.put(RIVER.read_bytes())
        held = [*parse(path=STORE, base_iri=BASE)]
        earlier = [quad for quad in held if "/river-" in str(quad.subject)]
        for quads in (earlier, [quad for quad in held if quad not in earlier]):
            kg.add(make_bundle(quads, BASE))
        yield kg


def as_insert(kg: KnowledgeGraph, path: Path) -> str:
    """A bundle's file as a request that says the same."""
    bundle = kg.read(path)
    return "INSERT DATA {" + dumps({q.triple for q in bundle.quads}, NTRIPLES).decode() + "}"


def verdict(report: Report) -> set[tuple[str, ...]]:
    """What a report says, but for the lines; blank nodes have no lasting name."""
    return {
        ("_:" if each.focus.startswith("_:") else each.focus, each.rule, each.path, each.component)
        for each in report.results
    }


@pytest.mark.parametrize("path", case_files("valid", "invalid"), ids=name_of)
def test_an_update_is_refused_as_a_bundle_is(roads: KnowledgeGraph, path: Path) -> None:
    try:
        bundle = roads.read(path)
    except BadInput:
        return
    before = roads.writer.revision()
    try:
        roads.add(bundle)
    except Refused as expected:
        with pytest.raises(Refused) as refused:
            roads.update(as_insert(roads, path))
        assert roads.writer.revision() == before, "nothing is stored"
        assert verdict(refused.value.report) == verdict(expected.report)
        return
    added = stated(roads, bundle)
    roads.update(f"DROP GRAPH <{bundle.version.value}>")
    receipts = roads.update(as_insert(roads, path))
    updated = stated(roads, bundle)
    roads.update(f"DROP GRAPH <{bundle.version.value}>")
    assert [receipt.bundle for receipt in receipts] == [bundle.version.value]
    assert updated == added


def stated(kg: KnowledgeGraph, bundle: Bundle) -> set[Quad]:
    """What the store says of a bundle, but for when it came."""
    quads = kg.writer.stated(bundle.version).quads
    return {quad for quad in quads if quad.predicate != PROV.generatedAtTime}


def test_a_name_is_changed_in_all_bundles_that_give_it(desk: KnowledgeGraph) -> None:
    receipts = desk.update(
        f"""DELETE {{ <{SPEAKER.value}> ?p ?old }}
            INSERT {{ <{SPEAKER.value}> ?p "Valley Daily News"@en }}
            WHERE {{ <{SPEAKER.value}> ?p ?old FILTER(STR(?old) = "Valley News") }}"""
    )
    assert [receipt.state for receipt in receipts] == ["replaced", "replaced"]
    labels = {quad.object.value for quad in desk.store.match(SPEAKER, RDFS.label)}
    assert labels == {"Valley Daily News"}
    assert desk.astray() == []


def test_what_several_bundles_say_is_replaced_in_each(desk: KnowledgeGraph) -> None:
    document = NamedNode(BASE + "doc/river-49a12453")
    holding = {quad.graph_name for quad in desk.store.match(document, RDF.type)}
    assert len(holding) == 2
    desk.update(
        f"""DELETE {{ <{document.value}> a asc:Document }}
            INSERT {{ <{document.value}> a asc:Document ; dcterms:title "It rises"@en }}
            WHERE {{ }}"""
    )
    for predicate in (RDF.type, DCTERMS.term("title")):
        assert {quad.graph_name for quad in desk.store.match(document, predicate)} == holding


def test_what_would_break_a_rule_is_refused_whole(desk: KnowledgeGraph) -> None:
    before = state(desk)
    with pytest.raises(Refused) as refused:
        desk.update(
            f"""INSERT DATA {{ {HEADLINE} asc:restates {STATEMENT} }} ;
                DELETE WHERE {{ {STATEMENT} asc:certainty ?certainty }}"""
        )
    assert STATEMENT[1:-1] in {each.focus for each in refused.value.report.violations}
    assert state(desk) == before


def test_what_is_derived_follows_what_is_stated(desk: KnowledgeGraph) -> None:
    statement = NamedNode(STATEMENT[1:-1])
    assert SPEAKER not in {quad.object for quad in desk.store.match(statement, ASC.speaker)}
    desk.update(
        f"""DELETE {{ ?attribution asc:agent ?agent }}
            INSERT {{ ?attribution asc:agent <{SPEAKER.value}> }}
            WHERE {{ {STATEMENT} asc:attribution ?attribution . ?attribution asc:agent ?agent }}"""
    )
    assert [quad.object for quad in desk.store.match(statement, ASC.speaker)] == [SPEAKER]


def test_an_operation_sees_what_those_before_it_did(desk: KnowledgeGraph) -> None:
    desk.update(
        f"""DELETE DATA {{ <{SPEAKER.value}> rdfs:label "Valley News"@en }} ;
            INSERT DATA {{ <{SPEAKER.value}> rdfs:label "One"@en }} ;
            DELETE {{ ?agent rdfs:label ?old }} INSERT {{ ?agent rdfs:label ?new }}
            WHERE {{ ?agent rdfs:label ?old FILTER(STR(?old) = "One") BIND("Two"@en AS ?new) }}"""
    )
    assert [q.object for q in desk.store.match(SPEAKER, RDFS.label)] == [
        Literal("Two", language="en")
    ]


def test_dropping_a_graph_retracts_its_bundle(desk: KnowledgeGraph) -> None:
    receipts = desk.update(f"DROP GRAPH <{VERSION.value}>")
    assert [receipt.state for receipt in receipts] == ["retracted"]
    assert not any(VERSION.value in str(quad.graph_name) for quad in desk.store.match())
    assert desk.stats()["sources"] == 1


def test_a_new_statement_goes_to_the_bundle_of_its_source(desk: KnowledgeGraph) -> None:
    new = f"{STATEMENT[:-1]}-again>"
    stated = f"GRAPH <{VERSION.value}> {{ {STATEMENT} ?p ?o }}"
    desk.update(f"INSERT {{ {new} ?p ?o }} WHERE {{ {stated} }}")
    subject = NamedNode(new[1:-1])
    assert desk.store.match(subject, ASC.source, VERSION, VERSION)


@pytest.mark.parametrize(
    ("request_text", "fault", "says"),
    [
        ("INSERT DATE { }", SyntaxFault, "line 1, column"),
        ("DELETE { _:b ?p ?o } WHERE { ?s ?p ?o }", SyntaxFault, "not SPARQL"),
        ("LOAD <http://127.0.0.1:9/>", BadInput, "nothing is fetched"),
        (
            "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
            BadInput,
            "nothing is fetched",
        ),
        ("INSERT { } WHERE { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }", BadInput, "flatter"),
        ("CLEAR DEFAULT", BadInput, "union of all graphs"),
        (f"CREATE GRAPH <{VERSION.value}>", Conflict, "there already"),
        ("DROP GRAPH <http://example.org/none>", NotFound, "SILENT"),
        (
            "INSERT DATA { GRAPH <http://example.org/g> { <x:y> <x:y> <x:y> } }",
            BadInput,
            "the graph of no bundle",
        ),
        (
            f"INSERT DATA {{ GRAPH <{BASE}graph/catalog> {{ <x:y> <x:y> <x:y> }} }}",
            Conflict,
            "by the server alone",
        ),
        (f"CLEAR GRAPH <{VERSION.value}/entailed>", Conflict, "by the server alone"),
        ("INSERT DATA { <x:lonely> rdfs:label 'Nobody' }", BadInput, "belongs to no bundle"),
        (
            "INSERT DATA { <x:long> rdfs:label '" + "n" * 1_000_001 + "' }",
            TooLarge,
            "longer than 1,000,000",
        ),
        ("INSERT DATA { <x:a> <x:b> <<( <x:a> <x:b> <x:c> )>> }", BadInput, "triple term|SPARQL"),
        (
            "INSERT DATA { <x:lonely> a asc:Person ; rdfs:label 'Nobody' }",
            BadInput,
            "Add what names it",
        ),
        (f"DELETE WHERE {{ <{VERSION.value}> a ?type }}", BadInput, "cannot stand"),
        ("INSERT DATA { asc:Statement rdfs:label 'Claim' }", BadInput, "belongs to no bundle"),
    ],
)
def test_what_cannot_be_done_is_said(
    desk: KnowledgeGraph, request_text: str, fault: type[Exception], says: str
) -> None:
    before = state(desk)
    with pytest.raises(fault, match=says):
        desk.update(request_text)
    assert state(desk) == before


def test_no_increment_is_lost_among_four_writers(desk: KnowledgeGraph) -> None:
    more = f"""DELETE {{ <{SPEAKER.value}> rdfs:label ?old }}
               INSERT {{ <{SPEAKER.value}> rdfs:label ?new }}
               WHERE {{ <{SPEAKER.value}> rdfs:label ?old
                        BIND(STRLANG(CONCAT(?old, "+"), "en") AS ?new) }}"""

    def increment() -> None:
        for _ in range(25):
            desk.update(more)

    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (label,) = {quad.object.value for quad in desk.store.match(SPEAKER, RDFS.label)}
    assert label.count("+") == 100


def test_a_graph_is_replaced_and_merged_under_its_digest(desk: KnowledgeGraph) -> None:
    held = set(desk.store.match(graph=VERSION))
    digest = digest_of_quads(held)
    said_twice = Quad(NamedNode(HEADLINE[1:-1]), ASC.restates, NamedNode(STATEMENT[1:-1]), VERSION)
    assert [r.state for r in desk.changer.put(VERSION, held, if_match=digest)] == []
    with pytest.raises(Refused):
        desk.changer.put(VERSION, [said_twice], merge=True)
    with pytest.raises(PreconditionFailed):
        desk.changer.drop(VERSION, if_match="another")
    with pytest.raises(BadInput, match="cannot stand"):
        desk.changer.put(VERSION, [quad for quad in held if quad.subject != VERSION])
    assert set(desk.store.match(graph=VERSION)) == held
    assert [r.state for r in desk.changer.drop(VERSION, if_match=digest)] == ["retracted"]
    with pytest.raises(NotFound):
        desk.changer.drop(VERSION)


def test_a_whole_bundle_may_be_put_into_its_graph(kg: KnowledgeGraph) -> None:
    bundle = kg.read(river(), TURTLE)
    (receipt,) = kg.changer.put(bundle.version, bundle.quads)
    assert (receipt.state, receipt.digest) == ("added", content_digest(bundle))


def test_an_update_is_on_disk(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk", BASE)
    with graph.open(folder) as kg:
        kg.add(river(), form=TURTLE)
        kg.update(
            f'DELETE {{ ?a rdfs:label ?l }} INSERT {{ ?a rdfs:label "New"@en }} '
            f"WHERE {{ BIND(<{SPEAKER.value}> AS ?a) ?a rdfs:label ?l }}",
            by="ann",
        )
        after = state(kg)
    with graph.open(folder) as kg:
        assert state(kg) == after
        assert [write.by for write in kg.history()] == ["", "ann"]
        assert kg.astray() == []


@pytest.mark.parametrize(
    ("request_text", "plain"),
    [
        ("INSERT DATA { <a> <b> 'c' }", True),
        ("PREFIX : <urn:x> DELETE DATA { GRAPH :g { :a :b 1.5 } } ; INSERT DATA { :a :b 2 }", True),
        ("CLEAR GRAPH <g> ; DROP SILENT NAMED ; CREATE GRAPH <h>", True),
        ("INSERT DATA { <a> <b> 'c' } # " + "x" * 2_000, False),
        ("DELETE WHERE { ?s ?p ?o }", False),
        ("delete { ?s ?p ?o } where { values (?s ?p ?o) {} }", False),
        ("INSERT { <a> <b> ?n } WHERE {}", False),
        ("COPY <g> TO <h>", False),
        ("MOVE <g> TO <h>", False),
        ("add <g> to <h>", False),
        ("INSERT DATA { <a> <b> ( 1 2 ) }", False),
    ],
)
def test_only_a_short_update_that_looks_nothing_up_stays_in_the_server(
    request_text: str, plain: bool
) -> None:
    assert is_plain(request_text) is plain


FLAT = (
    """INSERT DATA { <a> <b#c> 'it is' , "}#"@en ; <p> 1.5 . GRAPH <g> { <a> <b> true . } } ;
       DELETE DATA { <a> <b> '''c'd''' } ; DROP SILENT GRAPH <g>""",
    "PREFIX e: <urn:e#> INSERT DATA { e:a e:b '5'^^e:int } ; INSERT DATA {}",
)
NESTED = (
    "INSERT DATA { <a> <b> [ <c> 'd' ] }",
    "INSERT DATA { <a> <b> ( 1 2 ) # } ; DROP ALL\n }",
)


@pytest.mark.parametrize("request_text", [*FLAT, *NESTED])
def test_data_that_is_left_to_the_engine_ends_where_the_grammar_says(request_text: str) -> None:
    read = operations_of(request_text)
    assert operations_of(request_text, data_unread=True) == read
    assert read[0].kind == "INSERT DATA"


@pytest.mark.parametrize(
    "data",
    [
        *("?s <b> <c>", "<a> <b>", "<a> <b> 'c", "GRAPH <g> { GRAPH <h> { <a> <b> <c> } }"),
        *("<a> <b> <c> {| <d> <e> |}", "<a> <b> <c> ~ <d>", "<a> <b> 1 . FILTER {}"),
        "SELECT * { <a> <b> 1 }",
        r"<a> <b> x:a\'b } ; DROP ALL ; INSERT DATA { <a> <b> x:c\'d",
    ],
)
def test_data_that_nobody_read_is_refused_where_it_is_not_sparql(
    kg: KnowledgeGraph, data: str
) -> None:
    with pytest.raises(SyntaxFault):
        kg.update(f"INSERT DATA {{ {data} }}")
