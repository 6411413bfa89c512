"""Constraints on all value nodes together: languages, pairs of properties, closed.

Source: SHACL, sections 4.4.5 (sh:uniqueLang), 4.5 (property pairs),
4.8 (sh:closed, sh:hasValue).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from pyoxigraph import Literal, NamedNode

from graph.facts import Term
from graph.shacl.literals import compare
from graph.shacl.shape import NO_VALUE, Fault, Reads, Search
from graph.shacl.site import Makers, Site, component, short
from graph.shacl.view import View
from graph.vocab import SH

Faults = Callable[[View, Term, Sequence[Term]], Iterable[Fault]]
_ONE_FAULT = (NO_VALUE,)


def _has_value(site: Site) -> Iterator[Search]:
    for wanted in site.values(SH.hasValue):

        def faults(
            view: View, focus: Term, values: Sequence[Term], wanted: Term = wanted
        ) -> Iterable[Fault]:
            return () if wanted in values else _ONE_FAULT

        def is_wanted(value: Term, wanted: Term = wanted) -> bool:
            return value == wanted

        yield Search(component("HasValue"), faults, True, Reads.TERM, seen=is_wanted)


def _unique_lang(site: Site) -> Iterator[Search]:
    if not site.is_true(SH.uniqueLang):
        return

    def faults(view: View, focus: Term, values: Sequence[Term]) -> Iterable[Fault]:
        if len(values) < 2:
            return ()
        tags = Counter(map(_language_of, values))
        return [NO_VALUE for tag, times in tags.items() if tag and times > 1]

    yield Search(component("UniqueLang"), faults, False, Reads.TERM, seen=_language_of)


def _language_of(value: Term) -> str | None:
    language = value.language if isinstance(value, Literal) else None
    return language.lower() if language else None


def _equals(site: Site) -> Iterator[Search]:
    for given in site.values(SH.equals):
        other = site.iri(given, SH.equals)

        def faults(
            view: View, focus: Term, values: Sequence[Term], other: NamedNode = other
        ) -> Iterable[Fault]:
            return map(Fault, {*values} ^ {*view.values(focus, other)})

        yield Search(component("Equals"), faults, among_none=True)


def _disjoint(site: Site) -> Iterator[Search]:
    for given in site.values(SH.disjoint):
        other = site.iri(given, SH.disjoint)

        def faults(
            view: View, focus: Term, values: Sequence[Term], other: NamedNode = other
        ) -> Iterable[Fault]:
            return map(Fault, {*values} & {*view.values(focus, other)})

        yield Search(component("Disjoint"), faults, needs=other)


def _less_than(name: str, fits: Callable[[int], bool]) -> Callable[[Site], Iterator[Search]]:
    predicate = SH.term(name)

    def make(site: Site) -> Iterator[Search]:
        if site.path is None:
            raise site.refuse(f"{short(predicate)} on a node shape")
        for given in site.values(predicate):
            other = site.iri(given, predicate)
            kind = component(name[0].upper() + name[1:])
            yield Search(kind, _ordered(other), needs=other)

    def _ordered(other: NamedNode) -> Faults:
        def faults(view: View, focus: Term, values: Sequence[Term]) -> Iterable[Fault]:
            there = view.values(focus, other)
            return [Fault(one) for one in values for two in there if not in_order(one, two)]

        return faults

    def in_order(one: Term, two: Term) -> bool:
        if not (isinstance(one, Literal) and isinstance(two, Literal)):
            return False
        order = compare(one, two)
        return order is not None and fits(order)

    return make


def _closed(site: Site) -> Iterator[Search]:
    if not site.is_true(SH.closed):
        return
    allowed = {
        path
        for each in site.values(SH.property)
        for path in site.shapes.values(each, SH.path)
        if isinstance(path, NamedNode)
    }
    for given in site.values(SH.ignoredProperties):
        listed = site.members(given, SH.ignoredProperties)
        allowed.update(site.iri(each, SH.ignoredProperties) for each in listed)

    def faults(view: View, focus: Term, values: Sequence[Term]) -> Iterable[Fault]:
        return [
            Fault(value, predicate.value)
            for node in values
            for predicate, there in view.properties(node).items()
            if predicate not in allowed
            for value in there
        ]

    yield Search(component("Closed"), faults, False, Reads.NAMES)


MAKERS: Makers = {
    SH.hasValue: _has_value,
    SH.uniqueLang: _unique_lang,
    SH.equals: _equals,
    SH.disjoint: _disjoint,
    SH.lessThan: _less_than("lessThan", lambda order: order < 0),
    SH.lessThanOrEquals: _less_than("lessThanOrEquals", lambda order: order <= 0),
    SH.closed: _closed,
}
