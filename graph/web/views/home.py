"""The home page: how much there is, what is new, who disagrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from graph.index import Mention, Pair, Searcher
from graph.kg import KnowledgeGraph
from graph.web.views.cards import Card, cards_of
from graph.web.views.facts import Facts
from graph.web.views.names import Name, named_source
from graph.web.views.relations import Disagreement, disagreements
from graph.web.views.stored import lists_for

_COUNTS = (
    ("count.statements", "page_count_statements"),
    ("count.speaker", "page_count_speakers"),
    ("count.event", "page_count_events"),
    ("count.source", "page_count_sources"),
)
_MOST_PAIRS = 6
_MOST_LATEST = 6
_MOST_SOURCES = 10
_MOST_READ = 60
"""As many are looked through for those that are shown."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something, by the key of its words, and the query that says so."""

    of: str
    number: int
    query: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """All that the home page shows."""

    counts: tuple[Count, ...]
    disputes: tuple[Disagreement, ...]
    disputes_total: int
    latest: tuple[Card, ...]
    sources: tuple[tuple[Name, int], ...]
    sources_total: int


def home_page(kg: KnowledgeGraph, index: Searcher | None) -> HomePage:
    """The page data of the home page, by the index; of the past there is none."""
    facts = Facts(kg.store, index)
    lists = lists_for(kg, facts)
    counts = lists.counts()
    numbers = (counts.statements, counts.speakers, counts.events, counts.sources)
    return HomePage(
        counts=tuple(
            Count(of, number, query) for (of, query), number in zip(_COUNTS, numbers, strict=True)
        ),
        disputes=disagreements(facts, islice(_varied(lists.disputes(_MOST_READ)), _MOST_PAIRS)),
        disputes_total=counts.disputes,
        latest=_one_each(facts, lists.latest(_MOST_READ)),
        sources=tuple(
            (named_source(each), each.statements) for each in lists.sources(_MOST_SOURCES)
        ),
        sources_total=counts.sources,
    )


def _varied(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """The pairs in their order, less those that show a statement a third time."""
    shown: Counter[str] = Counter()
    for pair in pairs:
        ends = (pair.subject, pair.object)
        if all(shown[each] < 2 for each in ends):
            shown.update(ends)
            yield pair


def _one_each(facts: Facts, statements: Iterable[Mention]) -> tuple[Card, ...]:
    """The first card of each speaker, up to as many as the page shows."""
    first: dict[str, str] = {}
    for each in statements:
        first.setdefault(each.speaker, each.iri)
    return tuple(cards_of(facts, islice(first.values(), _MOST_LATEST)))
