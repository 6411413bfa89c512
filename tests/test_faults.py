"""What breaks around a dataset: the disk, the clock, other processes, the machine."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from conftest import BASE, river
from kills import bundle_of, rounds
from pyoxigraph import Literal, Quad
from test_bulk import corpus, load

import graph
from graph.backup import back_up, read_backup
from graph.bundle import Bundle
from graph.errors import PreconditionFailed, StoreFault
from graph.formats import TURTLE
from graph.vocab import ASC, PROV, XSD

KILLS = int(os.environ.get("ASCRIBE_KILLS", "3"))


def test_killed_under_mixed_load_it_holds_what_was_acknowledged(tmp_path: Path) -> None:
    *_, (_, counts) = rounds(KILLS, 1, tmp_path)
    assert counts["acknowledged"] >= KILLS and counts["backups compared"] > 0


def mount(*arguments: object) -> None:
    """Mount something, or skip the test where that is not allowed."""
    done = subprocess.run(
        ["mount", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size}", "ascribe-test", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, spare: int) -> Path:
    """A file that leaves so many bytes of a disk."""
    ballast = disk / "ballast"
    found = os.statvfs(disk)
    with ballast.open("wb") as file:
        file.write(bytes(max(0, found.f_bavail * found.f_frsize - spare)))
    return ballast


def add_until_refused(kg: graph.KnowledgeGraph) -> tuple[int, str]:
    """How many bundles went in, and why the next did not."""
    for number in range(1, 1000):
        try:
            kg.add(river(number), form=TURTLE)
        except StoreFault as fault:
            return number - 1, str(fault)
    raise AssertionError("the disk is never full")


@pytest.mark.extras
def test_on_a_full_disk_nothing_acknowledged_is_lost_and_room_mends_it(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64m") as disk:
        desk = graph.create(disk / "desk", BASE)
        ballast = fill(disk, 1_000_000)
        kg = graph.open(desk)
        added, why = add_until_refused(kg)
        assert added > 0 and "no space left" in why.lower(), why
        ballast.unlink()
        with suppress(StoreFault):  # the store may have met the full disk too
            kg.close()
        with graph.open(desk) as kg:
            assert kg.stats()["sources"] == added == kg.writer.revision()
            assert kg.prove().found == 0
            assert kg.add(river(added + 1), form=TURTLE).state == "added"


@pytest.mark.extras
def test_a_bulk_load_that_fills_the_disk_keeps_what_it_reported(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 60)
    with small_disk(tmp_path / "disk", "64m") as disk:
        desk = graph.create(disk / "desk", BASE)
        ballast = fill(disk, 2_000_000)
        kg = graph.open(desk)
        with pytest.raises(StoreFault, match=r"(?i)no space left"):
            load(kg, path)
        ballast.unlink()
        kg.close()
        with graph.open(desk) as kg:
            assert kg.prove().found == 0
            found = load(kg, path)
            assert len(found) == 60 and all(each.receipt for each in found)
            assert kg.prove().found == 0


@pytest.mark.extras
def test_a_backup_that_finds_no_room_leaves_the_earlier_one(tmp_path: Path) -> None:
    desk = graph.create(tmp_path / "desk", BASE)
    with graph.open(desk) as kg, small_disk(tmp_path / "disk", "8m") as disk:
        kg.add(river(1), form=TURTLE)
        kg.backup(disk / "backup")
        ballast = fill(disk, 100_000)
        for number in range(2, 12):
            kg.add(river(number), form=TURTLE)
        with pytest.raises(StoreFault, match=r"holds what it held before.*No space left"):
            kg.backup(disk / "backup")
        assert read_backup(disk / "backup").revision == 1
        assert fill(disk, 0).stat().st_size > 0, "the failed backup gave its room back"
        ballast.unlink()
        assert kg.backup(disk / "backup").revision == 11


@pytest.mark.extras
def test_on_a_read_only_disk_a_dataset_is_read_and_writes_are_refused(tmp_path: Path) -> None:
    desk = graph.create(tmp_path / "desk", BASE)
    with graph.open(desk) as kg:
        kg.add(river(1), form=TURTLE)
    mount("--bind", desk, desk)
    try:
        mount("-o", "remount,bind,ro", desk)
        with pytest.raises(StoreFault, match=r"cannot be opened.*(?i:read-only)"):
            graph.open(desk)
        with graph.open(desk, read_only=True) as kg:
            assert kg.stats()["sources"] == 1
        assert back_up(desk, tmp_path / "backup")[1].revision == 1
    finally:
        subprocess.run(["umount", "--lazy", str(desk)], check=True)
    with graph.open(desk) as kg:
        assert kg.add(river(2), form=TURTLE).revision == 2


def test_record_times_never_go_back_when_the_clock_does(tmp_path: Path) -> None:
    desk = graph.create(tmp_path / "desk", BASE)
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    for hours in (0, -5, -3, 1):
        now = noon + timedelta(hours=hours)
        with graph.open(desk, clock=partial(copy, now)) as kg:
            kg.add(river(hours + 10), form=TURTLE)
            kg.add(river(hours + 20), form=TURTLE)
    with graph.open(desk) as kg:
        times = [write.at for write in kg.history()]
        assert times == sorted(times) and len({*times}) == 2
        assert kg.prove().found == 0


def with_count(bundle: Bundle, count: int) -> Bundle:
    """The bundle with another number in it."""
    old = {quad for quad in bundle.quads if quad.predicate == ASC.quotesChecked}
    new = {Quad(q.subject, q.predicate, Literal(count), q.graph_name) for q in old}
    kept = (q for q in (bundle.quads - old) | new if q.predicate != PROV.generatedAtTime)
    return Bundle(bundle.version, bundle.graphs, frozenset(kept), bundle.origin)


def count_in(bundle: Bundle) -> int:
    [quad] = (quad for quad in bundle.quads if quad.predicate == ASC.quotesChecked)
    assert isinstance(quad.object, Literal) and quad.object.datatype == XSD.integer
    return int(quad.object.value)


def test_four_threads_that_count_up_with_if_match_lose_no_count(tmp_path: Path) -> None:
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        first = with_count(bundle_of(1, "0"), 0)
        kg.add(first)

        def count_up() -> None:
            done = 0
            while done < 25:
                stored = kg.writer.digest_of(first.version)
                bundle = kg.writer.stated(first.version)
                try:
                    more = with_count(bundle, count_in(bundle) + 1)
                    kg.add(more, replace=True, if_match=stored)
                    done += 1
                except PreconditionFailed:
                    continue

        threads = [threading.Thread(target=count_up) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert count_in(kg.writer.stated(first.version)) == 100
        assert kg.writer.revision() == 101 and kg.prove().found == 0
