"""Disagreement found by rule: what is found, how surely, and what people make of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from accounts import (
    AT_LEAST_60,
    AT_MOST_45,
    EXACTLY_60,
    HAPPENED,
    MORE_THAN_60,
    Account,
    cause,
    struck,
)
from conftest import BASE
from pyoxigraph import NamedNode, Quad, parse

import graph
from graph.errors import BadInput, NotFound, Refused
from graph.formats import NQUADS, TRIG, TURTLE, Format
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.relating.dates import exclude
from graph.relating.rules import kinds
from graph.restore import restore
from graph.schema import concepts
from graph.vocab import ASC
from graph.web import create_web

Found = list[tuple[str, str, float, str]]


def found(kg: KnowledgeGraph, *accounts: Account) -> Found:
    """What is found in these accounts: rule, relation, confidence, explanation."""
    for each in accounts:
        kg.add(each.turtle(), form=TURTLE)
    rows = kg.query("found_by_rule").rows
    return [(rule, relation, sure, words) for sure, words, relation, rule, *_ in rows]


def computed(kg: KnowledgeGraph) -> set[Quad]:
    """All that was worked out."""
    return {
        quad
        for quad in kg.store.match()
        if str(quad.graph_name).endswith(("/related>", "graph/relations>"))
    }


ONE = Account(1, HAPPENED)
TWO = Account(2, HAPPENED, who="Port")


def test_who_denies_what_another_source_affirms_contradicts_it(kg: KnowledgeGraph) -> None:
    denial = TWO.but(polarity="negative")
    assert found(kg, ONE, denial) == [
        (
            *("affirmed and denied", "contradicts", 0.9),
            "The Port denies what the Mayor says: The strike happened.",
        )
    ]
    row = kg.query("SELECT ?s ?o ?basis { ?a asc:subject ?s ; asc:object ?o ; asc:basis ?basis }")
    assert row.rows == (
        (BASE + denial.statement, BASE + ONE.statement, "https://w3id.org/ascribe/vocab#computed"),
    )


def test_statements_of_one_document_are_not_held_against_each_other(kg: KnowledgeGraph) -> None:
    both = ONE.turtle() + ONE.but(polarity="negative").turtle()
    kg.add(both, form=TURTLE)
    assert found(kg) == []


def test_more_than_60_and_45_exclude_each_other(kg: KnowledgeGraph) -> None:
    assert found(kg, Account(1, MORE_THAN_60), Account(2, AT_MOST_45, who="Port")) == [
        (
            *("numbers exclude each other", "contradicts", 0.85),
            "The Port says the toll of people is at most 45, the Mayor more than 60 (the strike).",
        )
    ]


def test_more_than_60_and_60_exclude_each_other_and_at_least_60_does_not(
    kg: KnowledgeGraph,
) -> None:
    assert len(found(kg, Account(1, MORE_THAN_60), Account(2, EXACTLY_60))) == 1
    assert len(found(kg, Account(3, AT_LEAST_60))) == 1


def test_different_causes_of_one_event_compete(kg: KnowledgeGraph) -> None:
    assert found(kg, Account(1, cause("fog")), Account(2, cause("error"), who="Port")) == [
        (
            *("causes compete", "competes as explanation with", 0.6),
            "The Port and the Mayor explain this differently (the strike): "
            "a pilot's error; the fog.",
        )
    ]


def test_two_who_are_said_to_have_acted_in_one_event_differ(kg: KnowledgeGraph) -> None:
    one, two = struck("agentArg", "army"), struck("agentArg", "rebels")
    assert found(kg, Account(1, one), Account(2, two, who="Port")) == [
        (
            *("roles differ", "in tension with", 0.6),
            "The Mayor has the army of Norland as the one who acted, "
            "the Port has the rebels (the strike).",
        )
    ]


def test_an_agent_and_what_it_is_part_of_do_not_differ(kg: KnowledgeGraph) -> None:
    one, two = struck("agentArg", "army"), struck("agentArg", "state")
    assert found(kg, Account(1, one), Account(2, two)) == []


def test_dates_that_cannot_both_hold_exclude_each_other(kg: KnowledgeGraph) -> None:
    one = Account(1, HAPPENED, date="XXXX-09-17")
    assert found(kg, one, Account(2, HAPPENED, who="Port", date="2031-09-18")) == [
        (
            *("dates exclude each other", "contradicts", 0.8),
            "The Port says this was on 2031-09-18, the Mayor on XXXX-09-17 (the strike).",
        )
    ]
    assert len(found(kg, Account(3, HAPPENED, date="2031-09"))) == 1


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        ("XXXX-09-17", "XXXX-09-18", True),
        ("XXXX-09-17", "2031-09-17", False),
        ("201X-09-17", "2031-09-17", True),
        ("2031-09", "2031-10-02", True),
        ("2031-09", "2031-09-30", False),
        ("2031-09-XX", "2031-09-30", False),
        ("2031-05-04/2031-05-06", "2031-05-05", False),
        ("2031-05-04/2031-05-06", "2031-05-07", True),
        ("2030-12-30/2031-01-02", "2031-01-03", True),
        ("2031-05-04/..", "2035", False),
        ("../2031-05-04", "2031-05-05", True),
        ("XXXX-09-12/XXXX-09-19", "XXXX-09-20", True),
        ("XXXX-12-30/XXXX-01-02", "XXXX-06-01", False),
        ("2031-21", "2031-11", False),
        ("2031-05-04T10:00:00Z", "2031-05-04", False),
        ("Y17000", "2031", True),
        ("-0044-03-15", "0044-03-15", True),
    ],
)
def test_a_date_excludes_only_what_it_states(one: str, other: str, excluded: bool) -> None:
    assert exclude(one, other) is excluded
    assert exclude(other, one) is excluded
    assert not exclude(one, one)


def test_two_outlets_with_nobody_in_common_corroborate_each_other(kg: KnowledgeGraph) -> None:
    assert found(kg, ONE.but(outlet="Gazette"), TWO.but(outlet="Herald")) == [
        (
            *("said independently", "corroborates", 0.7),
            "The Mayor and the Port say so without a common source: The strike happened.",
        )
    ]


@pytest.mark.parametrize(
    "other",
    [
        TWO.but(who="Mayor", outlet="Herald"),
        TWO.but(outlet="Gazette"),
        TWO.but(outlet="Herald", via="Agency"),
        TWO.but(outlet="Agency"),
    ],
    ids=["the same speaker", "the same outlet", "a common relay", "the relay itself"],
)
def test_with_somebody_in_common_there_is_no_corroboration(
    kg: KnowledgeGraph, other: Account
) -> None:
    assert found(kg, ONE.but(outlet="Gazette", via="Agency"), other) == []


def test_a_version_that_names_another_publisher_counts_for_those_stored_before(
    kg: KnowledgeGraph,
) -> None:
    independent = found(kg, ONE.but(outlet="Gazette"), TWO.but(outlet="Herald"))
    reprint = ONE.but(edition=1, says=EXACTLY_60, outlet="Herald")
    assert independent and found(kg, reprint) == []
    assert rebuilt(kg) == computed(kg)
    kg.retract(reprint.version)
    assert found(kg) == independent


@pytest.mark.parametrize(
    ("changes", "confidence"),
    [
        ({"kind": "ReportedBelief"}, 0.45),
        ({"kind": "ReportedDesire"}, 0),
        ({"certainty": "possible"}, 0.36),
        ({"temporality": "future"}, 0.32),
        ({"kind": "ReportedBelief", "certainty": "possible"}, 0),
    ],
)
def test_what_is_put_forward_less_firmly_contradicts_less(
    kg: KnowledgeGraph, changes: dict[str, str], confidence: float
) -> None:
    rows = found(kg, ONE, TWO.but(polarity="negative").but(**changes))
    assert [sure for _, _, sure, _ in rows] == ([confidence] if confidence else [])


def test_retracting_a_source_takes_what_was_found_along(kg: KnowledgeGraph) -> None:
    found(kg, ONE)
    before = computed(kg)
    assert found(kg, TWO.but(polarity="negative"))
    kg.retract(TWO.version)
    assert found(kg) == [] and computed(kg) == before


def test_of_many_who_say_the_same_the_first_are_heard_and_the_next_take_their_place(
    kg: KnowledgeGraph,
) -> None:
    denial = TWO.but(polarity="negative")
    many = [ONE.but(number=number, who=f"witness-{number}") for number in range(10, 30)]
    most = next(kind.voices for kind in kinds() if kind.name == "sides")
    denials = [row for row in found(kg, denial, *many) if row[0] == "affirmed and denied"]
    assert len(denials) == most < len(many)
    before = [each.number for each in many if heard(kg, each)]
    assert before == [each.number for each in many[:most]]
    kg.retract(many[0].version)
    after = [each.number for each in many if heard(kg, each)]
    assert after == [each.number for each in many[1 : most + 1]]
    assert rebuilt(kg) == computed(kg)


def heard(kg: KnowledgeGraph, account: Account) -> bool:
    return bool(kg.store.match(None, ASC.voice, NamedNode(BASE + account.statement)))


def rebuilt(kg: KnowledgeGraph) -> set[Quad]:
    """What is found when all is worked out anew."""
    kg.relate(anew=True)
    return computed(kg)


def test_a_new_name_changes_the_explanations_that_use_it(kg: KnowledgeGraph) -> None:
    found(kg, ONE, TWO.but(polarity="negative"))
    kg.update(
        'DELETE { ?a rdfs:label ?l } INSERT { ?a rdfs:label "the Harbour"@en } '
        'WHERE { ?a rdfs:label ?l FILTER (STR(?l) = "the Port") }'
    )
    ((_, _, _, words),) = found(kg)
    assert words.startswith("The Harbour denies")
    assert rebuilt(kg) == computed(kg)


# What people make of it


@pytest.fixture
def disputed(kg: KnowledgeGraph) -> KnowledgeGraph:
    """A graph with one contradiction found by rule."""
    found(kg, ONE, TWO.but(polarity="negative"))
    return kg


def the_assessment(kg: KnowledgeGraph) -> str:
    ((assessment,),) = kg.query("SELECT ?a { ?a asc:rule ?rule }").rows
    return str(assessment)


def test_a_rejected_candidate_is_rejected_still_when_it_is_found_again(
    disputed: KnowledgeGraph,
) -> None:
    kg = disputed
    assert len(kg.query("conflicts").rows) == len(kg.query("page_disagreements").rows) == 1
    made = kg.judge(the_assessment(kg), "rejected", "Ines Falk")
    assert (made.verdict, made.by) == ("rejected", "Ines Falk")
    for _ in range(2):
        assert not kg.query("conflicts").rows and not kg.query("page_disagreements").rows
        assert kg.query("found_by_rule").rows[0][4:6] == ("rejected", "Ines Falk")
        kg.retract(TWO.version)
        kg.relate(anew=True)
        found(kg, TWO.but(polarity="negative"))


def test_a_verdict_can_be_changed_and_withdrawn(disputed: KnowledgeGraph) -> None:
    kg = disputed
    kg.judge(the_assessment(kg), "rejected", "Ines Falk")
    kg.judge(the_assessment(kg), "confirmed", "Ada Lind")
    assert [row[8] for row in kg.query("conflicts").rows] == ["Ada Lind"]
    kg.judge(the_assessment(kg), "withdrawn", "Ada Lind")
    assert [row[8] for row in kg.query("conflicts").rows] == [None]
    assert not kg.store.match(graph=kg.graphs.judgements)


def test_a_judgement_goes_through_the_gate(disputed: KnowledgeGraph) -> None:
    with pytest.raises(Refused) as refused:
        disputed.judge(the_assessment(disputed), "rejected", " ")
    assert [each.rule for each in refused.value.report.results] == [
        "https://w3id.org/ascribe/shapes#Judgement-judgedBy"
    ]
    with pytest.raises(NotFound):
        disputed.judge("assessment/computed/none", "rejected", "Ines Falk")
    with pytest.raises(BadInput):
        disputed.judge(the_assessment(disputed), "doubted", "Ines Falk")


@pytest.mark.parametrize("form", [TRIG, NQUADS], ids=["TriG", "N-Quads"])
def test_judgements_are_exported_and_what_was_found_is_not(
    disputed: KnowledgeGraph, form: Format, tmp_path: Path
) -> None:
    disputed.judge(the_assessment(disputed), "rejected", "Ines Falk")
    output = io.BytesIO()
    disputed.export(output, form)
    assert b"assessment/computed/" in output.getvalue()
    assert b"asc:rule" not in output.getvalue() and b"ns#rule" not in output.getvalue()
    with graph.open() as other:
        for bundle in other.reader.read_all(output.getvalue(), form):
            other.add(bundle)
        assert computed(other) == computed(disputed)
        judgements = disputed.store.match(graph=disputed.graphs.judgements)
        assert set(other.store.match(graph=other.graphs.judgements)) == set(judgements)
        assert not other.query("conflicts").rows
        again = io.BytesIO()
        other.export(again, form)
        assert set(parse(again.getvalue(), form.rdf)) == set(parse(output.getvalue(), form.rdf))


def test_a_judgement_does_not_make_a_source_another_one(disputed: KnowledgeGraph) -> None:
    disputed.judge(the_assessment(disputed), "rejected", "Ines Falk")
    assert disputed.add(ONE.turtle(), form=TURTLE).state == "unchanged"


def test_nobody_writes_what_rules_find_by_hand(disputed: KnowledgeGraph) -> None:
    disputed.update("DELETE WHERE { ?a asc:rule ?rule }")
    assert found(disputed)
    with pytest.raises(BadInput, match="kept by the dataset"):
        disputed.add(
            ONE.turtle() + b"<assessment/1> asc:rule ascv:causesCompete .",
            form=TURTLE,
            replace=True,
        )


# Keeping


def test_a_restored_dataset_and_a_lost_store_find_the_same(tmp_path: Path) -> None:
    with open_dataset(create(tmp_path / "desk", BASE)) as kg:
        found(kg, ONE, TWO.but(polarity="negative"), Account(3, cause("fog")))
        kg.judge(the_assessment(kg), "confirmed", "Ines Falk")
        kg.retract(Account(3, cause("fog")).version)
        expected = computed(kg)
        assert kg.astray() == []
        kg.backup(tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")
    with open_dataset(tmp_path / "again") as kg:
        assert computed(kg) == expected and kg.astray() == []


def test_the_proof_finds_what_does_not_follow(tmp_path: Path) -> None:
    with open_dataset(create(tmp_path / "desk", BASE)) as kg:
        found(kg, ONE, TWO.but(polarity="negative"))
        some = next(iter(kg.store.match(graph=kg.graphs.relations)))
        kg.store.transact(remove=[some])
        assert kg.astray() == [f"only in the log: {some}"]
        kg.relate(anew=True)
        assert kg.astray() == []


def test_every_rule_is_a_concept_that_says_what_it_means() -> None:
    named = {rule.iri for kind in kinds() for rule in kind.rules}
    assert named == set(concepts("Rule").values())


def test_pages_say_what_a_rule_found_and_what_a_person_made_of_it(
    disputed: KnowledgeGraph,
) -> None:
    pages = create_web(disputed).test_client()
    found_by = 'Found by rule</a>: affirmed and denied, sure <span class="num">(0.9)</span>'
    home, statement = pages.get("/").text, pages.get("/" + ONE.statement).text
    assert found_by in home and found_by in statement
    assert "accounts disagree" in statement and "Judged</a>" not in statement
    disputed.judge(the_assessment(disputed), "rejected", "Ines <Falk>")
    home, statement = pages.get("/").text, pages.get("/" + ONE.statement).text
    assert "No two accounts are judged to disagree" in home
    assert "accounts disagree" not in statement
    assert "Rejected</b> by <bdi>Ines &lt;Falk&gt;</bdi>" in statement
