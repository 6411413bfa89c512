"""Answers worked out in this process: for data in memory, and for queries known harmless."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from graph.asking.question import FORMATS, Question
from graph.errors import BadInput
from graph.formats import Format
from graph.store import Kind, Store
from graph.update_request import reaches_out


class Dataset(Protocol):
    """A store that is written to."""

    @property
    def store(self) -> Store:
        """The store, with all in it that was acknowledged before."""

    def revision(self) -> int:
        """How many writes have been acknowledged."""


@dataclass(slots=True)
class Whole:
    """An answer that is there."""

    kind: Kind
    revision: int
    whole: bytes | None

    def __iter__(self) -> Iterator[bytes]:
        return iter((self.whole or b"",))

    def close(self) -> None:
        """Nothing: it is worked out."""


class _Unwanted(Exception):
    """A kind of answer that is not wanted."""


class Inside:
    """Answers queries in this process, without limits."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def ask(
        self, question: Question, solutions: str | None, graph: str | None, client: str = ""
    ) -> Whole:
        """The answer to a query; see `Asker`."""
        refuse_outside(question.sparql)
        kinds: list[Kind] = []
        output = io.BytesIO()

        def pick(kind: Kind) -> Format:
            kinds.append(kind)
            wanted = graph if kind == "graph" else solutions
            if wanted is None:
                raise _Unwanted
            return FORMATS[wanted]

        revision = self._dataset.revision()
        with suppress(_Unwanted):
            self._dataset.store.serialize(
                question.sparql,
                output,
                pick,
                default_graphs=question.default_graphs,
                named_graphs=question.named_graphs,
            )
        return Whole(kinds[0], revision, output.getvalue())

    def stats(self) -> dict[str, int]:
        """Nothing is counted."""
        return {}

    def close(self) -> None:
        """Nothing is held."""


def refuse_outside(sparql: str) -> None:
    """Refuse a query that would have another server asked.

    Raises: BadInput.
    """
    if reaches_out(sparql):
        raise BadInput(
            "The query asks another server, by SERVICE, and nothing is fetched from "
            "elsewhere here: ask that server yourself."
        )
