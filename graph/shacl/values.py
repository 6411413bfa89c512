"""Constraints on one value node: kind, class, datatype, length, pattern, range.

Source: SHACL, sections 4.1 (value type), 4.3 (range), 4.4 (string), 4.8 (sh:in).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode

from graph.facts import Term
from graph.shacl.literals import compare, is_well_formed
from graph.shacl.shape import Reads, Test
from graph.shacl.site import Makers, Site, component
from graph.shacl.view import View
from graph.vocab import RDF, SH

_KINDS: dict[NamedNode, tuple[type, ...]] = {
    SH.IRI: (NamedNode,),
    SH.BlankNode: (BlankNode,),
    SH.Literal: (Literal,),
    SH.BlankNodeOrIRI: (BlankNode, NamedNode),
    SH.BlankNodeOrLiteral: (BlankNode, Literal),
    SH.IRIOrLiteral: (NamedNode, Literal),
}
_LANG_STRING = RDF.langString
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


def _class(site: Site) -> Iterator[Test]:
    for kind in site.values(SH.term("class")):

        def holds(view: View, value: Term, kind: Term = kind) -> bool:
            return view.is_a(value, kind)

        yield Test(component("Class"), holds, Reads.TYPES)


def _datatype(site: Site) -> Iterator[Test]:
    wanted = site.one(SH.datatype)

    def holds(view: View, value: Term) -> bool:
        return (
            isinstance(value, Literal)
            and value.datatype == wanted
            and (wanted == _LANG_STRING or is_well_formed(value))
        )

    yield Test(component("Datatype"), holds)


def _node_kind(site: Site) -> Iterator[Test]:
    wanted = site.one(SH.nodeKind)
    if not isinstance(wanted, NamedNode) or wanted not in _KINDS:
        raise site.refuse(f"sh:nodeKind {wanted}")
    kinds = _KINDS[wanted]

    def holds(view: View, value: Term) -> bool:
        return isinstance(value, kinds)

    yield Test(component("NodeKind"), holds, Reads.KIND)


def _in(site: Site) -> Iterator[Test]:
    for given in site.values(SH.term("in")):
        allowed = frozenset(site.members(given, SH.term("in")))

        def holds(view: View, value: Term, allowed: frozenset[Term] = allowed) -> bool:
            return value in allowed

        yield Test(component("In"), holds)


def _length(name: str, fits: Callable[[int, int], bool]) -> Callable[[Site], Iterator[Test]]:
    def make(site: Site) -> Iterator[Test]:
        limit = site.count(SH.term(name))
        assert limit is not None, site.node

        def holds(view: View, value: Term) -> bool:
            if isinstance(value, Literal | NamedNode):
                return fits(len(value.value), limit)
            return limit == 0 and name == "minLength"  # a blank node has no length

        yield Test(component(name[0].upper() + name[1:]), holds)

    return make


def _pattern(site: Site) -> Iterator[Test]:
    given = site.one(SH.flags)
    flags = site.literal(given, SH.flags).value.lower() if given is not None else ""
    if unknown := set(flags) - {*_FLAGS, "q"}:
        raise site.refuse(f"sh:flags {''.join(sorted(unknown))!r}")
    options = sum(_FLAGS[flag] for flag in set(flags) - {"q"})
    for each in site.values(SH.pattern):
        text = site.literal(each, SH.pattern).value
        try:
            search = re.compile(re.escape(text) if "q" in flags else text, options).search
        except re.error as fault:
            raise site.refuse(f"sh:pattern {text!r}: {fault}") from None

        def holds(view: View, value: Term, search: Callable[[str], object] = search) -> bool:
            return isinstance(value, Literal | NamedNode) and search(value.value) is not None

        yield Test(component("Pattern"), holds)


def _language_in(site: Site) -> Iterator[Test]:
    given = site.one(SH.languageIn)
    assert given is not None, site.node
    listed = site.members(given, SH.languageIn)
    ranges = [site.literal(each, SH.languageIn).value.lower() for each in listed]

    def holds(view: View, value: Term) -> bool:
        language = value.language if isinstance(value, Literal) else None
        if not language:
            return False
        tag = language.lower()
        return any(each in ("*", tag) or tag.startswith(each + "-") for each in ranges)

    yield Test(component("LanguageIn"), holds)


def _range(name: str, fits: Callable[[int], bool]) -> Callable[[Site], Iterator[Test]]:
    def make(site: Site) -> Iterator[Test]:
        for each in site.values(SH.term(name)):
            limit = site.literal(each, SH.term(name))

            def holds(view: View, value: Term, limit: Literal = limit) -> bool:
                order = compare(value, limit) if isinstance(value, Literal) else None
                return order is not None and fits(order)

            yield Test(component(name[0].upper() + name[1:]), holds)

    return make


MAKERS: Makers = {
    SH.term("class"): _class,
    SH.datatype: _datatype,
    SH.nodeKind: _node_kind,
    SH.term("in"): _in,
    SH.minLength: _length("minLength", lambda length, limit: length >= limit),
    SH.maxLength: _length("maxLength", lambda length, limit: length <= limit),
    SH.pattern: _pattern,
    SH.languageIn: _language_in,
    SH.minInclusive: _range("minInclusive", lambda order: order >= 0),
    SH.minExclusive: _range("minExclusive", lambda order: order > 0),
    SH.maxInclusive: _range("maxInclusive", lambda order: order <= 0),
    SH.maxExclusive: _range("maxExclusive", lambda order: order < 0),
}
