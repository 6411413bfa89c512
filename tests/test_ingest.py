"""The one write path: what is refused changes nothing, what is kept can be undone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import EXAMPLE, RIVER, ROOT

import graph
from graph.bundle import Bundle
from graph.errors import Conflict, Gone, NotFound, PreconditionFailed, Refused, StoreFault
from graph.formats import NQUADS
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import ASC, PROV

CASES = ROOT / "tests" / "cases"
VALID = CASES / "bundle" / "valid-river-report.ttl"
INVALID = CASES / "attribution" / "invalid-chain-goes-round.ttl"


def quads_of(kg: KnowledgeGraph) -> set[str]:
    return {str(quad) for quad in kg.store.match() if "graph/catalog" not in str(quad.graph_name)}


def without(bundle: Bundle, words: str) -> Bundle:
    """The bundle less the quads that name `words`."""
    kept = frozenset(quad for quad in bundle.quads if words not in str(quad))
    assert kept != bundle.quads
    return Bundle(bundle.version, bundle.graphs, kept, bundle.origin)


def test_a_bundle_is_kept_with_a_receipt(kg: KnowledgeGraph) -> None:
    receipt = kg.add(VALID, text=RIVER.read_bytes())
    assert receipt.state == "added" and receipt.revision == 1
    assert receipt.statements == kg.stats()["statements"] > 0
    assert receipt.quotes_checked > 0 == receipt.quotes_unchecked


def test_the_same_bundle_twice_is_one_bundle(kg: KnowledgeGraph) -> None:
    first = kg.add(VALID)
    before = quads_of(kg)
    again = kg.add(VALID)
    assert again.state == "unchanged"
    assert (again.digest, again.revision) == (first.digest, first.revision)
    assert quads_of(kg) == before


def test_a_refused_bundle_changes_nothing(kg: KnowledgeGraph) -> None:
    before = set(map(str, kg.store.match()))
    with pytest.raises(Refused) as refused:
        kg.add(INVALID)
    assert refused.value.report.violations
    assert set(map(str, kg.store.match())) == before


def test_words_that_are_not_in_the_text_are_refused(kg: KnowledgeGraph) -> None:
    other = RIVER.read_bytes().replace(b"Mayor", b"Major")
    with pytest.raises(Refused) as refused:
        kg.add(VALID, text=other)
    rules = {result.rule.rpartition("#")[2] for result in refused.value.report.violations}
    assert rules == {"DocumentVersion-digest"}


def test_without_the_text_quotes_count_as_unchecked(kg: KnowledgeGraph) -> None:
    receipt = kg.add(VALID)
    assert receipt.quotes_checked == 0 < receipt.quotes_unchecked
    assert not kg.store.match(None, ASC.verbatim)


def test_with_the_text_the_checker_marks_statements_verbatim(kg: KnowledgeGraph) -> None:
    receipt = kg.add(VALID, text=RIVER.read_bytes())
    marked = {quad.subject for quad in kg.store.match(None, ASC.verbatim)}
    assert len(marked) == receipt.statements


def test_the_archived_text_is_used_again_and_never_exported(
    tmp_path: Path, kg: KnowledgeGraph
) -> None:
    kg.add(VALID, text=RIVER.read_bytes())
    assert kg.validate(VALID).quotes_unchecked == 0
    dump = tmp_path / "dump.nq"
    with dump.open("wb") as output:
        kg.export(output, NQUADS)
    text = dump.read_text("utf-8")
    assert "Nobody was told to leave" in text, "quotes are exported"
    assert "We watch them day and night.\\n\\nSource" not in text, "the text is not"


def test_derived_facts_are_kept_apart_and_not_exported(tmp_path: Path, kg: KnowledgeGraph) -> None:
    kg.add(VALID)
    derived = {ASC.speaker, ASC.relay, ASC.chainDepth}
    graphs = {
        quad.graph_name.value  # type: ignore[union-attr]
        for predicate in derived
        for quad in kg.store.match(None, predicate)
        if "statement/" in str(quad.subject)
    }
    assert graphs and all(name.endswith("/entailed") for name in graphs)
    dump = tmp_path / "dump.nq"
    with dump.open("wb") as output:
        kg.export(output, NQUADS)
    assert "ns#speaker>" not in dump.read_text("utf-8")


def test_each_triple_stands_in_one_graph_only(kg: KnowledgeGraph) -> None:
    """Oxigraph's union gives a triple twice that two graphs hold, and counts go wrong."""
    kg.add(VALID)
    kg.add(EXAMPLE)
    triples = [quad.triple for quad in kg.store.match()]
    assert len(triples) == len(set(triples))


