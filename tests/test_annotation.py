"""The annotation format: what a TOML file says becomes records, and says so if not."""

from __future__ import annotations

import hashlib

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from graph.annotation import annotate, to_trig
from graph.errors import AnnotationFault
from graph.fields import Text
from graph.files import examples_dir
from graph.kg import KnowledgeGraph
from graph.mapping import from_quads, to_quads
from graph.model import (
    Activity,
    Agent,
    Assessment,
    Attribution,
    Document,
    Event,
    Proposition,
    Statement,
    TextSpan,
)
from graph.model import TimeExpression as Time
from graph.records import Records
from graph.vocab import ASC, ASCV

BASE = "http://127.0.0.1:8000/"
TEXT = """Bridge Closed

The old bridge is closed, Mayor Ada Lind said on May 4, reports the Harbour Daily.
She wrongly believed it would hold. "It is over," she said.
"""
HEAD = f"""
[source]
slug = "bridge-closed"
title = "Bridge Closed"
language = "en"
sha256 = "{hashlib.sha256(TEXT.encode()).hexdigest()}"

[annotator]
label = "Desk"
tool = "ascribe annotate"
version = "1"
date = "2031-05-05T08:00:00Z"

[agents.lind]
label = "Ada Lind"
kind = "Person"

[agents.daily]
label = "Harbour Daily"
kind = "NewsOrganization"

[times.may_4]
words = "May 4"
edtf = "XXXX-05-04"

[propositions.closed]
label = "The old bridge is closed."
predicate = "ends"

[propositions.holds]
label = "The old bridge holds."
"""
CLOSED = """
[[statement]]
id = "closed"
kind = "IndirectSpeech"
quote = "The old bridge is closed"
chain = [
    { agent = "lind", act = "says", cue = "said", words = "Mayor Ada Lind", said_at = "may_4" },
    { agent = "daily", act = "reports", cue = "reports the Harbour Daily" },
]
expresses = "closed"
temporality = "present"
"""
WRONG = """
[[statement]]
id = "believed"
kind = "ReportedBelief"
quote = "it would hold"
chain = [{ agent = "lind", act = "believes", cue = "believed", words = "She" }]
expresses = "holds"

[[statement]]
id = "wrongly"
kind = "NarratorAssertion"
quote = "wrongly"
expresses = "holds"
polarity = "negative"

[[relation]]
subject = "wrongly"
relation = "denies"
object = "believed"
confidence = 0.98
because = "One word denies the belief."
"""
CORRECTION = """
[[relation]]
subject = "closed"
relation = "corrects"
object = "OTHER"
confidence = 0.9
basis = "explicit"
"""


def _annotated(*parts: str) -> Records:
    return annotate(HEAD + "".join(parts), TEXT.encode(), BASE)


def _statement(records: Records, kind: str) -> Statement:
    return next(s for s in records.of(Statement) if s.types == (ASC.term(kind).value,))


def _agents(records: Records, chain: tuple[Attribution, ...]) -> list[str]:
    found = [records.get(hop.agent, Agent) for hop in chain]
    return [agent.label[0].words for agent in found if agent]


def test_a_chain_runs_from_the_words_to_a_narrator_that_nobody_wrote_down() -> None:
    records = _annotated(CLOSED)
    chain = records.chain(_statement(records, "IndirectSpeech"))[0]
    assert _agents(records, chain) == ["Ada Lind", "Harbour Daily", "Narrator of “Bridge Closed”"]
    assert [hop.act for hop in chain] == [
        ASCV.says.value,
        ASCV.reports.value,
        ASCV.reports.value,
    ]


def test_a_cue_is_found_in_the_paragraph_of_its_quote() -> None:
    records = _annotated(CLOSED)
    hop = records.chain(_statement(records, "IndirectSpeech"))[0][0]
    cue = records.get(hop.cue_span, TextSpan)
    assert cue is not None and cue.exact == "said"
    assert cue.start == TEXT.index("said on May")


def test_a_day_without_a_year_is_recorded_as_just_that() -> None:
    time = _annotated(CLOSED).of(Time)[0]
    assert (time.wording, time.edtf, time.month_day_key) == ("May 4", "XXXX-05-04", 504)
    assert time.year_status == ASCV.yearNotStated.value


def test_one_who_affirms_and_one_who_denies_express_the_same_proposition() -> None:
    records = _annotated(WRONG)
    belief, denial = (_statement(records, k) for k in ("ReportedBelief", "NarratorAssertion"))
    assert belief.expresses == denial.expresses
    assert (belief.polarity, denial.polarity) == (ASCV.positive.value, ASCV.negative.value)


def test_a_relation_stands_beside_the_judgement_that_backs_it() -> None:
    records = _annotated(WRONG)
    belief, denial = (_statement(records, k) for k in ("ReportedBelief", "NarratorAssertion"))
    stated = {(q.subject.value, q.predicate, q.object.value) for q in records.extra}
    assert stated == {(denial.iri, ASC.denies, belief.iri)}


