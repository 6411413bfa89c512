"""The articles of our own: what each must say, where, on whose word, and what it must not.

`tests/examples/NAME.toml` holds the expected answers for `examples/NAME.*`: how
many statements of each kind, voices and speakers there are; the words, place and
chain of those that carry the article's difficulty; every relation; every time.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, RdfFormat, parse

from graph import KnowledgeGraph
from graph.annotation import annotate, to_trig
from graph.errors import Refused
from graph.files import examples_dir
from graph.kg import open_dataset
from graph.mapping import from_quads
from graph.model import (
    Agent,
    Assessment,
    Attribution,
    Event,
    Post,
    Proposition,
    Statement,
    TextSpan,
    TimeExpression,
)
from graph.records import Records
from graph.vocab import ASC, ASCV, XSD
from graph.web.views.cards import card_of
from graph.web.views.facts import Facts

BASE = "http://127.0.0.1:8000/"
EXPECTED = Path(__file__).parent / "examples"
NAMES = sorted(path.stem for path in EXPECTED.glob("*.toml"))
STATEMENTS = [
    pytest.param(name, expected, id=f"{name}-{number}")
    for name in NAMES
    for number, expected in enumerate(
        tomllib.loads((EXPECTED / f"{name}.toml").read_text("utf-8"))["statement"], 1
    )
]
Expected = dict[str, Any]


def file(name: str, extension: str) -> Path:
    return examples_dir() / f"{name}.{extension}"


@cache
def bundle(name: str) -> Records:
    quads = parse(file(name, "trig").read_bytes(), RdfFormat.TRIG, base_iri=BASE)
    return from_quads(quads)


@cache
def expected_of(name: str) -> Expected:
    return tomllib.loads((EXPECTED / f"{name}.toml").read_text("utf-8"))


def local(iri: str | None) -> str:
    return (iri or "").removeprefix(ASC).removeprefix(ASCV)


def spans(records: Records, statement: Statement) -> list[TextSpan]:
    found = [records.get(iri, TextSpan) for iri in statement.content_span]
    return sorted((span for span in found if span), key=lambda span: span.start or 0)


def words(records: Records, statement: Statement) -> str:
    return " ... ".join(span.exact or "" for span in spans(records, statement))


def label(records: Records, iri: str | None, kind: type[Agent | Event | Post | Proposition]) -> str:
    found = records.get(iri, kind)
    assert found is not None, iri
    return "narrator" if isinstance(found, Agent) and found.narrates else found.label[0].words


def hop(records: Records, attribution: Attribution) -> str:
    return f"{label(records, attribution.agent, Agent)} {local(attribution.act)}"


def chain(records: Records, statement: Statement) -> list[Attribution]:
    chains = records.chain(statement)
    assert len(chains) == 1
    return list(chains[0])


def number_of(proposition: Proposition) -> str:
    """The bounds as an interval: "[7.." is at least seven."""
    low, high = proposition.lower_bound, proposition.upper_bound
    start = "" if low is None else ("[" if proposition.lower_inclusive else "(") + str(low)
    end = "" if high is None else str(high) + ("]" if proposition.upper_inclusive else ")")
    return f"{start}..{end}"


def answer(records: Records, statement: Statement) -> Expected:
    """A statement as the expected answers write it, what is usual left out."""
    hops = chain(records, statement)
    found: Expected = {
        "words": words(records, statement),
        "at": [[span.start, span.end] for span in spans(records, statement)],
        "kind": local(statement.types[0]),
        "chain": " > ".join(hop(records, each) for each in hops),
        "marks": statement.quote_marks,
        "said_in": statement.original_language,
        "capacity": hops[0].capacity and label(records, hops[0].capacity, Post),
        "to": hops[0].addressee and label(records, hops[0].addressee[0], Agent),
        "said_at": hops[0].said_at and _time(records, hops[0].said_at).wording,
    }
    for name, usual in (
        ("polarity", "positive"),
        ("certainty", "certain"),
        ("temporality", "past"),
    ):
        value = local(getattr(statement, name))
        found[name] = value if value not in (usual, "") else None
    for iri in statement.expresses:
        proposition = records.get(iri, Proposition)
        assert proposition is not None
        found["content"] = proposition.label[0].words
        if ASC.QuantityProposition.value in proposition.types:
            found["number"] = number_of(proposition)
            found["margin"] = proposition.margin
    return {name: value for name, value in found.items() if value not in (None, ())}


def _time(records: Records, iri: str) -> TimeExpression:
    found = records.get(iri, TimeExpression)
    assert found is not None
    return found


def time_answer(records: Records, time: TimeExpression) -> Expected:
    anchor = records.get(time.anchor, TimeExpression)
    found = {
        "words": time.wording,
        "edtf": time.edtf,
        "year": None if time.year_status is None else time.year_status == ASCV.yearStated.value,
        "weekday": time.weekday,
        "offset": time.offset,
        "anchor": anchor.wording if anchor else time.anchor and label(records, time.anchor, Event),
    }
    return {name: value for name, value in found.items() if value is not None}


def relation_answer(name: str, judgement: Assessment) -> Expected:
    """A judgement as the expected answers write it; its object may be in another bundle."""
    subject = bundle(name).get(judgement.subject, Statement)
    assert subject is not None and judgement.object is not None
    found: Expected = {
        "subject": words(bundle(name), subject),
        "relation": local(judgement.relation),
        "basis": local(judgement.basis),
        "confidence": float(judgement.confidence or -1),
    }
    holder = next(each for each in (name, *NAMES) if judgement.object in bundle(each))
    there = bundle(holder)
    statement = there.get(judgement.object, Statement)
    attribution = there.get(judgement.object, Attribution)
    if statement:
        found["object"] = words(there, statement)
    elif attribution:
        found["object_hop"] = hop(there, attribution)
    return found | ({"of": holder} if holder != name else {})


def _ordered(answers: list[Expected]) -> list[Expected]:
    return sorted(answers, key=repr)


def _sorted_keys(answers: list[Expected]) -> list[Expected]:
    return _ordered([dict(sorted(each.items())) for each in answers])


# What each article says


def test_twenty_articles_have_their_text_annotation_bundle_and_answers() -> None:
    ours = {path.stem for path in examples_dir().glob("*.txt")}
    assert ours == set(NAMES) and len(NAMES) == 20
    for extension in ("toml", "trig"):
        assert ours <= {path.stem for path in examples_dir().glob(f"*.{extension}")}


@pytest.mark.parametrize("name", NAMES)
def test_the_built_file_is_what_the_annotation_and_the_text_give(name: str) -> None:
    toml = file(name, "toml").read_text("utf-8")
    built = to_trig(annotate(toml, file(name, "txt").read_bytes(), BASE), BASE)
    assert file(name, "trig").read_text("utf-8") == built


@pytest.mark.parametrize("name", NAMES)
def test_an_article_is_as_short_as_news_in_brief(name: str) -> None:
    assert 60 <= len(file(name, "txt").read_text("utf-8").split()) <= 200


@pytest.mark.parametrize("name", NAMES)
def test_kinds_voices_and_speakers(name: str) -> None:
    records, expected = bundle(name), expected_of(name)
    statements = records.of(Statement)
    assert Counter(local(each.types[0]) for each in statements) == expected["kinds"]
    depths = Counter(str(len(chain(records, each))) for each in statements)
    assert depths == expected["voices"]
    speakers = {label(records, chain(records, each)[0].agent, Agent) for each in statements}
    assert sorted(speakers) == expected["speakers"]


@pytest.mark.parametrize(("name", "expected"), STATEMENTS)
def test_a_statement_has_its_words_place_voices_and_content(name: str, expected: Expected) -> None:
    text = file(name, "txt").read_text("utf-8")
    pieces = [text[start:end] for start, end in expected["at"]]
    assert " ... ".join(pieces) == expected["words"]
    assert expected in [answer(bundle(name), each) for each in bundle(name).of(Statement)]


@pytest.mark.parametrize("name", NAMES)
def test_relations_with_their_basis_and_confidence(name: str) -> None:
    judged = [each for each in bundle(name).of(Assessment) if each.relation]
    found = [relation_answer(name, each) for each in judged]
    assert _sorted_keys(found) == _sorted_keys(expected_of(name)["relation"])


@pytest.mark.parametrize("name", NAMES)
def test_a_judgement_says_why_unless_the_text_says_it_outright(name: str) -> None:
    for each in bundle(name).of(Assessment):
        assert each.rationale or each.basis == ASCV.explicit.value


@pytest.mark.parametrize("name", NAMES)
def test_times_as_the_text_has_them(name: str) -> None:
    records = bundle(name)
    found = [time_answer(records, each) for each in records.of(TimeExpression)]
    assert _sorted_keys(found) == _sorted_keys(expected_of(name).get("times", []))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_text_does_not_say_is_nowhere(name: str) -> None:
    quads = parse(file(name, "trig").read_bytes(), RdfFormat.TRIG, base_iri=BASE)
    literals = {
        quad.object
        for quad in quads
        if isinstance(quad.object, Literal) and quad.predicate != ASC.rationale
    }
    said = [
        each.value.lower()
        for each in literals
        if each.datatype != XSD.dateTime and not re.fullmatch("[0-9a-f]{64}", each.value)
    ]
    for added in expected_of(name)["absent"]:
        pattern = rf"(?<!\w){re.escape(added.lower())}(?!\w)"
        assert not [each for each in said if re.search(pattern, each)], added


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_content_stands_in_the_text(name: str) -> None:
    text = file(name, "txt").read_text("utf-8")
    for each in bundle(name).of(Proposition):
        for number in re.findall(r"\d[\d,.:]*\d|\d", each.label[0].words):
            assert number in text, each.label
        assert each.wording is None or each.wording.lower() in text.lower()


# All of them together


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    """All examples, in the order in which a shell's `*` names them."""
    with open_dataset() as found:
        for path in sorted(examples_dir().glob("*.trig")):
            text = path.with_suffix(".txt")
            receipt = found.add(path, text=text.read_bytes() if text.exists() else None)
            assert receipt.state == "added"
            # A headline that is nothing but a quotation has no words that say who speaks.
            assert not receipt.warnings or path.stem == "election-irony"
            assert receipt.quotes_unchecked == 0 or path.stem == "us-strike"
        yield found


