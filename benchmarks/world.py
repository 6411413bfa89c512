"""The people, outlets, events and propositions that generated sources speak of.

Names are put together from syllables and word lists of our own; number 1 of each
kind is spoken of most. The same number is the same thing in every source, so
sources share speakers, events and propositions, and contradict one another.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from pyoxigraph import Quad

from graph.annotation.makers import BOUNDS
from graph.fields import Record, Text
from graph.iris import Minter, content_of
from graph.mapping import to_quads
from graph.model import Agent, Event, Place, Proposition
from graph.records import Records
from graph.vocab import ASC, ASCV

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
ONSETS, VOWELS, CODAS, SURNAME_ENDINGS, TOWN_ENDINGS, FIRST_NAMES = (
    WORDS[name].split()
    for name in ("onsets", "vowels", "codas", "surname_endings", "town_endings", "first_names")
)
BODIES, OUTLETS, HAPPENINGS = WORDS["bodies"], WORDS["outlets"], WORDS["happenings"]
ACCOUNTS, COUNTS, AMOUNTS = WORDS["accounts"], WORDS["counts"], WORDS["amounts"]
SURNAMES = len(ONSETS) * len(VOWELS) * len(CODAS) * len(SURNAME_ENDINGS)
TOWNS = len(ONSETS) * len(VOWELS) * len(CODAS) * len(TOWN_ENDINGS)
KINDS_OF_COUNT = 40
KINDS_OF_CAUSE = 2
SPOKEN_FOR = 97
"""How many organizations have people who speak for them: the same in a world of any size."""
VARIANTS = len(ACCOUNTS) + KINDS_OF_COUNT + KINDS_OF_CAUSE
"""How many things may be said about one event."""


class Thing(NamedTuple):
    """A record, and the things that it names."""

    record: Record
    needs: tuple[Thing, ...] = ()

    @property
    def iri(self) -> str:
        """Its IRI."""
        return self.record.iri

    @property
    def name(self) -> str:
        """Its label."""
        label: tuple[Text, ...] = self.record.label  # type: ignore[attr-defined]
        return label[0].words


class World:
    """Everything that sources may speak of, made when it is asked for by its number."""

    def __init__(self, base: str, statements: int) -> None:
        self.mint = Minter(base)
        self.outlets = 12 + statements // 1000
        self.bodies = 20 + statements // 100
        self.people = 40 + statements // 10
        self.events = 10 + statements // 15
        for name in ("outlet", "body", "person", "event", "proposition", "quads"):
            setattr(self, name, lru_cache(20_000)(getattr(self, name)))

    def topic(self, chance: Random) -> int:
        """The number of an event: a few are in every paper, most in one or two."""
        return (
            zipf(chance, self.events) if chance.random() < 0.25 else chance.randint(1, self.events)
        )

    def quads(self, record: Record) -> tuple[Quad, ...]:
        """What is said about a shared thing, in its graph."""
        return tuple(to_quads(Records([record]), self.mint.base))

    def agent(self, label: str, kind: str, *needs: Thing, **values: Any) -> Thing:
        """An agent of that name."""
        iri = self.mint.agent(label, kind)
        return Thing(Agent(iri=iri, types=_types(kind), label=(Text(label),), **values), needs)

    def outlet(self, number: int) -> Thing:
        """A newspaper or station."""
        label = OUTLETS[number % len(OUTLETS)].format(town(number))
        return self.agent(label, "NewsOrganization")

    def body(self, number: int) -> Thing:
        """An organization that speaks."""
        return self.agent(f"{town(number)} {BODIES[number % len(BODIES)]}", "Organization")

    def person(self, number: int) -> Thing:
        """Somebody with a name; every third speaks for an organization."""
        label = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {surname(number)}"
        if number % 3:
            return self.agent(label, "Person")
        body = self.body(1 + number % SPOKEN_FOR)
        return self.agent(label, "Person", body, speaks_for=(body.iri,))

    def event(self, number: int) -> Thing:
        """Something that happened."""
        label = f"{HAPPENINGS[number % len(HAPPENINGS)]} in {town(number)}"
        iri = self.mint.event(f"the {label}", "Event")
        return Thing(Event(iri=iri, types=_types("Event"), label=(Text(f"the {label}"),)))

    def place(self, event: int) -> Thing:
        """Where an event happened."""
        label = town(event)
        iri = self.mint.place(label)
        return Thing(Place(iri=iri, types=_types("Place"), label=(Text(label),)))

    def proposition(self, event: int, variant: int) -> Thing:
        """One of the things that may be said about an event; its name is a clause."""
        if variant < len(ACCOUNTS):
            return self._account(event, *ACCOUNTS[variant])
        if variant < len(ACCOUNTS) + KINDS_OF_COUNT:
            return self._count(event, variant)
        return self._cause(event, variant)

    def _account(self, event: int, words: str, predicate: str) -> Thing:
        happening, place = self.event(event), self.place(event)
        return self._proposition(
            "EventProposition",
            f"{happening.name} {words}",
            happening,
            place,
            predicate=concept(predicate),
            event_arg=(happening.iri,),
            place_arg=(place.iri,),
        )

    def _count(self, event: int, variant: int) -> Thing:
        chance, happening = Random(f"{event}/{variant}"), self.event(event)
        counted, words, predicate = COUNTS[(event + variant % 3) % len(COUNTS)]
        bound, amount = chance.choice(list(AMOUNTS)), int(10 ** chance.uniform(0.5, 3))
        wording = f"{AMOUNTS[bound].format(amount)} {counted}"
        bounds = {
            f"{side}_{name}": value
            for side, inclusive in BOUNDS[bound]
            for name, value in (("bound", amount), ("inclusive", inclusive))
        }
        return self._proposition(
            "QuantityProposition",
            f"{wording} {words} {happening.name}",
            happening,
            predicate=concept(predicate),
            counted_kind=concept(counted),
            event_arg=(happening.iri,),
            wording=wording,
            **bounds,
        )

    def _cause(self, event: int, variant: int) -> Thing:
        effect, cause = self.event(event), self.event(event + 1 + variant % 2)
        if variant % KINDS_OF_CAUSE:
            blamed = self.body(1 + event % SPOKEN_FOR)
            clause = f"{cause.name}, for which the {blamed.name} is to blame, led to {effect.name}"
            more, things = {"blames": (blamed.iri,)}, (effect, cause, blamed)
        else:
            clause, more, things = f"{cause.name} led to {effect.name}", {}, (effect, cause)
        return self._proposition(
            "CausalProposition", clause, *things, cause=cause.iri, effect=effect.iri, **more
        )

    def _proposition(self, kind: str, clause: str, *needs: Thing, **values: Any) -> Thing:
        label = (Text(clause),)
        iri = self.mint.proposition(ASC.term(kind).value, *content_of({"label": label, **values}))
        return Thing(Proposition(iri=iri, types=_types(kind), label=label, **values), needs)


def surname(number: int) -> str:
    """A name for everybody; 60 people may share one."""
    return _syllables((number // len(FIRST_NAMES) + number * 1021) % SURNAMES, SURNAME_ENDINGS)


def town(number: int) -> str:
    """The name of a place; thousands go by before one comes back."""
    return _syllables(number * 1009 % TOWNS, TOWN_ENDINGS)


def zipf(chance: Random, most: int) -> int:
    """A number from 1 to `most`; each is drawn as often as one divided by it says."""
    return min(most, int((most + 1) ** chance.random()))


def concept(word: str) -> str | None:
    """The IRI of a word of our vocabulary."""
    return ASCV.term(word).value if word else None


def _types(kind: str) -> tuple[str, ...]:
    return (ASC.term(kind).value,)


def _syllables(number: int, endings: list[str]) -> str:
    pieces = []
    for choice in (ONSETS, VOWELS, CODAS, endings):
        number, which = divmod(number, len(choice))
        pieces.append(choice[which])
    return "".join(pieces).capitalize()
