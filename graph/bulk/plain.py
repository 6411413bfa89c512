"""Bundles in N-Quads as our own serialiser writes them: cut up, and only terms are parsed.

There each quad is a line, each term is written in one way only, and a space stands
between two. So lines can be told apart, sorted and passed on as they are, once each
word that was not met before is what the parser reads and the serialiser writes again.
What differs in anything is left to the parser whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property
from operator import methodcaller
from typing import Any, NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from graph.bundle import Bundle, Graphs, Origin, assessments_of, content_digest, settled
from graph.facts import Facts, indexed
from graph.formats import NQUADS, NTRIPLES, dumps
from graph.schema import relations
from graph.vocab import PROV

_MOST_LETTERS = 2_000_000
"""Terms are remembered as long as they are written in so many, those of about 100 bundles."""

_LONGEST = 8_000
"""Longer words are left to the parser, and to the limits that it is under."""

_RECORDED = str(PROV.generatedAtTime)
_END = " .\n"
_NUL = rb"\u0000"
_BLANK, _TRIPLE = b"> _:", b"> <<"
_IRI = methodcaller("startswith", "<")
_AS_OBJECT = "<x:x> <x:x> {} .\n"

_BYTES = "latin-1"
"""Words are text with a letter for each byte: nothing is decoded, and where they are sorted
the order is that of the characters all the same."""


class Columns(NamedTuple):
    """The words of some lines."""

    subjects: list[str]
    predicates: list[str]
    values: list[str]
    named: list[str]


class Terms:
    """One object for each term, by how it is written."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}
        self._letters = 0

    def of(self, words: set[str]) -> Mapping[str, Any] | None:
        """The terms of some N-Quads, and others; None if a word is none of ours."""
        if self._letters > _MOST_LETTERS:
            self._known.clear()
            self._letters = 0
        new = [*words.difference(self._known)]
        if max(map(len, new), default=0) > _LONGEST:
            return None
        text = "".join(map(_AS_OBJECT.format, new)).encode(_BYTES)
        try:
            triples = [*parse(text, RdfFormat.N_TRIPLES)]
        except SyntaxError:
            return None
        if len(triples) != len(new) or dumps(triples, NTRIPLES) != text:
            return None
        if _BLANK in text or _TRIPLE in text:
            return None
        self._known.update(zip(new, [each.object for each in triples], strict=True))
        self._letters += len(text)
        return self._known


class Lines(Set[Quad]):
    """The quads of some N-Quads, parsed when somebody looks into them."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _quads(self) -> frozenset[Quad]:
        return frozenset(parse(self._data, RdfFormat.N_QUADS))

    def __contains__(self, quad: object) -> bool:
        return quad in self._quads

    def __iter__(self) -> Iterator[Quad]:
        return iter(self._quads)

    def __len__(self) -> int:
        return len(self._quads)

    def __or__(self, more: Iterable[Quad]) -> Lines:  # type: ignore[override]
        return Lines(self._data + dumps(more, NQUADS))


@dataclass(frozen=True, slots=True)
class Plain:
    """A bundle with its digest and its N-Quads, those in shared graphs and its own."""

    bundle: Bundle
    digest: str
    own: bytes
    shared: bytes


def plain(bundle: Bundle) -> Plain:
    """A bundle whose quads have yet to be written."""
    graphs = bundle.graphs.shared
    shared = {quad for quad in bundle.quads if quad.graph_name in graphs}
    own, listed = dumps(bundle.quads - shared, NQUADS), dumps(shared, NQUADS)
    return Plain(bundle, content_digest(bundle), own, listed)


def read_plain(data: bytes, base: str, terms: Terms, origin: Origin) -> Plain | None:
    """The bundle that some N-Quads make, if they are written as ours are and each names its
    graph.

    Raises: BadInput as `make_bundle`.
    """
    lines = _lines(data)
    columns = _columns(lines)
    if columns is None:
        return None
    subjects, predicates, values, named = columns
    properties = {*predicates}
    nodes = properties.union(subjects, named)
    found = terms.of(nodes.union(values)) if all(map(_IRI, nodes)) else None
    if found is None:
        return None
    term = found.__getitem__
    facts = _facts(columns, term)
    graphs = Graphs(base)
    version, homes = settled(facts, graphs)
    words = {home: _written(home) for home in {*homes.values()}}
    home_of = {word: words[homes[term(word)]] for word in dict.fromkeys(subjects)}
    placed = [home_of[word] for word in subjects]
    if not _relations().isdisjoint(properties):
        beside = _written(assessments_of(version))
        both = zip(predicates, placed, strict=True)
        placed = [beside if word in _relations() else home for word, home in both]
    if placed != named:
        lines = [*map(" ".join, zip(subjects, predicates, values, placed, strict=True))]
    common = {*map(_written, graphs.shared)}
    described = [word for word, home in home_of.items() if home in common]
    place_of = dict(zip(lines, placed, strict=True))
    own = _joined([line for line, home in place_of.items() if home not in common])
    shared = _joined([line for line, home in place_of.items() if home in common])
    quads, known = Lines(own + shared), frozenset(map(term, described))
    counted: Iterable[str] = place_of
    judged = _written(graphs.judgements)
    if _RECORDED in properties or judged in home_of.values():
        each = zip(lines, predicates, placed, strict=True)
        counted = {line for line, word, home in each if word != _RECORDED and home != judged}
    digest = hashlib.sha256("\n".join(sorted(counted)).encode(_BYTES)).hexdigest()
    return Plain(Bundle(version, graphs, quads, origin, facts, known), digest, own, shared)


def _lines(data: bytes) -> list[str]:
    """The lines without their ends; none where the data are not whole lines."""
    *lines, rest = data.decode(_BYTES).split(_END)
    return lines if not rest and _NUL not in data else []


def _columns(lines: Iterable[str]) -> Columns | None:
    """The subjects, properties, values and graphs of some lines; None where one has too few."""
    subjects, predicates, values, named = columns = Columns([], [], [], [])
    try:
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            value, graph = rest.rsplit(" ", 1)
            subjects.append(subject)
            predicates.append(predicate)
            values.append(value)
            named.append(graph)
    except ValueError:
        return None
    return columns if subjects else None


def _facts(columns: Columns, term: Callable[[str], Any]) -> Facts:
    """Facts of words, which are faster to find one's way by than terms, turned into those of
    terms."""
    triples = zip(columns.subjects, columns.predicates, columns.values, strict=True)
    return {
        term(subject): {term(word): (*map(term, values),) for word, values in said.items()}
        for subject, said in indexed(triples).items()
    }


def _joined(lines: list[str]) -> bytes:
    lines.append("")
    return _END.join(lines).encode(_BYTES)


def _written(term: NamedNode) -> str:
    return str(term).encode().decode(_BYTES)


@cache
def _relations() -> frozenset[str]:
    return frozenset(map(_written, relations()))
