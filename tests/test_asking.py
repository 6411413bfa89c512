"""Workers that answer queries: what they may, how they are shared, what they see."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
from conftest import BASE, EXAMPLE, river

from graph.asking import frames
from graph.asking.answering import Cut
from graph.asking.child import Child, Gone, limits_of
from graph.asking.fair import FairQueue
from graph.asking.nursery import Nursery
from graph.asking.pool import Pool
from graph.asking.question import Job, Question
from graph.errors import BadInput, Busy, OverLimit, SyntaxFault, TooLarge
from graph.formats import RESULTS_CSV, TURTLE
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.processors import OTHERS

CSV = RESULTS_CSV.media_type
COUNT = "SELECT (COUNT(?s) AS ?n) { ?s a asc:Statement }"
EVERYTHING = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
FOREVER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture
def kg(tmp_path: Path) -> Iterator[KnowledgeGraph]:
    with open_dataset(create(tmp_path / "desk", BASE)) as kg:
        kg.add(EXAMPLE)
        yield kg


def pool_of(kg: KnowledgeGraph, **changes: float) -> Pool:
    place = kg.place_of_copies()
    assert place
    return Pool(kg, kg.settings.but(**changes), place)


@pytest.fixture
def pool(kg: KnowledgeGraph) -> Iterator[Pool]:
    with closing(pool_of(kg, query_workers=2)) as pool:
        yield pool


def whole(pool: Pool, sparql: str, client: str = "somebody") -> str:
    with closing(pool.ask(Question(sparql), CSV, TURTLE.media_type, client)) as told:
        return (told.whole if told.whole is not None else b"".join(told)).decode()


def workers_of(pool: Pool) -> set[int]:
    return {child.pid for child in pool._children}


def test_an_answer_is_that_of_the_engine(pool: Pool) -> None:
    assert whole(pool, COUNT) == "n\r\n82\r\n"
    assert pool.ask(Question("ASK { ?s ?p ?o }"), CSV, None, "x").kind == "ask"
    with pytest.raises(SyntaxFault, match="line 1, column 11"):
        whole(pool, "SELECT * ?")
    with pytest.raises(BadInput, match="SERVICE"):
        whole(pool, "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")


def test_what_was_acknowledged_is_seen_by_the_next_query(kg: KnowledgeGraph, pool: Pool) -> None:
    for number in range(1, 6):
        kg.add(river(number), form=TURTLE)
        with closing(pool.ask(Question(COUNT), CSV, None, "x")) as told:
            assert told.revision == kg.revision() == number + 1
            assert told.whole == f"n\r\n{kg.query(COUNT).rows[0][0]}\r\n".encode()
    kg.retract(kg.add(river(9), form=TURTLE).bundle)
    assert whole(pool, COUNT) == f"n\r\n{kg.query(COUNT).rows[0][0]}\r\n"


def test_copies_of_the_store_are_removed(kg: KnowledgeGraph, pool: Pool) -> None:
    place = kg.place_of_copies()
    assert place
    for number in range(1, 5):
        kg.add(river(number), form=TURTLE)
        whole(pool, COUNT)
    pool.close()
    assert not [entry for entry in place[0].iterdir() if entry.name.startswith(place[1])]


@pytest.mark.parametrize(
    ("query", "changes", "setting"),
    [
        (FOREVER, {"query_timeout_s": 0.5}, "ASCRIBE_QUERY_TIMEOUT_S"),
        (
            "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c",
            {"query_memory_bytes": 60_000_000},
            "MEMORY",
        ),
        (EVERYTHING, {"query_max_rows": 10_000}, "ASCRIBE_QUERY_MAX_ROWS"),
        ("CONSTRUCT WHERE { ?a ?b ?c }", {"query_max_rows": 1_000}, "ASCRIBE_QUERY_MAX_ROWS"),
        (EVERYTHING, {"query_max_result_bytes": 1_000_000}, "MAX_RESULT_BYTES"),
        (COUNT + " " * 10_000, {"query_max_bytes": 10_000}, "ASCRIBE_QUERY_MAX_BYTES"),
    ],
)
def test_over_a_limit_the_limit_is_named(
    kg: KnowledgeGraph, query: str, changes: dict[str, float], setting: str
) -> None:
    with closing(pool_of(kg, query_workers=1, **changes)) as pool:
        with pytest.raises((OverLimit, TooLarge, Cut), match=setting):
            whole(pool, query)
        assert whole(pool, COUNT) == "n\r\n82\r\n"


def test_a_long_answer_comes_in_small_parts(pool: Pool) -> None:
    """Whoever passes it on holds one of them at a time."""
    query = "SELECT ?a ?b ?c { ?a ?b ?c . ?d ?e ?f } LIMIT 100000"
    with closing(pool.ask(Question(query), CSV, None, "x")) as told:
        assert told.whole is None
        rows, largest = 0, 0
        for chunk in told:
            rows += chunk.count(b"\r\n")
            largest = max(largest, len(chunk))
    assert rows == 100_001 and largest <= 100_000
    assert pool.stats()["busy"] == 0


def test_an_answer_let_go_of_frees_its_worker(pool: Pool) -> None:
    told = pool.ask(Question(EVERYTHING), CSV, None, "x")
    next(iter(told))
    assert pool.stats()["busy"] == 1
    told.close()
    assert pool.stats()["busy"] == 0
    assert whole(pool, COUNT) == "n\r\n82\r\n"


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_workers_ended_from_outside_are_replaced(pool: Pool, sign: signal.Signals) -> None:
    whole(pool, COUNT)
    killed = workers_of(pool)
    for pid in killed:
        os.kill(pid, sign)
    assert whole(pool, COUNT) == "n\r\n82\r\n"
    while len(workers_of(pool) - killed) < 3:
        time.sleep(0.01)


def test_the_process_that_starts_workers_is_replaced_with_them(pool: Pool) -> None:
    whole(pool, COUNT)
    killed = workers_of(pool)
    [nursery] = {int(Path(f"/proc/{pid}/stat").read_text().split()[3]) for pid in killed}
    os.kill(nursery, signal.SIGKILL)
    assert whole(pool, COUNT) == "n\r\n82\r\n"
    while len(workers_of(pool) - killed) < 3:
        time.sleep(0.01)


def test_a_query_whose_worker_is_killed_is_asked_of_another(kg: KnowledgeGraph) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a a ?c . ?d ?e ?f }"
    with closing(pool_of(kg, query_workers=1, query_timeout_s=60)) as pool:
        whole(pool, COUNT)
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(whole, pool, slow)
            while not pool.stats()["busy"]:
                time.sleep(0.01)
            os.kill(next(iter(pool._under_way)).child.pid, signal.SIGKILL)
            assert int(answer.result().split()[1]) > 100_000


def last_threads(pool: Pool) -> set[int]:
    """The workers with a thread that gives way to all others."""
    return {
        pid
        for pid in workers_of(pool)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        if niceness(int(thread.name)) == 19 and leaves_a_processor(int(thread.name))
    }


def leaves_a_processor(thread: int) -> bool:
    """Whether it keeps off the one that servers' threads share, if there are two."""
    with suppress(OSError):  # it has ended
        return os.sched_getaffinity(thread) == {*OTHERS}
    return False


