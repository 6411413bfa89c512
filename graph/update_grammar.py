"""The grammar of SPARQL Update in rdflib's pieces; each part comes with the text it was read from.

rdflib takes 0.2 s to import, so who seldom needs this imports it then.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import add
from typing import Any

from pyparsing import (
    Group,
    Keyword,
    Located,
    Optional,
    ParserElement,
    ParseResults,
    Regex,
    Suppress,
    ZeroOrMore,
)
from rdflib.plugins.sparql import parser as sparql

SERVICE = frozenset({"ServiceGraphPattern"})


def mentions(node: Any, names: frozenset[str]) -> bool:
    """Whether one of these parts of the grammar is in what was read."""
    if getattr(node, "name", "") in names:
        return True
    if not isinstance(node, (dict, list, ParseResults)):
        return False
    inside = node.values() if isinstance(node, dict) else node
    return any(mentions(each, names) for each in inside)


_LONG = sparql.STRING_LITERAL_LONG1, sparql.STRING_LITERAL_LONG2
_STRINGS = "|".join(
    each.re.pattern for each in (*_LONG, sparql.STRING_LITERAL1, sparql.STRING_LITERAL2)
)
_IRI = r"<[^<>\"{}|^`\\\x00-\x20]*>"
_WITHIN = rf"(?:{_STRINGS}|{_IRI}|[^{{}}()\[\]<>\"'#|~\\])*+"
_FLAT = rf"\{{(?:{_WITHIN}\{{{_WITHIN}\}})*+{_WITHIN}\}}"
"""Data in which nothing nests and no comment stands: where it ends, not whether it is sound."""


@cache
def update(*, data_unread: bool = False) -> ParserElement:
    """An Update request: its operations, each with the names of its parts.

    Shape: with `data_unread`, data in which nothing nests is passed over, for an engine
        that reads it: the grammar takes milliseconds for a triple.
    """
    iri, quads = sparql.iri, sparql.QuadPattern
    data = Regex(_FLAT) | sparql.QuadData if data_unread else sparql.QuadData
    insert, delete = (
        _skip("INSERT") + part("insert", quads),
        _skip("DELETE") + part("delete", quads),
    )
    named = _skip("NAMED") + part("using_named*", iri)
    all_of = part("target", _words("DEFAULT") | _words("NAMED") | _words("ALL"))
    operation = (
        _kind("INSERT DATA") + part("insert", data)
        | _kind("DELETE DATA") + part("delete", data)
        | _kind("DELETE WHERE") + part("where", quads)
        | _kind("LOAD") + iri + Optional(_skip("INTO GRAPH") + iri)
        | (_kind("CLEAR") | _kind("DROP")) + (all_of | _skip("GRAPH") + part("target", iri))
        | _kind("CREATE") + _skip("GRAPH") + part("target", iri)
        | (_kind("COPY") | _kind("MOVE") | _kind("ADD"))
        + _graph("from", iri)
        + _skip("TO")
        + _graph("to", iri)
        | Optional(_skip("WITH") + part("with", iri))
        + (delete + Optional(insert) | insert)
        + ZeroOrMore(_skip("USING") + (named | part("using*", iri)))
        + _skip("WHERE")
        + part("where", sparql.GroupGraphPattern)
    )
    step = Group(part("prologue", sparql.Prologue) + Optional(operation))
    return (step + ZeroOrMore(Suppress(";") + step)).ignore(sparql.UpdateUnit.ignoreExprs[0])


def _words(text: str) -> ParserElement:
    return reduce(add, [Keyword(word, caseless=True) for word in text.split()])


def _skip(text: str) -> ParserElement:
    return Suppress(_words(text))


def _kind(text: str) -> ParserElement:
    return Group(_words(text))("kind") + Optional(_words("SILENT"))("silent")


def _graph(name: str, iri: ParserElement) -> ParserElement:
    return part(name, _words("DEFAULT")) | Optional(_skip("GRAPH")) + part(name, iri)


def part(name: str, piece: ParserElement) -> ParserElement:
    """A piece under a name, with the text it was read from."""

    def keep_text(request: str, _: int, found: ParseResults) -> None:
        found["text"] = request[found["locn_start"] : found["locn_end"]].strip()

    return Group(Located(piece).add_parse_action(keep_text))(name)
