"""The page of a statement: what was said, by whom, according to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graph.index import Lists, Mention
from graph.kg import KnowledgeGraph
from graph.vocab import ASC, ASCV, PROV
from graph.web.views.cards import Card, card_of, cards_of
from graph.web.views.citing import bibtex, structured
from graph.web.views.facts import Facts, facts_for
from graph.web.views.names import Name, name_of, names_of
from graph.web.views.newer import Newer, newer_of
from graph.web.views.proofs import Proof, proof_of_statement
from graph.web.views.relations import Relation, in_words, relations_of
from graph.web.views.stored import Stored, lists_for
from graph.web.views.times import Time, clock, time_of

_MOST_ACCOUNTS = 4
_MOST_READ = 400


@dataclass(frozen=True, slots=True)
class Account:
    """What others say about one event: the first few, and how many there are."""

    event: Name
    cards: tuple[Card, ...]
    total: int


@dataclass(frozen=True, slots=True)
class StatementPage:
    """All that the page of a statement shows."""

    card: Card
    proof: Proof
    stance: tuple[str, ...]
    emendation: str
    said_in: str
    relations: tuple[Relation, ...]
    accounts: tuple[Account, ...]
    whole: Card | None
    parts: tuple[Card, ...]
    events: tuple[Name, ...]
    said_at: tuple[Time, ...]
    mentions: tuple[Time, ...]
    code_points: int | None
    recorded: str
    recorder: Name | None
    tool: str
    withdrawn: str
    bibtex: str
    structured: str
    newer: Newer | None


def statement_page(kg: KnowledgeGraph, iri: str) -> StatementPage:
    """The page data of a statement."""
    facts = facts_for(kg)
    (card,) = cards_of(facts, [iri])
    whole = facts.iri(iri, ASC.partOf)
    activity = facts.iri(iri, PROV.wasGeneratedBy)
    recorder = facts.iri(activity, PROV.wasAssociatedWith) if activity else None
    return StatementPage(
        card=card,
        proof=proof_of_statement(facts, kg.texts, iri, card.version),
        stance=_stance(facts, iri),
        emendation=facts.text(iri, ASC.emendation) or "",
        said_in=facts.text(iri, ASC.originalLanguage) or "",
        relations=relations_of(facts, iri, (hop.iri for chain in card.chains for hop in chain)),
        accounts=(*_accounts(facts, lists_for(kg, facts), card),),
        whole=card_of(facts, whole) if whole else None,
        parts=_in_order(cards_of(facts, facts.pointing_at(iri, ASC.partOf))),
        events=names_of(facts, iri, ASC.event),
        said_at=tuple(hop.said_at for chain in card.chains for hop in chain if hop.said_at),
        mentions=tuple(time_of(facts, each) for each in facts.iris(iri, ASC.timeMention)),
        code_points=facts.number(card.version, ASC.codePoints),
        recorded=clock(facts.text(iri, PROV.generatedAtTime) or ""),
        recorder=name_of(facts, recorder) if recorder else None,
        tool=(facts.text(activity, ASC.tool) or "") if activity else "",
        withdrawn=clock(facts.text(iri, PROV.invalidatedAtTime) or ""),
        bibtex=bibtex(card, facts.text(iri, PROV.generatedAtTime) or ""),
        structured=structured(card),
        newer=newer_of(facts, kg.texts, card.version),
    )


def _stance(facts: Facts, iri: str) -> tuple[str, ...]:
    """Polarity, certainty and temporality in words, those left open included."""
    concepts = [facts.iri(iri, each) for each in (ASC.polarity, ASC.certainty, ASC.temporality)]
    return tuple(in_words("stance", each.removeprefix(ASCV), each) for each in concepts if each)


def _accounts(facts: Facts, lists: Lists | Stored, card: Card) -> Iterator[Account]:
    """What others say about the events that a statement is about."""
    own = {hop.agent.iri for hop in card.speakers}
    for event in facts.iris(card.iri, ASC.event):
        total = lists.number_of("event", event)
        said = lists.mentions("event", event, _MOST_READ)
        others = [each for each in said if not each.is_part and own.isdisjoint(each.speakers)]
        if others:
            first = (each.iri for each in _by_voice(others)[:_MOST_ACCOUNTS])
            number = len(others) if total == len(said) else total
            yield Account(name_of(facts, event), (*cards_of(facts, first),), number)


def _by_voice(said: Iterable[Mention]) -> list[Mention]:
    """As many different speakers as there are before any comes twice."""
    met: Counter[str] = Counter()
    ranked = []
    for each in said:
        met[each.speaker] += 1
        ranked.append((met[each.speaker], each))
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])]


def _in_order(cards: Iterable[Card]) -> tuple[Card, ...]:
    return tuple(sorted(cards, key=lambda card: (card.start, -card.end, card.iri)))
