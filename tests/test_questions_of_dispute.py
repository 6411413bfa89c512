"""The questions about disputes, chains and time, and their answers for the seed article."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyoxigraph
import pytest
from article_questions import (
    BOMB_MILITANTS,
    COALITION_MEMBERS,
    COMMAND,
    MEMBERS_INFORM,
    MINISTRY,
    NARRATOR,
    NATURAL_RESULT,
    NO_COOPERATION,
    NO_INTELLIGENCE,
    REFUSAL_CAUSED_IT,
    STRIKE_POSITION,
    TARGETS_SYRIAN,
    WILL_FIGHT,
    ask,
)
from pyoxigraph import Literal, NamedNode

from graph import KnowledgeGraph
from graph.files import examples_dir
from graph.kg import open_dataset
from graph.queries import named_query
from graph.vocab import ASC, PROV, RDF, RDFS, XSD

RECORDED = datetime(2031, 5, 4, 9, 30, tzinfo=UTC)

CONFLICTS = [
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
"""Who says what, how it stands to what who else says, how surely, on what basis, by whose word."""


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    with open_dataset(clock=lambda: RECORDED) as found:
        found.add(examples_dir() / "us-strike.trig")
        yield found


def _moment(text: str) -> Literal:
    return Literal(text, datatype=XSD.dateTime)


def test_q12_what_is_both_asserted_and_denied(kg: KnowledgeGraph) -> None:
    assert ask(kg, "asserted_and_denied", "content asserter denier") == [
        (BOMB_MILITANTS, "American pilots", NARRATOR),
    ]


def test_q13_conflicts_with_their_confidence_and_judge(kg: KnowledgeGraph) -> None:
    columns = "speaker content relation otherSpeaker otherContent confidence basis judge"
    assert ask(kg, "conflicts", columns) == CONFLICTS


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
