"""Our endpoint beside `oxigraph serve` and rdflib-endpoint: the query mix over HTTP.

    pip install oxigraph rdflib-endpoint[cli]; apt install wrk
    python benchmarks/endpoint.py [--statements 10000 100000] [--clients 1 8 32]

Each server holds the same quads, made from a generated corpus. Their answers are
compared first. Then each kind of question is put to them in turns, round by round,
by wrk. Last, what the result cache brings: a stream of questions by a Zipf
distribution, which begins with an empty cache and is longer than is asked of it, and
one question of each kind repeated. Prints Markdown tables; ratios hold from
machine to machine, figures don't. `--seconds 1 --rounds 1 --statements 10000` takes
three minutes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from asking import Measured, answer, measure
from mix import CUT, KINDS, Question, questions, stream
from servers import PROGRAMS, Ground, Server, grown, serving

import graph

Found = dict[tuple[str, str, int], Measured]

OURS, THEIRS, THIRD = "ascribe", "oxigraph serve", "rdflib-endpoint"
NO_CACHE = {"ASCRIBE_CACHE_BYTES": "0"}
UNHURRIED = {"ASCRIBE_QUERY_TIMEOUT_S": "120"}
"""The peer has no limits, and none of ours is to be met on a busy machine."""
QUICK = ["look_up", "chain", "speaker", "event", "disagreement", "path", "optional", "ask"]
"""What the Zipf stream is made of: questions with a subject."""
STREAM = 100_000


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stream-seconds", type=int, default=10, help="for the Zipf stream")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--subjects", type=int, default=200, help="for each kind of question")
    parser.add_argument("--look-ups", type=int, default=5_000)
    parser.add_argument("--folder", type=Path, help="where datasets are kept, and taken again")
    parser.add_argument("--oxigraph", default=str(PROGRAMS / "oxigraph"))
    parser.add_argument("--rdflib-endpoint", help="the program; asked at the smallest size only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for statements in options.statements:
            place = (options.folder or Path(temporary)) / str(statements)
            ground = grown(place, statements, options.oxigraph)
            with graph.open(ground.dataset, read_only=True) as kg:
                mix = questions(kg, options.subjects, options.look_ups)
            third = options.rdflib_endpoint if statements == min(options.statements) else None
            run(options, statements, ground, mix, third)


def run(
    options: argparse.Namespace,
    statements: int,
    ground: Ground,
    mix: dict[str, Question],
    third: str | None,
) -> None:
    """Ask all servers over one ground, and print what was found."""
    asked = [mix[kind] for kind in options.kinds]
    with beside(ground, options.oxigraph, third, **NO_CACHE) as servers:
        differing = list(differences(servers, asked))
        found = measured(servers, asked, options, options.seconds)
        memory = {each.name: each.megabytes() for each in servers}
    print(f"## {statements:,} statements\n")
    print(f"Answers compared: {', '.join(differing) or 'all equal'}.\n")
    print(table(found, options.kinds, options.clients, [each.name for each in servers]))
    told = (f"{name} {megabytes:,.0f} MB" for name, megabytes in memory.items())
    print(f"\nMemory of the processes, after it: {', '.join(told)}.\n")
    kinds = [kind for kind in QUICK if kind in options.kinds]
    repeated = [
        Question(f"{each.kind}, repeated", each.queries[:1], each.accept)
        for each in asked
        if each.kind not in CUT
    ]
    print("With the result cache:\n")
    for group, seconds in (
        ([stream(mix, kinds, STREAM)], options.stream_seconds),
        (repeated, options.seconds),
    ):
        with beside(ground, options.oxigraph, None) as servers:
            found = measured(servers, group, options, seconds)
        names = [each.name for each in servers]
        print(table(found, [each.kind for each in group], options.clients, names))
        print(flush=True)


@contextmanager
def beside(
    ground: Ground, oxigraph: str, third: str | None, **settings: str
) -> Iterator[list[Server]]:
    """All servers over one ground."""
    command = [str(PROGRAMS / "ascribe"), "serve", str(ground.dataset), "--port", "{port}"]
    bound = ["--bind", "127.0.0.1:{port}", "--union-default-graph"]
    peer = [oxigraph, "serve", "--location", str(ground.peer), *bound]
    with ExitStack() as stack:
        servers = [
            stack.enter_context(serving(OURS, command, "/sparql", **UNHURRIED, **settings)),
            stack.enter_context(serving(THEIRS, peer, "/query")),
        ]
        if third:
            command = [third, "serve", "--host", "127.0.0.1", "--port", "{port}", str(ground.dump)]
            servers.append(stack.enter_context(serving(THIRD, command, "/", 600)))
        yield servers


def differences(servers: Sequence[Server], asked: Sequence[Question]) -> Iterator[str]:
    """Which servers answer which questions otherwise than the first does."""
    first, *others = servers
    for question in asked:
        for number in range(min(1 if question.kind in CUT else 3, len(question.queries))):
            ours = answer(first, question, number)
            for other in others:
                try:
                    theirs = answer(other, question, number)
                except (RuntimeError, SyntaxError, ValueError) as fault:
                    yield f"{other.name} {question.kind} {number} ({fault})"
                    continue
                same = len(ours) == len(theirs) if question.kind in CUT else ours == theirs
                if not same:
                    yield f"{other.name} {question.kind} {number} ({len(theirs)}, {len(ours)})"


def measured(
    servers: Sequence[Server],
    asked: Sequence[Question],
    options: argparse.Namespace,
    seconds: int,
) -> Found:
    """The median of some rounds, the servers in turns."""
    rounds: dict[tuple[str, str, int], list[Measured]] = {}
    for number in range(options.rounds):
        for question in asked:
            for clients in options.clients:
                for server in servers:
                    one = measure(server, question, clients, seconds)
                    rounds.setdefault((server.name, question.kind, clients), []).append(one)
                    print(question.kind, clients, server.name, one, file=sys.stderr, flush=True)
        print(f"round {number + 1} of {options.rounds} done", file=sys.stderr)
    return {
        key: Measured(*map(statistics.median, zip(*each, strict=True)))
        for key, each in rounds.items()
    }


def table(found: Found, kinds: Sequence[str], clients: Sequence[int], names: Sequence[str]) -> str:
    """What each server did; the ratios are of requests a second and of processor time."""
    told = "requests/s, p50, p99 and CPU in ms"
    head = ["query", "clients", *(f"{name}: {told}" for name in names), "ratio", "by CPU"]
    lines = [_row(head), _row(["---"] * len(head))]
    for kind in kinds:
        for many in clients:
            cells = [found[name, kind, many] for name in names]
            each = (
                f"{one.rate:,.0f}, {one.p50_ms:.1f}, {one.p99_ms:.1f}, {one.cpu_ms:.2f}"
                for one in cells
            )
            lines.append(_row([kind, str(many), *each, *_ratios([cells])]))
    for many in clients:
        pairs = [[found[name, kind, many] for name in names] for kind in kinds]
        lines.append(_row(["geometric mean", str(many), *[""] * len(names), *_ratios(pairs)]))
    return "\n".join(lines)


def _ratios(pairs: Sequence[Sequence[Measured]]) -> list[str]:
    """Ours to the next, as geometric means: how many a second, and by processor time."""
    rate = statistics.geometric_mean(ours.rate / theirs.rate for ours, theirs, *_ in pairs)
    cpu = statistics.geometric_mean(
        max(theirs.cpu_ms, 0.001) / max(ours.cpu_ms, 0.001) for ours, theirs, *_ in pairs
    )
    return [f"{rate:.2f}", f"{cpu:.2f}"]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
