"""How each section of an annotation file becomes records."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from graph.annotation.table import Table
from graph.fields import Record, Text
from graph.iris import content_of
from graph.model import Agent, Concept, Event, Membership, Place, Post, Proposition, TimeExpression
from graph.vocab import ASC, ASCV, ORG, SKOS

if TYPE_CHECKING:
    from graph.annotation.cast import Cast


def _keys(words: str, *more: str) -> frozenset[str]:
    return frozenset(words.split()).union(more)


ARGUMENTS = _keys("agent patient theme holder recipient place time content event goal")
BOUNDS: dict[str, tuple[tuple[str, bool], ...]] = {
    "more_than": (("lower", False),),
    "at_least": (("lower", True),),
    "fewer_than": (("upper", False),),
    "at_most": (("upper", True),),
    "exactly": (("lower", True), ("upper", True)),
}
"""What each bound says: of which side, and whether the number itself counts."""
_IN_ONE_DOCUMENT = ("UnidentifiedAgent", "UnidentifiedGroup")


class Section(NamedTuple):
    """The keys that an entry of a section may have, and what makes a record of it."""

    keys: frozenset[str]
    make: Callable[[Cast, Table], Record]


def _agent(cast: Cast, table: Table) -> Agent:
    label, kind = table.text("label"), table.maybe("kind") or "Organization"
    unnamed, members = kind in _IN_ONE_DOCUMENT, cast.iris(table, "members")
    names = table.get("names", dict, 'a table such as { ar = "ليلى كرم" }') or {}
    known = table.maybe("iri")
    return Agent(
        iri=cast.source.elsewhere(known)
        if known
        else cast.mint.agent(label, kind, *_home(cast, table, unnamed), *members),
        types=(_class_of(Agent, kind, table),),
        label=(Text(label),),
        alt_label=tuple(sorted(Text(name, language) for language, name in names.items())),
        member=members,
        part_of=cast.iris(table, "part_of"),
        speaks_for=cast.iris(table, "speaks_for"),
        described_in=cast.source.document_iri if unnamed else None,
    )


def _event(cast: Cast, table: Table) -> Event:
    label, kind = table.text("label"), table.maybe("kind") or "Event"
    known = table.maybe("iri")
    iri = (
        cast.source.elsewhere(known)
        if known
        else cast.mint.event(label, kind, cast.source.document_iri)
    )
    return Event(iri=iri, types=(_class_of(Event, kind, table),), label=(Text(label),))


def _place(cast: Cast, table: Table) -> Place:
    label = table.text("label")
    iri = cast.mint.place(label, *_home(cast, table))
    return Place(iri=iri, types=(ASC.Place.value,), label=(Text(label),))


def _post(cast: Cast, table: Table) -> Post:
    label, post_in = table.text("label"), cast.maybe(table, "in")
    iri = cast.mint.post(label, post_in or "")
    for holder in cast.iris(table, "held_by"):
        membership = cast.mint.membership(label, iri, holder)
        cast.keep(
            Membership(iri=membership, types=(ORG.Membership.value,), member=holder, post=iri)
        )
    return Post(iri=iri, types=(ASC.Post.value,), label=(Text(label),), post_in=post_in)


def _concept(cast: Cast, table: Table) -> Concept:
    label = table.text("label")
    iri = cast.mint.concept(label, *_home(cast, table))
    return Concept(iri=iri, types=(SKOS.Concept.value,), label=(Text(label),))


def _time(cast: Cast, table: Table) -> TimeExpression:
    span = cast.source.point(table, "words")
    cast.keep(span)
    values: dict[str, Any] = {
        "wording": span.exact,
        "edtf": table.maybe("edtf"),
        "anchor": cast.maybe(table, "anchor"),
        "offset": table.maybe("offset"),
        "weekday": table.number("weekday"),
        "approximate": table.get("approximate", bool, "true or false"),
        "time_span": span.iri,
        **month_and_day(table.maybe("edtf")),
    }
    iri = cast.mint.time(cast.source.sha256, *content_of(values))
    return TimeExpression(iri=iri, types=(ASC.TimeExpression.value,), **values)


def _proposition(cast: Cast, table: Table) -> Proposition:
    values: dict[str, Any] = {"label": (Text(table.text("label")),)}
    for argument in ARGUMENTS:
        values[f"{argument}_arg"] = cast.iris(table, argument)
    for name in ("cause", "effect"):
        values[name] = cast.maybe(table, name)
    values["blames"] = cast.iris(table, "blames")
    values["wording"] = table.maybe("wording")
    values["predicate"] = cast.concept(table, "predicate", "Predicate")
    values["counted_kind"] = cast.concept(table, "counts", "CountedKind")
    for bound, sides in BOUNDS.items():
        number = _number(table, bound)
        for side, inclusive in sides if number is not None else ():
            values[f"{side}_bound"] = number
            values[f"{side}_inclusive"] = inclusive
    values["margin"] = _number(table, "margin")
    name = (table.maybe("kind") or "Event").removesuffix("Proposition") + "Proposition"
    kind = _class_of(Proposition, name, table)
    iri = cast.mint.proposition(kind, *content_of(values))
    return Proposition(iri=iri, types=(kind,), **values)


def _number(table: Table, key: str) -> int | Decimal | None:
    number = table.get(key, (int, float), "a number")
    return number if number is None or isinstance(number, int) else Decimal(str(number))


def _home(cast: Cast, table: Table, only_here: bool = False) -> tuple[str, ...]:
    """The document, for what no other document can mean by the same words."""
    only_here = only_here or table.get("only_here", bool, "true or false") or False
    return (cast.source.document_iri,) if only_here else ()


def _class_of(record_type: type[Record], kind: str, table: Table) -> str:
    iri = ASC.term(kind).value
    if iri not in record_type.classes:
        known = ", ".join(sorted(each.removeprefix(ASC) for each in record_type.classes))
        raise table.fault("kind", f"{kind!r} is none; expected one of {known}")
    return iri


def month_and_day(edtf: str | None) -> dict[str, Any]:
    """Whether an EDTF date has its year, and the sort key of a single day."""
    if edtf is None:
        return {}
    found: dict[str, Any] = {
        "year_status": (ASCV.yearNotStated if "XXXX" in edtf else ASCV.yearStated).value
    }
    year, _, rest = edtf.partition("-")
    month, _, day = rest.partition("-")
    if len(year) == 4 and month.isdigit() and day.isdigit():
        found["month_day_key"] = int(month) * 100 + int(day)
    return found


SECTIONS: dict[str, Section] = {
    "agents": Section(_keys("label kind names part_of speaks_for members only_here iri"), _agent),
    "events": Section(_keys("label kind iri"), _event),
    "places": Section(_keys("label only_here"), _place),
    "posts": Section(_keys("label in held_by"), _post),
    "concepts": Section(_keys("label only_here"), _concept),
    "times": Section(_keys("words near occurrence edtf anchor offset weekday approximate"), _time),
    "propositions": Section(
        _keys(
            "label kind predicate cause effect blames counts margin wording", *ARGUMENTS, *BOUNDS
        ),
        _proposition,
    ),
}
