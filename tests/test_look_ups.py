"""Look-ups, which are seen to be harmless and answered where the data is."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from conftest import EXAMPLE, river
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from graph.asking.harmless import is_harmless, outline
from graph.formats import TURTLE
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.steadiness import is_steady
from graph.web import create_web
from graph.web.lane import unquoted

CNN = "<http://127.0.0.1:8000/agent/cnn-f2e80d>"
HARMLESS = [
    "SELECT ?o { <urn:s> <urn:p> ?o }",
    "ASK { <urn:s> a ?class }",
    "SELECT * WHERE { <urn:s> ?p ?o } LIMIT 10",
    'SELECT DISTINCT ?p { <urn:s> ?p "x"@en }',
    "SELECT ?a ?b { <urn:s> <urn:p> ?a . <urn:s> <urn:p> ?b }",
    "SELECT * { <urn:s> rdfs:label ?a ; asc:agent ?b ; asc:act ?c }",
    "SELECT ?l { <urn:s> asc:attribution ?a . ?a asc:agent ?b . ?b rdfs:label ?l }",
    "PREFIX x: <urn:x#> SELECT ?l { <urn:s> x:a ?a . ?a x:b ?l }",
    "SELECT ?o { </agent/s> <urn:p> ?o }",
    "SELECT * { </s> <urn:p> ?a . ?a </p> ?b }",
    "DESCRIBE <urn:s>",
    "PREFIX x: <urn:x#> DESCRIBE x:a asc:b",
]
OTHERS = [
    "SELECT * { ?s ?p ?o }",
    "SELECT ?s { ?s a <urn:c> }",
    "SELECT * { <urn:s> ?p ?o . <urn:s> ?q ?r }",
    "SELECT * { <urn:s> <urn:p> ?a . <urn:s> <urn:p> ?b . <urn:s> <urn:p> ?c }",
    "PREFIX a: <urn:> PREFIX b: <urn:> SELECT * { <urn:s> a:p ?a ; b:p ?b ; a:q ?c }",
    "SELECT * { <urn:s> <urn:p> ?a ; </p> ?b ; <urn:q> ?c }",
    "SELECT * { <urn:s> <urn:p> ?a . ?b <urn:q> ?c }",
    "SELECT * { <//other.example/s> ?p ?o }",
    "SELECT * { </a/../s> ?p ?o }",
    "SELECT * { <urn:s> <urn:p> ?a . ?b <urn:q> ?a }",
    "SELECT * { <urn:s> <urn:p>* ?o }",
    "SELECT * { <urn:s> ^<urn:p> ?o }",
    "SELECT * { <urn:s> !<urn:p> ?o }",
    "SELECT (COUNT(*) AS ?n) { <urn:s> <urn:p> ?o }",
    "SELECT * { <urn:s> <urn:p> ?o FILTER (?o > 1) }",
    "SELECT * { <urn:s> <urn:p> ?o OPTIONAL { ?o ?p ?q } }",
    "SELECT * { <urn:s> <urn:p> ?o } ORDER BY ?o",
    "SELECT * { SERVICE <urn:s> { <urn:s> <urn:p> ?o } }",
    "DESCRIBE ?s",
    "DESCRIBE *",
    "DESCRIBE <urn:s> { ?a ?b ?c }",
    "DESCRIBE <urn:s> FROM <urn:g>",
    "DESCRIBE <urn:a> <urn:b> <urn:c> <urn:d> <urn:e>",
    "CONSTRUCT WHERE { <urn:s> <urn:p> ?o }",
]


@pytest.mark.parametrize("query", HARMLESS)
def test_a_look_up_is_harmless(query: str) -> None:
    assert is_harmless(query)


@pytest.mark.parametrize("query", [*OTHERS, *(each for kind in HOSTILE.values() for each in kind)])
def test_nothing_else_is(query: str) -> None:
    assert not is_harmless(query)


@given(st.text(st.sampled_from("<>\"'\\{}.:a?# \n"), max_size=40))
def test_what_is_in_an_iri_or_text_cannot_change_the_verdict(inside: str) -> None:
    """Whatever is asked in the place of a text, the outline is no smaller than it."""
    query = f'SELECT * {{ <urn:s> <urn:p> "{inside}" . ?x ?y ?z }}'
    assert not is_harmless(query)


def test_an_outline_is_the_same_for_other_iris_and_texts() -> None:
    first = outline("""SELECT ?o { <urn:a> <urn:b> ?o . <urn:a> rdfs:label "x\\"y" }""")
    assert first == outline("SELECT ?o { <urn:c> <urn:d> ?o . <urn:c> rdfs:label '' }")
    assert first != outline("SELECT ?o { <urn:c> <urn:d> ?o . <urn:d> rdfs:label '' }")


