"""Are the quoted words where the bundle says they are?

The same rules cost 2,838 ms for 159 spans as SHACL-SPARQL and 7.5 ms as slices
of the text, so they are declared in `shapes/` with their messages and checked
here. Offsets are half-open, in Unicode code points of the UTF-8-decoded bytes;
nothing is normalised and nothing is ever re-anchored to a look-alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from graph.bundle import Bundle
from graph.facts import Subject
from graph.report import Result
from graph.rules import rule
from graph.shacl import View, name_of
from graph.vocab import ASC, OA


class Span(NamedTuple):
    """A text span as the bundle states it."""

    iri: str
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """What comparing the spans with the text gave.

    Shape: `verbatim` holds the statements all of whose spans were compared
        with the text and fit.
    """

    results: tuple[Result, ...]
    checked: int
    unchecked: int
    verbatim: frozenset[Subject]


def check_quotes(bundle: Bundle, source: bytes | None, view: View | None = None) -> QuoteCheck:
    """Compare every text span of a bundle with the source it names.

    Shape: `view` holds the bundle's quads if they are indexed already; what it
        says of other subjects is not looked at.

    Without the source the spans are only compared with each other and with the
    stated length, and count as unchecked.
    """
    facts = _Facts(bundle, view or View((), beside=bundle.facts))
    text = _decode(source)
    results = [*_check_digest(facts, source, text)]
    fits = not results
    sound: set[str] = set()
    for span in facts.spans:
        faults = [*_check_span(span, facts.code_points, text if fits else None)]
        results.extend(faults)
        if not faults:
            sound.add(span.iri)
    results.extend(_check_parts(facts))
    results.extend(_check_marks(facts))
    compared = text is not None and fits
    return QuoteCheck(
        tuple(results),
        checked=len(facts.spans) if compared else 0,
        unchecked=len(facts.spans) if text is None else 0,
        verbatim=frozenset(facts.resting_on(sound)) if compared else frozenset(),
    )


class _Facts:
    """The values of a bundle that this check reads, indexed once."""

    def __init__(self, bundle: Bundle, view: View) -> None:
        self.version = bundle.version
        self._view = view
        found = (self._span(subject) for subject in bundle.subjects_of(ASC.TextSpan))
        self.spans = sorted((span for span in found if span), key=lambda s: (s.start, s.end))
        self.by_iri = {span.iri: span for span in self.spans}
        self.statements = bundle.subjects_of(ASC.Statement)
        self.mixed = bundle.subjects_of(ASC.MixedQuotation)
        self.code_points = self.number(bundle.version, ASC.codePoints)

    def text(self, subject: Subject, predicate: NamedNode) -> str | None:
        """The one literal value, or None."""
        values = self._view.values(subject, predicate)
        return values[0].value if values and isinstance(values[0], Literal) else None

    def number(self, subject: Subject, predicate: NamedNode) -> int | None:
        """The one literal value as a whole number from 0, or None."""
        text = self.text(subject, predicate)
        try:
            number = int(text or "none")  # as the shapes read it: `+5` is 5
        except ValueError:
            return None
        return number if number >= 0 else None

    def spans_of(self, statement: Subject) -> list[Span]:
        """A statement's content spans in the order of the text."""
        values = self._view.values(statement, ASC.contentSpan)
        iris = (value.value for value in values if isinstance(value, NamedNode))
        return sorted((self.by_iri[i] for i in iris if i in self.by_iri), key=lambda s: s.start)

    def wholes_of(self, statement: Subject) -> list[NamedNode]:
        """What a statement is part of."""
        values = self._view.values(statement, ASC.partOf)
        return [value for value in values if isinstance(value, NamedNode)]

    def resting_on(self, sound: set[str]) -> Iterator[Subject]:
        """The statements all of whose content spans are among `sound`."""
        for statement in self.statements:
            values = self._view.values(statement, ASC.contentSpan)
            if values and all(isinstance(v, NamedNode) and v.value in sound for v in values):
                yield statement

    def _span(self, subject: Subject) -> Span | None:
        start, end = self.number(subject, OA.start), self.number(subject, OA.end)
        exact = self.text(subject, OA.exact)
        if start is None or end is None or exact is None or end <= start:
            return None  # the shapes say so
        prefix, suffix = self.text(subject, OA.prefix), self.text(subject, OA.suffix)
        return Span(name_of(subject), start, end, exact, prefix or "", suffix or "")


