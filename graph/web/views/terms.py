"""The pages about terms: what one means, where it stands, which rules there are for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from graph.terms import STEMS, Entry, ShapeRule, entries, entry_of, outside, own, rules_for
from graph.vocab import ASC, ASCV, OWL, shorten
from graph.web.views.names import term_label
from graph.web.words import say, translated

_TRAITS = {
    OWL.SymmetricProperty.value: "term.symmetric",
    OWL.TransitiveProperty.value: "term.transitive",
}


class Mention(NamedTuple):
    """A term as a page names it: its IRI, its label and its prefixed name."""

    iri: str
    text: str
    short: str


class Branch(NamedTuple):
    """A term in the tree of those above and below it; `depth` counts from 0.

    Shape: below two terms it stands twice, and `first` tells where first.
    """

    term: Mention
    definition: str
    depth: int
    here: bool
    first: bool = True


class Arrow(NamedTuple):
    """A property that joins two classes; `ends` are the classes at its other end."""

    property: Mention
    ends: tuple[Mention, ...]


class RuleLine(NamedTuple):
    """A rule on a page: its name, the property it is about, how many values, and why."""

    name: str
    about: Mention | None
    number: str
    must: bool
    message: str


class Group(NamedTuple):
    """The rules of one part of a page."""

    label: str
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class TermPage:
    """All that the page of a term shows."""

    term: Mention
    kind: str
    entry: Entry
    parents: tuple[Mention, ...]
    tree: tuple[Branch, ...]
    into: tuple[Arrow, ...]
    out: tuple[Arrow, ...]
    values: tuple[Arrow, ...]
    domains: tuple[Mention, ...]
    ranges: tuple[Mention, ...]
    chain: tuple[Mention, ...]
    traits: tuple[str, ...]
    apart: tuple[Mention, ...]
    outside: tuple[Mention, ...]
    matches: tuple[tuple[str, Mention], ...]
    members: tuple[Entry, ...]
    groups: tuple[Group, ...]
    inherited: tuple[Mention, ...]


class Part(NamedTuple):
    """A part of a list of terms: the tree of its classes, and its other terms."""

    name: str
    label: str
    note: str
    classes: tuple[Branch, ...]
    terms: tuple[Entry, ...]


def term_page(iri: str) -> TermPage:
    """The page data of a term.

    Raises: NotFound, naming where the terms are listed.
    """
    entry = entry_of(iri)
    a_class = entry.kind == "class"
    return TermPage(
        term=mention(iri),
        kind=say(f"term.{entry.kind}"),
        entry=entry,
        parents=_mentions(own(entry.above)),
        tree=_tree(entry) if entry.kind in ("class", "property") else (),
        into=_into(entry) if a_class else (),
        out=_out(entry, things=True) if a_class else (),
        values=_out(entry, things=False) if a_class else (),
        domains=_mentions(_inherited(entry, "domains")),
        ranges=_mentions(_inherited(entry, "ranges")),
        chain=_mentions(entry.chain),
        traits=tuple(say(_TRAITS[each]) for each in entry.traits if each in _TRAITS),
        apart=_mentions(entry.apart),
        outside=_mentions(outside(entry.above)),
        matches=tuple((term_label(how), mention(to)) for how, to in entry.matches),
        members=_members(entry) if entry.kind == "scheme" else (),
        groups=_groups(entry),
        inherited=_mentions(
            each for each in _ancestors(entry) if a_class and each in rules_for() and each != iri
        ),
    )


def term_parts() -> tuple[Part, ...]:
    """The classes and properties, part by part."""
    return tuple(_part(stem) for stem in STEMS)


def concept_parts() -> tuple[Part, ...]:
    """The lists of concepts."""
    return tuple(
        Part(local_name(each.iri), term_label(each.iri), each.definition, (), _members(each))
        for each in _by_name(entries().values())
        if each.kind == "scheme"
    )


def _part(stem: str) -> Part:
    held = [each for each in entries().values() if each.stem == stem]
    roots = (
        each
        for each in held
        if each.kind == "class" and all(entries()[up].stem != stem for up in own(each.above))
    )
    return Part(
        f"part-{stem}",
        say(f"terms.{stem}"),
        "",
        tuple(_told_once(branch for each in roots for branch in _descent(each, 0, ""))),
        _by_name(each for each in held if each.kind == "property"),
    )


def _told_once(branches: Iterable[Branch]) -> Iterator[Branch]:
    seen: set[str] = set()
    for each in branches:
        yield each._replace(first=each.term.iri not in seen)
        seen.add(each.term.iri)


def _members(scheme: Entry) -> tuple[Entry, ...]:
    """The concepts of a scheme."""
    return _by_name(entries()[each] for each in scheme.below)


def _by_name(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """Some terms as a reader looks for them."""
    return tuple(sorted(found, key=lambda each: term_label(each.iri).casefold()))


def mention(iri: str) -> Mention:
    """A term as a page names it."""
    return Mention(iri, term_label(iri), shorten(iri))


def local_name(iri: str) -> str:
    """The name of a term in its namespace."""
    return iri.removeprefix(ASC).removeprefix(ASCV)


def count_in_words(least: int | None, most: int | None) -> str:
    """How many values there may be.

    >>> count_in_words(1, 1), count_in_words(1, None), count_in_words(None, 0)
    ('exactly 1', '1 or more', 'none')
    """
    if most == 0:
        return say("term.none")
    if least == most:
        return say("term.exactly", n=least) if least else ""
    if not least:
        return say("term.at_most", n=most) if most else ""
    return say("term.to", least=least, most=most) if most else say("term.or_more", n=least)


def _mentions(iris: Iterable[str]) -> tuple[Mention, ...]:
    return tuple(mention(each) for each in dict.fromkeys(iris))


def _ancestors(entry: Entry) -> list[str]:
    """The term and those of ours above it, nearest first."""
    found = [entry.iri]
    for each in found:
        found += [up for up in own(entries()[each].above) if up not in found]
    return found


def _inherited(entry: Entry, what: str) -> tuple[str, ...]:
    """The domains or ranges of a property, or those of the nearest one above that has any."""
    if entry.kind != "property":
        return ()
    return next(
        (found for each in _ancestors(entry) if (found := getattr(entries()[each], what))), ()
    )


def _tree(entry: Entry) -> tuple[Branch, ...]:
    """The line of terms above, the term itself, and all below it."""
    line = [*reversed(_ancestors(entry)[1:])]
    above = [
        Branch(mention(each), entries()[each].definition, depth, here=False)
        for depth, each in enumerate(line)
    ]
    return (*above, *_descent(entry, len(line), entry.iri))


def _descent(entry: Entry, depth: int, here: str) -> Iterator[Branch]:
    yield Branch(mention(entry.iri), entry.definition, depth, entry.iri == here)
    for each in sorted(own(entry.below), key=term_label):
        yield from _descent(entries()[each], depth + 1, here)


def _into(entry: Entry) -> tuple[Arrow, ...]:
    """The properties that lead to a class."""
    return tuple(
        Arrow(mention(each.iri), _mentions(each.domains))
        for each in _topmost()
        if entry.iri in each.ranges and each.domains
    )


def _out(entry: Entry, *, things: bool) -> tuple[Arrow, ...]:
    """The properties that lead from a class to things, or to values."""
    return tuple(
        Arrow(mention(each.iri), _mentions(each.ranges))
        for each in _topmost()
        if entry.iri in each.domains and things == (OWL.ObjectProperty.value in each.traits)
    )


def _topmost() -> Iterator[Entry]:
    """The properties that are not kinds of another of ours."""
    found = (each for each in entries().values() if each.kind == "property")
    return (each for each in found if not own(each.above))


def _groups(entry: Entry) -> tuple[Group, ...]:
    """The rules for a class, in the order of a page, or about a property, class by class."""
    found = rules_for().get(entry.iri, [])
    about_property = entry.kind == "property"
    if about_property:
        found = sorted(found, key=lambda each: each.target)

    def heading(rule: ShapeRule) -> str:
        if not about_property:
            return translated(f"group.{rule.group}", rule.group)
        return say("term.of", term=mention(rule.target).text)

    return tuple(
        Group(label, tuple(_line(each, entry) for each in some))
        for label, some in groupby(found, heading)
    )


def _line(rule: ShapeRule, entry: Entry) -> RuleLine:
    linked = rule.path in entries() and rule.path != entry.iri
    about = mention(rule.path) if linked else None
    return RuleLine(
        rule.name, about, count_in_words(rule.least, rule.most), rule.must, rule.message
    )
