"""Queries that are seen to be small, whoever asks: they need no process of their own.

A query is small if it asks no more than this: what is said of a few resources, or what
are a few properties of one, or of those that it points at? That is judged once for all
queries that differ in their IRIs and texts alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rdflib import URIRef, Variable
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from graph.grammar import InUse, turn
from graph.vocab import PREFIXES

_TERM = re.compile(
    r"""(?P<iri><(?P<told>(?:(?P<whole>[a-z][a-z0-9+.-]*:)|/(?!/))(?:(?!/\.)[^<>"{}|^`\\\x00-\x20])*)?>)"""
    r"""|"(?:[^"\\\n\r]|\\[tbnrf\\"'])*"|'(?:[^'\\\n\r]|\\[tbnrf\\"'])*'"""
)
_PLAIN = re.compile(r"[\w\s?$:<>\"@.;,{}*-]*")
_LONGEST = 2_000
_LONGEST_OUTLINE = 800
_MOST_POINTS = 12
_MODIFIERS = frozenset({"SelectQuery", "AskQuery", "Project", "Distinct", "Reduced", "Slice"})
_MOST = 4
_OUR_NAMES = tuple(map(str, PREFIXES.values()))


def is_harmless(sparql: str) -> bool:
    """Whether the answer is looked up in an instant, and short."""
    try:
        return len(sparql) <= _LONGEST and _judged(outline(sparql))
    except InUse:  # a worker answers before a long text is read through
        return False


def outline(sparql: str) -> str:
    """A query with numbers in place of its IRIs, and its texts emptied.

    Shape: an IRI that is told from `/` on may be the same as one told in full.

    >>> outline('SELECT ?o { <urn:a> <urn:b> ?o . <urn:a> rdfs:label "c" }')
    'SELECT ?o { <n:0> <n:1> ?o . <n:0> rdfs:label "" }'
    """
    numbers: dict[str, int] = {}

    def numbered(term: re.Match[str]) -> str:
        if term["iri"] is None:
            return '""'
        iri, kind = term["told"], "n" if term["whole"] else "r"
        return f"<{kind}:{numbers.setdefault(iri, len(numbers))}>" if iri else "|"

    return _TERM.sub(numbered, sparql)


@lru_cache(maxsize=2_000)
def _judged(outlined: str) -> bool:
    """The verdict; what could take a parser long is refused before it is read.

    Raises: InUse.
    """
    points = sum(map(outlined.count, ".;,"))
    if len(outlined) > _LONGEST_OUTLINE or points > _MOST_POINTS or outlined.count("{") > 1:
        return False
    if not _PLAIN.fullmatch(outlined):
        return False
    try:
        with turn(wait=False):
            parsed = parseQuery(outlined)
        node = translateQuery(parsed, initNs=PREFIXES).algebra
    except InUse:
        raise
    except Exception:  # whatever rdflib makes of it, it is not what is looked for
        return False
    if node.name == "DescribeQuery":
        return not (node.p or node.datasetClause) and _are_few(node.PV)
    while node.name in _MODIFIERS:
        node = node.p
    return node.name == "BGP" and _is_small(node.triples, declares=len(parsed[0]) > 0)


def _are_few(described: Sequence[Any]) -> bool:
    return len(described) <= _MOST and all(isinstance(each, URIRef) for each in described)


def _is_small(patterns: Sequence[tuple[Any, Any, Any]], *, declares: bool) -> bool:
    """Whether patterns start at known resources and go on from there, without multiplying.

    What two properties of one resource have in common is seen at once; of more it
    must be sure that they are different ones.
    """
    roots = [each for each in patterns if isinstance(each[0], URIRef)]
    predicates = [predicate for _, predicate, _ in patterns]
    if len(patterns) == 1:
        return bool(roots) and isinstance(predicates[0], (URIRef, Variable))
    if len(patterns) > _MOST or not all(isinstance(each, URIRef) for each in predicates):
        return False
    several = [each for each in roots if not isinstance(each[2], URIRef)]
    if len(several) > 1 and len(patterns) > 2:
        return len(roots) == len(patterns) and _all_differ(predicates, declares)
    reached = {value for _, _, value in roots}
    rest = [each for each in patterns if each not in roots]
    for subject, _, value in rest:
        if subject not in reached:
            return False
        reached.add(value)
    return True


def _all_differ(predicates: Sequence[URIRef], declares: bool) -> bool:
    """Whether they are different IRIs however they were written: in full, or by our prefixes."""
    in_full = all(each.startswith("n:") for each in predicates)
    by_prefix = not declares and all(str(each).startswith(_OUR_NAMES) for each in predicates)
    return (in_full or by_prefix) and len({*predicates}) == len(predicates)
