"""SERVICE for endpoints that the operator lists, and for no other address.

The engine is never let out: each SERVICE group of a query is cut out by the grammar,
sent to its endpoint by `graph.peers`, and its answer put in its place as VALUES.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

from pyoxigraph import BlankNode, NamedNode
from pyparsing import Keyword, Located, Optional, ParseException, ParserElement
from rdflib.plugins.sparql import parser as sparql

from graph.errors import BadInput, PeerFault
from graph.grammar import turn
from graph.peers import Table, ask
from graph.settings import Settings
from graph.store import Term
from graph.update_grammar import SERVICE, mentions, part
from graph.update_request import reaches_out
from graph.vocab import PREFIXES

_MOST_GROUPS = 5
_NOTHING_BOUND = "{ VALUES () { () } }"
"""What SERVICE SILENT comes to where its endpoint fails (Federated Query, section 2.3)."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A SERVICE group, and where in the query it stands."""

    start: int
    end: int
    name: str
    pattern: str
    silent: bool


def inlined(query: str, settings: Settings) -> str:
    """The query with the answer of each SERVICE group in the group's place.

    Shape: blank nodes of an answer become IRIs under the base, since VALUES holds
        none.
    Raises: BadInput for a service that is not listed, is a variable or is not
        written in full, also with SILENT; PeerFault where an endpoint fails, unless
        the group is SILENT.
    Source: SPARQL 1.1 Federated Query.
    """
    try:
        with turn():
            groups = list(_groups_of(query, settings.services))
            prologue = _prologue().parse_string(query)[0]["text"]
    except (ParseException, RecursionError):
        raise BadInput("The query could not be taken apart at its SERVICE groups.") from None
    pieces, end, left = [], 0, settings.service_max_bytes
    for group in groups:
        asked = "\n".join((*_KNOWN, prologue, "SELECT * WHERE", group.pattern))
        try:
            table = ask(group.name, asked, settings.service_timeout_s, left)
            values = _as_values(table, settings.base)
            left -= table.received_bytes
        except PeerFault:
            if not group.silent:
                raise
            values = _NOTHING_BOUND
        pieces += [query[end : group.start], values]
        end = group.end
    whole = "".join((*pieces, query[end:]))
    if reaches_out(whole):
        raise BadInput("A SERVICE group is hidden in the query: write it plainly.")
    return whole


_KNOWN = [f"PREFIX {name}: {NamedNode(iri)}" for name, iri in PREFIXES.items()]


def _groups_of(query: str, listed: frozenset[str]) -> Iterator[_Group]:
    """The SERVICE groups of a query, all of them allowed.

    Raises: BadInput.
    """
    scanned = (parts for parts, _, _ in _scanner().scan_string(query))
    found = [parts["service"] for parts in scanned if "service" in parts]
    if len(found) > _MOST_GROUPS:
        raise BadInput(f"The query has {len(found)} SERVICE groups, and {_MOST_GROUPS} may be.")
    for service in found:
        start, inside, end = service["locn_start"], service["value"], service["locn_end"]
        name, pattern = inside["term"]["text"], inside["group"]["text"]
        if name[1:-1] not in listed:
            raise BadInput(
                f"SERVICE {name} is not asked here: services are written in full, and are "
                f"those that the operator lists: {', '.join(sorted(listed)) or 'none'}."
            )
        if mentions(inside["group"], SERVICE):
            raise BadInput("A SERVICE group holds another: have that endpoint asked by itself.")
        yield _Group(start, end, name[1:-1], pattern, "silent" in inside)


def _as_values(table: Table, base: str) -> str:
    """The rows of an answer as a VALUES block."""
    blank = f"{base}.well-known/genid/{uuid4().hex}-"

    def written(term: Term | None) -> str:
        if isinstance(term, BlankNode):
            return str(NamedNode(blank + term.value))
        return "UNDEF" if term is None else str(term)

    rows = [f"({' '.join(map(written, row))})" for row in table.rows]
    return "\n".join(("{ VALUES (" + " ".join(table.variables) + ") {", *rows, "} }"))


@cache
def _scanner() -> ParserElement:
    """A SERVICE group, or a text or IRI, in which the word means nothing."""
    service = (
        Keyword("SERVICE", caseless=True).suppress()
        + Optional(Keyword("SILENT", caseless=True))("silent")
        + part("term", sparql.VarOrIri)
        + part("group", sparql.GroupGraphPattern)
    )
    found = Located(service.set_name("SERVICE"))("service") | sparql.String | sparql.IRIREF
    return found.ignore(sparql.UpdateUnit.ignoreExprs[0]).parse_with_tabs()


@cache
def _prologue() -> ParserElement:
    prologue = part("prologue", sparql.Prologue)
    return prologue.ignore(sparql.UpdateUnit.ignoreExprs[0]).parse_with_tabs()
