"""The log of writes: what was acknowledged is there, whatever happened since."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import EXAMPLE, ROOT
from pyoxigraph import Literal, NamedNode, Quad

import graph
from graph.errors import Gone, StoreFault
from graph.formats import NQUADS, TURTLE, dumps
from graph.journal import Journal, Write
from graph.kg import KnowledgeGraph
from graph.relating import Relator
from graph.settings import Settings
from graph.store.oxigraph import OxigraphStore

VALID = ROOT / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
NODE = NamedNode("http://e/é")


def write(revision: int, text: str = "x") -> Write:
    coming = dumps([Quad(NODE, NODE, Literal(text), NODE)], NQUADS)
    return Write(revision, "2026-01-01T00:00:00Z", "added", "http://e/b", "desk", coming)


def logged(path: Path, count: int) -> Journal:
    journal = Journal(path)
    for number in range(1, count + 1):
        journal.append([write(number, f"line\nbreak {number}")])
    return journal


def python(program: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """What a Python program did, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


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
        journal = Journal(cut)
        journal.append([write(3)])
        assert [each.revision for each in journal.writes()] == [1, 2, 3], length


def test_a_line_damaged_in_the_middle_is_named_and_not_skipped(tmp_path: Path) -> None:
    logged(tmp_path / "log", 3)
    lines = (tmp_path / "log").read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"break", b"BREAK")
    (tmp_path / "log").write_bytes(b"".join(lines))
    with pytest.raises(StoreFault, match="damaged line"):
        list(Journal(tmp_path / "log").writes())


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


INTERRUPTED = """
import signal, sys, graph
folder, bundle = sys.argv[1:]
for _ in range(8):
    done = 0
    with graph.open(folder) as kg:
        bundle_read = kg.read(bundle)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            print("go", flush=True)
            while True:
                done = kg.writer.add(bundle_read).revision
                done = kg.writer.retract(bundle_read.version).revision
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        stored = kg.writer.revision()
        assert kg.stats()["sources"] == stored % 2
    with graph.open(folder) as kg:
        assert kg.writer.revision() in (stored, stored + 1) and stored >= done
        assert kg.stats()["sources"] == kg.writer.revision() % 2
        assert kg.astray() == []
        if kg.writer.revision() % 2:
            kg.retract(bundle_read.version.value)
"""


def test_interrupted_at_random_moments_a_write_is_there_whole_or_not(tmp_path: Path) -> None:
    folder, chance = graph.create(tmp_path / "desk"), random.Random(20261124)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(folder), str(VALID)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout
    for _ in process.stdout:
        time.sleep(chance.random() * 0.1)
        process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, process.communicate()[1]


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
    run = python(FULL, folder, VALID)
    assert run.returncode == 0, run.stderr
    assert "was not logged, so nothing was stored" in run.stdout
    with graph.open(folder) as kg:
        assert kg.add(VALID).state == "added", "once there is room again"


ROOMLESS = """
import resource, signal, sys, graph
from pathlib import Path
from graph.errors import StoreFault
from graph.formats import TURTLE

def river(number):
    return Path(sys.argv[2]).read_bytes().replace(b"49a1245337d2", b"%012x" % number)

with graph.open(sys.argv[1]) as kg:
    kg.add(river(1), form=TURTLE)
    kg.stats()
    [log] = Path(sys.argv[1], "store").glob("*.log")  # some three times as long as ours
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 1000,) * 2)
    assert kg.add(river(2), form=TURTLE).revision == 2
    for act in (kg.stats, lambda: kg.add(river(3), form=TURTLE)):
        try:
            act()
        except StoreFault as fault:
            assert "in the log and not lost" in str(fault), fault
        else:
            raise AssertionError(act)
"""


