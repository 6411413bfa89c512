"""What a bulk load remembers of the store is what the store says."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from conftest import BASE, ROOT
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

import graph
from graph.bulk.recall import Recall, first_said
from graph.bundle import Bundle
from graph.formats import NQUADS, TRIG, dumps
from graph.overlay import Overlay
from graph.store.oxigraph import OxigraphStore
from graph.surroundings import Questions, answers, questions_of, said
from graph.vocab import ASC, RDF, RDFS

EXAMPLES = sorted((ROOT / "examples").glob("*.trig"))


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    with graph.open() as kg:
        return [kg.read(path.read_bytes(), TRIG) for path in EXAMPLES]


def wholes(number: int) -> tuple[NamedNode, NamedNode]:
    return NamedNode(f"{BASE}agent/whole-{number}"), NamedNode(f"{BASE}agent/whole-{number + 1}")


def shared(bundle: Bundle, number: int) -> Iterator[Quad]:
    """What a bundle brings to shared graphs, some of it said and some typed by this one only."""
    graphs = bundle.graphs
    yield from (quad for quad in bundle.quads if quad.graph_name in graphs.shared)
    for node in bundle.shared:
        yield Quad(node, RDFS.comment, Literal(f"said {number}"), graphs.entities)
        yield Quad(node, RDF.type, NamedNode(f"{BASE}class/{number}"), graphs.entities)
    yield Quad(bundle.version, RDF.type, ASC.DocumentVersion, bundle.version)
    if number % 3 != 2:
        part, whole = wholes(number)
        yield Quad(part, ASC.partOfAgent, whole, graphs.entities)


def some_questions(bundles: list[Bundle], dice: random.Random) -> list[Questions]:
    """What each bundle asks, and less, so that an answer hangs on few things."""
    nodes = sorted({node for each in bundles for node in (*each.shared, each.version)}, key=str)
    agents = [agent for number in range(len(bundles)) for agent in wholes(number)]
    named = [Questions(frozenset(), frozenset([each]), frozenset()) for each in nodes]
    parts = [Questions(frozenset(), frozenset(), frozenset([each])) for each in agents]
    return [*map(questions_of, bundles), *dice.sample(named, 40), *parts]


def of_one(bundles: list[Bundle]) -> list[Questions]:
    nodes = {node for each in bundles for node in each.shared}
    return [Questions(frozenset([node]), frozenset(), frozenset()) for node in nodes]


@pytest.mark.parametrize("order", range(3))
def test_what_is_remembered_is_what_the_store_says(bundles: list[Bundle], order: int) -> None:
    dice = random.Random(order)
    store = OxigraphStore.in_memory()
    view, graphs = Overlay(store, []), bundles[0].graphs
    recall = Recall(view, graphs)
    questions, alone = some_questions(bundles, dice), dice.sample(of_one(bundles), 60)
    told: dict[int, tuple[int, set[Quad]]] = {}
    changed, told_first, told_again = 0, 0, 0
    for number, bundle in enumerate(dice.sample(bundles, len(bundles))):
        asked = questions_of(bundle)
        stored = recall.answers(asked).splitlines(keepends=True)
        unheard = {node for node in asked.described if not any(said(view, graphs, node))}
        new = {quad for quad in shared(bundle, number) if not any(store.find(*quad))}
        store.transact(new)
        new = {quad for quad in new if quad.graph_name in graphs.shared}
        lines = dict(zip(dumps(new, NQUADS).splitlines(keepends=True), new, strict=True))
        told_of = {line: quad for line, quad in lines.items() if quad.subject in asked.described}
        described = {quad.subject for quad in told_of.values()}
        assert first_said(told_of, stored) == described & unheard
        told_first += len(described & unheard)
        told_again += len(described - unheard)
        recall.come(lines, bundle.version)
        if dice.random() < 0.3:  # the store takes what the load does not tell
            store.transact(bundle.quads)
            recall.come_to_the_store()
        if dice.random() < 0.2:  # somebody else writes
            node = dice.choice(sorted(bundle.shared, key=str))
            store.transact([Quad(node, RDF.type, ASC.Event, graphs.entities)])
            recall.come_from_elsewhere()
        for each, asked in enumerate(questions):
            now = {*parse(recall.answers(asked), RdfFormat.N_QUADS)}
            assert now == answers(view, graphs, asked)
            before, then = told.get(each, (0, set()))
            assert now == then or recall.is_other(asked, before)
            changed += now != then
            told[each] = recall.step, now
        for asked in alone:
            assert {*parse(recall.answers(asked), RdfFormat.N_QUADS)} == answers(
                view, graphs, asked
            )
    assert told_first and told_again
    assert changed > 2 * len(bundles)  # or nothing was asked that mattered
