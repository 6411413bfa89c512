"""Small queries answered where the data is, all others by workers."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, cast

from graph.asking.harmless import is_harmless
from graph.asking.inside import Dataset, Whole
from graph.asking.question import FORMATS, Asker, Question, Told
from graph.formats import Format
from graph.store import Kind

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

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
        if solutions and question.bare and is_harmless(question.sparql):
            found = self.look_up(question.sparql, solutions)
            if found is not None:
                return found
        return self._workers.ask(question, solutions, graph, client)

    def look_up(self, sparql: str, media_type: str) -> Whole | None:
        """The answer to a harmless query; None where it is longer than was to be seen.

        Raises: SyntaxFault; StoreFault.
        """
        kinds: list[Kind] = []
        output = _Short()

        def pick(kind: Kind) -> Format:
            kinds.append(kind)
            return FORMATS[media_type]

        revision, store = self._dataset.revision(), self._dataset.store
        try:
            store.serialize(sparql, cast("IO[bytes]", output), pick)
        except _TooLong:
            return None
        return Whole(kinds[0], revision, output.getvalue())

    def stats(self) -> dict[str, int]:
        """How the workers are; see `Asker`."""
        return self._workers.stats()

    def close(self) -> None:
        """Let go of the workers."""
        self._workers.close()


class _TooLong(Exception):
    """More was written than a look-up gives."""


class _Short(io.BytesIO):
    """Where a short answer is written."""

    def write(self, data: ReadableBuffer) -> int:
        written = super().write(data)
        if self.tell() > _MOST_BYTES:
            raise _TooLong
        return written