def _check_span(span: Span, code_points: int | None, text: str | None) -> Iterator[Result]:
    length = span.end - span.start
    if len(span.exact) != length:
        yield rule("TextSpan-length").broken(
            span.iri,
            path=OA.end,
            value=Literal(span.end),
            detail=f"oa:exact has {len(span.exact)} code points, the offsets span {length}.",
        )
        return
    if code_points is not None and span.end > code_points:
        yield rule("TextSpan-inside").broken(
            span.iri,
            path=OA.end,
            value=Literal(span.end),
            detail=f"The text ends at {code_points}.",
        )
        return
    if text is None:
        return
    there = text[span.start : span.end]
    if there != span.exact:
        yield rule("TextSpan-exact").broken(
            span.iri,
            path=OA.exact,
            value=Literal(span.exact),
            detail=f"The text has {there!r} there.{_elsewhere(text, span.exact)}",
        )
        return
    yield from _check_context(span, text)


def _check_context(span: Span, text: str) -> Iterator[Result]:
    before = text[max(0, span.start - len(span.prefix)) : span.start]
    after = text[span.end : span.end + len(span.suffix)]
    for path, stated, there in (
        (OA.prefix, span.prefix, before),
        (OA.suffix, span.suffix, after),
    ):
        if stated != there:
            yield rule("TextSpan-context").broken(
                span.iri,
                path=path,
                value=Literal(stated),
                detail=f"The text has {there!r} there.",
            )


def _check_parts(facts: _Facts) -> Iterator[Result]:
    for statement in facts.statements:
        for whole in facts.wholes_of(statement):
            around = facts.spans_of(whole)
            inside = all(
                any(outer.start <= span.start and span.end <= outer.end for outer in around)
                for span in facts.spans_of(statement)
            )
            if around and not inside:
                yield rule("Statement-within").broken(
                    name_of(statement), path=ASC.partOf, value=whole
                )


def _check_marks(facts: _Facts) -> Iterator[Result]:
    for statement in facts.statements:
        marks = facts.text(statement, ASC.quoteMarks)
        spans = facts.spans_of(statement)
        if not marks or len(marks) != 2 or not spans:
            continue
        first, last = spans[0], spans[-1]
        around = first.prefix.endswith(marks[0]) and last.suffix.startswith(marks[1])
        words = "".join(span.exact for span in spans)
        opened = words.partition(marks[0])[2]
        within = marks[1] in opened if statement in facts.mixed else words.endswith(marks[1])
        if not (around or (opened and within)):
            yield rule("TextSpan-marks").broken(
                name_of(statement),
                path=ASC.quoteMarks,
                value=Literal(marks),
                detail=f"The words stand between {first.prefix[-1:]!r} and {last.suffix[:1]!r}.",
            )


def _check_digest(facts: _Facts, source: bytes | None, text: str | None) -> Iterator[Result]:
    if source is None:
        return
    digest = rule("DocumentVersion-digest")
    version = facts.version
    found = hashlib.sha256(source).hexdigest()
    stated = facts.text(version, ASC.sha256)
    if stated != found:
        yield digest.broken(
            version.value,
            path=ASC.sha256,
            value=Literal(stated or ""),
            detail=f"The text at hand has {found}.",
        )
        return
    if text is None:
        yield digest.broken(version.value, path=ASC.sha256, detail="The text at hand is not UTF-8.")
        return
    for path, size in ((ASC.codePoints, len(text)), (ASC.byteLength, len(source))):
        if facts.number(version, path) not in (None, size):
            yield digest.broken(
                version.value,
                path=path,
                value=Literal(facts.text(version, path) or ""),
                detail=f"The text at hand has {size}.",
            )


def _decode(source: bytes | None) -> str | None:
    if source is None:
        return None
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _elsewhere(text: str, exact: str) -> str:
    found = text.find(exact)
    if found < 0:
        return " The words stand nowhere in it."
    more = "" if text.find(exact, found + 1) < 0 else " and again further on"
    return f" The same words stand at {found}-{found + len(exact)}{more}."
