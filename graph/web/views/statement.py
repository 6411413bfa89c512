"""The page of a statement: what was said, by whom, according to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from graph.kg import KnowledgeGraph
from graph.store import Row
from graph.vocab import ASC, ASCV, PROV
from graph.web.views.cards import Card, card_of
from graph.web.views.citing import bibtex, structured
from graph.web.views.facts import Facts
from graph.web.views.names import Name, name_of, names_of
from graph.web.views.newer import Newer, newer_of
from graph.web.views.proofs import Proof, proof_of_statement
from graph.web.views.relations import Relation, in_words, relations_of, value
from graph.web.views.times import Time, clock, time_of

_MOST_ACCOUNTS = 4


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
    facts = Facts(kg.store)
    card = card_of(facts, iri)
    whole = facts.iri(iri, ASC.partOf)
    activity = facts.iri(iri, PROV.wasGeneratedBy)
    recorder = facts.iri(activity, PROV.wasAssociatedWith) if activity else None
    given = {"statement": iri}
    return StatementPage(
        card=card,
        proof=proof_of_statement(facts, kg.texts, iri, card.version),
        stance=_stance(facts, iri),
        emendation=facts.text(iri, ASC.emendation) or "",
        said_in=facts.text(iri, ASC.originalLanguage) or "",
        relations=relations_of(facts, iri, (hop.iri for chain in card.chains for hop in chain)),
        accounts=_accounts(facts, kg.answer("page_other_accounts", given).rows),
        whole=card_of(facts, whole) if whole else None,
        parts=_in_order(card_of(facts, each) for each in facts.pointing_at(iri, ASC.partOf)),
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


def _accounts(facts: Facts, rows: Iterable[Row]) -> tuple[Account, ...]:
    by_event = ((event, list(group)) for event, group in groupby(rows, lambda r: value(r, "event")))
    return tuple(
        Account(
            name_of(facts, event),
            tuple(card_of(facts, value(row, "other")) for row in _by_voice(facts, group)),
            len(group),
        )
        for event, group in by_event
    )


def _by_voice(facts: Facts, rows: list[Row]) -> list[Row]:
    """The first few rows, as many different speakers as there are before any comes twice."""
    met: dict[str, int] = {}
    ranked = []
    for place, row in enumerate(rows):
        speaker = facts.iri(value(row, "other"), ASC.speaker) or ""
        met[speaker] = met.get(speaker, 0) + 1
        ranked.append((met[speaker], place, row))
    ranked.sort(key=lambda each: each[:2])
    return [row for _, _, row in ranked[:_MOST_ACCOUNTS]]


def _in_order(cards: Iterable[Card]) -> tuple[Card, ...]:
    return tuple(sorted(cards, key=lambda card: (card.start, -card.end, card.iri)))
