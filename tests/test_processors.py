"""Which processors a server's threads and processes run on: those of a real one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pyoxigraph import RdfFormat, Store
from test_door import TURTLE, Server, serve
from test_server import VALID, stop
from test_signals import children

from graph.processors import ALL, OTHERS, run_on, spread
from graph.store.loading import load

LONG = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = serve(tmp_path)
    yield running
    stop(running.process)


def serving(server: Server) -> int:
    """The process that answers, which is none of those that it starts."""
    all_of_them = children(server.process.pid)
    [found] = [pid for pid in all_of_them if b"spawn_main" in command(pid)]
    return found


def command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def threads(pid: int) -> dict[str, set[int]]:
    """The processors of a process's threads, by the name of these."""
    found: dict[str, set[int]] = {}
    for each in Path(f"/proc/{pid}/task").iterdir():
        name = (each / "comm").read_text().strip()
        found.setdefault(name, set()).update(os.sched_getaffinity(int(each.name)))
    return found


def test_threads_of_a_server_share_a_processor_and_what_it_starts_uses_all(server: Server) -> None:
    assert server.client.ask(LONG).status == 200  # by a worker, which is started then
    parsed = server("validate", data=VALID.read_bytes(), Content_Type=TURTLE)
    assert parsed.status == 200  # by a process of its own, too
    pid, here = serving(server), os.sched_getaffinity(0)
    masks = threads(pid)
    assert masks.pop("rocksdb:low") == here
    own = {name: mask for name, mask in masks.items() if not name.startswith("rocksdb:")}
    assert len(own) > 1 and len(set[int]().union(*own.values())) == 1
    started = children(pid)
    assert len(started) > 2
    for each in started:
        assert set[int]().union(*threads(each).values()) == here


class Watched:
    """A store, with the processors on which it was loaded."""

    def __init__(self) -> None:
        self.store = Store()
        self.seen: list[set[int]] = []

    def bulk_load(self, part: bytes, form: RdfFormat, *, lenient: bool) -> None:
        self.seen.append(os.sched_getaffinity(0))
        self.store.bulk_load(part, form, lenient=lenient)


def test_a_server_loads_on_all_processors() -> None:
    lines = b"".join(b"<urn:s> <urn:p> <urn:o%d> <urn:g> .\n" % n for n in range(100))
    watched = Watched()

    def from_one() -> None:
        run_on(OTHERS[:1])
        load(cast("Store", watched), lines)

    thread = threading.Thread(target=from_one)
    thread.start()
    thread.join()
    assert len(watched.store) == 100
    assert watched.seen and all(each == {*ALL} for each in watched.seen)


def test_only_what_is_started_meanwhile_is_spread() -> None:
    seen: list[set[int]] = []

    def start_two() -> None:
        run_on(OTHERS)
        with spread():
            look()
        look()

    def look() -> None:
        thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()

    starter = threading.Thread(target=start_two)
    starter.start()
    starter.join()
    assert seen == [{*ALL}, {*OTHERS}]
    assert len(OTHERS) == max(len(ALL) - 1, 1)
