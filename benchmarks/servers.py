"""Datasets made from a corpus, and the servers that answer over them: ours and its peers."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus import BASE, Plan, write

import graph
from graph.bulk.loader import Loader
from graph.formats import NQUADS

PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Ground:
    """The same quads for every server: a dataset, a dump of it, the peer's folder."""

    dataset: Path
    dump: Path
    peer: Path


@dataclass(frozen=True)
class Server:
    """A running server: where its queries go, and its process."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]

    def family(self) -> set[int]:
        """The process and all below it."""
        parents = {each: _parent(each) for each in _processes()}
        family = {self.process.pid}
        while more := {one for one, parent in parents.items() if parent in family} - family:
            family |= more
        return family

    def cpu_s(self) -> float:
        """The processor time of all of them so far."""
        return sum(_cpu_ticks(each) for each in self.family()) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """The memory of all of them; a page that several share counts once."""
        return sum(_memory(each) for each in self.family()) / 1e6

    def serving_megabytes(self) -> float:
        """The same without the workers, whose memory follows what each is asked."""
        return sum(_memory(each) for each in self.family() if not _is_worker(each)) / 1e6


def grown(folder: Path, statements: int, oxigraph: str) -> Ground:
    """A dataset of so many statements; what is there already is taken as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    ground = Ground(folder / "desk", folder / "all.nq", folder / "peer")
    if not ground.peer.exists():
        shutil.rmtree(ground.dataset, ignore_errors=True)
        built(ground.dataset, statements)
        with graph.open(ground.dataset, read_only=True) as kg, ground.dump.open("wb") as output:
            kg.store.dump(output, NQUADS)
        command = [oxigraph, "load", "--location", str(ground.peer), "--file", str(ground.dump)]
        subprocess.run(command, check=True, capture_output=True)
    return ground


def built(folder: Path, statements: int) -> Path:
    """A new dataset with a corpus of so many statements."""
    corpus = folder.with_suffix(".nq")
    write(Plan(statements), corpus, processes=os.cpu_count() or 1)
    with graph.open(graph.create(folder, BASE)) as kg:
        for outcome in Loader(kg.writer, kg.reader, kg.texts).load([corpus]):
            assert outcome.receipt is not None, outcome.fault
        kg.relate()
        kg.index.catch_up()
    corpus.unlink()
    return folder


@contextmanager
def serving(
    name: str, command: list[str], path: str, patience_s: float = 60, **settings: str
) -> Iterator[Server]:
    """A server that answers; `{port}` in its command is where it listens."""
    port = _free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    open_to_all = {"ASCRIBE_QUERIES_PER_MINUTE": "0", "ASCRIBE_TRUSTED_PROXIES": "1"}
    environment = {**os.environ, **open_to_all, **settings}
    with (
        tempfile.TemporaryFile() as told,
        subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=told) as process,
    ):
        try:
            _wait_for(port, path, process, patience_s)
            yield Server(name, port, path, process)
        except TimeoutError:
            told.seek(0)
            raise SystemExit(f"{name} does not answer: {told.read()[-2000:].decode()}") from None
        finally:
            process.terminate()
            try:
                process.wait(60)  # it may take the half of that to end what is under way
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes], patience_s: float) -> None:
    end = time.monotonic() + patience_s
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", f"{path}?query=ASK%7B%7D")
            connection.getresponse().read()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise TimeoutError


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _cpu_ticks(pid: int) -> int:
    return sum(map(int, _stat(pid)[11:15]))


def _stat(pid: int) -> list[str]:
    """What the system says of a process, after its name; zeros if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 15


def _is_worker(pid: int) -> bool:
    """Whether a process of ours reads or answers for another."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        return b"worker" in command or b"nursery" in command
    except OSError:
        return True


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
