"""The page of somebody who speaks: names, posts, statements, and through whom they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from pyoxigraph import Quad

from graph.index import Lists, Opposed, Pair
from graph.kg import KnowledgeGraph
from graph.vocab import ASC, ORG
from graph.web.views.cards import Card, cards_of
from graph.web.views.facts import Facts, facts_for
from graph.web.views.names import Name, name_of, named_source, names_of
from graph.web.views.relations import Disagreement, disagreements
from graph.web.views.stored import Stored, lists_for
from graph.web.views.thing import ThingPage, thing_page
from graph.web.views.times import Time, time_of

_MOST_READ = 60
_MOST_SHOWN = 16
_MOST_RELAYED = 6
_MOST_CONFLICTS = 4
_MOST_COUNTED = 300
_MOST_OPPOSED = 80
_MOST_PAIRS = 60
_MOST_MONTHS = 24
_MOST_NAMED = 12


class Held(NamedTuple):
    """A post that somebody held, where and when, as far as the sources say."""

    post: Name
    organization: Name | None
    times: tuple[Time, ...]


class Part(NamedTuple):
    """Statements in which an agent has one part: some of them, and how many there are."""

    cards: tuple[Card, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SpeakerPage:
    """All that the page of an agent shows.

    Shape: `times` are months, `YYYY-MM`, or years if there are many, in their order and
        with a count, the empty one for what is not dated; `through` are those who pass the
        words on, most first; all three are counted over the last statements, `counted` of
        them.
    """

    thing: ThingPage
    posts: tuple[Held, ...]
    said: Part
    relayed: Part
    counted: int
    times: tuple[tuple[str, int], ...]
    most: int
    through: tuple[tuple[Name, int], ...]
    sources: tuple[tuple[Name, int], ...]
    conflicts: tuple[Disagreement, ...]


def speaker_page(kg: KnowledgeGraph, iri: str, quads: Sequence[Quad]) -> SpeakerPage:
    """The page data of an agent."""
    facts = facts_for(kg)
    lists = lists_for(kg, facts)
    total = lists.number_of("speaker", iri)
    counted = min(total, _MOST_COUNTED)
    beside = lists.together("speaker", iri, ("month", "relay"), _MOST_COUNTED)
    dated = _by_time(beside["month"])
    undated = counted - sum(number for _, number in dated)
    return SpeakerPage(
        thing=thing_page(facts, kg, iri, quads, listed=False),
        posts=tuple(_posts(facts, iri)),
        said=_part(facts, lists, iri, "speaker", _MOST_SHOWN),
        relayed=_part(facts, lists, iri, "relay", _MOST_RELAYED),
        counted=counted,
        times=(*dated, *([("", undated)] if undated > 0 else ())),
        most=max((undated, *(number for _, number in dated))),
        through=_named(facts, beside["relay"]),
        sources=tuple(
            (named_source(each), each.statements)
            for each in lists.in_sources("speaker", iri, _MOST_COUNTED, _MOST_NAMED)
        ),
        conflicts=_conflicts(facts, lists.opposed(iri, _MOST_OPPOSED, _MOST_PAIRS)),
    )


def _part(facts: Facts, lists: Lists | Stored, iri: str, role: str, most: int) -> Part:
    """The last of some statements, whole ones before those that are part of another."""
    found = sorted(lists.mentions(role, iri, _MOST_READ), key=lambda each: each.is_part)
    cards = cards_of(facts, (each.iri for each in found[:most]))
    cards.sort(key=lambda card: (card.version, card.start, -card.end, card.iri))
    return Part(tuple(cards), lists.number_of(role, iri))


def _by_time(months: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The months in their order, or the years if they are many."""
    found = sorted(months)
    if len(found) <= _MOST_MONTHS:
        return found
    years: Counter[str] = Counter()
    for month, number in found:
        years[month[:4]] += number
    return [*years.items()]


def _named(facts: Facts, counted: Sequence[tuple[str, int]]) -> tuple[tuple[Name, int], ...]:
    shown = counted[:_MOST_NAMED]
    facts.prepare_shared(iri for iri, _ in shown)
    return tuple((name_of(facts, iri), number) for iri, number in shown)


def _posts(facts: Facts, iri: str) -> Iterator[Held]:
    for membership in facts.pointing_at(iri, ORG.member):
        for post in facts.iris(membership, ASC.post):
            organizations = names_of(facts, post, ORG.postIn)
            times = (*facts.iris(membership, ORG.memberDuring),)
            yield Held(
                name_of(facts, post),
                next(iter(organizations), None),
                tuple(time_of(facts, each) for each in times),
            )


def _conflicts(facts: Facts, opposed: Iterable[Opposed]) -> tuple[Disagreement, ...]:
    """Where others disagree with somebody, each voice and relation once."""
    first: dict[tuple[str, str], Pair] = {}
    for each in opposed:
        first.setdefault((each.other, each.pair.relation), each.pair)
    return disagreements(facts, islice(first.values(), _MOST_CONFLICTS))