def test_paratext_claims_nothing() -> None:
    records = _annotated('[[statement]]\nid = "p"\nkind = "Paratext"\nquote = "Bridge Closed"\n')
    paratext = _statement(records, "Paratext")
    assert not paratext.expresses and paratext.polarity is None
    assert records.chain(paratext)[0][0].act == ASCV.credits.value


def test_the_review_says_which_text_was_at_hand_and_how_many_quotes_were_compared() -> None:
    records = _annotated(CLOSED)
    review = next(a for a in records.of(Activity) if a.reviewed)
    assert review.text_digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert review.quotes_checked == len(records.of(TextSpan))


def test_entries_that_no_statement_names_are_made_all_the_same() -> None:
    labels = {each.label[0].words for each in _annotated().of(Proposition)}
    assert labels == {"The old bridge is closed.", "The old bridge holds."}


def test_iris_of_statements_do_not_depend_on_confidence_or_the_time_of_record() -> None:
    changed = annotate(
        (HEAD + WRONG).replace("0.98", "0.5").replace("2031-05-05", "2032-01-01"),
        TEXT.encode(),
        BASE,
    )
    assert {each.iri for each in changed} == {each.iri for each in _annotated(WRONG)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('quote = "The old', 'qoute = "The old'), r"\[\[statement\]\] closed, qoute: no such key"),
        (('"IndirectSpeech"', '"Hearsay"'), r"closed, kind: 'Hearsay' is no kind of statement"),
        (("is closed\"", "was closed\""), r"closed, quote, words: .* look-alike is 'The old"),
        (('quote = "The old bridge is closed"', 'quote = "said"'), r"2 places .* near = a longer"),
        (('agent = "lind"', 'agent = "lint"'), r"closed, chain, hop 0, agent: nothing is called"),
        (('expresses = "closed"', 'expresses = "open"'), r"closed, expresses: .* called 'open'"),
        (('expresses = "closed"', "expresses = 7"), r"expresses: it is 7; expected a string or"),
        (('id = "closed"', 'id = ""'), r"\[\[statement\]\] 1, id: nothing there"),
        (('edtf = "XXXX-05-04"', 'edtf = ""'), r"\[times.may_4\], edtf: nothing there"),
        (('kind = "Person"', 'kind = "Human"'), r"\[agents.lind\], kind: 'Human' is none"),
        (('[agents.daily]', '[agents.closed]'), r"closed: this name is taken"),
        (('chain = [', 'part_of = "all"\nchain = ['), r"part_of: no statement above this one"),
        (('title = "Bridge Closed"', 'title = "Bridge"\nyear = 2031'), r"\[source\], year: no"),
        (('title = "Bridge Closed"', 'title = "Ferry Closed"'), r"title: .* not in the text"),
        (('[source]', '[sauce]'), r"the file, sauce: no such key here"),
        (('[source]', '[source'), r"This is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_names_the_place_and_what_was_expected(
    change: tuple[str, str], message: str
) -> None:
    assert change[0] in HEAD + CLOSED
    with pytest.raises(AnnotationFault, match=message):
        annotate((HEAD + CLOSED).replace(*change, 1), TEXT.encode(), BASE)


def test_another_text_than_the_annotated_one_is_refused() -> None:
    with pytest.raises(AnnotationFault, match="expected the same bytes"):
        annotate(HEAD, TEXT.encode() + b"\n", BASE)


def test_a_proposition_about_itself_is_refused() -> None:
    first, second = (
        f'\n[propositions.{name}]\nlabel = "{name}"\ncontent = "{other}"\n'
        for name, other in ("ab", "ba")
    )
    with pytest.raises(AnnotationFault, match="'a' is part of itself: a > b"):
        _annotated(first, second)


def test_two_names_for_one_entry_are_refused() -> None:
    with pytest.raises(AnnotationFault, match="use one name for both"):
        _annotated('\n[agents.reporter]\nlabel = "Ada Lind"\nkind = "Person"\n')


def test_the_written_file_has_no_base_and_is_the_same_under_every_base() -> None:
    other = "https://claims.example.org/kg/"
    here = to_trig(_annotated(CLOSED, WRONG), BASE)
    there = to_trig(annotate(HEAD + CLOSED + WRONG, TEXT.encode(), other), other)
    assert here == there
    assert "@base" not in here and "127.0.0.1" not in here


@pytest.mark.parametrize("base", [BASE, "https://claims.example.org/kg/"])
def test_the_written_file_reads_back_as_the_same_quads(base: str) -> None:
    records = annotate(HEAD + CLOSED + WRONG, TEXT.encode(), base)
    read = parse(to_trig(records, base), RdfFormat.TRIG, base_iri=base)
    assert set(read) == set(to_quads(records, base))


def test_annotated_records_survive_the_way_through_quads() -> None:
    records = _annotated(CLOSED, WRONG)
    assert from_quads(to_quads(records, BASE)) == records


@pytest.mark.extras
def test_the_committed_trig_is_what_the_annotation_and_the_text_make(article: bytes) -> None:
    toml = (examples_dir() / "us-strike.toml").read_text("utf-8")
    committed = (examples_dir() / "us-strike.trig").read_text("utf-8")
    assert to_trig(annotate(toml, article, BASE), BASE) == committed


