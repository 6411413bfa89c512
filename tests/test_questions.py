"""The questions a finished graph must answer, and the answers for the seed article."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode
from rdflib.plugins.sparql import prepareQuery

from graph import KnowledgeGraph
from graph.files import examples_dir
from graph.kg import open_dataset
from graph.mapping import from_quads
from graph.model import Statement
from graph.queries import named_query
from graph.vocab import ASC, PROV, RDF, RDFS, XSD

RECORDED = datetime(2031, 5, 4, 9, 30, tzinfo=UTC)
Row = dict[str, Any]

NARRATOR = "Narrator of “US Accidentally Kills Syrian Troops, Risking Cease-Fire”"
COMMAND = "U.S. Central Command"
MINISTRY = "Russian Foreign Ministry"
STRIKE_POSITION = "Coalition forces strike a Da'esh fighting position."
BOMB_MILITANTS = "The American pilots bomb ISIS militants."
NO_COOPERATION = (
    "The United States persistently refuses to establish close cooperation with Russia in"
    " the fight against ISIS, Jabhat al-Nusra and other affiliated terrorist groups."
)
NO_INTELLIGENCE = "The United States refuses to share intelligence."
NATURAL_RESULT = (
    "What happened is a natural result of the persistent refusal of the United States to "
    "cooperate closely with Russia."
)
REFUSAL_CAUSED_IT = (
    "The refusal by the United States to share intelligence is the cause of the airstrike."
)
TARGETS_SYRIAN = "The personnel and vehicles targeted are part of the Syrian military."
COALITION_MEMBERS = "coalition members in the Combined Air Operations Center"
WILL_FIGHT = "The Syrian military will continue fighting."
BELIEVERS = "those who believed in the cease-fire, not named"
MEMBERS_INFORM = "Coalition members inform Russian counterparts of the upcoming strike."

QUESTIONS = [
    "as_of",
    "asserted_and_denied",
    "blame",
    "compatible_tolls",
    "conflicts",
    "dates_agree",
    "denied_beliefs",
    "falls_with_outlet",
    "long_chains",
    "loses_support_with_outlet",
    "narrator_alone",
    "quotations",
    "rival_explanations",
    "sides",
    "single_outlet",
    "statements_at_offset",
    "statements_by_kind_and_speaker",
    "tolls",
    "unnamed_and_joint_speakers",
    "when_and_where",
    "who_hit_whom",
    "who_told_whom",
    "wishes",
]


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    with open_dataset(clock=lambda: RECORDED) as found:
        found.add(examples_dir() / "us-strike.trig")
        yield found


def ask(
    kg: KnowledgeGraph,
    name: str,
    columns: str,
    where: Callable[[Row], bool] = lambda row: True,
    **params: object,
) -> list[tuple[Any, ...]]:
    """The rows of a named query, as far as `columns` go."""
    table = kg.query(name, **params)
    rows = [dict(zip(table.variables, row, strict=True)) for row in table]
    return [tuple(row[column] for column in columns.split()) for row in rows if where(row)]


def _moment(text: str) -> Literal:
    return Literal(text, datatype=XSD.dateTime)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_plain_sparql_that_another_engine_reads(name: str) -> None:
    query = named_query(name)
    assert query.title and query.question.endswith("?")
    assert len(query.sparql.splitlines()) <= 25
    prepareQuery(query.sparql)


def test_q01_statements_by_kind_and_speaker(kg: KnowledgeGraph) -> None:
    assert ask(kg, "statements_by_kind_and_speaker", "kind speaker statements") == [
        ("block quotation", COMMAND, 12),
        ("direct quotation", MINISTRY, 1),
        ("headline assertion", NARRATOR, 3),
        ("indirect speech", "CNN", 1),
        ("indirect speech", "Reuters", 4),
        ("indirect speech", "Russia", 1),
        ("indirect speech", "Russian officials", 1),
        ("indirect speech", "Syrian military", 1),
        ("narrator assertion", NARRATOR, 21),
        ("paratext", NARRATOR, 2),
        ("presupposition", NARRATOR, 11),
        ("presupposition", "Russia", 2),
        ("presupposition", MINISTRY, 4),
        ("presupposition", "Syrian military", 1),
        ("presupposition", COMMAND, 6),
        ("report of a speech act", "Syrian government", 1),
        ("report of a speech act", COALITION_MEMBERS, 1),
        ("reported belief", "American pilots", 1),
        ("reported belief", "Coalition forces", 1),
        ("reported belief", MINISTRY, 1),
        ("reported belief", BELIEVERS, 1),
        ("reported desire", "Russia", 1),
        ("reported desire", "United States", 1),
        ("reported desire", BELIEVERS, 1),
        ("reported intention", "Coalition Air Operations Center", 1),
        ("reported intention", "representatives from the U.S. and Russia", 1),
    ]


def test_q02_the_ministrys_exact_words_and_their_way_to_the_reader(kg: KnowledgeGraph) -> None:
    assert ask(
        kg, "quotations", "relay start end words", where=lambda row: row["speaker"] == MINISTRY
    ) == [
        (
            "CNN",
            2076,
            2306,
            (
                "We consider what happened as a natural result of the persistent refusal "
                "of the United States from the establishment of close cooperation with "
                "Russia in the fight against ISIS, Jabhat al-Nusra and other affiliated "
                "terrorist groups,"
            ),
        ),
    ]


def test_q03_how_many_died_according_to_whom_with_what_bound(kg: KnowledgeGraph) -> None:
    assert ask(kg, "tolls", "speaker wording counted lowest lowestCounts highest event") == [
        (NARRATOR, "more than 60 people", "people", 60, False, None, "the airstrike"),
    ]


def test_q04_who_hit_whom_and_what_each_voice_believed_was_hit(kg: KnowledgeGraph) -> None:
    assert ask(kg, "who_hit_whom", "speaker act hitter hit polarity certainty") == [
        ("American pilots", "believes", "American pilots", "ISIS militants", "positive", "certain"),
        (
            "Coalition forces",
            "believes",
            "Coalition forces",
            "Da'esh fighting position",
            "positive",
            "certain",
        ),
        (NARRATOR, "asserts", "American pilots", "ISIS militants", "negative", "certain"),
        (NARRATOR, "asserts", "U.S. military", "Syrian soldiers", "positive", "certain"),
        (NARRATOR, "asserts", "United States", "Syrian troops", "positive", "certain"),
        ("Russian officials", "informs", None, "Syrian military", "positive", "possible"),
        (
            COMMAND,
            "states",
            None,
            "personnel and vehicles targeted",
            "positive",
            "certainty underspecified",
        ),
    ]


def test_q05_when_and_where_as_far_as_the_text_says(kg: KnowledgeGraph) -> None:
    assert ask(kg, "when_and_where", "event words date year offset from place speaker") == [
        (
            "the Syrian military's announcement",
            "Sep. 19",
            "XXXX-09-19",
            "year not stated",
            None,
            None,
            None,
            "Reuters",
        ),
        (
            "the Syrian military's announcement",
            "only one week after the cease-fire began",
            None,
            None,
            "P7D",
            "the beginning of the cease-fire",
            None,
            "Reuters",
        ),
        (
            "the Syrian military's announcement",
            "two days after the airstrike",
            None,
            None,
            "P2D",
            "the airstrike",
            None,
            "Reuters",
        ),
        (
            "the airstrike",
            None,
            None,
            None,
            None,
            None,
            "the area the coalition has struck in the past",
            COMMAND,
        ),
        ("the airstrike", None, None, None, None, None, "the location of the strike", COMMAND),
        ("the airstrike", "Sep. 17", "XXXX-09-17", "year not stated", None, None, None, NARRATOR),
        ("the halting of the airstrike", "immediately", None, None, None, None, None, COMMAND),
        ("the meeting of representatives", None, None, None, None, None, "Geneva", NARRATOR),
        (
            "the meeting of representatives",
            "Sept. 19",
            "XXXX-09-19",
            "year not stated",
            None,
            None,
            None,
            NARRATOR,
        ),
    ]


@pytest.mark.parametrize(
    ("offset", "kinds"),
    [
        (21, set()),
        (30, {"HeadlineAssertion"}),
        (870, {"NarratorAssertion"}),
        (1040, {"BlockQuotation", "ReportedBelief"}),
        (2075, set()),
        (2076, {"DirectQuotation"}),
        (2455, set()),
    ],
)
def test_q06_statements_that_cover_a_character(
    kg: KnowledgeGraph, offset: int, kinds: set[str]
) -> None:
    found = {iri for (iri,) in ask(kg, "statements_at_offset", "statement", offset=offset)}
    stated = from_quads(quad for iri in found for quad in kg.describe(iri))
    assert {
        each.types[0].removeprefix(ASC) for each in stated.of(Statement) if each.iri in found
    } == kinds


def test_q07_beliefs_that_somebody_else_denies(kg: KnowledgeGraph) -> None:
    assert ask(kg, "denied_beliefs", "believer belief denier denial") == [
        ("American pilots", BOMB_MILITANTS, NARRATOR, BOMB_MILITANTS),
        ("American pilots", BOMB_MILITANTS, NARRATOR, "The U.S. military bombs Syrian soldiers."),
        ("Coalition forces", STRIKE_POSITION, NARRATOR, "The U.S. military bombs Syrian soldiers."),
    ]


def test_q08_who_wants_what_and_whose_wishes_oppose_each_other(kg: KnowledgeGraph) -> None:
    assert ask(kg, "wishes", "who wish certainty opponent opposed") == [
        (
            "Russia",
            "Bashar Assad remains in power.",
            "certain",
            "United States",
            "The United States pushes Bashar Assad out of power.",
        ),
        ("Russia", "U.S. Coalition forces defeat ISIS.", "certainty underspecified", None, None),
        (
            "United States",
            "The United States pushes Bashar Assad out of power.",
            "certain",
            "Russia",
            "Bashar Assad remains in power.",
        ),
        (BELIEVERS, "Peace comes to the war-torn country.", "certainty underspecified", None, None),
    ]


def test_q09_who_told_whom(kg: KnowledgeGraph) -> None:
    assert ask(kg, "who_told_whom", "teller told content when accordingTo") == [
        ("Russian officials", "coalition officials", TARGETS_SYRIAN, None, COMMAND),
        (
            COALITION_MEMBERS,
            "Russian counterparts of coalition members",
            "An airstrike is coming up.",
            "earlier",
            COMMAND,
        ),
    ]


def test_q10_unnamed_and_joint_speakers(kg: KnowledgeGraph) -> None:
    assert ask(kg, "unnamed_and_joint_speakers", "speaker how member statements") == [
        ("representatives from the U.S. and Russia", "joint", "representatives from Russia", 1),
        ("representatives from the U.S. and Russia", "joint", "representatives from the U.S.", 1),
        ("American pilots", "unnamed", None, 1),
        ("Russian officials", "unnamed", None, 1),
        (COALITION_MEMBERS, "unnamed", None, 1),
        (BELIEVERS, "unnamed", None, 2),
    ]


def test_q11_what_the_russian_side_says_about_the_strike(kg: KnowledgeGraph) -> None:
    assert ask(
        kg,
        "sides",
        "voice speaker content",
        where=lambda row: row["side"] == "Russia" and row["event"] == "the airstrike",
    ) == [
        ("Russia", "Russia", "The airstrike is a fatal mistake."),
        ("Russia", "Russia", REFUSAL_CAUSED_IT),
        (MINISTRY, MINISTRY, NATURAL_RESULT),
        ("Russian officials", "Russian officials", TARGETS_SYRIAN),
    ]


def test_q11_what_the_us_side_says_about_the_strike(kg: KnowledgeGraph) -> None:
    assert ask(
        kg,
        "sides",
        "voice speaker content",
        where=lambda row: row["side"] == "United States" and row["event"] == "the airstrike",
    ) == [
        ("American pilots", "American pilots", BOMB_MILITANTS),
        (COMMAND, "Coalition forces", STRIKE_POSITION),
        (COMMAND, "Russian officials", TARGETS_SYRIAN),
        (
            COMMAND,
            COMMAND,
            "Coalition forces believe that they are striking a Da'esh fighting position.",
        ),
        (
            COMMAND,
            COMMAND,
            (
                "Coalition forces track the fighting position for a significant amount of"
                " time before the strike."
            ),
        ),
        (COMMAND, COMMAND, MEMBERS_INFORM),
        (COMMAND, COMMAND, "Personnel and vehicles are targeted in the airstrike."),
        (
            COMMAND,
            COMMAND,
            (
                "The airstrike is halted immediately when Russian officials inform "
                "coalition officials."
            ),
        ),
        (COMMAND, COMMAND, "The coalition airstrike is halted immediately."),
        (COMMAND, COMMAND, "The coalition carries out the airstrike."),
        (
            COMMAND,
            COMMAND,
            "The location of the strike is in an area the coalition has struck in the past.",
        ),
        (
            COMMAND,
            COMMAND,
            (
                "U.S. Central Command's account: the strike was aimed at Da'esh, was "
                "stopped on word from Russian officials, and was made known to Russia "
                "beforehand."
            ),
        ),
        (COMMAND, COALITION_MEMBERS, "An airstrike is coming up."),
    ]


def test_q12_what_is_both_asserted_and_denied(kg: KnowledgeGraph) -> None:
    assert ask(kg, "asserted_and_denied", "content asserter denier") == [
        (BOMB_MILITANTS, "American pilots", NARRATOR),
    ]


def test_q13_conflicts_with_their_confidence_and_judge(kg: KnowledgeGraph) -> None:
    assert ask(
        kg, "conflicts", "speaker content relation otherSpeaker otherContent confidence basis judge"
    ) == [
        (
            NARRATOR,
            BOMB_MILITANTS,
            "denies",
            "American pilots",
            BOMB_MILITANTS,
            0.98,
            "explicit",
            "Ascribe annotators",
        ),
        (
            "United States",
            "The United States pushes Bashar Assad out of power.",
            "in tension with",
            "Russia",
            "Bashar Assad remains in power.",
            0.97,
            "inferred",
            "Ascribe annotators",
        ),
        (
            NARRATOR,
            "The U.S. military bombs Syrian soldiers.",
            "contradicts",
            "American pilots",
            BOMB_MILITANTS,
            0.85,
            "inferred",
            "Ascribe annotators",
        ),
        (
            "Russian officials",
            TARGETS_SYRIAN,
            "in tension with",
            "Coalition forces",
            STRIKE_POSITION,
            0.8,
            "inferred",
            "Ascribe annotators",
        ),
        (
            NARRATOR,
            BOMB_MILITANTS,
            "in tension with",
            "Coalition forces",
            STRIKE_POSITION,
            0.75,
            "inferred",
            "Ascribe annotators",
        ),
        (
            NARRATOR,
            "The U.S. military bombs Syrian soldiers.",
            "contradicts",
            "Coalition forces",
            STRIKE_POSITION,
            0.75,
            "inferred",
            "Ascribe annotators",
        ),
        (
            COMMAND,
            MEMBERS_INFORM,
            "in tension with",
            "Russia",
            NO_INTELLIGENCE,
            0.65,
            "inferred",
            "Ascribe annotators",
        ),
        (
            NARRATOR,
            "The cease-fire is still in force.",
            "in tension with",
            "Syrian government",
            "The cease-fire is at an end.",
            0.6,
            "inferred",
            "Ascribe annotators",
        ),
        (
            COMMAND,
            "The Coalition Air Operations Center confers with Russian officials.",
            "in tension with",
            MINISTRY,
            NO_COOPERATION,
            0.6,
            "inferred",
            "Ascribe annotators",
        ),
        (
            "representatives from the U.S. and Russia",
            "The representatives extend the cease-fire.",
            "in tension with",
            "Syrian military",
            WILL_FIGHT,
            0.6,
            "inferred",
            "Ascribe annotators",
        ),
        (
            "Syrian government",
            "The cease-fire is at an end.",
            "in tension with",
            NARRATOR,
            "The United States puts the cease-fire at risk.",
            0.4,
            "inferred",
            "Ascribe annotators",
        ),
        (
            COMMAND,
            "The memorandum of understanding requires such contact.",
            "in tension with",
            "Russia",
            REFUSAL_CAUSED_IT,
            0.35,
            "inferred",
            "Ascribe annotators",
        ),
    ]


def test_q14_chains_of_three_voices_or_more(kg: KnowledgeGraph) -> None:
    assert ask(kg, "long_chains", "speaker relay voices content") == [
        (MINISTRY, "CNN", 3, "ISIS and Jabhat al-Nusra are terrorist groups."),
        (
            MINISTRY,
            "CNN",
            3,
            "Other terrorist groups are affiliated with ISIS and Jabhat al-Nusra.",
        ),
        (MINISTRY, "CNN", 3, NO_COOPERATION),
        (
            MINISTRY,
            "CNN",
            3,
            "There is a fight against ISIS, Jabhat al-Nusra and other affiliated terrorist groups.",
        ),
        (MINISTRY, "CNN", 3, NATURAL_RESULT),
        (MINISTRY, "CNN", 3, NATURAL_RESULT),
        ("Syrian military", "Reuters", 3, "The Syrian military has been fighting."),
        ("Syrian military", "Reuters", 3, WILL_FIGHT),
        (
            "Coalition Air Operations Center",
            COMMAND,
            3,
            "The Coalition Air Operations Center deconflicts Coalition and Russian aircraft.",
        ),
        ("Coalition forces", COMMAND, 3, STRIKE_POSITION),
        ("Russian officials", COMMAND, 3, TARGETS_SYRIAN),
        (COALITION_MEMBERS, COMMAND, 3, "An airstrike is coming up."),
    ]


def test_q15_claims_that_rest_on_a_single_outlet(kg: KnowledgeGraph) -> None:
    assert ask(kg, "single_outlet", "outlet content") == [
        ("CNN", "ISIS and Jabhat al-Nusra are terrorist groups."),
        ("CNN", "Other terrorist groups are affiliated with ISIS and Jabhat al-Nusra."),
        ("CNN", "The Russian Foreign Ministry says in a statement what caused the airstrike."),
        ("CNN", NO_COOPERATION),
        (
            "CNN",
            "There is a fight against ISIS, Jabhat al-Nusra and other affiliated terrorist groups.",
        ),
        ("CNN", NATURAL_RESULT),
        ("Reuters", "The Syrian military announces that it will continue fighting."),
        ("Reuters", "The Syrian military has been fighting."),
        ("Reuters", WILL_FIGHT),
        ("Reuters", "The announcement is made on Sep. 19."),
        ("Reuters", "The announcement is made one week after the cease-fire began."),
        ("Reuters", "The announcement is made two days after the airstrike."),
    ]


def test_q15_claims_that_rest_on_the_narrator_alone(kg: KnowledgeGraph) -> None:
    assert ask(kg, "narrator_alone", "affirmed content") == [
        ("positive", "Bashar Assad is in power."),
        ("positive", "Bashar Assad is the Syrian President."),
        ("positive", "CNN reports the Russian Foreign Ministry's statement."),
        ("positive", "ISIS is also known as Da'esh."),
        ("positive", "More than 60 people are killed in the airstrike."),
        ("positive", "One week is little time for a cease-fire to last."),
        ("positive", "Representatives from the United States and Russia meet."),
        ("positive", "Reuters reports the Syrian military's announcement."),
        ("positive", "Russia helps to broker the cease-fire."),
        ("positive", "Russia is an ally of Bashar Assad."),
        ("positive", "Russia wants U.S. Coalition forces to defeat ISIS."),
        ("positive", "Russia works with U.S. Coalition forces to defeat ISIS."),
        ("positive", "Russia works with the Syrian government."),
        ("positive", "That the airstrike hits Syrian forces is an accident."),
        ("negative", BOMB_MILITANTS),
        ("positive", "The American pilots drop bombs in the airstrike."),
        ("positive", "The Syrian government declares an end to the cease-fire."),
        ("positive", "The United States brokers the cease-fire."),
        ("positive", "The United States kills Syrian troops."),
        ("positive", "The United States puts the cease-fire at risk."),
        (
            "positive",
            "The airstrike causes the Syrian government to declare an end to the cease-fire.",
        ),
        ("positive", "The airstrike is on Sep. 17."),
        ("positive", "The bombing causes the deaths."),
        ("positive", "The cease-fire begins."),
        ("positive", "The cease-fire is brokered."),
        ("positive", "The cease-fire is still in force."),
        ("positive", "The country is torn by war."),
        ("positive", "The hope that the cease-fire brings peace is in doubt."),
        ("positive", "The meeting of representatives is in Geneva."),
        ("positive", "The meeting of representatives is on Sept. 19."),
        ("positive", "U.S. Central Command issues a statement about the airstrike."),
    ]


def test_q16_who_blames_whom_and_whether_the_paraphrase_says_the_same(kg: KnowledgeGraph) -> None:
    assert ask(kg, "blame", "speaker blamed cause effect paraphrased sameContent") == [
        ("Russia", "United States", NO_INTELLIGENCE, "the airstrike", MINISTRY, False),
        (MINISTRY, "United States", NO_COOPERATION, "the airstrike", None, None),
    ]


def test_q17_explanations_that_compete(kg: KnowledgeGraph) -> None:
    assert ask(kg, "rival_explanations", "event speaker content rival rivalContent confidence") == [
        ("the airstrike", "Russia", REFUSAL_CAUSED_IT, "Coalition forces", STRIKE_POSITION, 0.8),
        ("the airstrike", MINISTRY, NATURAL_RESULT, "Coalition forces", STRIKE_POSITION, 0.75),
        (
            "the airstrike",
            MINISTRY,
            NATURAL_RESULT,
            NARRATOR,
            "That the airstrike hits Syrian forces is an accident.",
            0.6,
        ),
    ]


def test_q18_what_falls_with_an_outlets_report(kg: KnowledgeGraph) -> None:
    assert ask(kg, "falls_with_outlet", "outlet speaker content") == [
        (
            "CNN",
            "CNN",
            "The Russian Foreign Ministry says in a statement what caused the airstrike.",
        ),
        ("CNN", MINISTRY, "ISIS and Jabhat al-Nusra are terrorist groups."),
        ("CNN", MINISTRY, "Other terrorist groups are affiliated with ISIS and Jabhat al-Nusra."),
        ("CNN", MINISTRY, NO_COOPERATION),
        (
            "CNN",
            MINISTRY,
            "There is a fight against ISIS, Jabhat al-Nusra and other affiliated terrorist groups.",
        ),
        ("CNN", MINISTRY, NATURAL_RESULT),
        ("CNN", MINISTRY, NATURAL_RESULT),
        ("Reuters", "Reuters", "The Syrian military announces that it will continue fighting."),
        ("Reuters", "Reuters", "The announcement is made on Sep. 19."),
        ("Reuters", "Reuters", "The announcement is made one week after the cease-fire began."),
        ("Reuters", "Reuters", "The announcement is made two days after the airstrike."),
        ("Reuters", "Syrian military", "The Syrian military has been fighting."),
        ("Reuters", "Syrian military", WILL_FIGHT),
    ]


def test_q18_what_loses_support_with_an_outlets_report(kg: KnowledgeGraph) -> None:
    assert ask(kg, "loses_support_with_outlet", "outlet speaker content because") == [
        ("CNN", "Russia", NO_INTELLIGENCE, NO_COOPERATION),
        ("CNN", "Russia", REFUSAL_CAUSED_IT, NATURAL_RESULT),
        ("Reuters", "Syrian government", "The cease-fire is at an end.", WILL_FIGHT),
    ]


@pytest.mark.parametrize(("toll", "compatible"), [(60, False), (61, True), (83, True)])
def test_q19_which_outside_tolls_are_compatible(
    kg: KnowledgeGraph, toll: int, compatible: bool
) -> None:
    answer = ask(kg, "compatible_tolls", "speaker wording compatible", toll=toll)
    assert answer == [(NARRATOR, "more than 60 people", compatible)]


def test_q20_stated_and_relative_dates_agree(kg: KnowledgeGraph) -> None:
    assert ask(kg, "dates_agree", "event date relative anchor anchorDate reckonedAnchor agree") == [
        (
            "the Syrian military's announcement",
            919,
            "only one week after the cease-fire began",
            "the beginning of the cease-fire",
            None,
            912,
            None,
        ),
        (
            "the Syrian military's announcement",
            919,
            "two days after the airstrike",
            "the airstrike",
            917,
            917,
            True,
        ),
    ]


def test_q21_what_the_graph_held_at_a_past_time(kg: KnowledgeGraph) -> None:
    def held(as_of: str) -> int:
        return len(set(ask(kg, "as_of", "statement", asOf=as_of)))

    assert held("2031-05-04T09:29:59Z") == 0
    assert held("2031-05-04T09:30:00Z") == 82
    assert held("2100-01-01T00:00:00Z") == 82


def test_q21_what_is_withdrawn_was_still_held_before() -> None:
    query = named_query("as_of")
    statement, agent = (NamedNode(f"http://example.org/{name}") for name in "sa")
    store, graph = pyoxigraph.Store(), NamedNode("http://example.org/g")
    for subject, predicate, value in (
        (statement, RDF.type, ASC.Statement),
        (statement, ASC.speaker, agent),
        (agent, RDFS.label, Literal("Ada Lind", language="en")),
        (statement, PROV.generatedAtTime, _moment("2031-05-04T09:30:00Z")),
        (statement, PROV.invalidatedAtTime, _moment("2031-05-06T09:30:00Z")),
    ):
        store.add(pyoxigraph.Quad(subject, predicate, value, graph))

    def held(as_of: str) -> int:
        bound = {pyoxigraph.Variable("asOf"): _moment(as_of)}
        return len(
            list(store.query(query.sparql, use_default_graph_as_union=True, substitutions=bound))
        )

    days = ("2031-05-03", "2031-05-05", "2031-05-06")
    assert [held(f"{day}T12:00:00Z") for day in days] == [0, 1, 0]
