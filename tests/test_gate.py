"""The gate looks at the change and at what it touches, however it comes in."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import BASE, DIGEST, ROOT, river
from pyoxigraph import Literal, NamedNode, Quad

import graph
from graph.bundle import Bundle
from graph.errors import NotFound, Refused, StoreFault
from graph.formats import TURTLE
from graph.kg import KnowledgeGraph
from graph.vocab import ASC, PROV, RDF, RDFS, SKOS

CASES = ROOT / "tests" / "cases"
SPEAKER = NamedNode(BASE + "agent/valley-news-edef2d")


def changed(bundle: Bundle, old: str, new: str) -> Bundle:
    """A bundle with other words in its quads."""

    def in_term(term: object) -> object:
        if isinstance(term, NamedNode):
            return NamedNode(term.value.replace(old, new))
        if isinstance(term, Literal) and term.value == old:
            return Literal(new, language=term.language) if term.language else Literal(new)
        return term

    quads = frozenset(
        Quad(in_term(q.subject), q.predicate, in_term(q.object), q.graph_name)  # type: ignore[arg-type]
        for q in bundle.quads
    )
    assert quads != bundle.quads
    return Bundle(bundle.version, bundle.graphs, quads)


def less(bundle: Bundle, subject: str) -> Bundle:
    """A bundle that no longer says anything about a thing."""
    kept = frozenset(quad for quad in bundle.quads if subject not in str(quad.subject))
    assert kept != bundle.quads
    return Bundle(bundle.version, bundle.graphs, kept)


def state(kg: KnowledgeGraph) -> set[str]:
    return set(map(str, kg.store.match()))


def test_a_name_that_two_bundles_give_is_changed_in_both_at_once(desk: KnowledgeGraph) -> None:
    bundles = [desk.read(river(number), TURTLE) for number in (0, 1)]
    renamed = [changed(bundle, "Valley News", "Valley Daily News") for bundle in bundles]
    with pytest.raises(Refused) as refused:
        desk.writer.add(renamed[0], replace=True)
    assert any(SPEAKER.value in result.focus for result in refused.value.report.violations)
    receipts = desk.writer.write(renamed)
    assert [receipt.state for receipt in receipts] == ["replaced", "replaced"]
    labels = desk.store.match(SPEAKER, RDFS.label) + desk.store.match(SPEAKER, SKOS.prefLabel)
    assert {quad.object.value for quad in labels} == {"Valley Daily News"}


def test_a_name_that_one_bundle_gives_is_changed_with_it(kg: KnowledgeGraph) -> None:
    kg.add(river(), form=TURTLE)
    kg.writer.write([changed(kg.read(river(), TURTLE), "Valley News", "Valley Daily News")])
    assert [q.object.value for q in kg.store.match(SPEAKER, RDFS.label)] == ["Valley Daily News"]


def test_several_bundles_go_in_together_or_not_at_all(kg: KnowledgeGraph) -> None:
    before = state(kg)
    invalid = kg.read(CASES / "attribution" / "invalid-chain-goes-round.ttl")
    with pytest.raises(Refused):
        kg.writer.write([kg.read(river(1), TURTLE), kg.read(river(2), TURTLE), invalid])
    assert state(kg) == before
    assert len(kg.writer.write([kg.read(river(1), TURTLE), kg.read(river(2), TURTLE)])) == 2
    assert kg.stats()["sources"] == 2


def test_retracting_several_with_one_unknown_retracts_none(desk: KnowledgeGraph) -> None:
    before = state(desk)
    known = desk.read(river(), TURTLE).version
    with pytest.raises(NotFound):
        desk.writer.write(retract=[known, NamedNode(BASE + "doc/none/v/0000000000000000")])
    assert state(desk) == before


def related(kg: KnowledgeGraph) -> Bundle:
    """The second report, relating one of its statements to one of the first."""
    text = river(1).decode()
    ours = f"<statement/{1:012x}/259-284-097782af>"
    theirs = f"<statement/{DIGEST}/171-204-fd35b8fd>"
    text += f"""
        {ours} asc:contradicts {theirs} .
        <assessment/ours> a asc:RelationAssessment ; asc:subject {ours} ; asc:object {theirs} ;
            asc:relation asc:contradicts ; asc:basis ascv:inferred ; asc:confidence 0.9 ;
            asc:author <agent/ines-falk-0fd3f3> .
        """
    return kg.read(text.encode(), TURTLE)


def test_what_another_bundle_is_related_to_cannot_be_taken_away(desk: KnowledgeGraph) -> None:
    leaning = related(desk)
    desk.writer.add(leaning, replace=True)
    before = state(desk)
    first = desk.read(river(), TURTLE)
    with pytest.raises(Refused) as refused:
        desk.writer.retract(first.version)
    assert {result.focus for result in refused.value.report.violations} <= {
        BASE + "assessment/ours",
        f"{BASE}statement/{1:012x}/259-284-097782af",
    }
    with pytest.raises(Refused):
        desk.writer.write([less(first, "171-204-fd35b8fd")])
    assert state(desk) == before
    assert len(desk.writer.write(retract=[first.version, leaning.version])) == 2


def test_agents_that_would_be_part_of_each_other_are_seen_across_bundles(
    kg: KnowledgeGraph,
) -> None:
    def with_part(number: int, part: str, whole: str) -> bytes:
        return (
            river(number)
            + "".join(
                f'<agent/{name}> a asc:Organization ; rdfs:label "{name}"@en .\n' for name in part
            ).encode()
            + f"<agent/{part}> asc:partOfAgent <agent/{whole}> .\n".encode()
        )

    kg.add(with_part(1, "c", "valley-news-edef2d"), form=TURTLE)
    kg.add(with_part(2, "b", "c"), form=TURTLE)
    with pytest.raises(Refused) as refused:
        kg.add(river(3) + b"<agent/valley-news-edef2d> asc:partOfAgent <agent/b> .", form=TURTLE)
    assert any("acyclic" in result.rule for result in refused.value.report.violations)


def test_each_write_says_when_with_what_and_on_whose_word(desk: KnowledgeGraph) -> None:
    receipt = desk.add(river(2), form=TURTLE, by="ines")
    version = NamedNode(receipt.bundle)
    [made] = desk.store.match(version, PROV.wasGeneratedBy, None, desk.graphs.catalog)
    about = {q.predicate: q.object for q in desk.store.match(made.object)}  # type: ignore[arg-type]
    assert about[RDF.type] == PROV.Activity and about[PROV.used] == version
    assert about[ASC.toolVersion].value == graph.__version__
    [name] = desk.store.match(about[PROV.wasAssociatedWith], RDFS.label)
    assert name.object.value == "ines"
    gone = desk.retract(receipt.bundle)
    [left] = desk.store.match(version, PROV.wasInvalidatedBy)
    assert left.object == NamedNode(f"{BASE}write/{gone.revision}")


def test_a_clock_that_goes_back_does_not_turn_history_round(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    times = iter(datetime(2031, 5, 4, tzinfo=UTC) - timedelta(days=day) for day in range(9))
    for number in (1, 2):
        with graph.open(folder, clock=lambda: next(times)) as kg:
            kg.add(river(number * 10), form=TURTLE)
            kg.add(river(number * 10 + 1), form=TURTLE)
            recorded = [(write.revision, write.at) for write in kg.history()]
    assert recorded == sorted(recorded)
    assert len({at for _, at in recorded}) == 1


def test_writers_that_wait_share_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []
    real = os.fsync
    with graph.open(graph.create(tmp_path / "desk")) as kg:
        bundles = [kg.read(river(number), TURTLE) for number in range(1, 17)]
        with kg.writer.alone():  # the others queue up behind this
            threads = [threading.Thread(target=kg.writer.add, args=(each,)) for each in bundles]
            monkeypatch.setattr(os, "fsync", lambda file: (syncs.append(file), real(file))[1])
            for thread in threads:
                thread.start()
        for thread in threads:
            thread.join()
        assert kg.stats()["sources"] == len(bundles) == kg.writer.revision()
        assert [write.revision for write in kg.history()] == [*range(1, len(bundles) + 1)]
    assert 0 < len(syncs) < len(bundles)


def test_a_group_that_cannot_be_logged_fails_for_all_in_it(tmp_path: Path) -> None:
    with graph.open(graph.create(tmp_path / "desk")) as kg:
        kg.add(river(1), form=TURTLE)
        before = state(kg)
        faults: list[Exception] = []

        def add(number: int) -> None:
            try:
                kg.add(river(number), form=TURTLE)
            except StoreFault as fault:
                faults.append(fault)

        log = tmp_path / "desk" / "journal.log"
        log.rename(log.with_suffix(".away"))
        log.mkdir()
        threads = [threading.Thread(target=add, args=(number,)) for number in range(2, 8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log.rmdir()
        log.with_suffix(".away").rename(log)
        assert len(faults) == 6 and state(kg) == before
        assert kg.add(river(9), form=TURTLE).revision == 2
