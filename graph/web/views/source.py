"""The page of a source: its quotes in their order, and what lies between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.kg import KnowledgeGraph
from graph.vocab import ASC, DCTERMS, SCHEMA
from graph.web.views.cards import Card, Piece, cards_of, title_of
from graph.web.views.chains import Hop
from graph.web.views.facts import Facts, facts_for
from graph.web.views.names import Name, names_of
from graph.web.views.newer import Newer, newer_of
from graph.web.views.proofs import Proof, proof_of
from graph.web.views.stored import lists_for


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the text that no statement quotes.

    Units: code points; `end` is excluded.
    """

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many code points it holds."""
        return self.end - self.start


@dataclass(slots=True)
class Quote:
    """A statement at its place, numbered along the text, with those that stand inside it."""

    card: Card
    number: int
    parts: list[Quote] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SourcePage:
    """All that the page of a source shows.

    Shape: `items` are the outermost quotes and the gaps in the order of the
        text; the gaps and what the quotes cover add up to `code_points`.
    """

    iri: str
    title: Name
    language: str
    code_points: int
    creators: tuple[Name, ...]
    publishers: tuple[Name, ...]
    issued: str
    proof: Proof
    items: tuple[Quote | Gap, ...]
    statements: int
    quoted: int
    voices: tuple[tuple[Hop, int], ...]
    newer: Newer | None
    orphans: int


def source_page(kg: KnowledgeGraph, version: str) -> SourcePage:
    """The page data of one version of a document."""
    facts = facts_for(kg)
    cards = cards_of(facts, (each.iri for each in lists_for(kg, facts).of_source(version)))
    length = facts.number(version, ASC.codePoints) or 0
    gaps = gaps_between([piece for card in cards for piece in card.pieces], length)
    document = facts.iri(version, ASC.versionOf) or ""
    newer = newer_of(facts, kg.texts, version)
    return SourcePage(
        iri=version,
        title=title_of(facts, version),
        language=facts.text(version, SCHEMA.inLanguage) or "",
        code_points=length,
        creators=names_of(facts, document, DCTERMS.creator) if document else (),
        publishers=names_of(facts, document, DCTERMS.publisher) if document else (),
        issued=(facts.text(document, DCTERMS.issued) or "") if document else "",
        proof=proof_of(facts, kg.texts, version),
        items=_interleave(_nested(facts, cards), gaps),
        statements=len(cards),
        quoted=length - sum(gap.length for gap in gaps),
        voices=_voices(cards),
        newer=newer,
        orphans=sum(newer.is_orphan(card) for card in cards) if newer else 0,
    )


def gaps_between(pieces: Iterable[Piece], length: int) -> list[Gap]:
    """The stretches of a text that no piece covers.

    >>> [gap.length for gap in gaps_between([Piece("", 2, 5, "abc")], 9)]
    [2, 4]
    """
    gaps, reached = [], 0
    for piece in sorted(pieces, key=lambda each: each.start):
        if piece.start > reached:
            gaps.append(Gap(reached, piece.start))
        reached = max(reached, piece.end)
    return [*gaps, Gap(reached, length)] if reached < length else gaps


def _nested(facts: Facts, cards: Sequence[Card]) -> list[Quote]:
    """The outermost quotes, each with the quotes that stand inside it.

    Shape: a quote lies in what it is said to be part of, else in the narrowest
        quote that holds all its words and more.
    """
    ordered = sorted(cards, key=lambda card: (card.start, -card.end, card.iri))
    quotes = {card.iri: Quote(card, number) for number, card in enumerate(ordered, 1)}
    inside: dict[str, str] = {}
    open_quotes: list[Card] = []
    for card in ordered:
        open_quotes = [each for each in open_quotes if each.end > card.start]
        around = [each for each in open_quotes if _holds(each, card)]
        whole = facts.iri(card.iri, ASC.partOf)
        if whole not in quotes or whole is None or _leads_to(inside, whole, card.iri):
            whole = min(around, key=lambda each: each.end - each.start).iri if around else None
        if whole is not None:
            inside[card.iri] = whole
        open_quotes.append(card)
    for card in ordered:
        if card.iri in inside:
            quotes[inside[card.iri]].parts.append(quotes[card.iri])
    return [quotes[card.iri] for card in ordered if card.iri not in inside]


def _holds(outer: Card, inner: Card) -> bool:
    """Whether all pieces of one lie in pieces of the other, which holds more."""
    same = [(p.start, p.end) for p in outer.pieces] == [(p.start, p.end) for p in inner.pieces]
    return not same and all(
        any(o.start <= i.start and i.end <= o.end for o in outer.pieces) for i in inner.pieces
    )


def _leads_to(inside: dict[str, str], start: str, goal: str) -> bool:
    step: str | None = start
    while step is not None and step != goal:
        step = inside.get(step)
    return step == goal


def _interleave(quotes: Iterable[Quote], gaps: Iterable[Gap]) -> tuple[Quote | Gap, ...]:
    left = list(gaps)
    items: list[Quote | Gap] = []
    for quote in quotes:
        while left and left[0].end <= quote.card.start:
            items.append(left.pop(0))
        items.append(quote)
    return (*items, *left)


def _voices(cards: Iterable[Card]) -> tuple[tuple[Hop, int], ...]:
    """Who speaks in a source, and in how many statements, most first."""
    hops = [hop for card in cards for hop in card.speakers]
    counts = Counter(hop.agent.iri for hop in hops)
    by_agent = {hop.agent.iri: hop for hop in hops}
    return tuple((by_agent[iri], count) for iri, count in counts.most_common())
