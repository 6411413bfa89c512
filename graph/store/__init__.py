"""Where quads are kept: one protocol, and the engines behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Protocol
from typing import Literal as Literal_

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from graph.formats import Format

Term = NamedNode | BlankNode | Literal | Triple
Row = dict[str, Term]
Kind = Literal_["select", "ask", "graph"]
"""Of answers to queries."""
Pattern = tuple[
    NamedNode | BlankNode | Triple | None,
    NamedNode | None,
    Term | None,
    NamedNode | DefaultGraph | None,
]
"""Subject, predicate, object and graph of the quads that are wanted; None fits everything."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave, taken out of the engine.

    Shape: SELECT fills `variables` and `rows`, ASK `truth`, CONSTRUCT and
        DESCRIBE `triples`. Engine iterators panic on another thread than their
        own (measured), so none is handed out.
    """

    variables: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truth: bool | None = None
    triples: tuple[Triple, ...] | None = None


class Readable(Protocol):
    """A set of quads that can be looked through."""

    def match(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> list[Quad]:
        """The quads that fit, None fitting everything."""

    def find(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """The quads that fit, as they are met; to be used up by the thread that asks."""


class Dumpable(Readable, Protocol):
    """A set of quads that can be written out."""

    def dump(
        self,
        output: IO[bytes],
        form: Format,
        graphs: Iterable[NamedNode | DefaultGraph] | None = None,
    ) -> None:
        """Write all quads, or those of some graphs, as they are streamed."""

    def text_of(self, graph: NamedNode, form: Format) -> bytes:
        """A graph as N-Triples, or as Turtle that goes on after `PREFIX_LINES`."""

    def graphs(self) -> Iterator[NamedNode]:
        """The names of all graphs."""


class Store(Dumpable, Protocol):
    """A set of quads with SPARQL. All methods may be called by any thread."""

    def query(
        self,
        sparql: str,
        *,
        default_graphs: Iterable[NamedNode | DefaultGraph] | None = None,
        named_graphs: Iterable[NamedNode] | None = None,
    ) -> Answer:
        """The answer to a query over the union of all graphs.

        Shape: with `default_graphs` over the union of these; GRAPH sees
            `named_graphs`, or all where only the others are given.
        Raises: SyntaxFault with line and column; StoreFault.
        """

    def serialize(
        self,
        sparql: str,
        output: IO[bytes],
        pick: Callable[[Kind], Format],
        *,
        default_graphs: Iterable[NamedNode | DefaultGraph] | None = None,
        named_graphs: Iterable[NamedNode] | None = None,
    ) -> Format:
        """Write the answer to a query in the format that `pick` chooses.

        Shape: `pick` is handed the kind of answer: select, ask or graph.
        Raises: as `query`; and what `pick` raises.
        """

    def transact(self, add: Iterable[Quad] = (), remove: Iterable[Quad] = ()) -> None:
        """Remove and add in one atomic step.

        Raises: StoreFault, with nothing changed.
        """

    def load(self, nquads: bytes) -> None:
        """Add quads that our serialiser wrote as N-Quads, as fast as can be.

        After a crash some of them may be there and some not: for what is logged
        and will be applied again.

        Raises: StoreFault.
        """

    def scratch(self) -> AbstractContextManager[Store]:
        """A copy to try changes on, gone at the end of the block.

        Raises: StoreFault if the disk refuses.
        """

    def compact(self) -> None:
        """Put all quads in order at once, so that they are read faster.

        Shape: costs a reading and a writing of all there is; others go on meanwhile.
        Raises: StoreFault if the disk refuses.
        """

    def __len__(self) -> int: ...

    def close(self) -> None:
        """Let go of files and locks."""
