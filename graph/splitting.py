"""Files that hold several bundles, as an export does, taken apart again.

Small ones in memory, whatever their order; of large ones a process holds one
bundle at a time, so their quads have to stand together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pyoxigraph import NamedNode, Quad

from graph.bundle import Bundle, Graphs, Origin, make_bundle
from graph.errors import BadInput, SyntaxFault
from graph.facts import Subject
from graph.files import PACKAGE
from graph.formats import Format
from graph.malloc import MALLOC
from graph.settings import Settings
from graph.vocab import ASC, RDF


def make_bundles(quads: Iterable[Quad], base: str, origin: Origin | None = None) -> list[Bundle]:
    """The bundles of a file that may hold several.

    Shape: each version's own graphs make a bundle, together with what shared
        graphs say about the things it names, however far that leads.
        What no version leads to goes with the first.
    Raises: BadInput as `make_bundle`, also for several versions in one graph.
    """
    held = [*dict.fromkeys(quads)]
    names = _version_names(held)
    own: dict[str, list[Quad]] = {name: [] for name in names}
    shared: dict[Subject, list[Quad]] = defaultdict(list)
    for quad in held:
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        version = graph.removesuffix("/assessments")
        if version in own:
            own[version].append(quad)
        else:
            shared[quad.subject].append(quad)
    if len(names) < 2 or not all(own.values()):
        return [make_bundle(held, base, origin)]
    holders = _holders_of_posts(shared)
    whole = {name: [*own[name], *_reached(own[name], shared, holders)] for name in sorted(names)}
    placed = {quad for each in whole.values() for quad in each}
    whole[min(names)] += [quad for quad in held if quad not in placed]
    return [make_bundle(each, base, origin) for each in whole.values()]


_AHEAD_BYTES = 1_000_000
"""How far a file is read ahead, where the system lets a pipe hold as much."""


@dataclass(frozen=True, slots=True)
class Part:
    """One bundle of a large file, as N-Quads in the order of the file.

    Shape: `weight` counts the bytes of the file that are done with it.
    """

    data: bytes
    weight: int


def parts_of(path: Path, form: Format, settings: Settings) -> Iterator[Part]:
    """The bundles of a large file.

    Raises: SyntaxFault and BadInput where the file cannot be read on.
    """
    graphs = Graphs(settings.base)
    task = {
        "path": str(path),
        "media_type": form.media_type,
        "base": settings.base,
        "shared": [graph.value for graph in (*graphs.shared, graphs.judgements)],
        "triples": settings.max_triples,
        "literal_bytes": settings.max_literal_bytes,
        "memory_bytes": settings.parse_memory_bytes,
    }
    command = [sys.executable, str(PACKAGE / "split_worker.py"), json.dumps(task)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        start_new_session=True,
        pipesize=_AHEAD_BYTES,
        env={**MALLOC, **os.environ},
    ) as child:
        assert child.stdout is not None
        try:
            done = 0
            for head, data in _frames(child.stdout):
                if "error" in head:
                    raise _unsplit(path, head)
                if "end" in head:
                    return
                yield Part(data, head["bytes"] - done)
                done = head["bytes"]
            raise BadInput(f"{path}: not read to its end: the process that reads it died.")
        finally:
            child.kill()


def _frames(pipe: IO[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """What the other process sends, as far as it is whole."""
    while (line := pipe.readline()).endswith(b"\n"):
        head = json.loads(line)
        data = pipe.read(head["length"])
        if len(data) < head["length"]:
            return
        yield head, data


def _unsplit(path: Path, head: dict[str, Any]) -> BadInput:
    """Why a large file could not be read on."""
    line, column = head.get("line"), head.get("column")
    place = ":".join(str(part) for part in (path, line, column) if part)
    if line:
        return SyntaxFault(f"{place}: not readable: {head['error']}.", line=line, column=column)
    return BadInput(f"{place}: not read on: {head['error']}.")


def _version_names(quads: list[Quad]) -> set[str]:
    return {
        quad.subject.value
        for quad in quads
        if quad.predicate == RDF.type
        and quad.object == ASC.DocumentVersion
        and isinstance(quad.subject, NamedNode)
    }


def _holders_of_posts(shared: dict[Subject, list[Quad]]) -> dict[object, set[Subject]]:
    """The memberships that join a post to its holder: they point, nothing points at them."""
    found: dict[object, set[Subject]] = defaultdict(set)
    for subject, quads in shared.items():
        for quad in quads:
            if quad.predicate == ASC.post:
                found[quad.object].add(subject)
    return found


def _reached(
    quads: list[Quad], shared: dict[Subject, list[Quad]], holders: dict[object, set[Subject]]
) -> Iterable[Quad]:
    """What is said about the things these quads name, and those name in turn."""
    waiting: set[object] = {quad.object for quad in quads}
    seen: set[object] = set()
    while waiting:
        node = waiting.pop()
        seen.add(node)
        about = shared.get(node, []) if isinstance(node, Subject) else []
        yield from about
        waiting |= {quad.object for quad in about} | holders.get(node, set())
        waiting -= seen
