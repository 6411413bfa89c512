"""A bundle with some of its statements only, and with all that describes these."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from pyoxigraph import NamedNode

from graph.bundle import Bundle
from graph.facts import Subject
from graph.vocab import ASC


def excerpt(bundle: Bundle, statements: Iterable[str]) -> Bundle:
    """The bundle as if it held these statements and those that they are part of.

    Shape: what only the others lead to goes with them, and so do assessments, relations
        and judgements that name one of them.
    """
    every = bundle.subjects_of(ASC.Statement)
    chosen = _wholes(bundle, map(NamedNode, statements))
    left = every - chosen
    naming = {
        subject
        for subject, said in bundle.facts.items()
        if subject not in every and not left.isdisjoint(chain.from_iterable(said.values()))
    }
    gone = left | naming
    beside = bundle.facts.keys() - _led_to(bundle, every | naming)
    kept = _led_to(bundle, chosen | beside, gone)
    lost = bundle.facts.keys() - kept
    quads = (q for q in bundle.quads if q.subject in kept and q.object not in lost)
    return Bundle(bundle.version, bundle.graphs, frozenset(quads))


def _wholes(bundle: Bundle, statements: Iterable[NamedNode]) -> set[Subject]:
    """Statements, and what they are part of, in turn."""
    found: set[Subject] = set()
    waiting: list[object] = [*statements]
    while waiting:
        each = waiting.pop()
        if isinstance(each, NamedNode) and each in bundle.facts and each not in found:
            found.add(each)
            waiting += bundle.facts[each].get(ASC.partOf, ())
    return found


def _led_to(
    bundle: Bundle, roots: Iterable[Subject], apart: Collection[Subject] = ()
) -> set[Subject]:
    """Some things and what can be got to from them, past none of those apart."""
    found: set[Subject] = set()
    waiting: list[object] = [*roots]
    while waiting:
        each = waiting.pop()
        if each in bundle.facts and each not in found and each not in apart:
            found.add(each)  # type: ignore[arg-type]
            waiting += chain.from_iterable(bundle.facts[each].values())  # type: ignore[index]
    return found
