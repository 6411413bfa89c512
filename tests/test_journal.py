"""The log of writes: what was acknowledged is there, whatever happened since."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import EXAMPLE, ROOT
from pyoxigraph import Literal, NamedNode, Quad

import graph
from graph.errors import StoreFault
from graph.formats import NQUADS, dumps
from graph.journal import Journal, Write
from graph.kg import KnowledgeGraph

VALID = ROOT / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
NODE = NamedNode("http://e/é")


def write(revision: int, text: str = "x") -> Write:
    coming = dumps([Quad(NODE, NODE, Literal(text), NODE)], NQUADS)
    return Write(revision, "2026-01-01T00:00:00Z", "added", "http://e/b", "desk", coming)


def logged(path: Path, count: int) -> Journal:
    journal = Journal(path)
    for number in range(1, count + 1):
        with journal.entries([write(number, f"line\nbreak {number}")]):
            pass
    return journal


def quads_of(folder: Path) -> set[str]:
    with graph.open(folder) as kg:
        return {str(quad) for quad in kg.store.match()}


def test_writes_come_back_in_order_and_whole(tmp_path: Path) -> None:
    logged(tmp_path / "log", 5)
    again = Journal(tmp_path / "log")
    assert [each.revision for each in again.writes()] == [1, 2, 3, 4, 5]
    assert next(again.writes(after=3)) == write(4, "line\nbreak 4")
    assert list(again.writes(after=5)) == []


def test_a_log_cut_at_any_byte_of_its_last_line_loses_that_line_only(tmp_path: Path) -> None:
    logged(tmp_path / "log", 3)
    whole = (tmp_path / "log").read_bytes()
    second_ends = len(whole) - len(whole.splitlines(keepends=True)[-1])
    for length in range(second_ends, len(whole)):
        cut = tmp_path / "cut"
        cut.write_bytes(whole[:length])
        assert [each.revision for each in Journal(cut).writes()] == [1, 2], length
        with (journal := Journal(cut)).entries([write(3)]):
            pass
        assert [each.revision for each in journal.writes()] == [1, 2, 3], length


def test_a_line_damaged_in_the_middle_is_named_and_not_skipped(tmp_path: Path) -> None:
    logged(tmp_path / "log", 3)
    lines = (tmp_path / "log").read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"break", b"BREAK")
    (tmp_path / "log").write_bytes(b"".join(lines))
    with pytest.raises(StoreFault, match="damaged line"):
        list(Journal(tmp_path / "log").writes())


def test_a_commit_that_fails_takes_its_line_back(tmp_path: Path) -> None:
    journal = logged(tmp_path / "log", 2)
    with pytest.raises(RuntimeError), journal.entries([write(3)]):
        raise RuntimeError("the store refused")
    assert [each.revision for each in journal.writes()] == [1, 2]
    assert [each.revision for each in Journal(tmp_path / "log").writes()] == [1, 2]


def test_a_store_that_is_behind_catches_up_when_it_is_opened(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    with graph.open(folder) as kg:
        kg.add(VALID)
    shutil.copytree(folder / "store", tmp_path / "before")
    with graph.open(folder) as kg:
        kg.add(EXAMPLE)
        version = kg.read(VALID).version.value
        kg.retract(version)
    expected = quads_of(folder)
    shutil.rmtree(folder / "store")
    shutil.move(tmp_path / "before", folder / "store")
    assert quads_of(folder) == expected


def test_the_log_alone_rebuilds_the_store(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    with graph.open(folder) as kg:
        kg.add(VALID)
        kg.add(EXAMPLE)
        kg.retract(kg.read(VALID).version.value)
        kg.add(VALID)
    expected = quads_of(folder)
    shutil.rmtree(folder / "store")
    assert quads_of(folder) == expected


def test_the_log_says_who_asked(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    with graph.open(folder) as kg:
        kg.add(VALID, by="desk-editor")
    found = [(each.act, each.by) for each in Journal(folder / "journal.log").writes()]
    assert found == [("added", "desk-editor")]


def test_a_text_that_comes_later_is_checked_and_keeps_the_record_times(tmp_path: Path) -> None:
    river = ROOT / "tests" / "cases" / "river.txt"
    folder = graph.create(tmp_path / "desk")
    with graph.open(folder) as kg:
        kg.add(VALID)
        stamps = kg.query("SELECT ?s ?t { ?s prov:generatedAtTime ?t } ORDER BY ?s").rows
        receipt = kg.add(VALID, text=river.read_bytes())
        assert receipt.state == "replaced" and receipt.quotes_checked > 0
        assert kg.query("SELECT ?s ?t { ?s prov:generatedAtTime ?t } ORDER BY ?s").rows == stamps
        assert kg.add(VALID, text=river.read_bytes()).state == "unchanged"


CLIENT = """
import sys, graph
folder, bundle = sys.argv[1:]
with graph.open(folder) as kg:
    bundle = kg.read(bundle)
    while True:
        print(kg.writer.add(bundle).revision, flush=True)
        print(kg.writer.retract(bundle.version).revision, flush=True)
"""
KILLS = int(os.environ.get("ASCRIBE_KILLS", "6"))


def test_killed_at_random_moments_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    acknowledged, chance = 0, random.Random(20261122)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(folder), str(VALID)],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout
        acknowledged = int(process.stdout.readline())
        time.sleep(chance.random() * 0.5)
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].splitlines()
        acknowledged = max([acknowledged, *(int(line) for line in rest if line)])
        with graph.open(folder) as kg:
            assert kg.writer.revision() in (acknowledged, acknowledged + 1)
            is_there = kg.writer.revision() % 2 == 1
            assert kg.stats()["sources"] == is_there
            assert bool(kg.query("ASK { ?s a asc:Statement }").rows[0][0]) == is_there
            if is_there:  # the next client begins by adding
                kg.retract(kg.read(VALID).version.value)


FULL = """
import resource, signal, sys, graph
from graph.errors import StoreFault
with graph.open(sys.argv[1]) as kg:
    before = kg.writer.revision()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    try:
        kg.add(sys.argv[2])
    except StoreFault as fault:
        print(fault)
    assert kg.writer.revision() == before
    assert not kg.query("ASK { ?s a asc:Statement }").rows[0][0]
"""


def test_on_a_full_disk_the_write_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), str(VALID)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "was not logged, so nothing was stored" in run.stdout
    with graph.open(folder) as kg:
        assert kg.add(VALID).state == "added", "once there is room again"


def test_memory_needs_no_log(kg: KnowledgeGraph) -> None:
    assert kg.add(VALID).revision == 1
    assert kg.writer.catch_up() == 0
