"""Large files that hold several bundles, taken apart by a process that parses them.

It holds one bundle at a time, so their quads have to stand together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from graph.bundle import Graphs
from graph.errors import BadInput, SyntaxFault
from graph.files import PACKAGE
from graph.formats import Format
from graph.malloc import MALLOC
from graph.settings import Settings

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
    command = [sys.executable, str(PACKAGE / "bulk" / "split_worker.py"), json.dumps(task)]
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
