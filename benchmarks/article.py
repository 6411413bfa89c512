"""A generated article: its text, written sentence by sentence, and what is said in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random
from string import Formatter
from typing import NamedTuple

from world import VARIANTS, Thing, World, zipf

VOICES = {1: 15, 2: 45, 3: 27, 4: 9, 5: 4}
"""How many of a hundred statements have so many voices, the narrator's included."""

FIRST_DAY, DAYS = date(2012, 1, 1), 5400
CERTAINTIES = ("certain", "certain", "certain", "probable", "possible")


class Form(NamedTuple):
    """One way to put a clause into a speaker's mouth."""

    weight: int
    kind: str
    negative: bool
    sentence: str
    quote: str
    act: str
    cue: str
    marks: str | None = None


FORMS = (
    Form(32, "IndirectSpeech", False, "{quote}, {who} {cue}", "{Clause}", "says", "said"),
    Form(12, "IndirectSpeech", True, "{who} {cue} that {quote}", "{clause}", "denies", "denied"),
    Form(6, "IndirectSpeech", False, "{who} {cue} that {quote}", "{clause}", "warns", "warned"),
    Form(22, "DirectQuotation", False, "“{quote}” {who} {cue}", "{Clause},", "says", "said", "“”"),
    Form(
        *(6, "DirectQuotation", True, "“{quote}” {who} {cue}"),
        *("It is not so that {clause},", "denies", "said", "“”"),
    ),
    Form(
        *(8, "MixedQuotation", False, "{quote}, {who} {cue}"),
        *("{Half} “{rest}”", "states", "stated", "“”"),
    ),
    Form(8, "ReportedBelief", False, "{who} {cue} that {quote}", "{clause}", "believes", "thinks"),
    Form(3, "ReportedBelief", True, "{who} {cue} that {quote}", "{clause}", "believes", "doubts"),
    Form(3, "ReportedDesire", False, "{who} {cue} that {quote}", "{clause}", "hopes", "hopes"),
)
CONFIRMED = (", {who} {cue}", "confirms", "confirmed")
REPORTED = (", {who} {cue}", "reports", "reports")
QUOTED = (", {cue} {who}", "quotes", "as quoted by")


class Place(NamedTuple):
    """Where words stand in a text being written."""

    start: int
    end: int


class Moment(NamedTuple):
    """Words for a time: a day, or the distance from another such moment."""

    place: Place
    day: date | None = None
    anchor: Moment | None = None
    offset: str | None = None


class Hop(NamedTuple):
    """One voice of a chain: who, by which act, and the words that show it."""

    agent: Thing
    act: str
    cue: Place
    words: Place
    said_at: Moment | None = None


class Said(NamedTuple):
    """A statement as the text has it; `part_of` is the number of the one it is part of."""

    kind: str
    quote: Place
    propositions: tuple[Thing, ...] = ()
    chain: tuple[Hop, ...] = ()
    negative: bool = False
    marks: str | None = None
    certain: str = "certain"
    mentions: Moment | None = None
    part_of: int | None = None