def test_of_one_client_who_asks_much_at_once_all_but_one_give_way(kg: KnowledgeGraph) -> None:
    """And whoever worked so goes on as before, until it is put behind others once more."""
    slow = "SELECT (COUNT(*) AS ?n) { ?a a ?c . ?d ?e ?f }"
    with closing(pool_of(kg, query_workers=3, query_timeout_s=60)) as pool:
        whole(pool, COUNT)
        workers = workers_of(pool)
        times: Counter[int] = Counter()
        while max(times.values(), default=0) < 2:
            with ThreadPoolExecutor(2) as threads:
                answers = [threads.submit(whole, pool, slow, "greedy") for _ in range(2)]
                while not (last := last_threads(pool)) and not all(each.done() for each in answers):
                    time.sleep(0.01)
                assert whole(pool, COUNT, "other") == "n\r\n82\r\n"
                assert all(int(each.result().split()[1]) > 100_000 for each in answers)
            deadline = time.monotonic() + 30
            while last_threads(pool):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert last and last <= workers == workers_of(pool)
            times.update(last)


def test_a_query_that_takes_long_gives_way_and_the_next_does_not(kg: KnowledgeGraph) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a a ?c . ?d ?e ?f }"
    with closing(pool_of(kg, query_workers=1, query_timeout_s=60)) as pool:
        whole(pool, COUNT)
        usual = {niceness(pid) for pid in workers_of(pool)}
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(whole, pool, slow)
            while not (nicer := niceness_of_threads(pool) - usual) and not answer.done():
                time.sleep(0.01)
            assert int(answer.result().split()[1]) > 100_000
        assert len(usual) == 1 and min(nicer) > max(usual)
        deadline = time.monotonic() + 30
        while niceness_of_threads(pool) != usual:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def niceness_of_threads(pool: Pool) -> set[int]:
    paths = [path for pid in workers_of(pool) for path in Path(f"/proc/{pid}/task").iterdir()]
    return {niceness(int(path.name)) for path in paths}


