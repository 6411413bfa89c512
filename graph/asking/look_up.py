"""Small queries answered where the data is, all others by workers."""

from __future__ import annotations

from typing import IO, cast

from graph.asking.harmless import is_harmless
from graph.asking.inside import Dataset, Whole
from graph.asking.question import FORMATS, Asker, Question, Told
from graph.formats import Format
from graph.store import Kind

_MOST_BYTES = 64_000


class Sorting:
    """Looks up what is harmless in this process, which spares it a way and a wait."""

    def __init__(self, dataset: Dataset, workers: Asker) -> None:
        self._dataset = dataset
        self._workers = workers

    def ask(
        self, question: Question, solutions: str | None, graph: str | None, client: str
    ) -> Told:
        """The answer to a query; see `Asker`."""
        if question.bare and is_harmless(question.sparql):
            found = self.look_up(question.sparql, solutions, graph)
            if found is not None:
                return found
        return self._workers.ask(question, solutions, graph, client)

    def look_up(self, sparql: str, solutions: str | None, graph: str | None) -> Whole | None:
        """The answer to a harmless query; None where it is longer than was to be seen, or
        not wanted in any format.

        Raises: SyntaxFault; StoreFault.
        """
        kinds: list[Kind] = []
        output = _Short()

        def pick(kind: Kind) -> Format:
            kinds.append(kind)
            wanted = graph if kind == "graph" else solutions
            if wanted is None:
                raise _LeftToOthers
            return FORMATS[wanted]

        revision, store = self._dataset.revision(), self._dataset.store
        try:
            store.serialize(sparql, cast("IO[bytes]", output), pick)
        except _LeftToOthers:
            return None
        return Whole(kinds[0], revision, b"".join(output.parts))

    def stats(self) -> dict[str, int]:
        """How the workers are; see `Asker`."""
        return self._workers.stats()

    def close(self) -> None:
        """Let go of the workers."""
        self._workers.close()


class _LeftToOthers(Exception):
    """More is written, or another kind of answer, than a look-up gives."""


class _Short:
    """Where a short answer is written."""

    __slots__ = ("_room", "parts")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._room = _MOST_BYTES

    def write(self, data: bytes) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise _LeftToOthers
        self.parts.append(data)
        return len(data)

    def flush(self) -> None:
        """Nothing: it is there."""
