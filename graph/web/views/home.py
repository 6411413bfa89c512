"""The home page: how much there is, what is new, who disagrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from graph.kg import KnowledgeGraph
from graph.store import Row
from graph.tables import as_python
from graph.web.views.cards import Card, card_of, title_of
from graph.web.views.facts import Facts
from graph.web.views.names import Name
from graph.web.views.relations import Disagreement, disagreements, value

_COUNTS = (
    ("count.statements", "page_count_statements"),
    ("count.speaker", "page_count_speakers"),
    ("count.event", "page_count_events"),
    ("count.source", "page_count_sources"),
)
_MOST_PAIRS = 6
_MOST_LATEST = 6
_MOST_SOURCES = 10


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


def home_page(kg: KnowledgeGraph) -> HomePage:
    """The page data of the home page."""
    facts = Facts(kg.store)
    conflicts = kg.answer("page_disagreements").rows
    latest = kg.answer("page_latest").rows
    sources = kg.answer("page_sources").rows
    return HomePage(
        counts=tuple(Count(of, _count(kg, query), query) for of, query in _COUNTS),
        disputes=disagreements(facts, islice(_varied(conflicts), _MOST_PAIRS)),
        disputes_total=len(conflicts),
        latest=_one_each(card_of(facts, value(row, "statement")) for row in latest),
        sources=tuple(
            (title_of(facts, value(row, "version")), int(value(row, "statements")))
            for row in sources[:_MOST_SOURCES]
        ),
        sources_total=len(sources),
    )


def _varied(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows in their order, less those that show a statement a third time."""
    shown: Counter[str] = Counter()
    for row in rows:
        pair = (value(row, "subject"), value(row, "object"))
        if all(shown[each] < 2 for each in pair):
            shown.update(pair)
            yield row


def _one_each(cards: Iterable[Card]) -> tuple[Card, ...]:
    """The first card of each speaker, up to as many as the page shows."""
    first: dict[str, Card] = {}
    for card in cards:
        first.setdefault(card.speakers[0].agent.iri if card.speakers else "", card)
    return tuple(islice(first.values(), _MOST_LATEST))


def _count(kg: KnowledgeGraph, query: str) -> int:
    return int(as_python(kg.answer(query).rows[0]["count"]))