def test_every_quotation_of_the_twenty_is_checked(kg: KnowledgeGraph) -> None:
    verbatim = kg.query("SELECT (COUNT(?s) AS ?n) { ?s asc:verbatim true }").rows[0][0]
    assert verbatim == sum(len(bundle(name).of(Statement)) for name in NAMES)


def test_accounts_of_one_flood_meet_in_one_event(kg: KnowledgeGraph) -> None:
    rows = kg.query("""
        SELECT ?event (COUNT(DISTINCT ?source) AS ?sources) {
          ?statement asc:event ?event ; asc:source ?source . ?event rdfs:label ?name .
          FILTER (STR(?name) = "the flood in Brennock")
        } GROUP BY ?event""").rows
    assert [sources for _, sources in rows] == [4]


def test_the_promise_and_its_breaking_express_one_proposition(kg: KnowledgeGraph) -> None:
    rows = kg.query("asserted_and_denied").rows
    assert ("Ada Lind", "Narrator of “Bridge still shut as mayor's day passes”") in {
        (row[1], row[3]) for row in rows
    }


def test_a_report_stays_as_long_as_its_retraction_points_at_it(kg: KnowledgeGraph) -> None:
    going = next(row[0] for row in kg.query("page_sources").rows if "master-going" in row[0])
    with pytest.raises(Refused) as refused:
        kg.retract(going)
    assert {"Statement-retracts"} < {
        result.rule.rpartition("#")[2] for result in refused.value.report.results
    }


def test_a_page_says_of_a_translation_that_it_is_one(kg: KnowledgeGraph) -> None:
    facts = Facts(kg.store)
    rows = kg.query("""
        SELECT ?statement ?words {
          ?statement asc:originalLanguage "fr" ; asc:contentSpan/oa:exact ?words ;
            asc:speaker/rdf:type asc:Person .
        }""").rows
    badges = {words: card_of(facts, iri).kind.badge for iri, words in rows}
    assert badges == {
        "Nous n'avons rien signé,": "direct quote",
        "We have signed nothing,": "direct quote, translated",
        "We have not signed anything yet": "direct quote, translated",
    }


def test_a_page_quotes_with_the_marks_of_the_source(kg: KnowledgeGraph) -> None:
    rows = kg.query("""
        SELECT ?statement ?marks {
          ?statement asc:quoteMarks ?marks ; a asc:DirectQuotation ; asc:source ?version .
          ?version <http://schema.org/inLanguage> "ar"
        }""").rows
    assert [card_of(Facts(kg.store), iri).marks for iri, _ in rows] == [("«", "»")] * 2
