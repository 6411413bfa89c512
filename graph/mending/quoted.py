"""Changes that bring a text span or a version's figures back to the text at hand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from graph.facts import Facts, Subject
from graph.mending.change import Change, Triple3
from graph.report import Result
from graph.vocab import ASC, OA, SHAPES

_AROUND = 32


def quote_changes(
    result: Result, focus: Subject, facts: Facts, text: str | None
) -> Iterator[Change]:
    """What the text, or the other values of a span, say should stand there."""
    rule = result.rule.removeprefix(SHAPES)
    if rule.startswith("DocumentVersion-") and text is not None:
        data = text.encode()
        yield from _put(
            focus,
            facts,
            {
                ASC.sha256: Literal(hashlib.sha256(data).hexdigest()),
                ASC.codePoints: Literal(len(text)),
                ASC.byteLength: Literal(len(data)),
            },
        )
    if rule.startswith("TextSpan-"):
        yield from _span_changes(focus, facts, text)


def _span_changes(focus: Subject, facts: Facts, text: str | None) -> Iterator[Change]:
    exact, start, end = (_one(focus, facts, path) for path in (OA.exact, OA.start, OA.end))
    words = exact.value if exact else ""
    named = re.search(r"/(\d+)-(\d+)$", str(focus).rstrip(">"))
    places = [m.start() for m in re.finditer(re.escape(words), text)] if text and words else []
    near = int(start.value) if start and re.fullmatch(r"-?\d+", start.value, re.A) else 0
    for place in sorted(places, key=lambda each: abs(each - near))[:3]:
        yield from _put(focus, facts, _wanted(text or "", place, place + len(words)))
    if named and text:
        yield from _put(focus, facts, _wanted(text, int(named[1]), int(named[2])))
    if start and end and text and start.value.isdigit() and end.value.isdigit():
        yield from _put(focus, facts, _wanted(text, int(start.value), int(end.value)))
    if words and start and start.value.isdigit():
        yield from _put(focus, facts, {OA.end: Literal(near + len(words))})
    if named:
        offsets = {OA.start: Literal(int(named[1])), OA.end: Literal(int(named[2]))}
        yield from _put(focus, facts, offsets)


def _wanted(text: str, start: int, end: int) -> dict[NamedNode, Literal]:
    return {
        OA.start: Literal(start),
        OA.end: Literal(end),
        OA.exact: Literal(text[start:end]),
        OA.prefix: Literal(text[max(0, start - _AROUND) : start]),
        OA.suffix: Literal(text[end : end + _AROUND]),
    }


def _put(focus: Subject, facts: Facts, wanted: dict[NamedNode, Literal]) -> Iterator[Change]:
    """The change that leaves these values and no others; only what differs is touched."""
    removed: list[Triple3] = []
    added: list[Triple3] = []
    for path, value in [*wanted.items()]:
        held = facts[focus].get(path, ())
        if path in (OA.prefix, OA.suffix):
            if not held:
                continue
            kept = held[0]
            if isinstance(kept, Literal) and kept.language is None:
                size = len(kept.value)
                there = value.value
                wanted[path] = Literal(there[-size:] if path == OA.prefix else there[:size])
        if [*held] == [wanted[path]]:
            continue
        removed += [(focus, path, each) for each in held]
        added.append((focus, path, wanted[path]))
    if added:
        yield Change(tuple(removed), tuple(added))


def _one(focus: Subject, facts: Facts, path: NamedNode) -> Literal | None:
    values = facts[focus].get(path, ())
    return next((each for each in values if isinstance(each, Literal)), None)
