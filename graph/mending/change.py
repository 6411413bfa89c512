"""What a fix does to a bundle: triples taken out, triples put in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from graph.facts import Subject, Term
from graph.vocab import RDF, shorten

Triple3 = tuple[Subject, NamedNode, Term]


@dataclass(frozen=True, slots=True)
class Change:
    """Triples to take out and to put in.

    Shape: where one of each has the same subject and property, it is a replacement.
    """

    removed: tuple[Triple3, ...] = ()
    added: tuple[Triple3, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[Triple3 | None, Triple3 | None], ...]:
        """What goes, each with what comes in its place, then what only comes."""
        added = [*self.added]
        pairs: list[tuple[Triple3 | None, Triple3 | None]] = []
        for old in self.removed:
            new = next((each for each in added if each[:2] == old[:2]), None)
            if new is not None:
                added.remove(new)
            pairs.append((old, new))
        return (*pairs, *((None, each) for each in added))

    def words(self, base: str) -> str:
        """The change as a sentence."""
        said = []
        for old, new in self.pairs:
            if old and new:
                said.append(f"Replace {_said(old, base)} by {_name(new[2], base)}.")
            elif old:
                said.append(f"Remove {_said(old, base)}.")
            elif new:
                said.append(f"Add {_said(new, base)}.")
        return " ".join(said)


def replaced(old: Triple3, *values: Term) -> Iterable[Change]:
    """The changes that put another value in the place of one."""
    return (Change((old,), ((old[0], old[1], value),)) for value in values if value != old[2])


def edited_by_trial(
    text: str,
    change: Change,
    triples_in: Callable[[str], set[Triple3]],
    ways: Callable[[str, set[Triple3], Triple3 | None, Triple3 | None], Iterable[str]],
) -> str | None:
    """The text with a change made, triple by triple; None where it cannot be done.

    Shape: `ways` gives the texts that may come of what should be said, what goes and what
        comes; the first that says no more and no less is taken.
    """
    said = triples_in(text)
    for old, new in change.pairs:
        said = (said - {old}) | ({new} if new else set())
        found = next(
            (each for each in ways(text, said, old, new) if triples_in(each) == said), None
        )
        if found is None:
            return None
        text = found
    return text


def named_triples(quads: Iterable[Quad | Triple]) -> set[Triple3]:
    """The triples in which no node is without a name."""
    found = ((quad.subject, quad.predicate, quad.object) for quad in quads)
    return {each for each in found if not any(isinstance(term, BlankNode) for term in each)}


def _said(triple: Triple3, base: str) -> str:
    return f"{_name(triple[1], base)} {_name(triple[2], base)}"


def _name(term: Term, base: str) -> str:
    if isinstance(term, NamedNode):
        if term == RDF.type:
            return "a"
        short = shorten(term.value)
        return short if short != term.value else f"<{term.value.removeprefix(base)}>"
    if isinstance(term, Literal):
        text = str(term).partition("^^")[0]
        return text if len(text) <= 60 else f"{text[:57]}…”"
    return str(term)
