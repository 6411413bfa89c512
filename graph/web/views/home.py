"""The home page: how much there is, what is new, who disagrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from graph.index import Pair, Searcher, Source
from graph.kg import KnowledgeGraph
from graph.tables import as_python
from graph.vocab import ASC
from graph.web.views.cards import Card, card_of, title_of
from graph.web.views.facts import Facts
from graph.web.views.names import Name
from graph.web.views.relations import Disagreement, disagreements, value
from graph.web.words import say

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


def home_page(kg: KnowledgeGraph, index: Searcher) -> HomePage:
    """The page data of the home page, as the index has it."""
    counts = index.counts()
    return _page(
        kg,
        (counts.statements, counts.speakers, counts.events, counts.sources),
        (index.disputes(_MOST_READ), counts.disputes),
        index.latest(_MOST_READ),
        index.sources(_MOST_SOURCES),
    )


def past_home_page(kg: KnowledgeGraph) -> HomePage:
    """The page data of the home page as it was: of the past there is no index."""
    pairs = [
        Pair(*(value(row, each) for each in ("assessment", "subject", "relation", "object")))
        for row in kg.answer("page_disagreements").rows
    ]
    facts = Facts(kg.store)
    sources = [
        Source(title.iri, title.text, title.language or "", int(value(row, "statements")))
        for row in kg.answer("page_sources").rows[:_MOST_SOURCES]
        for title in (title_of(facts, value(row, "version")),)
    ]
    return _page(
        kg,
        tuple(_count(kg, query) for _, query in _COUNTS),
        (pairs, len(pairs)),
        [value(row, "statement") for row in kg.answer("page_latest").rows],
        sources,
    )


def _page(
    kg: KnowledgeGraph,
    counts: tuple[int, ...],
    disputes: tuple[list[Pair], int],
    latest: list[str],
    sources: list[Source],
) -> HomePage:
    facts = Facts(kg.store)
    pairs, total = disputes
    return HomePage(
        counts=tuple(
            Count(of, number, query) for (of, query), number in zip(_COUNTS, counts, strict=True)
        ),
        disputes=disagreements(facts, islice(_varied(pairs), _MOST_PAIRS)),
        disputes_total=total,
        latest=_one_each(facts, latest),
        sources=tuple(
            (Name(s.iri, s.title or say("part.no_title"), s.language or None), s.statements)
            for s in sources
        ),
        sources_total=counts[-1],
    )


def _varied(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """The pairs in their order, less those that show a statement a third time."""
    shown: Counter[str] = Counter()
    for pair in pairs:
        ends = (pair.subject, pair.object)
        if all(shown[each] < 2 for each in ends):
            shown.update(ends)
            yield pair


def _one_each(facts: Facts, statements: Iterable[str]) -> tuple[Card, ...]:
    """The first card of each speaker, up to as many as the page shows."""
    first: dict[str, str] = {}
    for each in statements:
        first.setdefault(facts.iri(each, ASC.speaker) or "", each)
    return tuple(card_of(facts, each) for each in islice(first.values(), _MOST_LATEST))


def _count(kg: KnowledgeGraph, query: str) -> int:
    return int(as_python(kg.answer(query).rows[0]["count"]))
