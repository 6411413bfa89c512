"""A set of records that can be asked: by IRI, by kind, by chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from pyoxigraph import Quad

from graph.fields import Record
from graph.model import Attribution, Statement

R = TypeVar("R", bound=Record)
Chain = tuple[Attribution, ...]


class Records:
    """Records by IRI, the graph each came from, and the quads no record holds.

    Shape: iterates in the order of the IRIs.
    """

    __slots__ = ("_by_iri", "extra", "graphs")

    def __init__(
        self,
        records: Iterable[Record] = (),
        extra: Iterable[Quad] = (),
        graphs: Mapping[str, str] | None = None,
    ) -> None:
        self._by_iri = {each.iri: each for each in sorted(records, key=lambda each: each.iri)}
        self.extra = frozenset(extra)
        self.graphs = dict(graphs or {})

    def __getitem__(self, iri: str) -> Record:
        return self._by_iri[iri]

    def __contains__(self, iri: object) -> bool:
        return iri in self._by_iri

    def __iter__(self) -> Iterator[Record]:
        return iter(self._by_iri.values())

    def __len__(self) -> int:
        return len(self._by_iri)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Records):
            return NotImplemented
        return self._by_iri == other._by_iri and self.extra == other.extra

    __hash__ = None  # type: ignore[assignment]

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Every record of one kind."""
        return tuple(each for each in self if isinstance(each, kind))

    def get(self, iri: str | None, kind: type[R]) -> R | None:
        """The record of that IRI, if it is here and of that kind."""
        found = self._by_iri.get(iri or "")
        return found if isinstance(found, kind) else None

    def chain(self, statement: Statement) -> tuple[Chain, ...]:
        """The statement's chains, one for each hop 0, outward from the words.

        Shape: a hop that is not here, or that was passed before, ends its chain.
        """
        return tuple(tuple(self._hops(first)) for first in statement.attribution)

    def _hops(self, iri: str | None) -> Iterator[Attribution]:
        passed: set[str] = set()
        while (hop := self.get(iri, Attribution)) is not None and hop.iri not in passed:
            passed.add(hop.iri)
            yield hop
            iri = hop.relayed_by
