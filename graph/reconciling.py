"""Names in a table matched with who and what is known here.

Source: Reconciliation Service API, version 0.2 (W3C Entity Reconciliation Community Group).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from graph.index import Searcher
from graph.index.folding import fold
from graph.index.searching import Named
from graph.vocab import ASC

KINDS = {
    "agent": ("Agent", "Speaker or outlet"),
    "event": ("Event", "Event"),
    "doc": ("Document", "Source"),
}
"""The class and name of each kind of thing that names are matched with."""

_LOOKED_AT = 100
_BY_ALIAS = 95.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that a name may mean.

    Shape: `id` is its IRI without the base; `match` says that nothing else is called so.
    Units: `score` from 0 to 100, which is the very name.
    """

    id: str
    name: str
    kind: str
    score: float
    match: bool = False

    @property
    def type(self) -> str:
        """The class of the thing."""
        return ASC.term(KINDS[self.kind][0]).value


def candidates(
    index: Searcher, base: str, name: str, kinds: Iterable[str] = (), limit: int = 10
) -> list[Candidate]:
    """What a name may mean, the likeliest first.

    Shape: of some `kinds` only, if any are given.
    Raises: StoreFault if the index cannot be read.
    """
    found = _found(index, base, name, frozenset(kinds) or KINDS.keys())
    same = [each for each in found if each.score >= _BY_ALIAS]
    if len(same) == 1:
        found[0] = replace(same[0], match=True)
    return found[: max(1, limit)]


def suggested(index: Searcher, base: str, prefix: str, limit: int = 20) -> list[Candidate]:
    """What somebody may be about to name: each word begins one of its own."""
    return _found(index, base, prefix, KINDS.keys(), begins=True)[:limit]


def _found(
    index: Searcher, base: str, name: str, kinds: Collection[str], *, begins: bool = False
) -> list[Candidate]:
    """What some words are in the names of, what fits them best first."""
    words = fold(name)
    found = [
        _candidate(each, kind, base, words)
        for each in (index.named(words, _LOOKED_AT, begins=begins) if words else ())
        if (kind := _kind(each.iri, base)) in kinds
    ]
    return sorted(found, key=lambda each: (-each.score, each.name, each.id))


def kinds_of(types: Sequence[str]) -> list[str]:
    """The kinds that some classes name, by IRI or name."""
    names = {each.removeprefix(ASC) for each in types}
    return [kind for kind, (name, _) in KINDS.items() if name in names]


def _kind(iri: str, base: str) -> str:
    return iri.removeprefix(base).partition("/")[0] if iri.startswith(base) else ""


def _candidate(named: Named, kind: str, base: str, words: str) -> Candidate:
    """A thing with how well its names fit some folded words."""
    label = fold(named.label)
    score = 100 * SequenceMatcher(None, words, label, autojunk=False).ratio()
    if words != label and f" {words} " in f" {named.names} ":
        score = max(score, _BY_ALIAS - 5 * (words in label))
    return Candidate(named.iri.removeprefix(base), named.label, kind, round(score, 1))
