"""Mixed load for ten minutes: 32 clients who ask, read pages, write and count, all at once.

    python benchmarks/soak.py [--fill 200] [--seconds 400] [--rests 4] [--statements 30000]
        [--hostile]

Twenty clients ask the query mix by a Zipf distribution, four read pages, four add,
replace and retract bundles and ask at once for what they wrote, and four count up:
two by DELETE/INSERT, two by GET and PUT with If-Match. With `--hostile` one more
sends queries that no server can answer. Prints a line a minute. Before them everything is
downloaded twice, and in the first seconds fills what else has a bound: the engine keeps
160 MB of what it has read, and answers are kept in 16 MB here. After them, `--rests` times,
the last at the end, all clients rest until the server has nothing to do, and memory is
read: what a query takes while it is worked on is none that is kept. At the end the server
is stopped, and every write it acknowledged is looked for. Ends with 1 if one is lost, a
counter is off, an answer was not the expected one, a hostile query had none within its
limit and a second, `ascribe check --store` fails, or memory grew in a run of five minutes
or more: if at the last rest all processes, or those that are no workers, held a twentieth
more than at the second.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from clients import (
    Asking,
    Client,
    Counting,
    Hostile,
    Putting,
    Reading,
    Sample,
    Tally,
    Writing,
    dated,
)
from corpus import BASE, Plan, sources
from mix import KINDS, Question, filled, questions, stream
from servers import PROGRAMS, Server, built, serving

import graph
from graph.formats import NQUADS
from graph.kg import KnowledgeGraph, token_book

_REST_S = 5.0
_GROWN = 1.05
_TELLING_S = 300
"""In a shorter run memory has yet to fill, so it is told and counts as no fault."""
SETTINGS = {"ASCRIBE_WRITES_PER_MINUTE": "0", "ASCRIBE_CACHE_BYTES": "16000000"}
ROLES = ("query", "page", "write", "count", "if-match", "hostile")


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fill", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=400)
    parser.add_argument("--statements", type=int, default=30_000)
    parser.add_argument("--rests", type=int, default=4)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--report-every", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="a dataset of that size, which is copied")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        desk = Path(temporary) / "desk"
        if options.folder:
            shutil.copytree(options.folder, desk)
        else:
            built(desk, options.statements)
        counters = prepared(desk)
        mix, pages = asked(desk)
        token = token_book(desk).create("write")
        command = [str(PROGRAMS / "ascribe"), "serve", str(desk), "--port", "{port}"]
        with serving("ascribe", command, "/sparql", **SETTINGS) as server:
            tally = Tally()
            for _ in range(2):
                Client(server.port, tally, 0).ask("/export", 200, Accept=NQUADS.media_type)
            everybody = clients(server, tally, token, mix, pages, counters)
            if options.hostile:
                everybody.append(Hostile(server.port, tally, 1))
            run(server, tally, everybody, options)
        problems = [*tally.faults, *lost(desk, everybody, counters)]
    busy = ", ".join(f"{name} {many:,}" for name, many in tally.busy.items())
    print(f"\nAnswers that named a limit: {busy or 'none'}.")
    for problem in problems[:20]:
        print(f"- {problem}")
    print(f"{len(problems):,} problems.")
    return 1 if problems else 0


def prepared(desk: Path) -> dict[str, int]:
    """Two more bundles to count in: their versions, and where counting begins."""
    found = {}
    with graph.open(desk) as kg:
        for made in list(sources(Plan(60, seed=999)))[:2]:
            kg.add(dated(made.quads, "2029-01-01")[0], form=NQUADS)
            version = made.quads[0].graph_name.value
            found[version] = count_in(kg, version)
    return found


def asked(desk: Path) -> tuple[Question, list[str]]:
    """A stream of questions, and pages to read."""
    with graph.open(desk, read_only=True) as kg:
        mix = questions(kg, 200, 2000)
    kinds = [kind for kind in KINDS if kind != "export"]
    local = [
        query.split("<")[1].split(">")[0].removeprefix(BASE) for query in mix["describe"].queries
    ]
    return stream(mix, kinds, 20_000), ["", *local]


def clients(
    server: Server,
    tally: Tally,
    token: str,
    mix: Question,
    pages: list[str],
    counters: dict[str, int],
) -> list[Client]:
    """The 32 of them."""
    first, second = counters
    port, paths = server.port, mix.paths(server.path)
    return [
        *(Asking(port, tally, number, paths=paths) for number in range(20)),
        *(Reading(port, tally, number, pages=pages) for number in range(4)),
        *(Writing(port, tally, number, token) for number in range(4)),
        *(Counting(port, tally, number, token, version=first) for number in range(2)),
        *(Putting(port, tally, number, token, version=second) for number in range(2)),
    ]


def run(
    server: Server, tally: Tally, everybody: Sequence[Client], options: argparse.Namespace
) -> None:
    """Let them all go on for so long, rests left out; a line about each minute."""
    seconds, whole = options.seconds, options.fill + options.seconds
    heads = [f"{role}: answers, p50, p99 in ms" for role in ROLES]
    print("|", " | ".join(["seconds", *heads, "faults", "MB", "processes"]), "|")
    print("|", " | ".join(["---"] * (len(heads) + 4)), "|", flush=True)
    for each in everybody:
        each.start()
    rests = [options.fill + seconds * n // options.rests for n in range(1, options.rests + 1)]
    reports = [*range(options.report_every, whole, options.report_every), whole]
    held: list[Held] = []
    now = 0
    for end in sorted({*rests, *reports}):
        tally.go.set()
        time.sleep(end - now)
        now = end
        if end in reports:
            samples, tally.samples = tally.samples, []
            told = [spread([each for each in samples if each.role == role]) for role in ROLES]
            memory, processes = server.megabytes(), len(server.family())
            cells = [str(end), *told, str(len(tally.faults)), f"{memory:,.0f}", str(processes)]
            print("|", " | ".join(cells), "|", flush=True)
        if end in rests:
            held.append(at_rest(server, tally, everybody, min(_REST_S, seconds / 10)))
    tally.stop.set()
    tally.go.set()
    for each in everybody:
        each.join(120)
    growth = grown(held)
    if whole >= _TELLING_S:
        tally.faults += growth


class Held(NamedTuple):
    """The memory of all processes, and of those that are no workers, in MB."""

    all: float
    serving: float


def at_rest(server: Server, tally: Tally, everybody: Sequence[Client], rest_s: float) -> Held:
    """What the server holds a while after the last client has had its answer."""
    tally.go.clear()
    while not all(each.rests for each in everybody):
        time.sleep(0.1)
    time.sleep(rest_s)
    return Held(server.megabytes(), server.serving_megabytes())


def grown(held: Sequence[Held]) -> list[str]:
    """How memory went from rest to rest, told; and a line if it grew in the second half."""
    found = []
    for name, values in zip(
        ("all processes", "without workers"), zip(*held, strict=True), strict=True
    ):
        before, after = values[(len(values) - 1) // 2], values[-1]
        told = ", ".join(f"{each:,.0f}" for each in values)
        print(f"MB at rest, {name}: {told}; in the second half {after / before - 1:+.1%}.")
        if after > before * _GROWN:
            found.append(f"memory grew in the second half: {name}: {told} MB")
    return found


def spread(samples: list[Sample]) -> str:
    """How many answers there were, and how long they took."""
    if len(samples) < 2:
        return f"{len(samples)}"
    times = [each.took_ms for each in samples]
    p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
    return f"{len(samples):,}, {statistics.median(times):,.0f}, {p99:,.0f}"


def lost(desk: Path, everybody: Sequence[Client], counters: dict[str, int]) -> Iterator[str]:
    """What was acknowledged and is not there; says what was looked for."""
    with graph.open(desk, read_only=True) as kg:
        writers = [each for each in everybody if isinstance(each, Writing)]
        for each in writers:
            for version, day in each.log.items():
                if (found := issued(kg, version)) != day:
                    yield f"{version} was acknowledged with {day}, and {found} is there"
        print(f"\n{sum(each.acknowledged for each in writers):,} writes of bundles acknowledged.")
        for version, begin in counters.items():
            counting = [
                each for each in everybody if isinstance(each, Counting) and each.version == version
            ]
            acknowledged = sum(each.counted for each in counting)
            stored = count_in(kg, version) - begin
            print(
                f"Counted by {counting[0].role}: {acknowledged:,} acknowledged, {stored:,} there."
            )
            if stored != acknowledged:
                yield f"{counting[0].role}: {acknowledged} increments acknowledged, {stored} there"
    command = [str(PROGRAMS / "ascribe"), "check", "--store", str(desk)]
    proof = subprocess.run(command, capture_output=True, text=True, check=False)
    print(proof.stdout.strip())
    if proof.returncode:
        yield f"ascribe check --store: {proof.stdout}{proof.stderr}"


def issued(kg: KnowledgeGraph, version: str) -> str | None:
    """The day that a version's document is said to be from, if the version is there."""
    rows = kg.query(filled("issued.rq", version=f"<{version}>")).rows
    return next((str(day) for (day,) in rows), None)


def count_in(kg: KnowledgeGraph, version: str) -> int:
    """Where the counter of a version stands."""
    [(count,)] = kg.query(filled("counted.rq", version=f"<{version}>")).rows
    return int(str(count))


if __name__ == "__main__":
    sys.exit(main())
