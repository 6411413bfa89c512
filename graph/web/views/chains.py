"""The chain of a statement: who said it, according to whom, in which article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.vocab import ASC, FOAF, OA
from graph.web.views.facts import Facts
from graph.web.views.names import Name, name_of, names_of, term_label
from graph.web.views.times import Time, time_of
from graph.web.words import say


@dataclass(frozen=True, slots=True)
class Hop:
    """One attribution of a chain, with its role in it."""

    iri: str
    role: str
    agent: Name
    act: str
    cue: str
    narrator: bool
    unnamed: bool
    members: tuple[Name, ...] = ()
    addressees: tuple[Name, ...] = ()
    capacity: Name | None = None
    said_at: Time | None = None


def chains_of(facts: Facts, statement: str) -> tuple[tuple[Hop, ...], ...]:
    """Every chain of a statement, each from the words outward."""
    firsts = facts.iris(statement, ASC.attribution)
    return tuple(tuple(_hops(facts, first)) for first in firsts)


def _hops(facts: Facts, first: str) -> Iterator[Hop]:
    passed: set[str] = set()
    iri: str | None = first
    while iri is not None and iri not in passed:
        passed.add(iri)
        yield _hop(facts, iri, nearest=iri == first)
        iri = facts.iri(iri, ASC.relayedBy)


def _hop(facts: Facts, iri: str, *, nearest: bool) -> Hop:
    agent = facts.iri(iri, ASC.agent)
    act, capacity = facts.iri(iri, ASC.act), facts.iri(iri, ASC.capacity)
    cue, when = facts.iri(iri, ASC.cueSpan), facts.iri(iri, ASC.saidAt)
    narrator = bool(agent) and facts.is_a(agent or "", ASC.Narrator)
    return Hop(
        iri=iri,
        role=say("role.speaker" if nearest else "role.narrator" if narrator else "role.relay"),
        agent=name_of(facts, agent) if agent else Name("", say("part.nobody")),
        act=term_label(act) if act else "",
        cue=(facts.text(cue, OA.exact) or "") if cue else "",
        narrator=narrator,
        unnamed=agent is None or facts.is_a(agent, ASC.UnidentifiedAgent),
        members=names_of(facts, agent, FOAF.member) if agent else (),
        addressees=names_of(facts, iri, ASC.addressee),
        capacity=name_of(facts, capacity) if capacity else None,
        said_at=time_of(facts, when) if when else None,
    )
