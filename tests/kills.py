"""A dataset killed at random moments, again and again, and what was then found.

    python tests/kills.py --rounds 200 [--seed N] [--folder DIR]

Each round one process writes from six threads at once: two add bundles one at a
time, one replaces and one retracts what it added, one writes three bundles that
are all or nothing, one loads a file in bulk; one of the bundles brings its text.
Another process backs the dataset up meanwhile. Before each act the writer prints
what it will try, and after it what was acknowledged. Both processes are killed
(SIGKILL) at random, the dataset is opened again, and then must hold:

    each acknowledged write, and of those under way each whole or not at all;
    store and log the same quads, each quote its source and its text;
    a retry of what was under way is `added`, `replaced`, `retracted` or
    `unchanged`, and the same retry once more changes nothing;
    the backup's log is the beginning of the dataset's; every tenth round it is
    restored, to exactly the writes it names.

Every fifth round begins with a new dataset. The first fault ends the run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from conftest import BASE, river
from conftest import RIVER as TEXT
from pyoxigraph import RdfFormat, parse

import graph
from graph.backup import LOG, back_up, read_backup
from graph.bulk.loader import Loader
from graph.bundle import Bundle, content_digest, make_bundle
from graph.errors import Gone, NotFound
from graph.formats import NQUADS, dumps
from graph.kg import KnowledgeGraph
from graph.restore import restore

GONE = "none"
STATES = "0abc"

# A process that holds the store's threads must not fork: a clean one does.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["graph.kg", "graph.bulk.loader", "graph.backup"])
BULK = 6


def bundle_of(number: int, state: str) -> Bundle:
    """The river report of a number, in one of the states it can be in; 0 is the real one."""
    time = b"2031-05-04T09:3%d:00Z" % STATES.index(state)
    text = river(number).replace(b"2031-05-04T09:30:00Z", time)
    return make_bundle(parse(text, RdfFormat.TURTLE, base_iri=BASE), BASE)


# The process that is killed.


class Client:
    """Writes until it is killed, and says what it tries and what was acknowledged."""

    def __init__(self, kg: KnowledgeGraph, first: int, folder: Path, said: int) -> None:
        self.kg, self.first, self.folder, self.said = kg, first, folder, said

    def run(self) -> None:
        acts = [self.add, self.add, self.replace, self.retract, self.batch, self.bulk]
        threads = [
            threading.Thread(target=self.go_on, args=(act, self.first + 1000 * place))
            for place, act in enumerate(acts)
        ]
        for thread in threads:
            thread.start()

    def go_on(self, act: Callable[[int], None], number: int) -> None:
        try:
            while True:
                act(number)
                number += BULK
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def say(self, word: str, state: str, *numbers: int) -> None:
        line = f"{word} {state} {' '.join(map(str, numbers))}\n"
        os.write(self.said, line.encode())

    def add(self, number: int) -> None:
        self.say("try", "0", number)
        self.kg.writer.add(bundle_of(number, "0"))
        self.say("did", "0", number)

    def replace(self, number: int) -> None:
        self.add(number)
        for state in STATES[1:]:
            bundle = bundle_of(number, state)
            stored = self.kg.writer.digest_of(bundle.version)
            self.say("try", state, number)
            self.kg.writer.add(bundle, replace=True, if_match=stored)
            self.say("did", state, number)

    def retract(self, number: int) -> None:
        """The one with the text, and one of its own."""
        for each, text in ((number, None), (0, TEXT.read_bytes())):
            bundle = bundle_of(each, "0")
            self.say("try", "0", each)
            self.kg.writer.add(bundle, text)
            self.say("did", "0", each)
            self.say("try", GONE, each)
            self.kg.writer.retract(bundle.version)
            self.say("did", GONE, each)

    def batch(self, number: int) -> None:
        numbers = [number, number + 1, number + 2]
        for state in ("0", "a"):
            self.say("try", state, *numbers)
            self.kg.writer.write([bundle_of(each, state) for each in numbers])
            self.say("did", state, *numbers)

    def bulk(self, number: int) -> None:
        path = self.folder / "bulk.nq"
        numbers = {}
        with path.open("wb") as file:
            for each in range(number, number + BULK):
                bundle = bundle_of(each, "0")
                numbers[bundle.version.value] = each
                shared = bundle.graphs.shared
                file.write(
                    dumps(sorted(bundle.quads, key=lambda q: q.graph_name in shared), NQUADS)
                )
                self.say("try", "0", each)
        for done in Loader(self.kg.writer, self.kg.reader, self.kg.texts).load([path]):
            assert done.receipt, done.fault
            self.say("did", "0", numbers[done.receipt.bundle])
        self.kg.relate()


def in_one_piece(bundle: Bundle) -> bytes:
    """A bundle as N-Quads whose first names its source."""
    return dumps(sorted(bundle.quads, key=lambda q: q.graph_name in bundle.graphs.shared), NQUADS)


def client(folder: Path, first: int, said: Connection) -> None:
    with graph.open(folder / "desk") as kg:
        Client(kg, first, folder, said.fileno()).run()
        signal.pause()


def copier(folder: Path) -> None:
    while True:
        back_up(folder / "desk", folder / "backup")
        time.sleep(0.1)


# The one that kills it, and looks.


@dataclass
class Ledger:
    """What each bundle may be: its acknowledged state, and the ones that were under way."""

    sure: dict[int, str] = field(default_factory=dict)
    open: dict[tuple[int, ...], str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def hear(self, said: bytes) -> None:
        for line in said.decode().splitlines(keepends=True):
            if not line.endswith("\n"):
                continue  # cut short by the kill
            word, state, *rest = line.split()
            numbers = tuple(map(int, rest))
            if word == "try":
                self.open[numbers] = state
            else:
                del self.open[numbers]
                self.sure |= dict.fromkeys(numbers, state)
                self.counts["acknowledged"] += 1


def check(kg: KnowledgeGraph, ledger: Ledger) -> None:
    """Compare a dataset with the ledger, then try again what was under way."""
    proof = kg.prove()
    assert not proof.found, proof.faults
    under_way = {number for numbers in ledger.open for number in numbers}
    for number, state in ledger.sure.items():
        if number not in under_way:
            assert holds(kg, number, state), f"{number} is not in the acknowledged state {state}"
    for numbers, state in ledger.open.items():
        after = {holds(kg, each, state) for each in numbers}
        before = {holds(kg, each, ledger.sure.get(each, GONE)) for each in numbers}
        assert True in after | before and {*after} != {True, False}, f"{numbers} is half {state}"
        assert after == {True} or before == {True}, f"{numbers}: neither before nor after"
        ledger.counts["under way, there" if True in after else "under way, not there"] += 1
        retry(kg, numbers, state)
        revision = kg.writer.revision()
        retry(kg, numbers, state)
        assert kg.writer.revision() == revision, f"{numbers}: a retry was not idempotent"
        assert all(holds(kg, each, state) for each in numbers)
        ledger.sure |= dict.fromkeys(numbers, state)
    ledger.open.clear()


def holds(kg: KnowledgeGraph, number: int, state: str) -> bool:
    """Whether a bundle is stored in a state, its digest and its statements alike."""
    wanted = bundle_of(number, "0" if state == GONE else state)
    stored = kg.writer.digest_of(wanted.version)
    if state == GONE or stored != content_digest(wanted):
        return state == GONE and stored is None
    own = kg.writer.stated(wanted.version)
    return content_digest(own) == stored


def retry(kg: KnowledgeGraph, numbers: tuple[int, ...], state: str) -> None:
    bundles = [bundle_of(each, "0" if state == GONE else state) for each in numbers]
    if state == GONE:
        with suppress(Gone, NotFound):
            kg.writer.retract(bundles[0].version)
    else:
        kg.writer.write(bundles)


def check_backup(folder: Path, *, whole: bool) -> str:
    """Compare a backup with the dataset, if one was ever finished."""
    try:
        backup = read_backup(folder / "backup")
    except NotFound:
        return "backups never finished"
    length = backup.files[LOG].bytes
    ours = (folder / "desk" / LOG).read_bytes()
    assert (folder / "backup" / LOG).read_bytes()[:length] == ours[:length]
    if not whole:
        return "backups compared"
    _, proof = restore(folder / "backup", folder / "restored")
    assert proof.writes == backup.revision and not proof.found
    for entry in sorted((folder / "restored").rglob("*"), reverse=True):
        entry.unlink() if entry.is_file() else entry.rmdir()
    (folder / "restored").rmdir()
    return "backups restored"


def kill_once(folder: Path, first: int, ledger: Ledger, chance: random.Random) -> None:
    """Let a client and a backup run for a moment, and kill both."""
    ours, theirs = FORKS.Pipe(duplex=False)
    processes = [
        FORKS.Process(target=client, args=(folder, first, theirs)),
        FORKS.Process(target=copier, args=(folder,)),
    ]
    for process in processes:
        process.start()
    theirs.close()
    said = bytearray()

    def listen() -> None:
        while part := os.read(ours.fileno(), 65536):
            said.extend(part)

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        while b"did" not in said and processes[0].is_alive():
            time.sleep(0.01)
        time.sleep(chance.random() * 2)
        assert all(process.is_alive() for process in processes), "one ended by itself"
    finally:
        for process in chance.sample(processes, 2):
            process.kill()
            process.join()
            time.sleep(chance.random() * 0.05)
        listener.join()
    ours.close()
    ledger.hear(bytes(said))


def rounds(count: int, seed: int, parent: Path) -> Iterator[tuple[int, Counter[str]]]:
    """Kill and check, so many times; what was counted so far after each."""
    chance, counts = random.Random(seed), Counter[str]()
    ledger, folder = Ledger(), parent
    for number in range(count):
        if number % 5 == 0:
            ledger, folder = Ledger(counts=counts), parent / str(number)
            folder.mkdir()
            graph.create(folder / "desk", BASE)
        kill_once(folder, 1 + 10_000 * (number % 5), ledger, chance)
        with graph.open(folder / "desk") as kg:
            check(kg, ledger)
        counts[check_backup(folder, whole=number % 10 == 9)] += 1
        yield number + 1, counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--folder", type=Path, help="where to work [default: a temporary folder]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for done, counts in rounds(options.rounds, options.seed, Path(folder)):
            told = ", ".join(f"{name}: {count:,}" for name, count in sorted(counts.items()))
            sys.stdout.write(f"{done} kills; {told}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
