"""Times as the sources give them, with what they leave out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from graph.vocab import ASC, ASCV
from graph.web.views.facts import Facts
from graph.web.views.names import Name, name_of
from graph.web.words import say

_DURATION = re.compile(
    r"(?P<back>-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?"
)
_MONTH = re.compile(r"\d{4}-\d\d")
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
    notes: list[str] = []
    if facts.iri(iri, ASC.yearStatus) == ASCV.yearNotStated.value:
        notes.append(say("time.no_year"))
    if facts.text(iri, ASC.approximate) in ("true", "1"):
        notes.append(say("time.approximate"))
    if offset := facts.text(iri, ASC.offset):
        words = duration(offset)
        notes.append(words if anchor else say("time.unnamed", duration=words))
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
    words = [say(f"time.{unit}", n=int(n)) for n, unit in zip(parts, _UNITS, strict=False) if n]
    if match is None or not words:
        return text
    way = "time.before" if match["back"] else "time.after"
    return say(way, duration=" ".join(words))


def month_of(edtf: str | None) -> str:
    """The month of a date that names its year and month; empty for another.

    >>> month_of("2026-11-28")
    '2026-11'
    """
    found = _MONTH.match(edtf or "")
    return found[0] if found else ""


def clock(text: str) -> str:
    """A dateTime literal as a reader writes it; other text as it stands.

    >>> clock("2026-11-22T12:00:00Z")
    '22 November 2026, 12:00 UTC'
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return say(
        "time.clock",
        day=moment.day,
        month=say(f"month.{moment.month}"),
        year=f"{moment:%Y}",
        time=f"{moment:%H:%M}",
        zone=moment.strftime("%Z"),
    ).strip()
