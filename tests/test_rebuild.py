"""Nothing is lost by a later write: the log rebuilds the store quad for quad, also as it was.

`ASCRIBE_WRITES=1000 pytest -s tests/test_rebuild.py` is the run of a thousand writes.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import suppress
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from accounts import AT_MOST_45, EXACTLY_60, HAPPENED, MORE_THAN_60, Account, cause, struck
from conftest import BASE
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, Store

from graph.errors import Conflict, NotFound, Refused
from graph.formats import TURTLE
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.restore import restore
from graph.vocab import ASC

WRITES = int(os.environ.get("ASCRIBE_WRITES", "0"))

SAID = (MORE_THAN_60, EXACTLY_60, AT_MOST_45, HAPPENED, cause("fog"), struck("agentArg", "army"))
ACCOUNTS = [
    Account(number, says, who, polarity=polarity, outlet=outlet, via=via)
    for number, says, who, polarity, outlet, via in product(
        range(1, 9),
        SAID,
        ("Mayor", "Port"),
        ("positive", "negative"),
        ("", "Gazette"),
        ("", "Agency", "Herald"),
    )
]
AGENTS = ("agent/Mayor", "agent/Port", "agent/army", "agent/state", "agent/Agency", "agent/Herald")
EVENTS = ("event/strike", "event/fog", "event/error")
PAIRS = [
    pair for names in (AGENTS, EVENTS) for pair in product(names, repeat=2) if pair[0] != pair[1]
]
RENAME = """
DELETE { ?a rdfs:label ?old } INSERT { ?a rdfs:label "%s"@en }
WHERE { ?a a asc:Agent ; rdfs:label ?old FILTER (STR(?a) = "%sagent/Port") }
"""
CONFIRMED = """
SELECT ?s ?o { ?a a asc:IdentityAssessment ; asc:subject ?s ; asc:object ?o .
  ?j asc:judged ?a ; asc:verdict ascv:confirmed } ORDER BY ?a
"""

Step = tuple[str, Any]
accounts = st.sampled_from(ACCOUNTS)
steps: st.SearchStrategy[Step] = st.one_of(
    *(st.tuples(st.just("put"), accounts) for _ in range(4)),
    st.tuples(st.just("retract"), st.integers(0, 7)),
    st.tuples(st.just("judge"), st.sampled_from(("confirmed", "rejected", "withdrawn"))),
    *(st.tuples(st.just("merge"), st.sampled_from(PAIRS)) for _ in range(2)),
    st.tuples(st.just("part"), st.integers(0, 3)),
    st.tuples(st.just("rename"), st.sampled_from(("the Port", "the Harbour"))),
)
EACH: list[Step] = [
    ("put", ACCOUNTS[0]),
    ("put", ACCOUNTS[-1]),
    ("merge", ("agent/Mayor", "agent/Port")),
    ("put", ACCOUNTS[100]),
    ("rename", "the Harbour"),
    ("merge", ("event/fog", "event/strike")),
    ("judge", "rejected"),
    ("part", 1),
    ("put", ACCOUNTS[50]),
    ("retract", 0),
]


def take(kg: KnowledgeGraph, act: str, what: Any) -> None:
    """One step, where it can be taken."""
    if act == "put":
        with suppress(Refused):  # it names the port otherwise than the others do now
            kg.add(what.turtle(), form=TURTLE, replace=True)
    elif act == "retract":
        found = kg.query("SELECT ?v { ?v a prov:Bundle } ORDER BY ?v").rows
        if found:
            kg.retract(found[what % len(found)][0])
    elif act == "judge":
        for (assessment,) in kg.query("SELECT ?a { ?a a asc:Assessment } ORDER BY ?a").rows[:1]:
            kg.judge(assessment, what, "Ines Falk")
    elif act == "merge":
        with suppress(NotFound, Conflict):
            kg.merge(*what, "Ines Falk")
    elif act == "part":
        for ends in kg.query(CONFIRMED).rows[what : what + 1]:
            kg.part(*ends, "Ines Falk")
    else:
        kg.update(RENAME % (what, BASE))


@given(st.lists(steps, min_size=WRITES or 15, max_size=WRITES or 15))
@settings(
    max_examples=2,
    phases=[Phase.generate] if WRITES else [Phase.explicit, Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@example(EACH)
def test_the_log_rebuilds_the_store_quad_for_quad(plan: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        desk = create(Path(folder, "desk"), BASE)
        with open_dataset(desk) as kg:
            states = {}
            for step, (act, what) in enumerate(plan):
                take(kg, act, what)
                if step % (WRITES // 8 or 1) == 0:
                    states[kg.revision()] = comparable(kg)
            acts = Counter(write.act for write in kg.history())
            sys.stdout.write(f"{acts.total():,} writes: {dict(acts)}\n")
            assert kg.prove().faults == []
            assert {*kg.stated.match()} - derived(kg) == replayed(kg)
            there = comparable(kg)
            for revision in sorted(states)[-2::-4]:
                with kg.as_of(revision) as past:
                    assert comparable(past) == states[revision], revision
            kg.backup(Path(folder, "backup"))
        restore(Path(folder, "backup"), Path(folder, "restored"))
        with open_dataset(Path(folder, "restored")) as again:
            assert comparable(again) == there


def replayed(kg: KnowledgeGraph) -> set[Quad]:
    """What the lines of the log come to, added and removed one after the other."""
    plain = Store()
    for write in kg.history():
        for quad in write.removed:
            plain.remove(quad)
        plain.extend(write.added)
    return {quad for quad in plain if quad.predicate != ASC.revision}


def derived(kg: KnowledgeGraph) -> set[Quad]:
    """What is not logged: what rules find, the ontology, and the numbers of writes."""
    graphs = kg.graphs
    return {
        quad
        for quad in kg.stated.match()
        if quad.graph_name in (graphs.relations, graphs.ontology)
        or str(quad.graph_name).endswith("/related>")
        or quad.subject == graphs.ontology
        or quad.predicate == ASC.revision
    }


def comparable(kg: KnowledgeGraph) -> set[Quad]:
    """All that is stored but the numbers of past writes, of which the latest counts."""
    return {quad for quad in kg.store.match() if quad.predicate != ASC.revision}
