"""A fix for each thing that a check found, tried before it is offered.

Changes are guessed from the shapes, the bundle and the text; each is made, checked
like any bundle, and offered only if the message goes away and no other comes.
"""

from __future__ import annotations

import math
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cached_property

from pyoxigraph import Quad

from graph.bundle import Bundle, Origin, make_bundle
from graph.errors import GraphError
from graph.formats import JSON_LD, NQUADS, NTRIPLES, RDF_XML, TRIG, TURTLE
from graph.mending.change import Change
from graph.mending.jsonld import edited_document
from graph.mending.nquads import edited_lines
from graph.mending.proposals import proposals
from graph.mending.turtle import Spots, edited, spots_of
from graph.mending.xml import edited_elements, named
from graph.reading import Reader
from graph.report import Fix, Report, Result, Step, count
from graph.vocab import RDF

Check = Callable[[Bundle, bytes | None], Report]
Keys = set[tuple[str, ...]]

_TRIED = 60  # changes for one message
_MOST_QUADS = 40_000  # checked in all for one report: 2 seconds or so
_MOST_BYTES = 500_000
_LONGEST_LINE = 1_000  # characters, as a mean
_MOST_BYTES_READ_AGAIN = 100_000  # for each way in which a value may be written

WHILE_SERVING_S = 0.5
"""So long fixes are looked for by a process that serves others meanwhile."""

_MOST_NEW = 3
_BY_LINE = (NQUADS, NTRIPLES)
_READ_ONCE = (TURTLE, TRIG, *_BY_LINE)