def test_where_only_the_store_finds_no_room_the_log_has_the_write(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    run = python(ROOMLESS, folder, VALID)
    assert "in the log and not lost" in run.stderr, "closing says so too"
    assert "AssertionError" not in run.stderr
    with graph.open(folder) as kg:
        assert kg.stats()["sources"] == 2 == kg.writer.revision()
        assert kg.astray() == []


ENDING = """
import sys, graph
kg = graph.open(sys.argv[1])
kg.add(sys.argv[2])
"""


def test_a_process_that_ends_without_closing_leaves_the_store_level(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk")
    run = python(ENDING, folder, VALID)
    assert run.returncode == 0, run.stderr
    with graph.open(folder, read_only=True) as kg:
        assert kg.stats()["sources"] == 1


def test_memory_needs_no_log(kg: KnowledgeGraph) -> None:
    assert kg.add(VALID).revision == 1
    assert kg.writer.catch_up() == 0


class SlowStore(OxigraphStore):
    """A store that takes no write until it is let go, and never what it refuses."""

    free: threading.Event
    refused = ""

    def transact(self, add: Iterable[Quad] = (), remove: Iterable[Quad] = ()) -> None:
        quads = list(add)
        assert self.free.wait(60)
        if self.refused and any(self.refused in str(quad) for quad in quads):
            raise StoreFault("There is no room.")
        super().transact(quads, remove)


class Slow(NamedTuple):
    """A dataset with a log, and its store, which can be held back."""

    kg: KnowledgeGraph
    store: SlowStore
    log: Path


def slow_at(folder: Path) -> Slow:
    store = SlowStore.open(folder / "store", synced=False)
    store.free = threading.Event()
    store.free.set()
    kg = KnowledgeGraph(Settings(), store, journal=Journal(folder / "journal.log"))
    return Slow(kg, store, folder / "journal.log")


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    made = slow_at(tmp_path)
    made.store.free.clear()
    yield made
    made.store.free.set()
    made.kg.close()


def river(number: int) -> bytes:
    """The river report, as if of another text for each number."""
    return VALID.read_bytes().replace(b"49a1245337d2", b"%012x" % number)


def test_a_write_is_acknowledged_once_it_is_logged_and_later_checks_see_it(slow: Slow) -> None:
    kg = slow.kg
    version = kg.add(river(1), form=TURTLE).bundle
    assert [write.bundle for write in Journal(slow.log, read_only=True).writes()] == [version]
    assert kg.add(river(1), form=TURTLE).state == "unchanged"
    assert kg.retract(version).revision == 2 == kg.writer.revision()
    with pytest.raises(Gone):
        kg.retract(version)
    slow.store.free.set()
    assert kg.stats()["sources"] == 0 and kg.astray() == []


def test_whoever_reads_waits_for_what_was_acknowledged(slow: Slow) -> None:
    kg = slow.kg
    version = kg.add(river(1), form=TURTLE).bundle
    reads: dict[str, Callable[[], object]] = {
        "stats": lambda: kg.stats()["sources"] == 1,
        "query": lambda: kg.query("ASK { ?s a asc:Statement }").rows[0][0],
        "describe": lambda: kg.describe(version),
        "validate": lambda: kg.validate(river(1), form=TURTLE).conforms,
        "digest": lambda: kg.writer.digest_of(NamedNode(version)),
        "stated": lambda: kg.writer.stated(NamedNode(version)).quads,
        "store": lambda: kg.store.match(NamedNode(version)),
    }
    with ThreadPoolExecutor(len(reads)) as readers:
        answers = {name: readers.submit(read) for name, read in reads.items()}
        time.sleep(0.2)
        early = [name for name, answer in answers.items() if answer.done()]
        slow.store.free.set()
        empty = [name for name, answer in answers.items() if not answer.result(60)]
    assert early == [] == empty


def test_a_writer_waits_while_the_store_is_far_behind(slow: Slow) -> None:
    revisions: list[int] = []

    def add_many() -> None:
        for number in range(1, 31):
            revisions.append(slow.kg.add(river(number), form=TURTLE).revision)

    writer = threading.Thread(target=add_many)
    writer.start()
    writer.join(3)
    waiting, acknowledged = writer.is_alive(), len(revisions)
    slow.store.free.set()
    writer.join(60)
    assert waiting and 10 < acknowledged < 20
    assert revisions == [*range(1, 31)] and slow.kg.stats()["sources"] == 30


def test_the_writes_that_wait_have_their_relations_found_at_once(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Sequence[int]] = []
    real = Relator.after
    monkeypatch.setattr(
        Relator, "after", lambda self, numbers: (found.append([*numbers]), real(self, numbers))
    )
    for number in range(1, 9):
        slow.kg.add(river(number), form=TURTLE)
    slow.store.free.set()
    assert slow.kg.stats()["sources"] == 8 and slow.kg.astray() == []
    assert sorted(number for each in found for number in each) == [*range(1, 9)]
    assert len(found) < 4


def test_readers_go_on_while_somebody_keeps_others_from_writing(tmp_path: Path) -> None:
    with graph.open(graph.create(tmp_path / "desk")) as kg:
        kg.add(VALID)
        with kg.writer.alone(), ThreadPoolExecutor(1) as other:
            copied = other.submit(kg.copy, tmp_path / "desk" / "copy")
            assert copied.result(60) == 1


def test_what_the_store_refuses_is_kept_and_stops_what_follows(tmp_path: Path) -> None:
    kg, store, _ = slow_at(tmp_path)
    store.refused = f"{2:012x}"
    assert [kg.add(river(number), form=TURTLE).revision for number in (1, 2)] == [1, 2]
    for act in (kg.stats, lambda: kg.add(river(3), form=TURTLE), kg.close):
        with pytest.raises(StoreFault, match=r"no room.*in the log and not lost"):
            act()
    again, _, _ = slow_at(tmp_path)
    assert again.stats()["sources"] == 2 == again.writer.revision() and again.astray() == []
    again.close()


def test_a_store_that_finds_room_again_goes_on_where_it_stopped(tmp_path: Path) -> None:
    kg, store, _ = slow_at(tmp_path)
    store.refused = f"{1:012x}"
    version = kg.add(river(1), form=TURTLE).bundle
    with pytest.raises(StoreFault):
        kg.retract(version)
    store.refused = ""
    assert kg.retract(version).revision == 2
    assert kg.stats()["sources"] == 0 and kg.astray() == []
    kg.close()


def test_writes_back_to_back_reach_the_store_in_their_order(tmp_path: Path) -> None:
    chance = random.Random(20261124)
    with graph.open(graph.create(tmp_path / "desk")) as kg:
        versions: dict[int, str] = {}
        for _ in range(60):
            number = chance.randrange(4)
            if number in versions:
                kg.retract(versions.pop(number))
            else:
                versions[number] = kg.add(river(number + 1), form=TURTLE).bundle
        assert kg.stats()["sources"] == len(versions) and kg.astray() == []


@pytest.mark.parametrize(
    "text", ['"', "\\", "\n\t\r\b\f", "\u007f\u0085\u2028", "“é\U0001f600", "\\n"]
)
def test_a_line_of_the_log_is_json_and_gives_back_what_went_in(tmp_path: Path, text: str) -> None:
    given = write(1, text)
    Journal(tmp_path / "log").append([given])
    checksum, _, facts = (tmp_path / "log").read_bytes().partition(b" ")
    assert checksum and json.loads(facts)["added"] == given.coming.decode()
    assert [*Journal(tmp_path / "log").writes()] == [given]
