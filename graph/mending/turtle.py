"""A change of some triples as an edit of the Turtle or TriG that states them."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import Any, NamedTuple

import pyoxigraph as ox
import rdflib
from rdflib.plugins.parsers.notation3 import BadSyntax, RDFSink

from graph.lines import LineIndex
from graph.lines.terms import as_ntriples
from graph.lines.turtle import LineParser
from graph.mending.change import Change, Triple3

_VERB = re.compile(r"(?:<[^>]*>|[^\s;\[{<>]+)\s*$")


class _List(NamedTuple):
    """The objects of one verb: where the verb ends, and where each of them stands."""

    verb_end: int
    subject_start: int
    spans: list[tuple[int, int]]


class Spots(LineParser):
    """The parser that tells places, asked for both ends of each object."""

    def __init__(self, base: str) -> None:
        super().__init__(RDFSink(rdflib.Graph()), LineIndex(), base)
        self.found: dict[tuple[str, str, str], list[tuple[_List, int]]] = defaultdict(list)
        self._open: list[_List] = []
        self._held: dict[int, tuple[_List, int]] = {}
        self._subject = 0

    def statement(self, argstr: str, i: int) -> int:
        self._subject = max(self.skipSpace(argstr, i), i)
        return int(super().statement(argstr, i))

    def objectList(self, argstr: str, i: int, res: Any) -> int:  # noqa: N802 (rdflib's name)
        self._open.append(_List(i, self._subject, []))
        end = int(super().objectList(argstr, i, res))
        self._open.pop()
        return end

    def object(self, argstr: str, i: int, res: Any) -> int:
        start = max(self.skipSpace(argstr, i), i)
        end = super().object(argstr, start, res)
        if end >= 0 and res and self._open:
            objects = self._open[-1]
            objects.spans.append((start, start + len(argstr[start:end].rstrip())))
            self._held[id(res[-1])] = objects, len(objects.spans) - 1
        return end

    def makeStatement(self, quadruple: Any) -> None:  # noqa: N802 (rdflib's name)
        context, *terms = quadruple
        if id(terms[2]) in self._held:
            predicate, subject, value = (self._store.normalise(context, t) for t in terms)
            spot = self._held[id(terms[2])]
            self.found[f"<{subject}>", str(predicate), as_ntriples(value)].append(spot)

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the file declares."""
        return {str(name): str(iri) for name, iri in self._bindings.items()}

    @property
    def base(self) -> str:
        """The base that relative IRIs are resolved against, as the file leaves it."""
        return str(self._baseURI)


def spots_of(text: str, base: str) -> Spots:
    """Where each triple of a text stands, as far as it can be read a second time."""
    rdflib.NORMALIZE_LITERALS = False
    spots = Spots(base)
    with suppress(RecursionError, ValueError, BadSyntax):
        spots.loadBuf(text)
    return spots


def edited(text: str, change: Change, spots: Spots) -> str | None:
    """The text with some triples taken out and others put in; None where it cannot be done.

    What is put in place of something stands where that stood, the rest at the end.
    """
    put = {old: _term(new[2], spots) for old, new in change.pairs if old and new}
    added = [new for old, new in change.pairs if new and not old]
    cuts: dict[int, tuple[_List, set[int]]] = {}
    pieces: list[tuple[int, int, str]] = []
    for old in change.removed:
        stands = spots.found.get((str(old[0]), old[1].value, str(old[2])))
        if not stands:
            return None
        for objects, number in stands:
            if old in put:
                pieces.append((*objects.spans[number], put[old]))
            else:
                cuts.setdefault(id(objects), (objects, set()))[1].add(number)
    for objects, numbers in cuts.values():
        pieces += _cut(text, objects, numbers)
    for start, end, new_text in sorted(pieces, reverse=True):
        text = text[:start] + new_text + text[end:]
    if added:
        text = f"{text.rstrip()}\n\n{_block(added, spots)}"
    return text


def _cut(text: str, objects: _List, numbers: set[int]) -> list[tuple[int, int, str]]:
    """What to take out so that these objects go and the rest still reads."""
    spans = objects.spans
    if len(numbers) == len(spans):
        return [_without_verb(text, objects)]
    if 0 in numbers:
        first = min({*range(len(spans))} - numbers)
        rest = [(spans[n - 1][1], spans[n][1], "") for n in numbers if n > first]
        return [(spans[0][0], spans[first][0], ""), *rest]
    return [(spans[n - 1][1], spans[n][1], "") for n in numbers]


def _without_verb(text: str, objects: _List) -> tuple[int, int, str]:
    verb = _VERB.search(text, 0, objects.verb_end)
    start = verb.start() if verb else objects.verb_end
    end = objects.spans[-1][1]
    before = text[:start].rstrip()
    after = re.compile(r"\s*").match(text, end)
    follows = after.end() if after else end
    if text[follows : follows + 1] == ";":
        return start, re.compile(r"[ \t]*\n?[ \t]*").match(text, follows + 1).end(), ""  # type: ignore[union-attr]
    if before.endswith(";"):
        return len(before) - 1, end, ""
    if before.endswith("["):
        return start, end, ""
    return objects.subject_start, follows + 1, ""


def _term(term: Any, spots: Spots) -> str:
    name = ox.NamedNode("urn:x")
    written = _turtle([ox.Triple(name, name, term)], spots)
    return written.removeprefix("<urn:x> <urn:x> ").rstrip().removesuffix(".").rstrip()


def _block(triples: list[Triple3], spots: Spots) -> str:
    return _turtle([ox.Triple(*each) for each in triples], spots)


def _turtle(triples: list[ox.Triple], spots: Spots) -> str:
    """Triples as the file would write them, without its declarations."""
    data = ox.serialize(
        triples, None, ox.RdfFormat.TURTLE, prefixes=spots.prefixes, base_iri=spots.base or None
    )
    lines = (data or b"").decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("@prefix", "@base")))
