"""What an export is made of: a dataset, and which of its statements are meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from pyoxigraph import NamedNode, Quad

from graph.bundle import Graphs
from graph.excerpt import excerpt
from graph.export import Watch, by_bundle, in_order, judged
from graph.rows import EVERYTHING, Selection, StatementRow, statement_rows
from graph.store import Dumpable, Store
from graph.texts import TextArchive


class Dataset(Protocol):
    """What is taken from: the store as it is asked, and as it was stated."""

    @property
    def store(self) -> Store:
        """Everything, who was merged as one."""

    @property
    def stated(self) -> Dumpable:
        """The same as bundles state it."""

    @property
    def texts(self) -> TextArchive:
        """The archived texts, to count in and never to write."""


@dataclass(frozen=True)
class Extract:
    """Some statements of a dataset, to be written in any form.

    Shape: a writer asks for `rows`, one a statement, or reads `stated`; both
        come as a stream. Whoever shows how far it has come looks on by `watch`.
    """

    dataset: Dataset
    base: str
    chosen: Selection = EVERYTHING
    watch: Watch = iter

    @property
    def stated(self) -> Dumpable:
        """The store as bundles state it."""
        return self.dataset.stated

    def rows(self) -> Iterator[StatementRow]:
        """The statements that are chosen, source by source."""
        return statement_rows(self.dataset.store, self.chosen, self.watch)

    def quads(self) -> Iterator[Quad]:
        """What bundles state, source by source; of bundles with some statements, these."""
        graphs = Graphs(self.base)
        if not self.chosen:
            yield from by_bundle(self.stated, graphs, self.watch)
            return
        for version, rows in groupby(self.rows(), key=lambda row: row.source):
            bundle = judged(self.stated, NamedNode(version), graphs)
            yield from in_order(excerpt(bundle, [row.statement for row in rows]))
