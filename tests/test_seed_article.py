"""The seed article's graph: what it holds, and what it must not."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from graph.bundle import make_bundle
from graph.files import examples_dir
from graph.mapping import from_quads
from graph.model import (
    Agent,
    Assessment,
    Document,
    Event,
    Place,
    Proposition,
    Statement,
    TextSpan,
    TimeExpression,
)
from graph.vocab import ASC, ASCV, DCTERMS, OWL, RDF, RDFS, XSD

BASE = "http://127.0.0.1:8000/"
TRIG = (examples_dir() / "us-strike.trig").read_text("utf-8")
QUADS = frozenset(parse(TRIG, RdfFormat.TRIG, base_iri=BASE))
GRAPH = from_quads(QUADS)
STATEMENTS = GRAPH.of(Statement)
CLAIMS = [s for s in STATEMENTS if s.types != (ASC.Paratext.value,)]
LITERALS = [q.object for q in QUADS if isinstance(q.object, Literal)]


def _kind(statement: Statement) -> str:
    return statement.types[0].removeprefix(ASC)


def _words(statement: Statement) -> str:
    spans = [GRAPH.get(iri, TextSpan) for iri in statement.content_span]
    ordered = sorted((s for s in spans if s), key=lambda span: span.start or 0)
    return " ... ".join(span.exact or "" for span in ordered)


def _named(iri: str | None) -> str:
    agent = GRAPH.get(iri, Agent)
    return agent.label[0].words if agent else ""


def _chain(statement: Statement) -> list[str]:
    return [_named(hop.agent) for hop in GRAPH.chain(statement)[0]]


def _with_words(words: str, kind: str) -> Statement:
    return next(s for s in STATEMENTS if _words(s) == words and _kind(s) == kind)


def test_every_claim_is_there() -> None:
    assert len(CLAIMS) == 80
    assert Counter(map(_kind, STATEMENTS)) == {
        "Presupposition": 24,
        "NarratorAssertion": 21,
        "BlockQuotation": 12,
        "IndirectSpeech": 8,
        "ReportedBelief": 4,
        "HeadlineAssertion": 3,
        "ReportedDesire": 3,
        "Paratext": 2,
        "ReportedIntention": 2,
        "SpeechActReport": 2,
        "DirectQuotation": 1,
    }


def test_chains_are_one_to_three_voices_long() -> None:
    depths = Counter(len(chain) for s in STATEMENTS for chain in GRAPH.chain(s))
    assert depths == {1: 37, 2: 33, 3: 12}


def test_every_chain_ends_at_the_narrator_and_passes_nobody_twice() -> None:
    for statement in STATEMENTS:
        agents = _chain(statement)
        assert agents[-1].startswith("Narrator of "), _words(statement)
        assert len(set(agents)) == len(agents), _words(statement)


@pytest.mark.parametrize("statement", CLAIMS, ids=lambda s: s.iri.rpartition("/")[2])
def test_every_claim_says_all_that_a_claim_must(statement: Statement) -> None:
    assert statement.source and statement.content_span and statement.attribution
    assert statement.expresses and statement.generated_by
    assert statement.polarity and statement.certainty and statement.temporality
    assert all(GRAPH.get(iri, Proposition) for iri in statement.expresses)


def test_no_reference_leads_nowhere() -> None:
    described = {quad.subject for quad in QUADS}
    ours = {
        quad.object
        for quad in QUADS
        if isinstance(quad.object, NamedNode) and quad.object.value.startswith(BASE)
    }
    assert ours <= described


def test_the_ministry_reaches_the_reader_through_cnn() -> None:
    quote = next(s for s in STATEMENTS if _kind(s) == "DirectQuotation")
    assert _chain(quote)[:2] == ["Russian Foreign Ministry", "CNN"]
    hops = GRAPH.chain(quote)[0]
    cues = [GRAPH.get(hop.cue_span, TextSpan) for hop in hops[:2]]
    assert [cue.exact for cue in cues if cue] == ["said in a statement", "reports CNN"]
    assert [hop.act for hop in hops] == [
        ASCV.states.value,
        ASCV.reports.value,
        ASCV.quotes.value,
    ]
    span = GRAPH.get(quote.content_span[0], TextSpan)
    assert span is not None and (span.start, span.end) == (2076, 2306)
    assert quote.quote_marks == '""'


def test_a_voice_inside_the_block_quotation_has_a_statement_of_its_own() -> None:
    belief = _with_words("they were striking a Da'esh fighting position", "ReportedBelief")
    assert _chain(belief)[:2] == ["Coalition forces", "U.S. Central Command"]
    whole = GRAPH.get(belief.part_of, Statement)
    assert whole is not None and _kind(whole) == "BlockQuotation"
    assert GRAPH.get(whole.part_of, Statement) is not None


def test_who_told_whom_is_kept() -> None:
    told = next(s for s in STATEMENTS if _words(s).startswith("it was possible"))
    assert [_named(iri) for iri in GRAPH.chain(told)[0][0].addressee] == ["coalition officials"]
    assert told.certainty == ASCV.possible.value


def test_the_narrator_denies_the_very_proposition_that_the_pilots_believed() -> None:
    belief = _with_words("they were bombing ISIS militants", "ReportedBelief")
    denial = _with_words("incorrectly", "NarratorAssertion")
    assert belief.expresses == denial.expresses
    assert denial.polarity == ASCV.negative.value


def test_the_garbled_phrase_stands_as_it_is_with_an_emendation_beside_it() -> None:
    garbled = _with_words("an to end a cease-fire", "SpeechActReport")
    assert garbled.emendation == "an end to a cease-fire"


def test_the_ambiguous_sentence_has_two_readings_and_no_third() -> None:
    ambiguous = [s for s in STATEMENTS if len(s.expresses) > 1]
    assert [_words(s) for s in ambiguous] == [
        "Russia, which is working with ... as well as U.S. Coalition forces to defeat ISIS"
    ]
    assert ambiguous[0].certainty == ASCV.certaintyUnderspecified.value


def test_more_than_sixty_leaves_sixty_out() -> None:
    tolls = [p for p in GRAPH.of(Proposition) if p.lower_bound is not None]
    assert [(p.lower_bound, p.lower_inclusive, p.upper_bound) for p in tolls] == [(60, False, None)]
    assert tolls[0].counted_kind == ASCV.people.value


def test_an_alias_is_somebodys_claim_and_no_same_as() -> None:
    assert not [q for q in QUADS if q.predicate == OWL.sameAs]
    alias = _with_words("ISIS militants, also known as Da'esh", "NarratorAssertion")
    proposition = GRAPH.get(alias.expresses[0], Proposition)
    assert proposition is not None
    assert proposition.types == (ASC.IdentityProposition.value,)


def test_every_relation_is_backed_by_a_reasoned_judgement() -> None:
    stated = {
        (q.subject.value, q.predicate.value, q.object.value)
        for q in GRAPH.extra
        if isinstance(q.object, NamedNode)
    }
    judged = {(a.subject, a.relation, a.object) for a in GRAPH.of(Assessment) if a.relation}
    assert stated == judged
    for each in GRAPH.of(Assessment):
        assert each.rationale or each.basis == ASCV.explicit.value
        assert each.confidence is not None and 0 <= each.confidence <= 1


def test_quotation_and_paraphrase_of_one_remark_share_no_proposition() -> None:
    pairs = [a for a in GRAPH.of(Assessment) if a.relation == ASC.paraphrases.value]
    assert len(pairs) == 2
    for pair in pairs:
        one, other = (GRAPH.get(iri, Statement) for iri in (pair.subject, pair.object))
        assert one is not None and other is not None
        assert not set(one.expresses) & set(other.expresses)


def test_an_event_has_a_label_and_a_type_and_nothing_else() -> None:
    events = {event.iri for event in GRAPH.of(Event)}
    said = {q.predicate for q in QUADS if q.subject.value in events}
    assert said == {RDF.type, RDFS.label}


def test_page_furniture_lies_outside_every_span() -> None:
    spans = [(s.start or 0, s.end or 0) for s in GRAPH.of(TextSpan)]
    assert min(start for start, _ in spans) == 22  # after "Skip to main content"
    assert max(end for _, end in spans) < 2451  # before "Popular Video"
    assert not [span for span in spans if span[0] < 105 and span[1] > 78]  # Author, Updated


# ---------------------------------------------------------------- what must be absent


def test_no_year_is_stated_anywhere() -> None:
    record_times = {XSD.dateTime}
    for literal in LITERALS:
        hashed = re.fullmatch(r"[0-9a-f]{64}", literal.value)
        if literal.datatype not in record_times and not hashed and not literal.value.isdigit():
            assert not re.search(r"(?<!\d)(1[89]|20|21)\d\d(?!\d)", literal.value), literal
    for time in GRAPH.of(TimeExpression):
        assert time.year_status != ASCV.yearStated.value
        assert time.edtf is None or time.edtf.startswith("XXXX-")


@pytest.mark.parametrize(
    "name",
    [
        *("2016", "Deir", "ez-Zor", "Jabal", "Tharda", "Aleppo", "Damascus", "Qatar", "Udeid"),
        *("Lavrov", "Kerry", "Churkin", "Samantha", "Power", "Obama", "Putin", "Kremlin"),
        *("Australia", "Britain", "Danish", "Denmark", "Pentagon", "Islamic", "al-Qaeda"),
        *("airport", "apolog", "Opposing"),
    ],
)
def test_nothing_is_added_that_only_a_reader_knows(name: str) -> None:
    assert not [each.value for each in LITERALS if name in each.value]


def test_no_toll_from_elsewhere_is_there() -> None:
    words = [x.value for x in LITERALS if x.language or x.datatype == XSD.string]
    numbers = {n for text in words if " " in text for n in re.findall(r"(?<![\d.])\d{2,}", text)}
    assert numbers <= {"60", "17", "19"}


def test_no_author_date_or_publisher_is_invented() -> None:
    document = GRAPH.of(Document)[0]
    assert document.title[0].words == "US Accidentally Kills Syrian Troops, Risking Cease-Fire"
    known = {q.predicate for q in QUADS if q.subject.value == document.iri}
    assert known == {RDF.type, DCTERMS.term("title")}


def test_only_places_that_the_article_speaks_of_are_there() -> None:
    assert {each.label[0].words for each in GRAPH.of(Place)} == {
        "Geneva",
        "the area the coalition has struck in the past",
        "the location of the strike",
        "the war-torn country",
    }


def test_each_triple_stands_in_the_graph_where_a_bundle_keeps_it() -> None:
    assert make_bundle(QUADS, BASE).quads == QUADS


def test_the_file_belongs_to_no_base() -> None:
    assert "@base" not in TRIG and "http://127" not in TRIG
