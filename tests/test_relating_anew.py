"""Whatever is written in whatever order: what is found as writes come is what is found anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from accounts import (
    AT_MOST_45,
    EXACTLY_60,
    HAPPENED,
    MORE_THAN_60,
    Account,
    cause,
    struck,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_bulk import load
from test_relating import computed, rebuilt

import graph
from graph.errors import Refused
from graph.formats import TURTLE
from graph.kg import KnowledgeGraph
from graph.relating import book, rules
from graph.vocab import ASC

CONTENTS = (
    *(MORE_THAN_60, EXACTLY_60, AT_MOST_45, HAPPENED, cause("fog"), cause("error")),
    *(struck("agentArg", "army"), struck("agentArg", "state"), struck("patientArg", "rebels")),
)

accounts = st.builds(
    Account,
    number=st.integers(1, 7),
    says=st.sampled_from(CONTENTS),
    who=st.sampled_from(["Mayor", "Port"]),
    kind=st.sampled_from(["IndirectSpeech", "ReportedBelief", "ReportedDesire"]),
    polarity=st.sampled_from(["positive", "negative"]),
    outlet=st.sampled_from(["", "Gazette", "Herald"]),
    via=st.sampled_from(["", "Agency", "Gazette"]),
    date=st.sampled_from(["", "", "2031-09-17", "XXXX-09-18"]),
    edition=st.sampled_from([0, 0, 1]),
)
RENAME = """
DELETE { ?a rdfs:label ?old } INSERT { ?a rdfs:label "%s"@en }
WHERE { ?a a asc:Agent ; rdfs:label ?old FILTER (STR(?a) = "http://127.0.0.1:8000/agent/Port") }
"""
steps = st.one_of(
    st.tuples(st.just("put"), accounts),
    st.tuples(st.just("put"), accounts),
    st.tuples(st.just("retract"), st.integers(1, 7)),
    st.tuples(st.just("judge"), st.sampled_from(["confirmed", "rejected", "withdrawn"])),
    st.tuples(st.just("rename"), st.sampled_from(["the Port", "the Harbour"])),
)


@pytest.fixture(scope="module", autouse=True)
def few_are_heard() -> Iterator[None]:
    """Two answers and two voices each, so that questions are soon crowded."""
    few = tuple(replace(each, positions=2, voices=2) for each in rules.kinds())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "kinds", lambda: few)
        patch.setattr(book, "kinds", lambda: few)
        yield


@given(st.lists(steps, max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_found_as_writes_come_is_what_is_found_anew(
    plan: list[tuple[str, object]],
) -> None:
    with graph.open() as kg:
        made: dict[str, str] = {}
        for act, what in plan:
            take(kg, act, what, made)
        there = computed(kg)
        assert there == rebuilt(kg)
        assert verdicts(kg) == made


@pytest.mark.parametrize("leaving", [1, 2, 3, 4])
def test_whoever_leaves_a_crowded_question_it_is_as_if_he_had_never_come(leaving: int) -> None:
    with graph.open() as kg:
        versions = [
            kg.add(Account(number, EXACTLY_60).turtle(), form=TURTLE).bundle
            for number in range(1, 5)
        ]
        assert kg.store.match(None, ASC.crowdedAt)
        for version in (versions[leaving - 1], versions[leaving % 4]):
            kg.retract(version)
            there = computed(kg)
            assert there == rebuilt(kg)


def take(kg: KnowledgeGraph, act: str, what: object, made: dict[str, str]) -> None:
    """One step, where it can be taken."""
    stored = {row[0] for row in kg.query("SELECT ?v { ?v asc:bundleDigest ?d ; a prov:Bundle }")}
    if isinstance(what, Account):
        with suppress(Refused):  # it names the port otherwise than the others do now
            kg.add(what.turtle(), form=TURTLE, replace=True)
    elif act == "retract":
        version = next((v for v in sorted(stored) if f"/account-{what}/" in v), None)
        if version:
            kg.retract(version)
    elif act == "judge":
        found = sorted(row[0] for row in kg.query("SELECT ?a { ?a asc:rule ?rule }"))
        for assessment in found[:1]:
            kg.judge(assessment, str(what), "Ines Falk")
            made[assessment] = str(what)
            if what == "withdrawn":
                del made[assessment]
    else:
        kg.update(RENAME % what)


def verdicts(kg: KnowledgeGraph) -> dict[str, str]:
    """What was judged, by assessment."""
    rows = kg.query("SELECT ?a ?v { ?j asc:judged ?a ; asc:verdict ?v }").rows
    return {a: v.rpartition("#")[2] for a, v in rows}


@pytest.mark.parametrize("in_bulk", [False, True])
def test_a_changed_description_is_followed_where_others_name_the_thing(
    in_bulk: bool, tmp_path: Path
) -> None:
    with graph.open() as kg:
        kg.add(Account(1, struck("agentArg", "army")).turtle(), form=TURTLE)
        kg.add(Account(2, struck("agentArg", "rebels"), who="Port").turtle(), form=TURTLE)
        differing = computed(kg)
        added = b"<agent/rebels> asc:partOfAgent <agent/army> ."
        other = Account(3, HAPPENED, who="witness").turtle() + added
        (tmp_path / "other.ttl").write_bytes(other)
        if in_bulk:
            assert all(o.receipt for o in load(kg, tmp_path / "other.ttl"))
        else:
            kg.add(tmp_path / "other.ttl")
        there = computed(kg)
        assert differing - there and there == rebuilt(kg)