def niceness(thread: int) -> int:
    with suppress(OSError):  # it has ended
        return os.getpriority(os.PRIO_PROCESS, thread)
    return os.getpriority(os.PRIO_PROCESS, 0) + 5


HOARDING = """
from graph.asking import worker
answer, held = worker._Worker._answer, []
def hoard(self, job):
    answer(self, job)
    held.append(b"x" * {size})
worker._Worker._answer = hoard
"""


@pytest.mark.parametrize(("megabytes", "stays"), [(150, True), (300, False)])
def test_a_worker_that_has_grown_by_more_than_256_mb_ends_after_its_answer(
    kg: KnowledgeGraph,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    megabytes: int,
    stays: bool,
) -> None:
    (tmp_path / "hoarding.py").write_text(HOARDING.format(size=megabytes * 1_000_000))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "copy").mkdir()
    kg.copy(tmp_path / "copy" / "store")
    child = Child(Nursery("hoarding"), limits_of(kg.settings))
    try:
        child.open(tmp_path / "copy" / "store", 60)
        assert answered(child) == b"n\r\n82\r\n"
        if stays:
            assert answered(child) == b"n\r\n82\r\n"
        else:
            with pytest.raises(Gone) as gone:
                answered(child)
            assert gone.value.code == 0
    finally:
        child.bury()