class Mender:
    """Finds fixes for one report.

    Shape: `text` is what the client sent as the source's, never an archived text, so
        that no fix hands out words that the client has not got; `changes` are what the
        fixes do, by the result that each mends.
    Units: `within_s` are seconds of a processor, after which no more fixes are looked for.
    """

    def __init__(
        self,
        bundle: Bundle,
        text: bytes | None,
        check: Check,
        reader: Reader,
        within_s: float = math.inf,
    ) -> None:
        self._bundle = bundle
        self._text = text.decode("utf-8", "replace") if text is not None else None
        self._check: Callable[[Bundle], Report] = lambda each: check(each, text)
        self._reader = reader
        self.changes: dict[Result, Change] = {}
        self._left = _MOST_QUADS
        self._within_s = within_s
        self._end_s = math.inf
        origin = bundle.origin
        forms = (TURTLE, TRIG, JSON_LD, RDF_XML, *_BY_LINE)
        most = _MOST_BYTES if origin.form in _READ_ONCE else _MOST_BYTES_READ_AGAIN
        editable = origin.form in forms and 0 < len(origin.data) <= most
        self._file = _text_of(origin.data) if editable else ""

    def report(self) -> Report:
        """What is wrong with the bundle, with a fix on each result that has one."""
        report = self._check(self._bundle)
        self._end_s = time.thread_time() + self._within_s
        before = {*map(_key, report.violations)}
        placed = (replace(each, fix=self._fix(each, before)) for each in report.results)
        return replace(report, results=tuple(placed))

    def _fix(self, result: Result, before: Keys) -> Fix | None:
        """The first change that helps; where each brings other messages, the least of them."""
        if time.thread_time() > self._end_s:
            return None
        if "_:" in (result.focus[:2], (result.value or "")[:2]):
            return self._named(result)
        tried: dict[Change, int] = {}
        for change in proposals(result, self._bundle.facts, self._text):
            if len(tried) >= _TRIED or self._left <= 0 or time.thread_time() > self._end_s:
                break
            if change not in tried:
                cost = self._cost(self._changed(change), result, before)
                unsure = cost and (_guesses(change) or not result.is_violation)
                tried[change] = sys.maxsize if unsure else cost
                if not cost:
                    break
        best = min(tried, key=lambda each: tried[each], default=None)
        if best is None or tried[best] > _MOST_NEW:
            return None
        self.changes[result] = best
        return self._as_fix(best, tried[best], result, before)

    @cached_property
    def _spots(self) -> Spots:
        return spots_of(self._file, self._bundle.graphs.base)

    def _as_fix(self, change: Change, cost: int, result: Result, before: Keys) -> Fix:
        base = self._bundle.graphs.base
        words = change.words(base)
        if cost:
            words += f" That leaves {count(cost, 'message')} more to mend."
        new = self.edited(change) if self._file else None
        if new is None or self._cost(self._reread(new), result, before) > cost:
            return Fix(words)
        return Fix(words, tuple(_steps(self._file, new)))

    def edited(self, change: Change) -> str | None:
        """The file with a change made; None where nobody knows how."""
        form = self._bundle.origin.form
        if form in _BY_LINE:
            return edited_lines(self._file, change, form, self._bundle.version)
        if form == JSON_LD:
            if len(self._file) > _LONGEST_LINE * (self._file.count("\n") + 1):
                return None  # all on a few lines: what is to be pasted could not be found in it
            return edited_document(self._file, change, self._bundle.graphs.base)
        if form == RDF_XML:
            return edited_elements(self._file, change, self._bundle.graphs.base)
        return edited(self._file, change, self._spots)

    def _named(self, result: Result) -> Fix | None:
        """An IRI in place of a blank node, whose own name no parser keeps."""
        shape = result.rule.rpartition("#")[2].partition("-")[0]
        stem = re.findall(r"[A-Z][a-z]+", shape)[0].lower()
        broken = [each.rule for each in self._check(self._bundle).results].count(result.rule)
        for label, iri, new in self._namings(stem):
            bundle = self._reread(new)
            rules = [each.rule for each in self._check(bundle).results] if bundle else [result.rule]
            if rules.count(result.rule) < broken:
                return Fix(f"Write {iri} in place of {label}.", tuple(_steps(self._file, new)))
        return None

    def _namings(self, stem: str) -> Iterator[tuple[str, str, str]]:
        """A label of a blank node, an IRI for it, and the file with one for the other."""
        form = self._bundle.origin.form
        if form == RDF_XML:
            for label, new in named(self._file, f"{stem}/new-1", self._bundle.graphs.base):
                yield label, f"{stem}/new-1", new
            return
        whole = self._bundle.graphs.base if form in _BY_LINE else ""
        for label in dict.fromkeys(re.findall(r"_:[A-Za-z][\w-]*|\[\]", self._file)):
            name = f"{whole}{stem}/{re.sub(r'[^A-Za-z0-9]', '', label) or 'new'}-1"
            iri = name if form == JSON_LD else f"<{name}>"
            yield label, iri, re.sub(rf"{re.escape(label)}(?![\w-])", iri, self._file)

    def _changed(self, change: Change) -> Bundle | None:
        removed = {*change.removed}
        graph = self._bundle.version
        quads: Iterable[Quad] = [
            *(q for q in self._bundle.quads if (q.subject, q.predicate, q.object) not in removed),
            *(Quad(*each, graph) for each in change.added),
        ]
        try:
            return make_bundle(quads, self._bundle.graphs.base)
        except GraphError:
            return None

    def _reread(self, text: str) -> Bundle | None:
        """The bundle as the changed file states it."""
        try:
            bundles = self._reader.read_all(text.encode(), self._bundle.origin.form)
        except GraphError:
            return None
        found = (each for each in bundles if each.version == self._bundle.version)
        return replace(next(found, bundles[0]), origin=Origin())  # nobody asks for its lines

    def _cost(self, bundle: Bundle | None, result: Result, before: Keys) -> int:
        """How many new messages a changed bundle gets; very many if the old one stays."""
        if bundle is None:
            return sys.maxsize
        self._left -= len(bundle.quads)
        found = self._check(bundle)
        new = {*map(_key, found.violations)} - before
        stays = _key(result) in {*map(_key, found.results)}
        again = any(key[0] == result.rule and key[2] == result.focus for key in new)
        return sys.maxsize if stays or again else len(new)


def _text_of(data: bytes) -> str:
    """What a file says, if it is in UTF-8; nothing of another."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def _guesses(change: Change) -> bool:
    """Whether a change puts something in that nothing but its success speaks for."""
    return any(path != RDF.type for _, path, _ in change.added)


def _key(result: Result) -> tuple[str, ...]:
    value = "" if (result.value or "").startswith("_:") else result.value or ""
    return result.rule, result.component, result.focus, result.path or "", value


def _steps(old: str, new: str) -> Iterator[Step]:
    """The lines to replace so that one text becomes the other."""
    before, after = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield Step(start + 1, end, "\n".join(after[first:last]))
