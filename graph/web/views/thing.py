"""The page of any other resource: what is said of it, in the order of the shapes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from graph.kg import KnowledgeGraph
from graph.vocab import ASC, OA, PROV, RDF, RDFS, SKOS, XSD
from graph.web.views.cards import Card, cards_of
from graph.web.views.facts import Facts, all_classes
from graph.web.views.layout import place_of
from graph.web.views.names import Name, name_of, term_label
from graph.web.views.times import clock
from graph.web.words import say

_HEADING = frozenset({RDF.type, RDFS.label, SKOS.prefLabel})
_MOST_STATEMENTS = 40
_MOST_READ = 400
_ROLES = (
    *("speaker", "relay", "event", "expresses"),
    *("attribution", "contentSpan", "timeMention"),
)


class Value(NamedTuple):
    """A value of a property: a resource with its name, or words with their language."""

    name: Name
    linked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A property with its values; `iri` leads to what it means."""

    label: str
    iri: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Properties that the shapes put together."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Statements in which a resource plays one role: the first ones and their number.

    Shape: `voices` holds the cards of one speaker after the other; `headed` says
        that each needs a heading, as the page itself does not name the speaker.
    """

    label: str
    voices: tuple[tuple[Card, ...], ...]
    total: int
    headed: bool

    @property
    def shown(self) -> int:
        """How many statements are listed."""
        return sum(map(len, self.voices))


@dataclass(frozen=True, slots=True)
class ThingPage:
    """All that the page of a resource shows."""

    name: Name
    kind: Name
    aliases: tuple[Name, ...]
    sections: tuple[Section, ...]
    mentioned: tuple[Row, ...]
    parts: tuple[Part, ...]


def thing_page(
    facts: Facts, kg: KnowledgeGraph, iri: str, quads: Sequence[Quad], *, listed: bool = True
) -> ThingPage:
    """The page data of a resource, from what is said of it; its statements if they are listed."""
    own = [quad for quad in quads if quad.subject == NamedNode(iri)]
    ends = (end for quad in quads for end in (quad.subject, quad.object))
    facts.prepare_shared({end.value for end in ends if isinstance(end, NamedNode)})
    types = {
        q.object.value for q in own if q.predicate == RDF.type and isinstance(q.object, NamedNode)
    }
    name = name_of(facts, iri)
    kind = facts.kind(iri) or RDFS.Resource.value
    labels = [q.object for q in own if q.predicate in _HEADING and isinstance(q.object, Literal)]
    return ThingPage(
        name=name,
        kind=Name(kind, term_label(kind)),
        aliases=tuple(
            Name(iri, each.value, each.language)
            for each in sorted(labels, key=str)
            if (each.value, each.language) != (name.text, name.language)
        ),
        sections=_sections(facts, own, all_classes(frozenset(types))),
        mentioned=_mentioned(facts, iri, quads),
        parts=_parts(facts, kg, iri) if listed else (),
    )


def _sections(facts: Facts, own: Iterable[Quad], types: frozenset[str]) -> tuple[Section, ...]:
    values: dict[str, list[Value]] = defaultdict(list)
    for quad in own:
        if quad.predicate not in _HEADING:
            values[quad.predicate.value].append(_value(facts, quad))
    placed = sorted((place_of(path, types), path) for path in values)
    return tuple(
        Section(
            group, tuple(Row(place.label, path, _sorted(values[path])) for place, path in members)
        )
        for group, members in groupby(placed, lambda each: each[0].group)
    )


def _mentioned(facts: Facts, iri: str, quads: Iterable[Quad]) -> tuple[Row, ...]:
    """What points at the resource, by property, each as "label: subjects"."""
    pointing: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if quad.object == NamedNode(iri) and isinstance(quad.subject, NamedNode):
            pointing[quad.predicate.value].add(quad.subject.value)
    pointing.pop(ASC.versionOf.value, None)
    return tuple(
        Row(
            place_of(path, frozenset()).label,
            path,
            _sorted(Value(name_of(facts, each), linked=True) for each in subjects),
        )
        for path, subjects in sorted(pointing.items())
    )


def _parts(facts: Facts, kg: KnowledgeGraph, iri: str) -> tuple[Part, ...]:
    found = {role: _statements(kg, facts, iri, role) for role in _ROLES}
    return tuple(
        Part(
            say(f"thing.{role}"),
            _by_voice(cards_of(facts, found[role][:_MOST_STATEMENTS])),
            len(found[role]),
            headed=role != "speaker",
        )
        for role in _ROLES
        if found[role]
    )


def _statements(kg: KnowledgeGraph, facts: Facts, iri: str, role: str) -> list[str]:
    """The statements in which a resource plays a role; of very many, some."""
    quads = islice(kg.store.find(None, ASC.term(role), NamedNode(iri)), _MOST_READ)
    iris = {q.subject.value for q in [*quads] if isinstance(q.subject, NamedNode)}
    standing = (each for each in iris if facts.text(each, PROV.invalidatedAtTime) is None)
    return sorted(standing, key=lambda each: _place(facts, each))


def _place(facts: Facts, statement: str) -> tuple[str, int, str]:
    """Where a statement stands: its source, and where in it."""
    starts = (facts.number(each, OA.start) for each in facts.iris(statement, ASC.contentSpan))
    first = min((start for start in starts if start is not None), default=0)
    return facts.iri(statement, ASC.source) or "", first, statement


def _by_voice(cards: Iterable[Card]) -> tuple[tuple[Card, ...], ...]:
    voices: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        voices[card.speakers[0].agent.iri if card.speakers else ""].append(card)
    return tuple(map(tuple, voices.values()))


def _value(facts: Facts, quad: Quad) -> Value:
    term = quad.object
    if isinstance(term, NamedNode):
        return Value(name_of(facts, term.value), linked=True)
    if not isinstance(term, Literal):
        return Value(Name("", str(term)), linked=False)
    text = term.value
    if term.datatype == XSD.boolean:
        text = say("part.yes" if text in ("true", "1") else "part.no")
    elif term.datatype == XSD.dateTime:
        text = clock(text)
    return Value(Name("", text, term.language), linked=False)


def _sorted(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=lambda each: (each.name.text.casefold(), each.name.iri)))