@pytest.mark.extras
def test_every_quote_of_the_article_is_checked_byte_for_byte(article: bytes) -> None:
    with KnowledgeGraph() as kg:
        report = kg.validate(examples_dir() / "us-strike.trig", text=article)
    assert report.results == ()
    assert report.quotes_checked > 100 and report.quotes_unchecked == 0


def test_what_is_counted_may_be_a_concept_of_ones_own() -> None:
    bridges = '[concepts.bridges]\nlabel = "bridges"\n'
    counted = (
        '[propositions.two]\nkind = "Quantity"\nlabel = "Two bridges are closed."\n'
        'counts = "bridges"\nexactly = 2\n'
    )
    records = _annotated(bridges, counted)
    kinds = [each.counted_kind for each in records.of(Proposition) if each.counted_kind]
    assert len(kinds) == 1 and kinds[0].startswith(BASE + "concept/bridges-")


def test_a_word_of_no_scheme_is_named_with_its_nearest_neighbours() -> None:
    counted = (
        '[propositions.two]\nkind = "Quantity"\nlabel = "Two persons."\n'
        'counts = "peopel"\nexactly = 2\n'
    )
    with pytest.raises(AnnotationFault, match=r"propositions\.two.*counts.*people"):
        _annotated(counted)


def test_a_relation_may_point_at_who_passed_the_words_on() -> None:
    denial = (
        '\n[[relation]]\nsubject = "closed"\nrelation = "{}"\nobject = "closed"\n{}confidence = 1\n'
    )
    for relation, hop, number in (
        ("deniesSaying", "", 0),
        ("retracts", "hop = 1\n", 1),
        ("retracts", "hop = 2\n", 2),
    ):
        records = _annotated(CLOSED, denial.format(relation, hop))
        chain = records.chain(_statement(records, "IndirectSpeech"))[0]
        assert records.of(Assessment)[0].object == chain[number].iri
    with pytest.raises(AnnotationFault, match="the chain has no hop 3"):
        _annotated(CLOSED, denial.format("retracts", "hop = 3\n"))


def test_a_relation_may_lead_to_a_statement_of_another_bundle() -> None:
    other = CORRECTION.replace("OTHER", "<statement/0a1b2c3d4e5f/1-9-0a1b2c3d>")
    judged = _annotated(CLOSED, other).of(Assessment)[0]
    assert judged.object == BASE + "statement/0a1b2c3d4e5f/1-9-0a1b2c3d"
    with pytest.raises(AnnotationFault, match="one of another bundle is named by its <IRI>"):
        _annotated(CLOSED, CORRECTION.replace("OTHER", "statement/0a1b2c3d4e5f/1-9-0a1b2c3d"))


def test_an_event_of_another_bundle_keeps_its_iri() -> None:
    event = '\n[events.closing]\nlabel = "the closing"\niri = "event/the-closing-0a1b2c"\n'
    assert [each.iri for each in _annotated(event).of(Event)] == [BASE + "event/the-closing-0a1b2c"]


def test_author_publisher_and_date_are_those_that_the_source_section_names() -> None:
    published = HEAD.replace(
        '\nlanguage = "en"',
        '\nlanguage = "en"\nauthors = "lind"\npublisher = "daily"\nissued = "2031-05"',
    )
    document = annotate(published, TEXT.encode(), BASE).of(Document)[0]
    assert [iri.rpartition("/")[2][:-7] for iri in document.creator] == ["ada-lind"]
    assert [iri.rpartition("/")[2][:-7] for iri in document.publisher] == ["harbour-daily"]
    assert document.issued == "2031-05"
    assert not _annotated().of(Document)[0].creator


def test_names_in_other_scripts_stand_beside_the_label() -> None:
    named = HEAD.replace(
        'label = "Ada Lind"', 'label = "Ada Lind"\nnames = { el = "Άντα Λιντ", ar = "آدا ليند" }'
    )
    lind = next(each for each in annotate(named, TEXT.encode(), BASE).of(Agent) if each.alt_label)
    assert lind.label == (Text("Ada Lind"),)
    assert {each.language for each in lind.alt_label} == {"ar", "el"}
    assert lind.iri in {each.iri for each in _annotated().of(Agent)}


@pytest.mark.parametrize(
    ("edtf", "status", "key"),
    [
        ("XXXX-05", ASCV.yearNotStated, None),
        ("2029", ASCV.yearStated, None),
        ("XXXX-05-04/XXXX-05-09", ASCV.yearNotStated, None),
        ("2029-05-04", ASCV.yearStated, 504),
    ],
)
def test_every_date_says_whether_its_year_is_stated(
    edtf: str, status: NamedNode, key: int | None
) -> None:
    time = annotate(HEAD.replace("XXXX-05-04", edtf), TEXT.encode(), BASE).of(Time)[0]
    assert (time.year_status, time.month_day_key) == (status.value, key)
