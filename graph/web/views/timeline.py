"""When things are said to have been: the times that statements name, in their order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from graph.vocab import ASC
from graph.web.views.cards import Card
from graph.web.views.facts import Facts
from graph.web.views.times import Time, time_of

_DATE = re.compile(r"(\d{4}|XXXX)(?:-(\d\d))?(?:-(\d\d))?")
_DAYS = re.compile(r"(-?)P(\d{1,4})D")
_LEAP_YEAR = 2000  # stands for a year that is not stated, so that each day has its place
_LEFT, _RIGHT = 80, 920


class Mark(NamedTuple):
    """Where a moment stands on a line that is 1,000 wide."""

    x: int
    label: str
    number: int
    above: bool


class Place(NamedTuple):
    """A day, counted, and whether its year is stated."""

    has_year: bool
    day: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, with the statements that were made then and those that speak of it.

    Shape: `place` is None where the sources give no day, and reckoned from the day of
        the event where they say how many days lie between.
    """

    time: Time
    place: Place | None
    then: tuple[Card, ...]
    of: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moments in their order, those without a place last.

    Shape: `marks` are for a picture; none where fewer than two moments have a place.
    """

    moments: tuple[Moment, ...]
    marks: tuple[Mark, ...]

    @property
    def dated(self) -> tuple[Moment, ...]:
        """Those that have a place."""
        return tuple(each for each in self.moments if each.place is not None)

    @property
    def undated(self) -> tuple[Moment, ...]:
        """Those that have none."""
        return tuple(each for each in self.moments if each.place is None)


def timeline_of(facts: Facts, cards: Sequence[Card], event: str) -> Timeline:
    """The times that some statements name, seen from an event."""
    times: dict[str, Time] = {}
    then: dict[str, list[Card]] = defaultdict(list)
    of: dict[str, list[Card]] = defaultdict(list)
    for card in sorted(cards, key=_by_name):
        said_at = [hop.said_at for chain in card.chains for hop in chain[:1] if hop.said_at]
        mentioned = [time_of(facts, each) for each in facts.iris(card.iri, ASC.timeMention)]
        for where, found in ((then, said_at), (of, mentioned)):
            for time in found:
                key = facts.text(time.iri, ASC.edtf) or time.iri
                times.setdefault(key, time)
                where[key].append(card)
    day = _day_of_event(facts, cards, event)
    moments = [
        Moment(
            time, place_of(key) or _reckoned(facts, time, event, day), (*then[key],), (*of[key],)
        )
        for key, time in times.items()
    ]
    moments.sort(key=lambda each: (each.place is None, each.place or (), each.time.wording))
    return Timeline(tuple(moments), _marks(moments))


def place_of(edtf: str) -> Place | None:
    """The first day of a date; None where it has no place among the others.

    >>> place_of("XXXX-09-19").day - place_of("XXXX-09-17").day
    2
    """
    found = _DATE.match(edtf)
    if found is None or (found[1] == "XXXX" and not found[2]):
        return None
    year = _LEAP_YEAR if found[1] == "XXXX" else int(found[1])
    try:
        day = date(year, int(found[2] or 1), int(found[3] or 1)).toordinal()
    except ValueError:
        return None
    return Place(found[1] != "XXXX", day)


def _day_of_event(facts: Facts, cards: Iterable[Card], event: str) -> Place | None:
    """The day that the statements give for an event, if they give one and no other."""
    contents = {each.iri for card in cards for each in card.meanings}
    dating = (
        each
        for each in contents
        if facts.is_a(each, ASC.TemporalProposition) and facts.iris(each, ASC.eventArg) == [event]
    )
    times = {time for each in dating for time in facts.iris(each, ASC.timeArg)}
    days = {place_of(facts.text(each, ASC.edtf) or "") for each in times} - {None}
    return days.pop() if len(days) == 1 else None


def _reckoned(facts: Facts, time: Time, event: str, day: Place | None) -> Place | None:
    """The place of a time that is so many days from the event."""
    found = _DAYS.fullmatch(facts.text(time.iri, ASC.offset) or "")
    if day is None or found is None or time.anchor is None or time.anchor.iri != event:
        return None
    return day._replace(day=day.day + int(f"{found[1]}{found[2]}"))


def _by_name(card: Card) -> tuple[str, int]:
    return card.speakers[0].agent.text.casefold() if card.speakers else "", card.start


def _marks(moments: Iterable[Moment]) -> tuple[Mark, ...]:
    """Those that have a place, if all of them have a year or none has."""
    placed = [(each.place, each) for each in moments if each.place is not None]
    if len(placed) < 2 or len({place.has_year for place, _ in placed}) > 1:
        return ()
    first, last = placed[0][0].day, placed[-1][0].day
    scale = (_RIGHT - _LEFT) / ((last - first) or 1)
    return tuple(
        Mark(
            round(_LEFT + (place.day - first) * scale),
            each.time.wording,
            len({card.iri for card in (*each.then, *each.of)}),
            bool(number % 2),
        )
        for number, (place, each) in enumerate(placed)
    )
