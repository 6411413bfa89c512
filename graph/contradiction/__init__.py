"""Whether the ontology and some data can all hold, and what keeps them from it.

Pellet answers; its axioms are put in plain words, each with the file and line, or the
graph, that states it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from graph.contradiction.axioms import about, in_words
from graph.contradiction.pellet import MOST_TRIPLES, Axiom, Verdict, find_contradictions
from graph.contradiction.places import Part, file_part, ontology_parts, stored_parts
from graph.facts import Term
from graph.vocab import shorten

__all__ = [
    "MOST_TRIPLES",
    "Contradiction",
    "Part",
    "file_part",
    "ontology_parts",
    "reason",
    "stored_parts",
]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Axioms that cannot all hold: in a sentence, each with its place, and what to do."""

    what: str
    axioms: tuple[tuple[str, str], ...]
    fix: str

    def __str__(self) -> str:
        width = max(len(place) for place, _ in self.axioms)
        lines = [f"  {place.ljust(width)}  {words}" for place, words in self.axioms]
        return "\n".join([self.what, *lines, f"  {self.fix}"])


def reason(
    parts: Sequence[Part], java: str | None = None, base: str = "", empty: NamedNode | None = None
) -> tuple[Verdict, list[Contradiction]]:
    """What Pellet finds, explained.

    Shape: `empty` is a class of which to say why it can have no member.
    Raises: as `find_contradictions`.
    """
    triples = (triple for part in parts for triple in part.triples)
    verdict = find_contradictions(triples, java, empty)
    return verdict, [_explained(each, parts, base, empty) for each in verdict.contradictions]


def _explained(
    axioms: Sequence[Axiom], parts: Sequence[Part], base: str, empty: NamedNode | None
) -> Contradiction:
    def show(term: str | Term) -> str:
        if isinstance(term, NamedNode):
            short = shorten(term.value)
            return short if short != term.value else f"<{term.value.removeprefix(base)}>"
        return str(term)

    placed = sorted(_placed(axioms, parts), key=lambda each: (each[2], each[0]))
    from_data = [place for place, _, is_ontology in placed if not is_ontology]
    where = ", ".join(dict.fromkeys(from_data))
    fix = (
        f"Mend one of these: {where}. The ontology's axioms hold for all data."
        if where
        else "Take back one of these axioms."
    )
    told = tuple((place, f"{in_words(axiom, show)}.") for place, axiom, _ in placed)
    return Contradiction(about(axioms, show, empty), told, fix)


def _placed(axioms: Sequence[Axiom], parts: Sequence[Part]) -> Iterator[tuple[str, Axiom, bool]]:
    """Each axiom with its place, and whether the ontology states it."""
    for axiom in axioms:
        found = ((part.place_of(axiom), part.is_ontology) for part in parts)
        place, is_ontology = next((each for each in found if each[0]), ("somewhere", False))
        yield place, axiom, is_ontology