def test_retracting_undoes_adding(kg: KnowledgeGraph) -> None:
    kg.add(EXAMPLE)
    before = quads_of(kg)
    version = kg.add(VALID).bundle
    receipt = kg.retract(version)
    assert receipt.state == "retracted"
    assert quads_of(kg) == before


def test_what_was_retracted_is_gone_and_can_come_back(kg: KnowledgeGraph) -> None:
    version = kg.add(VALID).bundle
    full = quads_of(kg)
    kg.retract(version)
    with pytest.raises(Gone, match="was retracted on 2026"):
        kg.retract(version)
    assert kg.add(VALID).state == "added"
    assert quads_of(kg) == full


def test_retracting_what_was_never_there_says_so(kg: KnowledgeGraph) -> None:
    with pytest.raises(NotFound, match="No bundle"):
        kg.retract("doc/none/v/0")


def test_another_content_needs_replace(kg: KnowledgeGraph) -> None:
    bundle = kg.read(EXAMPLE)
    changed = without(bundle, "#emendation")
    kg.add(bundle)
    with pytest.raises(Conflict, match="--replace"):
        kg.add(changed)
    assert kg.add(changed, replace=True).state == "replaced"
    assert not kg.store.match(None, ASC.emendation)


def test_replacing_leaves_nothing_of_the_old_behind(kg: KnowledgeGraph) -> None:
    bundle = kg.read(EXAMPLE)
    changed = without(bundle, "#emendation")
    kg.add(changed)
    only = quads_of(kg)
    kg.retract(bundle.version.value)
    kg.add(bundle)
    kg.add(changed, replace=True)
    assert quads_of(kg) == only


def test_if_match_protects_a_replace(kg: KnowledgeGraph) -> None:
    bundle = kg.read(EXAMPLE)
    receipt = kg.add(bundle)
    changed = without(bundle, "#emendation")
    with pytest.raises(PreconditionFailed, match="has changed"):
        kg.add(changed, replace=True, if_match="0" * 64)
    assert kg.add(changed, replace=True, if_match=receipt.digest).state == "replaced"


def test_statements_are_stamped_with_the_record_time_once() -> None:
    times = iter([datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 20)])
    with KnowledgeGraph(Settings(), clock=lambda: next(times)) as kg:
        kg.add(VALID)
        stamps = kg.store.match(None, PROV.generatedAtTime)
        assert len({str(quad.object) for quad in stamps}) == 1
        kg.add(VALID)
        assert kg.store.match(None, PROV.generatedAtTime) == stamps


def test_writes_from_many_threads_are_all_counted(kg: KnowledgeGraph) -> None:
    files = sorted(CASES.glob("*/valid-*.ttl"))[:6]
    states: list[str] = []

    def write(path: Path) -> None:
        try:
            states.append(kg.add(path, replace=True).state)
        except Refused:
            states.append("refused")

    threads = [threading.Thread(target=write, args=(path,)) for path in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    changes = [state for state in states if state in ("added", "replaced")]
    assert len(states) == len(files)
    assert kg.writer.revision() == len(changes)
    assert kg.stats()["sources"] == 1


def test_a_folder_keeps_its_data_and_its_base(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk", "https://claims.example.org/")
    with graph.open(folder) as kg:
        receipt = kg.add(VALID)
    assert receipt.bundle.startswith("https://claims.example.org/doc/")
    with graph.open(folder, read_only=True) as kg:
        assert kg.stats()["statements"] == receipt.statements


def test_a_folder_that_is_no_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="ascribe init"):
        graph.open(tmp_path)


def test_a_dataset_in_use_says_so(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    with graph.open(folder), pytest.raises(StoreFault, match="in use"):
        graph.open(folder)


@pytest.mark.parametrize("base", ["ftp://example.org/", "https://example.org/x", "nonsense"])
def test_a_base_that_cannot_serve_is_refused(tmp_path: Path, base: str) -> None:
    with pytest.raises(graph.GraphError, match="ends in a slash"):
        graph.create(tmp_path / "desk", base)
