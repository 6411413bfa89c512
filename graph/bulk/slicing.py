"""Large N-Quads files that hold several bundles, as an export does, cut up unread.

Each bundle's quads have to stand together, so a bundle begins where a line ends
with the name of another version's graph. A line that ends otherwise than our own
serialiser writes it is parsed; whoever reads a bundle parses it anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from graph.bundle import Graphs, assessments_of
from graph.errors import BadInput, TooLarge
from graph.settings import Settings

_BLOCK_BYTES = 1_000_000
"""How much of a file is looked at in one go."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some lines of a file.

    Units: `start` and `length` count bytes, `line` the lines of the file from 1.
    """

    start: int
    length: int
    line: int

    def read(self, path: Path) -> bytes:
        """The lines.

        Raises: BadInput if the file can no longer be read.
        """
        try:
            with path.open("rb", buffering=0) as file:
                file.seek(self.start)
                return file.read(self.length)
        except OSError as error:
            raise BadInput.unread(path, error) from None


def spans_of(path: Path, settings: Settings) -> Iterator[Span]:
    """Where the bundles of a large N-Quads file stand; what is before the first goes with it.

    Raises: BadInput where the quads of one do not stand together; TooLarge.
    """
    graphs = Graphs(settings.base)
    others = (*graphs.shared, graphs.judgements)
    version: NamedNode | None = None
    same = _ends_in(*others)
    finished: set[int] = set()
    start = passed = first = number = 0
    for number, line in enumerate(chain.from_iterable(_lines(path, settings.max_bytes))):
        if not line.endswith(same):
            graph = _graph_of(line)
            if graph is not None and graph not in (version, *others):
                if version is not None:
                    yield Span(start, passed - start, first + 1)
                    finished.add(hash(version))
                    start, first = passed, number
                version = graph
                if hash(version) in finished:
                    raise BadInput(_apart(path, version))
                same = _ends_in(version, assessments_of(version), *others)
        passed += len(line) + 1
        if number - first > settings.max_triples:
            raise TooLarge(
                f"{path}: not read on: the bundle {version and version.value} has more than "
                f"{settings.max_triples:,} triples: split it, or raise ASCRIBE_MAX_TRIPLES."
            )
    if passed > start:
        yield Span(start, passed - start, first + 1)


def _lines(path: Path, longest: int) -> Iterator[list[bytes]]:
    """The lines of a file without their ends, some thousand at a time."""
    rest = b""
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK_BYTES):
            *lines, rest = (rest + block).split(b"\n")
            if len(rest) > longest:
                raise TooLarge(
                    f"{path}: not read on: a line is longer than {longest:,} bytes: split it, or "
                    "raise ASCRIBE_MAX_BYTES."
                )
            yield lines
    yield [rest] if rest else []


def _ends_in(*graphs: NamedNode) -> tuple[bytes, ...]:
    """How lines end that name one of these graphs."""
    return tuple(f" {graph} .".encode() for graph in graphs)


def _graph_of(line: bytes) -> NamedNode | None:
    """The version or shared graph that a line names, if it is a quad."""
    try:
        [quad] = parse(line, RdfFormat.N_QUADS)
    except (SyntaxError, ValueError):  # a comment, or for its reader to refuse
        return None
    graph = quad.graph_name
    named = isinstance(graph, NamedNode)
    return NamedNode(graph.value.removesuffix("/assessments")) if named else None


def _apart(path: Path, version: NamedNode) -> str:
    return (
        f"{path}: not read on: the quads of {version.value} do not stand together: write the "
        "file with `ascribe export`, or take it apart into one file for each source."
    )
