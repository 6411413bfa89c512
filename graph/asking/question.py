"""What is asked of a worker, and what kind of answer it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyoxigraph import DefaultGraph, NamedNode

from graph.formats import RDF_FORMATS, RESULT_FORMATS, Format
from graph.store import Kind

FORMATS: dict[str, Format] = {form.media_type: form for form in (*RESULT_FORMATS, *RDF_FORMATS)}
"""Every format of an answer, by its media type: the engine's own objects cannot be sent."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query with what it is asked of.

    Shape: without graphs it is asked of the whole dataset.
    """

    sparql: str
    default_graphs: Sequence[NamedNode | DefaultGraph] | None = None
    named_graphs: Sequence[NamedNode] | None = None

    @property
    def bare(self) -> bool:
        """Whether there is nothing to it but the query."""
        return self.default_graphs is None and self.named_graphs is None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled in a tenth of the time that dataclasses take."""
        return Question, (self.sparql, self.default_graphs, self.named_graphs)


@dataclass(frozen=True, slots=True)
class Job:
    """A question for a worker.

    Shape: the media types in which solutions and graphs are wanted; None where that
        kind of answer is not. What is asked aside gives way to all that is asked otherwise.
    """

    question: Question
    solutions: str | None
    graph: str | None
    is_aside: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """As a question is pickled."""
        return Job, (self.question, self.solutions, self.graph, self.is_aside)


class Told(Protocol):
    """An answer, its beginning sure; to be closed.

    Shape: `whole` is all of it where it is short, else it comes in chunks; `revision`
        says which state of the dataset it was read from.
    """

    kind: Kind
    revision: int
    whole: bytes | None

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Let go of what works it out."""


class Asker(Protocol):
    """Whoever answers queries."""

    def ask(
        self, question: Question, solutions: str | None, graph: str | None, client: str
    ) -> Told:
        """The answer to a query.

        Shape: `solutions` and `graph` are the media types for these kinds of answer;
            for None only the kind is told. `client` is whose turn it is.
        Raises: SyntaxFault; BadInput; TooLarge; OverLimit; Busy; StoreFault.
        """

    def stats(self) -> dict[str, int]:
        """How many workers there are, are busy, and queries wait; what happened so far."""

    def close(self) -> None:
        """Let go of what works answers out."""
