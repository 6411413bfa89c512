"""The questions a finished graph must answer, and the answers for the seed article."""

from __future__ import annotations

import pytest
from article_questions import (
    BELIEVERS,
    BOMB_MILITANTS,
    COALITION_MEMBERS,
    COMMAND,
    MEMBERS_INFORM,
    MINISTRY,
    NARRATOR,
    NATURAL_RESULT,
    REFUSAL_CAUSED_IT,
    STRIKE_POSITION,
    TARGETS_SYRIAN,
    ask,
)
from rdflib.plugins.sparql import prepareQuery

from graph import KnowledgeGraph
from graph.mapping import from_quads
from graph.model import Statement
from graph.queries import named_query
from graph.vocab import ASC

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


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_plain_sparql_that_another_engine_reads(name: str) -> None:
    query = named_query(name)
    assert query.title and query.question.endswith("?")
    assert len(query.sparql.splitlines()) <= 25
    prepareQuery(query.sparql)


def test_q01_statements_by_kind_and_speaker(seed: KnowledgeGraph) -> None:
    assert ask(seed, "statements_by_kind_and_speaker", "kind speaker statements") == [
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


def test_q02_the_ministrys_exact_words_and_their_way_to_the_reader(seed: KnowledgeGraph) -> None:
    assert ask(
        seed, "quotations", "relay start end words", where=lambda row: row["speaker"] == MINISTRY
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


def test_q03_how_many_died_according_to_whom_with_what_bound(seed: KnowledgeGraph) -> None:
    assert ask(seed, "tolls", "speaker wording counted lowest lowestCounts highest event") == [
        (NARRATOR, "more than 60 people", "people", 60, False, None, "the airstrike"),
    ]


def test_q04_who_hit_whom_and_what_each_voice_believed_was_hit(seed: KnowledgeGraph) -> None:
    assert ask(seed, "who_hit_whom", "speaker act hitter hit polarity certainty") == [
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


def test_q05_when_and_where_as_far_as_the_text_says(seed: KnowledgeGraph) -> None:
    assert ask(seed, "when_and_where", "event words date year offset from place speaker") == [
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
    seed: KnowledgeGraph, offset: int, kinds: set[str]
) -> None:
    found = {iri for (iri,) in ask(seed, "statements_at_offset", "statement", offset=offset)}
    stated = from_quads(quad for iri in found for quad in seed.describe(iri))
    assert {
        each.types[0].removeprefix(ASC) for each in stated.of(Statement) if each.iri in found
    } == kinds


def test_q07_beliefs_that_somebody_else_denies(seed: KnowledgeGraph) -> None:
    assert ask(seed, "denied_beliefs", "believer belief denier denial") == [
        ("American pilots", BOMB_MILITANTS, NARRATOR, BOMB_MILITANTS),
        ("American pilots", BOMB_MILITANTS, NARRATOR, "The U.S. military bombs Syrian soldiers."),
        ("Coalition forces", STRIKE_POSITION, NARRATOR, "The U.S. military bombs Syrian soldiers."),
    ]


def test_q08_who_wants_what_and_whose_wishes_oppose_each_other(seed: KnowledgeGraph) -> None:
    assert ask(seed, "wishes", "who wish certainty opponent opposed") == [
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


def test_q09_who_told_whom(seed: KnowledgeGraph) -> None:
    assert ask(seed, "who_told_whom", "teller told content when accordingTo") == [
        ("Russian officials", "coalition officials", TARGETS_SYRIAN, None, COMMAND),
        (
            COALITION_MEMBERS,
            "Russian counterparts of coalition members",
            "An airstrike is coming up.",
            "earlier",
            COMMAND,
        ),
    ]


def test_q10_unnamed_and_joint_speakers(seed: KnowledgeGraph) -> None:
    assert ask(seed, "unnamed_and_joint_speakers", "speaker how member statements") == [
        ("representatives from the U.S. and Russia", "joint", "representatives from Russia", 1),
        ("representatives from the U.S. and Russia", "joint", "representatives from the U.S.", 1),
        ("American pilots", "unnamed", None, 1),
        ("Russian officials", "unnamed", None, 1),
        (COALITION_MEMBERS, "unnamed", None, 1),
        (BELIEVERS, "unnamed", None, 2),
    ]


def test_q11_what_the_russian_side_says_about_the_strike(seed: KnowledgeGraph) -> None:
    assert ask(
        seed,
        "sides",
        "voice speaker content",
        where=lambda row: row["side"] == "Russia" and row["event"] == "the airstrike",
    ) == [
        ("Russia", "Russia", "The airstrike is a fatal mistake."),
        ("Russia", "Russia", REFUSAL_CAUSED_IT),
        (MINISTRY, MINISTRY, NATURAL_RESULT),
        ("Russian officials", "Russian officials", TARGETS_SYRIAN),
    ]


def test_q11_what_the_us_side_says_about_the_strike(seed: KnowledgeGraph) -> None:
    assert ask(
        seed,
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