@pytest.mark.parametrize(
    ("query", "steady"),
    [
        ("SELECT (NOW() AS ?x) {}", False),
        ("SELECT (uuid () AS ?x) {}", False),
        ("ASK { SERVICE <urn:s> { ?s ?p ?o } }", False),
        ('ASK { ?s ?p "NOW()" ; <urn:RAND()> ?bnode }', True),
        (f"ASK {{ FILTER ({'(' * 5_000} NOW() {')' * 5_000}) }}", False),
    ],
)
def test_what_asks_the_clock_or_chance_is_told_by_its_words(query: str, steady: bool) -> None:
    assert is_steady(query) == steady


@pytest.fixture(scope="module")
def uncached() -> Iterator[KnowledgeGraph]:
    with KnowledgeGraph(Settings(cache_bytes=0)) as kg:
        kg.add(EXAMPLE)
        yield kg


@pytest.fixture
def asked(uncached: KnowledgeGraph):  # type: ignore[no-untyped-def]
    """How the application answers a query, without what it has answered before."""
    browser = create_web(uncached).test_client()

    def ask(query: str, **headers: str):  # type: ignore[no-untyped-def]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return browser.get("/sparql?query=" + quote(query), headers=named)

    return ask


@pytest.mark.parametrize("accept", ["", "text/csv", "application/sparql-results+xml", "*/*"])
@pytest.mark.parametrize(
    "query",
    [
        f"SELECT ?label {{ {CNN} rdfs:label ?label }}",
        'SELECT ?label { ?agent rdfs:label ?label FILTER (STRSTARTS(?label, "CNN")) }',
        f"DESCRIBE {CNN}",
    ],
)
def test_the_short_way_gives_what_the_long_way_gives(asked, query: str, accept: str) -> None:  # type: ignore[no-untyped-def]
    wanted = f"{accept}, text/turtle;q=0.5" if accept else ""
    long, short = (asked(query, Accept=wanted) for _ in range(2))
    assert "CNN" in short.text and short.data == long.data
    changing = {"X-Request-Id", "RateLimit", "Date"}
    told = [{n: v for n, v in each.headers.items() if n not in changing} for each in (long, short)]
    assert told[0] == told[1]


def test_a_look_up_of_many_rows_is_packed_as_others_are(asked) -> None:  # type: ignore[no-untyped-def]
    query = "SELECT * { <https://w3id.org/ascribe/ns#Statement> ?p ?o }"
    asked("ASK { <urn:s> a ?c }", Accept_Encoding="gzip")
    answers = [asked(query, Accept_Encoding="gzip") for _ in range(2)]
    assert {each.headers.get("Content-Encoding") for each in answers} <= {"gzip", None}
    assert answers[0].data == answers[1].data


@pytest.mark.parametrize(
    ("query", "status"),
    [("SELECT ?x { ?x a }", 400), ("SELECT * { SERVICE <urn:s> { ?s ?p ?o } }", 400)],
)
def test_a_fault_on_the_short_way_is_told_as_others_are(asked, query: str, status: int) -> None:  # type: ignore[no-untyped-def]
    asked("ASK { <urn:s> a ?c }", Accept="*/*")
    answers = [asked(query, Accept=accept) for accept in ("*/*", "*/*;q=0.9")]
    assert {each.status_code for each in answers} == {status}
    assert answers[0].json["detail"] == answers[1].json["detail"]


def test_long_answers_of_the_short_way_are_packed_and_named_alike(asked) -> None:  # type: ignore[no-untyped-def]
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 20"
    told = [asked(query, Accept="text/csv", Accept_Encoding="gzip") for _ in range(3)]
    assert {each.headers["Content-Encoding"] for each in told} == {"gzip"}
    assert len({(each.data, each.headers["ETag"], each.headers["Vary"]) for each in told}) == 1


def test_a_look_up_sees_what_was_just_written(kg: KnowledgeGraph) -> None:
    browser = create_web(kg).test_client()
    for number in range(1, 4):
        kg.add(river(number), form=TURTLE)
        version = kg.query("SELECT ?v { ?v a asc:DocumentVersion } ORDER BY ?v").rows[0][0]
        answer = browser.get(f"/sparql?query={quote(f'ASK {{ <{version}> a ?c }}')}")
        assert answer.json["boolean"] is True
        assert answer.headers["Ascribe-Revision"] == str(number)


def test_look_ups_count_against_the_limit() -> None:
    with KnowledgeGraph(Settings(queries_per_minute=3, cache_bytes=0)) as kg:
        browser = create_web(kg).test_client()
        address = "/sparql?query=" + quote("ASK { <urn:s> a ?c }")
        answers = [browser.get(address).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]


@given(st.text())
def test_a_query_is_taken_out_of_its_address_as_it_was(query: str) -> None:
    assert unquoted(quote(query)) == unquoted(quote_plus(query)) == query


@given(st.text("%=+ \r\n4aFz_ä"))
def test_what_is_no_escape_is_read_as_others_read_it(value: str) -> None:
    try:
        expected = unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            unquoted(value)
    else:
        assert unquoted(value) == expected
