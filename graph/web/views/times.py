"""Times as the sources give them, with what they leave out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from graph.vocab import ASC, ASCV
from graph.web.views.facts import Facts
from graph.web.views.names import Name, name_of

_DURATION = re.compile(
    r"(?P<back>-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?"
)
_UNITS = ("year", "month", "week", "day", "hour", "minute")


@dataclass(frozen=True, slots=True)
class Time:
    """A time in the source's words; `notes` say what is missing or how it is reckoned."""

    iri: str
    wording: str
    notes: tuple[str, ...] = ()
    anchor: Name | None = None


def time_of(facts: Facts, iri: str) -> Time:
    """A time expression for a page."""
    anchor = facts.iri(iri, ASC.anchor)
    notes = []
    if facts.iri(iri, ASC.yearStatus) == ASCV.yearNotStated.value:
        notes.append("year not stated")
    if facts.text(iri, ASC.approximate) in ("true", "1"):
        notes.append("approximate")
    if offset := facts.text(iri, ASC.offset):
        notes.append(duration(offset) + ("" if anchor else " a time not named"))
    return Time(
        iri,
        facts.text(iri, ASC.wording) or name_of(facts, iri).text,
        tuple(notes),
        name_of(facts, anchor) if anchor else None,
    )


def duration(text: str) -> str:
    """An ISO 8601 duration in words.

    >>> duration("-P2DT1H")
    '2 days 1 hour before'
    """
    match = _DURATION.fullmatch(text)
    parts = match.groups()[1:] if match else ()
    words = [
        f"{n} {unit}{'s' if n != '1' else ''}" for n, unit in zip(parts, _UNITS, strict=False) if n
    ]
    if match is None or not words:
        return text
    return " ".join([*words, "before" if match["back"] else "after"])


def clock(text: str) -> str:
    """A dateTime literal as a reader writes it; other text as it stands.

    >>> clock("2026-11-22T12:00:00Z")
    '22 November 2026, 12:00 UTC'
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = moment.strftime("%Z")
    return f"{moment.day} {moment:%B %Y, %H:%M} {zone}".strip()