class Article:
    """The text of a source; `said` are its statements in the order of the text."""

    def __init__(self, world: World, chance: Random, size: int, number: int) -> None:
        self.world, self.chance = world, chance
        self.day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        self.outlet = world.outlet(zipf(chance, world.outlets))
        self.topics = [world.topic(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
        self.said: list[Said] = []
        self._parts: list[str] = []
        self._length = 0
        headline = self._proposition()
        self.title = _capital(headline.name)
        self.said.append(Said("HeadlineAssertion", self._put(self.title), (headline,)))
        head = "\n\n{day}, {outlet}, edition {number}\n\n"
        dated = f"{self.day.day} {self.day:%B %Y}"
        places = self._write(head, day=dated, outlet=self.outlet.name, number=str(number))
        self.dateline = Moment(places["day"], self.day)
        while (left := size - len(self.said)) > 0:
            self._go_on(left)
        self.text = "".join(self._parts)

    def _put(self, words: str) -> Place:
        """Write on; gives the place."""
        start, self._length = self._length, self._length + len(words)
        self._parts.append(words)
        return Place(start, self._length)

    def _write(self, form: str, **words: str) -> dict[str, Place]:
        """Write a form with its gaps filled; gives their places."""
        places = {}
        for literal, name in _pieces(form):
            self._put(literal)
            if name:
                places[name] = self._put(words[name])
        return places

    def _go_on(self, left: int) -> None:
        draw = self.chance.random()
        if left == 1 and draw < 0.3:
            places = self._write("\n\nSource: {outlet}\n", outlet=self.outlet.name)
            start, end = places["outlet"]
            self.said.append(Said("Paratext", Place(start - len("Source: "), end)))
            return
        if left > 3 and draw < 0.04:
            self._block()
        elif draw < 0.18:
            self._narrated()
        else:
            self._attributed()
        self._put("\n\n" if draw > 0.7 else " ")

    def _proposition(self) -> Thing:
        """Something about one of the topics; some things are said far more than others."""
        topic = self.chance.choice(self.topics)
        return self.world.proposition(topic, (zipf(self.chance, VARIANTS) + topic) % VARIANTS)

    def _speaker(self) -> Thing:
        world = self.world
        if self.chance.random() < 0.25:
            return world.body(zipf(self.chance, world.bodies))
        return world.person(zipf(self.chance, world.people))

    def _narrated(self) -> None:
        proposition = self._proposition()
        quote = self._put(_capital(proposition.name))
        mentions = None
        if self.chance.random() < 0.4:
            day = self._write(" {day}", day="the day before")["day"]
            mentions = Moment(day, anchor=self.dateline, offset="-P1D")
            quote = Place(quote.start, day.end)
        self._put(".")
        self.said.append(Said("NarratorAssertion", quote, (proposition,), mentions=mentions))

    def _attributed(self) -> None:
        (form,) = self.chance.choices(FORMS, [form.weight for form in FORMS])
        proposition, speaker = self._proposition(), self._speaker()
        words = _capital(proposition.name).split()
        quote = form.quote.format(
            clause=proposition.name,
            Clause=_capital(proposition.name),
            Half=" ".join(words[: len(words) // 2]),
            rest=" ".join(words[len(words) // 2 :]),
        )
        places = self._write(form.sentence, quote=quote, who=speaker.name, cue=form.cue)
        hop = Hop(speaker, form.act, places["cue"], places["who"], self._said_at())
        chain = (hop, *self._passed_on())
        self._put(".")
        self.said.append(
            Said(
                form.kind,
                places["quote"],
                (proposition,),
                chain,
                form.negative,
                form.marks,
                self.chance.choice(CERTAINTIES),
            )
        )

    def _said_at(self) -> Moment | None:
        draw, day = self.chance.random(), self.day - timedelta(days=1)
        if draw < 0.2:
            return Moment(self._write(" on {day}", day=f"{day:%A}")["day"])
        if draw < 0.3:
            dated = f"{day.day} {day:%B %Y}"
            return Moment(self._write(" on {day}", day=dated)["day"], day)
        return None

    def _passed_on(self) -> Iterator[Hop]:
        """The voices between the speaker and the narrator."""
        world, chance = self.world, self.chance
        (voices,) = chance.choices([2, 3, 4, 5], [VOICES[each] for each in (2, 3, 4, 5)])
        if voices > 3:
            yield self._hop(world.body(zipf(chance, world.bodies)), *CONFIRMED)
        if voices > 2:
            yield self._hop(self.outlet, *REPORTED)
        if voices > 4:
            yield self._hop(world.outlet(zipf(chance, world.outlets)), *QUOTED)

    def _hop(self, agent: Thing, form: str, act: str, cue: str) -> Hop:
        places = self._write(form, who=agent.name, cue=cue)
        return Hop(agent, act, places["cue"], places["who"])

    def _block(self) -> None:
        """A statement of two sentences, set apart without marks, and each of them."""
        speaker, pair = self._speaker(), (self._proposition(), self._proposition())
        places = self._write("{who} {cue}:\n\n", who=speaker.name, cue="issued a statement")
        chain = (Hop(speaker, "states", places["cue"], places["who"]),)
        one, other = (f"{_capital(each.name)}." for each in pair)
        parts = self._write("{one} {other}", one=one, other=other)
        whole, number = Place(parts["one"].start, parts["other"].end), len(self.said)
        self.said.append(Said("BlockQuotation", whole, tuple(dict.fromkeys(pair)), chain))
        for part, proposition in zip(parts.values(), pair, strict=True):
            self.said.append(Said("BlockQuotation", part, (proposition,), chain, part_of=number))


@cache
def _pieces(form: str) -> list[tuple[str, str | None]]:
    return [(literal, name) for literal, name, _, _ in Formatter().parse(form)]


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
