"""The page of somebody who speaks: names, posts, statements, and through whom they come."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad

from graph.kg import KnowledgeGraph
from graph.vocab import ASC, DCTERMS, ORG, PROV
from graph.web.views.cards import CONFLICTS, Card, card_of
from graph.web.views.facts import Facts
from graph.web.views.names import Name, name_of, names_of
from graph.web.views.relations import Disagreement, judgement_of, verb_of
from graph.web.views.thing import ThingPage, thing_page
from graph.web.views.times import Time, time_of

_MOST_READ = 300
_MOST_SHOWN = 24
_MOST_CONFLICTS = 6
_MONTH = re.compile(r"\d{4}-\d\d")


class Held(NamedTuple):
    """A post that somebody held, where and when, as far as the sources say."""

    post: Name
    organization: Name | None
    times: tuple[Time, ...]


class Part(NamedTuple):
    """Statements in which an agent has one part: the first ones, and how many were found."""

    cards: tuple[Card, ...]
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class SpeakerPage:
    """All that the page of an agent shows.

    Shape: `months` are `YYYY-MM` with a count, in their order, the empty one for what
        is not dated; `through` are those who pass the words on, most first.
    """

    thing: ThingPage
    posts: tuple[Held, ...]
    said: Part
    relayed: Part
    months: tuple[tuple[str, int], ...]
    most: int
    through: tuple[tuple[Name, int], ...]
    sources: tuple[tuple[Name, int], ...]
    conflicts: tuple[Disagreement, ...]


def speaker_page(kg: KnowledgeGraph, iri: str, quads: Sequence[Quad]) -> SpeakerPage:
    """The page data of an agent."""
    facts = Facts(kg.store)
    said = _statements(kg, facts, iri, ASC.speaker)
    relayed = _statements(kg, facts, iri, ASC.relay)
    months = Counter(_month(facts, each) for each in said)
    through = Counter(chain.from_iterable(facts.iris(each, ASC.relay) for each in said))
    sources = Counter(facts.iri(each, ASC.source) or "" for each in said)
    return SpeakerPage(
        thing=thing_page(kg, iri, quads, listed=False),
        posts=tuple(_posts(facts, iri)),
        said=_part(facts, said),
        relayed=_part(facts, relayed),
        months=tuple(sorted(months.items(), key=lambda pair: (not pair[0], pair[0]))),
        most=max(months.values(), default=0),
        through=tuple((name_of(facts, each), number) for each, number in through.most_common(12)),
        sources=tuple((name_of(facts, each), number) for each, number in sources.most_common(12)),
        conflicts=tuple(islice(_conflicts(facts, said), _MOST_CONFLICTS)),
    )


def _statements(kg: KnowledgeGraph, facts: Facts, iri: str, role: NamedNode) -> list[str]:
    """The statements in which an agent has a part; of very many, some."""
    quads = islice(kg.store.find(None, role, NamedNode(iri)), _MOST_READ)
    iris = {q.subject.value for q in [*quads] if isinstance(q.subject, NamedNode)}
    return sorted(each for each in iris if facts.text(each, PROV.invalidatedAtTime) is None)


def _part(facts: Facts, statements: Sequence[str]) -> Part:
    """The first of some statements, whole ones before those that are part of another."""
    whole = sorted(statements, key=lambda each: facts.iri(each, ASC.partOf) is not None)
    cards = [card_of(facts, each) for each in whole[:_MOST_SHOWN]]
    cards.sort(key=lambda card: (card.version, card.start, -card.end, card.iri))
    return Part(tuple(cards), len(statements), len(statements) == _MOST_READ)


def _month(facts: Facts, statement: str) -> str:
    """The month in which something was said, else that of its source; empty if none is told."""
    for hop in facts.iris(statement, ASC.attribution):
        when = facts.iri(hop, ASC.saidAt)
        if when and (found := _MONTH.match(facts.text(when, ASC.edtf) or "")):
            return found[0]
    version = facts.iri(statement, ASC.source) or ""
    document = facts.iri(version, ASC.versionOf) or ""
    found = _MONTH.match(facts.text(document, DCTERMS.issued) or "")
    return found[0] if found else ""


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


def _conflicts(facts: Facts, statements: Iterable[str]) -> Iterator[Disagreement]:
    """Where others disagree with somebody, each pair of voices and relation once."""
    seen: set[tuple[str, ...]] = set()
    for statement in statements:
        for end, other_end in ((ASC.subject, ASC.object), (ASC.object, ASC.subject)):
            for assessment in facts.pointing_at(statement, end):
                relation = facts.iri(assessment, ASC.relation) or ""
                other = facts.iri(assessment, other_end) or ""
                key = (facts.iri(other, ASC.speaker) or "", relation)
                if relation not in CONFLICTS or key in seen or not facts.is_a(other, ASC.Statement):
                    continue
                judgement = judgement_of(facts, assessment)
                if not judgement.rejected:
                    seen.add(key)
                    verb = verb_of(relation, backwards=end == ASC.object)
                    one, two = card_of(facts, statement), card_of(facts, other)
                    yield Disagreement(one, verb, two, judgement)