def test_a_worker_that_rests_and_keeps_much_is_replaced(
    kg: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hoarding.py").write_text(HOARDING.format(size=40_000_000))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("graph.asking.pool._RESTED_S", math.inf)
    with closing(pool_of(kg, query_workers=1)) as pool:
        pool._nursery = Nursery("hoarding")
        assert whole(pool, COUNT) == "n\r\n82\r\n"
        deadline = time.monotonic() + 30
        while not (grown := [each for each in pool._children if each.kept_bytes() > 32_000_000]):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        monkeypatch.setattr("graph.asking.pool._RESTED_S", 0.0)
        while not pool._children.isdisjoint(grown):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert whole(pool, COUNT) == "n\r\n82\r\n"


def answered(child: Child) -> bytes:
    """What a worker answers, all of it."""
    child.ask(Job(Question(COUNT), CSV, None))
    told = b""
    while (frame := child.receive(time.monotonic() + 60)) and frame[0] != frames.END:
        told += frame[1] if frame[0] == frames.DATA else b""
    return told


def test_a_worker_can_open_no_socket_and_start_no_program() -> None:
    program = """
import os, socket, subprocess
from graph.asking import sandbox
sandbox.enter(500_000_000)
for act in (socket.socket, socket.socketpair, lambda: socket.socket(socket.AF_UNIX),
            lambda: subprocess.run(["true"]), lambda: bytearray(600_000_000)):
    try:
        act()
        print("done")
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [*["PermissionError"] * 4, "MemoryError"]


def test_the_writer_goes_on_while_queries_hang(kg: KnowledgeGraph) -> None:
    with closing(pool_of(kg, query_workers=2, query_timeout_s=5)) as pool:
        with ThreadPoolExecutor(2) as threads:
            hanging = [threads.submit(whole, pool, FOREVER, str(n)) for n in range(2)]
            while pool.stats()["busy"] < 2:
                time.sleep(0.01)
            for number in range(1, 6):
                kg.add(river(number), form=TURTLE)
            assert not any(each.done() for each in hanging)
            assert kg.stats()["sources"] == 6
        assert all(isinstance(each.exception(), OverLimit) for each in hanging)


def test_turns_go_round_from_client_to_client() -> None:
    queue = FairQueue(places=1, per_client=1, length=100)
    queue.enter("greedy", 1)
    served: list[str] = []

    def take_a_turn(client: str) -> None:
        queue.enter(client, 10)
        served.append(client)
        queue.leave(client)

    with ThreadPoolExecutor(10) as threads:
        for number, client in enumerate([*["greedy"] * 6, "modest", "shy"]):
            threads.submit(take_a_turn, client)
            while queue.waiting <= number:
                time.sleep(0.001)
        queue.leave("greedy")
    assert served[:3] == ["greedy", "modest", "shy"] and len(served) == 8


def test_what_was_waited_counts_in_the_limit(kg: KnowledgeGraph) -> None:
    """Of a minute almost all is spent before the query is begun."""
    with closing(pool_of(kg, query_workers=1, query_timeout_s=60)) as pool:
        whole(pool, COUNT)
        told = "60 s, 59.9 s of it spent waiting for its turn"
        with pytest.raises(OverLimit, match=told):
            pool._begin(Job(Question(FOREVER), CSV, None), "x", 59.9)


class SlowlyCopied:
    """A dataset on a disk that takes long to make a copy."""

    def __init__(self, kg: KnowledgeGraph, takes_s: float) -> None:
        self.revision, self._kg, self._takes_s = kg.revision, kg, takes_s

    def copy(self, target: Path) -> int:
        time.sleep(self._takes_s)
        return self._kg.copy(target)


@pytest.mark.parametrize(("takes_s", "counted"), [(1.0, r"[12]\.\d"), (3.0, r"2\.\d")])
def test_opening_counts_in_the_limit_up_to_half_of_it(
    kg: KnowledgeGraph, takes_s: float, counted: str
) -> None:
    place = kg.place_of_copies()
    assert place
    source, settings = SlowlyCopied(kg, takes_s), kg.settings.but(query_timeout_s=4)
    told = rf"4 s, {counted} s of it spent waiting"
    with closing(Pool(source, settings, place)) as pool, pytest.raises(OverLimit, match=told):
        whole(pool, FOREVER)


def test_who_would_wait_too_long_for_a_copy_is_told_to_come_again(kg: KnowledgeGraph) -> None:
    """And whoever comes once it is there is answered."""
    place = kg.place_of_copies()
    assert place
    source, settings = SlowlyCopied(kg, 4), kg.settings.but(query_timeout_s=1)
    with closing(Pool(source, settings, place)) as pool:
        began = time.monotonic()
        with pytest.raises(Busy, match="To make ready the copy"):
            whole(pool, COUNT)
        assert time.monotonic() - began > 1.9
        assert pool._copies._latest is None  # it was told before the copy was there
        pool._copies.latest(time.monotonic() + 60)
        assert whole(pool, COUNT) == "n\r\n82\r\n"


def test_one_client_never_has_all_places() -> None:
    queue = FairQueue(places=3, per_client=2, length=100)
    queue.enter("greedy", 1)
    queue.enter("greedy", 1)
    with pytest.raises(Busy):
        queue.enter("greedy", 0.01)
    queue.enter("modest", 0)


def test_a_full_queue_turns_the_greediest_away_for_a_newcomer() -> None:
    queue = FairQueue(places=1, per_client=1, length=2)
    queue.enter("greedy", 1)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(queue.enter, "greedy", 10)
        while queue.waiting < 1:
            time.sleep(0.001)
        second = threads.submit(queue.enter, "greedy", 10)
        while queue.waiting < 2:
            time.sleep(0.001)
        with pytest.raises(Busy):
            queue.enter("greedy", 10)
        newcomer = threads.submit(queue.enter, "newcomer", 10)
        assert isinstance(second.exception(), Busy)
        queue.leave("greedy")
        first.result()
        queue.leave("greedy")
        newcomer.result()


def test_who_waits_too_long_is_told_to_come_again() -> None:
    queue = FairQueue(places=1, per_client=1, length=2)
    queue.enter("somebody", 1)
    with pytest.raises(Busy, match="did not come"):
        queue.enter("another", 0.01)
    queue.leave("somebody")
    queue.enter("another", 0.01)
